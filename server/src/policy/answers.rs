//! What policies would have done, as it was worked out last: whoever looks at it turns pages, and comes back.
//!
//! An answer is kept for a document, and holds as long as nobody has come by since.

use std::sync::Arc;

use domain::ids::{AccountId, TenantId};
use domain::policy::{Affected, Replayed, SecurityPolicy};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::sql::visits::Revision;
use crate::error::Error;

/// How much is kept of all organizations together, in bytes.
const KEPT: u64 = 32 << 20;
/// How many answers that are, as a guess.
const GUESSED: usize = 500;
/// What an answer takes besides the people in it, about.
const ANSWER: usize = 16 << 10;

/// Of which organization, and by which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question(TenantId, [u8; 32]);

impl Question {
    /// What a policy would have done in an organization.
    pub(super) fn of(tenant: TenantId, policy: &SecurityPolicy) -> Result<Self, Error> {
        let document = serde_json::to_vec(policy).map_err(Error::internal)?;
        Ok(Self(tenant, Sha256::digest(document).into()))
    }
}

/// What came of it, over which visits.
struct Answer {
    visits: Revision,
    replayed: Replayed,
}

/// Tells how much an answer takes.
#[derive(Clone)]
struct Scale;

impl Weighter<Question, Arc<Answer>> for Scale {
    fn weight(&self, _: &Question, answer: &Arc<Answer>) -> u64 {
        let people = answer.replayed.affected.len() * size_of::<(AccountId, Affected)>();
        u64::try_from(ANSWER + people).unwrap_or(u64::MAX)
    }
}

/// The answers that are known.
pub(crate) struct Answers(Cache<Question, Arc<Answer>, Scale>);

impl Default for Answers {
    fn default() -> Self {
        Self(Cache::with_weighter(GUESSED, KEPT, Scale))
    }
}

impl Answers {
    /// The answer over these visits, if it is known.
    pub(super) fn get(&self, question: Question, visits: Revision) -> Option<Replayed> {
        self.0.get(&question).filter(|answer| answer.visits == visits).map(|answer| answer.replayed.clone())
    }

    /// Keeps an answer over visits that were counted before.
    pub(super) fn put(&self, question: Question, visits: Revision, replayed: &Replayed) {
        self.0.insert(question, Arc::new(Answer { visits, replayed: replayed.clone() }));
    }
}
