//! How many members there are of a role and a status.
//!
//! Counting reads every row, and lists show the number on every page. So it is counted once for each revision of the
//! organization: whatever changes a member leaves an entry in the audit log, and makes the log longer.

use domain::ids::{GroupId, TenantId};
use domain::members::{Ability, MemberQuery, MemberStatus, Source};
use domain::roles::RoleId;
use quick_cache::sync::Cache;

use super::sql;
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// Numbers that are kept, of all organizations together: some hundred bytes each.
const KEPT: usize = 10_000;

/// What is counted.
type Key = (TenantId, Option<RoleId>, Option<GroupId>, Option<Ability>, Option<MemberStatus>, Option<Source>);

/// The numbers that are known, each with the revision that it is of.
pub(crate) struct Counts(Cache<Key, (u64, u64)>);

impl Default for Counts {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

/// How many members match. A search is counted anew: it may be for any text. So is who was not seen for a while, and who
/// has a second factor: time passes, people come by, and set one up, without an entry here.
pub(crate) async fn count(access: &Access, tx: &mut TenantTx, query: &MemberQuery) -> Result<u64, Error> {
    let now = access.request().now;
    if query.search.is_some() || query.inactive.is_some() || query.mfa.is_some() {
        return sql::count(tx, query, access.policy(), now).await;
    }
    let Counts(known) = access.request().portal().member_counts();
    let key = (access.tenant(), query.role, query.group, query.can, query.status, query.source);
    // Read before the rows are counted: a change in between makes the number newer than its revision, which no
    // later revision is mistaken for.
    let revision = tx.revision().await?;
    match known.get(&key) {
        Some((of, count)) if of == revision => Ok(count),
        _ => {
            let count = sql::count(tx, query, access.policy(), now).await?;
            known.insert(key, (revision, count));
            Ok(count)
        }
    }
}
