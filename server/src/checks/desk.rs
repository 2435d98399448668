//! What is known of an organization, and how that is kept true.
//!
//! Whatever changes members, roles or the policy leaves an entry in the organization's audit log, so what was read at one
//! length of the log holds as long as it does not grow. A *round* asks for the length, and reads again what is out of date.
//! Whoever comes waits for a round that has begun after they came, and shares it with all who came before it began: there is
//! one at a time for an organization, however many ask, and none answers by what was true before the question.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
/// How many people of one organization are.
const PEOPLE: usize = 20_000;

/// The desks of all organizations.
pub(crate) struct Desks(Cache<TenantId, Arc<Desk>>);

impl Default for Desks {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Desks {
    /// An organization's.
    pub(super) fn of(&self, tenant: TenantId) -> Arc<Desk> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        match self.0.get_or_insert_with(&tenant, fresh) {
            Ok(desk) => desk,
            Err(never) => match never {},
        }
    }
}

/// Where questions about one organization's members are answered.
#[derive(Default)]
pub(super) struct Desk {
    /// How many rounds have begun.
    begun: AtomicU64,
    known: Mutex<Known>,
}

/// What the last round has found.
#[derive(Default)]
struct Known {
    round: u64,
    /// Why it has found nothing.
    failure: Option<Problem>,
    /// How long the audit log was.
    revision: Option<i64>,
    rulebook: Option<Rulebook>,
    people: HashMap<Subject, Option<Arc<Person>>>,
}

/// What questions are judged by, and the people that they are about, where there are such.
pub(super) type Sight = (Rulebook, Vec<Option<Arc<Person>>>);

impl Desk {
    /// What is true now of these.
    pub(super) async fn look(&self, caller: &Caller, subjects: &[&Subject]) -> Result<Sight, Error> {
        let seen = self.begun.load(Ordering::SeqCst);
        let mut known = self.known.lock().await;
        if known.round > seen {
            if let Some(problem) = known.failure {
                return Err(problem.into());
            }
            if let Some(sight) = known.sight(subjects) {
                return Ok(sight);
            }
        }
        known.round = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let read = known.read(caller, subjects).await;
        known.failure = read.as_ref().err().map(Error::problem);
        read?;
        known.sight(subjects).ok_or_else(|| Error::internal("a round has left somebody out"))
    }
}

impl Known {
    /// What was found of these, if all of them were looked for.
    fn sight(&self, subjects: &[&Subject]) -> Option<Sight> {
        let people = subjects.iter().map(|subject| match subject {
            Subject::Nobody => Some(None),
            subject => self.people.get(*subject).cloned(),
        });
        Some((self.rulebook.clone()?, people.collect::<Option<_>>()?))
    }

    /// A round.
    async fn read(&mut self, caller: &Caller, subjects: &[&Subject]) -> Result<(), Error> {
        let mut tx = caller.begin().await?;
        let (revision, rulebook) = sql::rulebook(&mut tx).await?;
        if self.revision != Some(revision) || self.people.len() > PEOPLE {
            self.people.clear();
        }
        // What is read from here on may be newer than that length of the log, which no later one is mistaken for.
        self.revision = Some(revision);
        self.rulebook = Some(rulebook);
        let missing = subjects.iter().copied().filter(|subject| **subject != Subject::Nobody);
        let missing: Vec<_> = missing.filter(|subject| !self.people.contains_key(*subject)).collect();
        if !missing.is_empty() {
            let found = sql::people(&mut tx, &missing, caller.request().now).await?;
            let found = missing.into_iter().map(|subject| (subject.clone(), found.of(subject)));
            self.people.extend(found);
        }
        tx.close();
        Ok(())
    }
}
