//! What is known of organizations, and how that is kept true.
//!
//! Whatever changes members, roles or the policy moves the organization's epoch, by which a key's own rights are kept, too
//! (see `callers`). A request comes with the epoch at which its key stood after it had arrived: what was read at that one
//! or a later one answers it. What is only told, such as events of services, moves no epoch, and has nothing read again.
//!
//! What is missing or older is read in a *round*, one at a time for an organization. Nothing of a round is kept before it
//! has come to its end: one that breaks off leaves all as it was. Of whom nothing was found, nothing is kept: names that
//! somebody makes up fill no memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::checks::{Person, Rulebook, Subject};
use domain::ids::TenantId;
use domain::problem::Problem;
use quick_cache::sync::Cache;
use tokio::sync::Mutex;

use super::sql;
use crate::callers::Caller;
use crate::error::Error;

/// How many organizations are remembered.
const KEPT: usize = 2_000;
/// How many people are, of all organizations together: some hundred bytes each.
const PEOPLE: usize = 50_000;

/// The desks of all organizations, and the people that they know.
pub(crate) struct Desks {
    desks: Cache<TenantId, Arc<Desk>>,
    people: Cache<(TenantId, Subject), Filed>,
}

impl Default for Desks {
    fn default() -> Self {
        Self { desks: Cache::new(KEPT), people: Cache::new(PEOPLE) }
    }
}

/// Where questions about one organization's members are answered.
#[derive(Default)]
struct Desk {
    /// How many rounds have begun.
    begun: AtomicU64,
    ended: Mutex<Ended>,
    /// What all are judged by, and at which epoch that was read.
    rulebook: RwLock<Option<(i64, Rulebook)>>,
}

/// The last round that has come to its end.
#[derive(Default)]
struct Ended {
    round: u64,
    /// Why it has found nothing.
    failure: Option<Problem>,
}

/// Somebody who was found, at an epoch.
#[derive(Clone)]
struct Filed {
    epoch: i64,
    person: Arc<Person>,
}

/// What questions are judged by, and the people that they are about, where there are such.
pub(super) type Sight = (Rulebook, Vec<Option<Arc<Person>>>);

impl Desks {
    /// What is true of these, now or at any time since the caller came.
    ///
    /// # Errors
    /// The organization is being upgraded; its policy cannot be read; the database does not answer, or has not answered
    /// somebody who came later.
    pub(super) async fn look(&self, caller: &Caller, subjects: &[&Subject]) -> Result<Sight, Error> {
        let desk = self.of(caller.tenant());
        if let Some(sight) = self.known(&desk, caller, subjects) {
            return Ok(sight);
        }
        let seen = desk.begun.load(Ordering::SeqCst);
        let mut ended = desk.ended.lock().await;
        if let Some(sight) = self.known(&desk, caller, subjects) {
            return Ok(sight);
        }
        if let Some(problem) = ended.failure.filter(|_| ended.round > seen) {
            return Err(problem.into());
        }
        let round = desk.begun.fetch_add(1, Ordering::SeqCst) + 1;
        // What others have read at a later epoch is older than what is read from here on.
        let epoch = desk.epoch().unwrap_or_default().max(caller.epoch());
        let read = read(caller, subjects).await;
        *ended = Ended { round, failure: read.as_ref().err().map(Error::problem) };
        let (rulebook, people) = read?;
        desk.keep(epoch, rulebook.clone());
        for (subject, person) in subjects.iter().zip(&people) {
            if let Some(person) = person {
                let filed = Filed { epoch, person: person.clone() };
                self.people.insert((caller.tenant(), (*subject).clone()), filed);
            }
        }
        Ok((rulebook, people))
    }

    /// An organization's.
    fn of(&self, tenant: TenantId) -> Arc<Desk> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        match self.desks.get_or_insert_with(&tenant, fresh) {
            Ok(desk) => desk,
            Err(never) => match never {},
        }
    }

    /// What is known of these, if that is all of them, and all of one epoch that is not too old.
    fn known(&self, desk: &Desk, caller: &Caller, subjects: &[&Subject]) -> Option<Sight> {
        let (epoch, rulebook) = desk.rulebook().filter(|(epoch, _)| *epoch >= caller.epoch())?;
        let people = subjects.iter().map(|subject| match subject {
            Subject::Nobody => Some(None),
            subject => {
                let filed = self.people.get(&(caller.tenant(), (*subject).clone()))?;
                (filed.epoch == epoch).then_some(Some(filed.person))
            }
        });
        Some((rulebook, people.collect::<Option<_>>()?))
    }
}

impl Desk {
    fn rulebook(&self) -> Option<(i64, Rulebook)> {
        self.rulebook.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn epoch(&self) -> Option<i64> {
        self.rulebook.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(epoch, _)| *epoch)
    }

    fn keep(&self, epoch: i64, rulebook: Rulebook) {
        *self.rulebook.write().unwrap_or_else(PoisonError::into_inner) = Some((epoch, rulebook));
    }
}

/// A round.
async fn read(caller: &Caller, subjects: &[&Subject]) -> Result<Sight, Error> {
    let mut tx = caller.begin().await?;
    let rulebook = sql::rulebook(&mut tx).await?;
    let named: Vec<_> = subjects.iter().copied().filter(|subject| **subject != Subject::Nobody).collect();
    let people = if named.is_empty() {
        vec![None; subjects.len()]
    } else {
        let found = sql::people(&mut tx, &named, caller.request().now).await?;
        subjects.iter().map(|subject| found.of(subject)).collect()
    };
    tx.close();
    Ok((rulebook, people))
}
