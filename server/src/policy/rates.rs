//! How much each member, and each program, has asked for: in memory, as all limits are.

use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{AccountId, TenantId};
use domain::policy::{Allowance, Excess, SecurityPolicy, Spent};
use quick_cache::sync::Cache;
use time::OffsetDateTime;

/// How many of them are remembered.
const KEPT: usize = 50_000;

/// What members have asked for, or others who are told apart by such a key.
pub(crate) struct Rates<K = (TenantId, AccountId)>(Cache<K, Arc<Mutex<Spent>>>);

impl<K: Eq + Hash> Default for Rates<K> {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl<K: Eq + Hash + Clone> Rates<K> {
    /// Counts a request of somebody's, if the policy has room for it; nothing, where it knows no limit.
    ///
    /// # Errors
    /// It has none.
    pub(crate) fn take(
        &self,
        key: K,
        policy: &SecurityPolicy,
        now: OffsetDateTime,
    ) -> Result<Option<Allowance>, Excess> {
        if policy.requests_per_minute.is_none() && policy.requests_per_hour.is_none() {
            return Ok(None);
        }
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Mutex::new(Spent::nothing(now))));
        let spent = match self.0.get_or_insert_with(&key, fresh) {
            Ok(spent) => spent,
            Err(never) => match never {},
        };
        spent.lock().unwrap_or_else(PoisonError::into_inner).take(policy, now)
    }
}
