//! What a key may do, as it was read at an epoch.

use std::sync::Arc;

use domain::api_keys::{effective, held_by_both, key_end};
use domain::members::MemberStatus;
use domain::policy::{EnforcedPolicy, Networks, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Permissions, RoleBook, RoleId};
use quick_cache::sync::Cache;
use time::OffsetDateTime;

use super::sql::{self, Behind, KeyRow};
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
    /// Of the key's scopes what is held by whoever answers for it and whoever has made the secret.
    pub(super) permissions: Permissions,
    /// The roles by which the policy binds whoever answers for it.
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

/// Those that are known, one of each secret, with the epochs at which they were read: a later one takes the place of the one
/// before it.
pub(super) struct Snapshots(Cache<Hash, (i64, Arc<Snapshot>)>);

impl Default for Snapshots {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Snapshots {
    /// What a secret opens at its epoch, or at a later one. It is read once, however many ask at a time; and since it is read
    /// after the epoch was, it is never older than that.
    ///
    /// # Errors
    /// [`Problem::KeyRefused`], if the organization knows of no such key; the organization is being upgraded; its policy
    /// cannot be read; the database does not answer.
    pub(super) async fn of(&self, portal: &Portal, standing: &Standing, hash: Hash) -> Result<Arc<Snapshot>, Error> {
        loop {
            let reading = async { Ok::<_, Error>((standing.epoch, read(portal, standing, hash).await?)) };
            let (epoch, snapshot) = self.0.get_or_insert_async(&hash, reading).await?;
            if epoch >= standing.epoch {
                return Ok(snapshot);
            }
            // Somebody has read it at an epoch before.
            self.0.remove_if(&hash, |(epoch, _)| *epoch < standing.epoch);
        }
    }
}

async fn read(portal: &Portal, standing: &Standing, hash: Hash) -> Result<Arc<Snapshot>, Error> {
    let mut tx = portal.store().tenant(&standing.tenant).await?;
    let row = sql::lookup(tx.conn(), standing.key, &hash).await?.ok_or(Problem::KeyRefused)?;
    let snapshot = derive(&mut tx, row, hash).await?;
    tx.close();
    Ok(Arc::new(snapshot))
}

async fn derive(tx: &mut TenantTx, row: KeyRow, hash: Hash) -> Result<Snapshot, Error> {
    let book = tx.open_book(row.role_revision).await?;
    let policy = tx.open_policy(row.enforced).await?;
    let role = row.holder.role();
    let held = held_by_both(row.holder.held(&book), row.issuer.held(&book)).filter(|_| !row.is_disabled);
    let document = policy.document();
    let (end, _) = key_end(document, (row.created_at, row.issued_at, row.expires_at));
    // The platform's row alone is nothing: the organization has to know the secret, too.
    let is_present = row.secret == hash;
    let former = row.former_until.filter(|_| row.former.is_some_and(|former| former == hash));
    let until = if is_present { Some(end) } else { former.map(|former| former.min(end)) };
    Ok(Snapshot {
        until: until.filter(|_| held.is_some() && !row.is_revoked),
        permissions: effective(row.scopes, held),
        roles: role.map(|role| roles_of(role, &row.holder.groups, &book)).unwrap_or_default(),
        networks: row.networks,
        limits: limits(document, row.requests_per_minute),
        name: row.name,
        policy,
        book,
    })
}

impl Behind {
    /// Their role, if they may come in.
    fn role(&self) -> Option<RoleId> {
        self.role.filter(|_| self.status == Some(MemberStatus::Active))
    }

    /// What they may do, if they may come in.
    fn held(&self, book: &RoleBook) -> Option<Permissions> {
        self.role().map(|role| book.effective(role, &self.groups))
    }
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
