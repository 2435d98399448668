//! Which denials and reads are on record already.
//!
//! Whoever is kept out asks again and again, and whoever reads turns pages: the first time goes on record, and the others
//! of the same session do not until a quarter of an hour is over, counted from that entry. What was noted is kept in the
//! memory of this program, and the least used is forgotten when there is too much: after that, after a restart, from
//! another program on the same database, and where two requests come at once, there may be an entry more. There is never
//! one less: it is remembered when the entry is written.

use domain::ids::{SessionId, TenantId};
use quick_cache::sync::Cache;
use time::{Duration, OffsetDateTime};

/// How long one entry stands for all.
const PAUSE: Duration = Duration::minutes(15);
/// How many are remembered, about.
const KEPT: usize = 20_000;

/// What was noted, and when.
pub(crate) struct Noted(Cache<(TenantId, SessionId, String), OffsetDateTime>);

impl Default for Noted {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Noted {
    /// Whether this is to be noted now.
    pub(crate) fn is_new(&self, tenant: TenantId, session: SessionId, what: &str, now: OffsetDateTime) -> bool {
        self.0.get(&(tenant, session, what.to_owned())).is_none_or(|at| now - at >= PAUSE)
    }

    /// Remembers that it was noted: once that is certain.
    pub(crate) fn remember(&self, tenant: TenantId, session: SessionId, what: String, now: OffsetDateTime) {
        self.0.insert((tenant, session, what), now);
    }
}
