//! How much each member has asked for: in memory, as all limits are.

use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{AccountId, TenantId};
use domain::policy::{Allowance, Excess, SecurityPolicy, Spent};
use quick_cache::sync::Cache;
use time::OffsetDateTime;

/// How many members are remembered.
const KEPT: usize = 50_000;

/// What members have asked for.
pub(crate) struct Rates(Cache<(TenantId, AccountId), Arc<Mutex<Spent>>>);

impl Default for Rates {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Rates {
    /// Counts a request of a member's, if the policy has room for it; nothing, where it knows no limit.
    ///
    /// # Errors
    /// It has none.
    pub(crate) fn take(
        &self,
        key: (TenantId, AccountId),
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
