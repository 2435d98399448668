//! What a key may do, as it was read at an epoch.

use std::sync::Arc;

use domain::api_keys::{effective, key_end};
use domain::members::MemberStatus;
use domain::policy::{EnforcedPolicy, Networks, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Permissions, RoleBook, RoleId};
use quick_cache::sync::Cache;
use time::OffsetDateTime;

use super::sql::{self, KeyRow};
use super::{Hash, Standing};
use crate::Portal;
use crate::access::roles_of;
use crate::error::Error;
use crate::store::TenantTx;

/// How many are kept, of all organizations together: a kilobyte or two each.
const KEPT: usize = 10_000;

/// What a key may do.
pub(super) struct Snapshot {
    /// What the key is called.
    pub(super) name: String,
    /// Until when the secret opens anything at this epoch; not at all, without.
    pub(super) until: Option<OffsetDateTime>,
    /// Of the key's scopes what whoever answers for it holds.
    pub(super) permissions: Permissions,
    /// The roles by which the policy binds them.
    pub(super) roles: Vec<RoleId>,
    /// From where the key may come.
    pub(super) networks: Networks,
    /// The organization's policy.
    pub(super) policy: Arc<EnforcedPolicy>,
    /// The policy with the key's own limit, if that is less than what it allows everybody.
    pub(super) limits: SecurityPolicy,
    /// The organization's roles and groups.
    pub(super) book: Arc<RoleBook>,
}

/// Those that are known, by secret and epoch: what was read at another epoch is never found.
pub(super) struct Snapshots(Cache<(Hash, i64), Arc<Snapshot>>);

impl Default for Snapshots {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Snapshots {
    /// What a secret opens at its epoch. It is read once, however many ask at a time; and since it is read after the epoch
    /// was, it is never older than that.
    ///
    /// # Errors
    /// [`Problem::KeyRefused`], if the organization knows of no such key; the organization is being upgraded; its policy
    /// cannot be read; the database does not answer.
    pub(super) async fn of(&self, portal: &Portal, standing: &Standing, hash: Hash) -> Result<Arc<Snapshot>, Error> {
        self.0.get_or_insert_async(&(hash, standing.epoch), read(portal, standing, hash)).await
    }
}

async fn read(portal: &Portal, standing: &Standing, hash: Hash) -> Result<Arc<Snapshot>, Error> {
    let mut tx = portal.store().tenant(&standing.tenant).await?;
    let row = sql::lookup(tx.conn(), standing.key).await?.ok_or(Problem::KeyRefused)?;
    let snapshot = derive(&mut tx, row, hash).await?;
    tx.close();
    Ok(Arc::new(snapshot))
}

async fn derive(tx: &mut TenantTx, row: KeyRow, hash: Hash) -> Result<Snapshot, Error> {
    let book = tx.open_book(row.role_revision).await?;
    let policy = tx.open_policy(row.enforced).await?;
    let is_active = !row.is_disabled && row.status == Some(MemberStatus::Active);
    let role = row.role.filter(|_| is_active);
    let held = role.map(|role| book.effective(role, &row.groups));
    let document = policy.document();
    let (end, _) = key_end(document, (row.created_at, row.issued_at, row.expires_at));
    // The platform's row alone is nothing: the organization has to know the secret, too.
    let is_present = row.secret == hash;
    let former = row.former_until.filter(|_| row.former.is_some_and(|former| former == hash));
    let until = if is_present { Some(end) } else { former.map(|former| former.min(end)) };
    Ok(Snapshot {
        until: until.filter(|_| held.is_some() && !row.is_revoked),
        permissions: effective(row.scopes, held),
        roles: role.map(|role| roles_of(role, &row.groups, &book)).unwrap_or_default(),
        networks: row.networks,
        limits: limits(document, row.requests_per_minute),
        name: row.name,
        policy,
        book,
    })
}

/// The policy by which a key's requests are counted: what limits them is all that counts of it.
fn limits(policy: &SecurityPolicy, own: Option<u32>) -> SecurityPolicy {
    let least = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
    SecurityPolicy {
        requests_per_minute: least(policy.requests_per_minute, own),
        requests_per_hour: policy.requests_per_hour,
        burst: policy.burst.map(|burst| own.map_or(burst, |own| burst.min(own))),
        ..SecurityPolicy::default()
    }
}
