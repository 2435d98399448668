//! What is derived from organizations' tables, as it was read last.
//!
//! What is derived moves a revision when it changes, and the gate reads that beside what it reads anyway. It is kept with
//! the revision that was read before it: a change in between makes it newer than that, which no later revision is
//! mistaken for.

use std::fmt;
use std::sync::Arc;

use domain::ids::TenantId;
use quick_cache::sync::Cache;

/// What is kept of each kind, of all organizations together: a few kilobytes each.
const KEPT: usize = 2_000;

/// Something that is derived for each organization.
pub(crate) struct Revisions<T>(Cache<TenantId, (i64, Arc<T>)>);

impl<T> Default for Revisions<T> {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl<T> Revisions<T> {
    /// What it is at a revision, if that is known.
    pub(crate) fn get(&self, tenant: TenantId, revision: i64) -> Option<Arc<T>> {
        self.0.get(&tenant).filter(|(of, _)| *of == revision).map(|(_, kept)| kept)
    }

    /// Keeps what it is at a revision that was read before.
    pub(crate) fn put(&self, tenant: TenantId, revision: i64, derived: T) -> Arc<T> {
        let derived = Arc::new(derived);
        self.0.insert(tenant, (revision, derived.clone()));
        derived
    }
}

impl<T> fmt::Debug for Revisions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revisions").field("kept", &self.0.len()).finish()
    }
}
