//! What is derived from organizations' tables, as it was read last.
//!
//! What is derived moves a revision when it changes, and the gate reads that beside what it reads anyway. It is kept with
//! the revision that was read before it: a change in between makes it newer than that, which no later revision is
//! mistaken for.

use std::fmt;
use std::sync::Arc;

use domain::ids::TenantId;
use domain::policy::EnforcedPolicy;
use domain::roles::RoleBook;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// How much is kept of each kind, of all organizations together, in bytes: thousands of usual ones, or some that are as
/// large as they can be.
const KEPT: u64 = 64 << 20;
/// How many that are, as a guess.
const GUESSED: usize = 2_000;
/// What a role or a group takes, about: its name, what it says of itself, and what it comes to.
const ROLE: usize = 1_024;

/// How much something takes that is kept.
pub(crate) trait Bulk {
    /// In bytes, about.
    fn bytes(&self) -> usize;
}

impl Bulk for EnforcedPolicy {
    fn bytes(&self) -> usize {
        self.bytes()
    }
}

impl Bulk for RoleBook {
    fn bytes(&self) -> usize {
        size_of::<Self>() + ROLE * (self.all().count() + self.groups().count())
    }
}

/// Something that is kept, with its revision and the bytes that it takes.
struct Kept<T> {
    revision: i64,
    bytes: u64,
    derived: Arc<T>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { revision: self.revision, bytes: self.bytes, derived: self.derived.clone() }
    }
}

/// Tells how much something takes.
#[derive(Clone)]
struct Scale;

impl<T> Weighter<TenantId, Kept<T>> for Scale {
    fn weight(&self, _: &TenantId, kept: &Kept<T>) -> u64 {
        kept.bytes
    }
}

/// Something that is derived for each organization.
pub(crate) struct Revisions<T>(Cache<TenantId, Kept<T>, Scale>);

impl<T> Default for Revisions<T> {
    fn default() -> Self {
        Self(Cache::with_weighter(GUESSED, KEPT, Scale))
    }
}

impl<T> Revisions<T> {
    /// What it is at a revision, if that is known.
    pub(crate) fn get(&self, tenant: TenantId, revision: i64) -> Option<Arc<T>> {
        self.0.get(&tenant).filter(|kept| kept.revision == revision).map(|kept| kept.derived)
    }
}

impl<T: Bulk> Revisions<T> {
    /// Keeps what it is at a revision that was read before.
    pub(crate) fn put(&self, tenant: TenantId, revision: i64, derived: T) -> Arc<T> {
        let bytes = u64::try_from(derived.bytes()).unwrap_or(u64::MAX).max(1);
        let derived = Arc::new(derived);
        self.0.insert(tenant, Kept { revision, bytes, derived: derived.clone() });
        derived
    }
}

impl<T> fmt::Debug for Revisions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revisions").field("kept", &self.0.len()).finish()
    }
}
