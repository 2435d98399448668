//! The policy as it was saved each time.

use time::OffsetDateTime;

use super::SecurityPolicy;
use crate::ids::AccountId;

/// Whoever has done something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Their account.
    pub id: AccountId,
    /// What they are called, while they are a member.
    pub name: Option<String>,
}

/// A policy as somebody has saved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// How many versions there were before it.
    pub number: i64,
    /// What is set.
    pub policy: SecurityPolicy,
    /// What was in force before it: before it was itself, if it ever was.
    pub before: Option<SecurityPolicy>,
    /// Whoever has saved it; nobody, where the organization began with it.
    pub author: Option<Author>,
    /// When it was saved.
    pub created_at: OffsetDateTime,
    /// Since when it was in force, if it ever was.
    pub enforced_at: Option<OffsetDateTime>,
    /// Who has put it into force.
    pub enforced_by: Option<Author>,
    /// Why, if they have said so.
    pub reason: Option<String>,
    /// The version that it puts back.
    pub restores: Option<i64>,
}
