//! Where secrets stand now: asked of the platform's tables, for all requests that wait in one statement.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::ApiKeyId;
use domain::problem::Problem;
use time::OffsetDateTime;
use tokio::sync::oneshot;

use super::{Hash, sql};
use crate::Portal;
use crate::error::Error;
use crate::store::TenantRef;

/// Where a secret stands.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// The key that it is of.
    pub(super) key: ApiKeyId,
    /// The key's organization, as it is now.
    pub(super) tenant: TenantRef,
    /// From then on it opens nothing.
    pub(super) ends_at: OffsetDateTime,
    /// How often something has changed in the organization on which depends what keys may do.
    pub(super) epoch: i64,
}

type Answer = Result<Option<Arc<Standing>>, Problem>;
/// Which secret is asked about, and where the answer goes.
type Question = (Hash, oneshot::Sender<Answer>);

/// Requests that wait for an answer.
#[derive(Default)]
pub(super) struct Standings(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    questions: Vec<Question>,
    /// Whether somebody goes on asking until nobody waits.
    is_asking: bool,
}

impl Standings {
    /// Where a secret stands, by a statement that begins after this was asked; nothing, if there is none like it.
    ///
    /// # Errors
    /// The database does not answer.
    pub(super) async fn ask(&self, portal: &Portal, hash: Hash) -> Result<Option<Arc<Standing>>, Error> {
        let (sender, receiver) = oneshot::channel();
        let begins = {
            let mut waiting = self.lock();
            waiting.questions.push((hash, sender));
            !std::mem::replace(&mut waiting.is_asking, true)
        };
        if begins {
            // A task of its own: who has begun it may go away, and the others still want their answers.
            tokio::spawn(answer_all(portal.clone()));
        }
        match receiver.await {
            Ok(answer) => answer.map_err(Error::from),
            Err(_dropped) => Err(Problem::Unavailable.into()),
        }
    }

    /// All requests that wait; when there are none, whoever asks next begins anew.
    fn take(&self) -> Option<Vec<Question>> {
        let mut waiting = self.lock();
        let questions = std::mem::take(&mut waiting.questions);
        waiting.is_asking = !questions.is_empty();
        (!questions.is_empty()).then_some(questions)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers until nobody waits.
async fn answer_all(portal: Portal) {
    let _end = Asking(&portal);
    while let Some(questions) = portal.callers().standings.take() {
        let mut hashes: Vec<Hash> = questions.iter().map(|(hash, _)| *hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let found = sql::standings(portal.store().identity_pool(), &hashes).await;
        let found = found.map_err(|error| failed(&error));
        for (hash, sender) in questions {
            let answer = found.as_ref().map(|found: &HashMap<_, _>| found.get(&hash).cloned()).map_err(|it| *it);
            // Whoever has gone away needs none.
            let _ = sender.send(answer);
        }
    }
}

/// What all who have waited are told.
fn failed(error: &Error) -> Problem {
    match error {
        Error::Internal(source) => tracing::error!(error = %source, "keys could not be looked up"),
        error => tracing::warn!(%error, "keys could not be looked up"),
    }
    error.problem()
}

/// If answering comes to a sudden end, whoever asks next begins anew.
struct Asking<'a>(&'a Portal);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.callers().standings.lock().is_asking = false;
        }
    }
}
