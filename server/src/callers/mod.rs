//! Programs that come with an API key: who calls, and what they may do.
//!
//! A [`Caller`] is to the machine's side what an [`Access`](crate::Access) is to people: built in one place,
//! [`authenticate`], and the only thing that opens an organization's data there.
//!
//! **Immediate and fast.** A key that was revoked, whose owner was demoted or whose organization was suspended is refused
//! from the next request on, by every process; and a request costs no transaction of its own to find that out. What a
//! key may do is derived from a dozen rows of its organization (the key, those on whom it depends, roles, groups, the policy)
//! and kept with the organization's *epoch*, a number in `platform.key_epochs`. Whatever changes one of these rows leaves
//! an audit entry, and `TenantTx::keep`, the one way to commit, moves the epoch in the same transaction when an entry
//! tells of such a change: no act can forget it, and a new kind of act moves it until somebody says that it need not. An
//! organization without keys has no row there and pays a message that changes nothing.
//!
//! So a request has one question: where does its secret stand, and at which epoch? That is a primary key's look-up in the
//! platform's tables, and requests that arrive while one is under way are asked for together in the next ([`standings`]):
//! it begins after all of them have arrived, so each is as well informed as if it had asked alone, and a thousand requests
//! a second are a few hundred small statements. The rest is read again only when the epoch is another.
//!
//! When and from where a key was used last is kept in memory and written down once a minute ([`uses`]). Whoever writes it
//! sees from which networks the key has come before, and notes for the detections when one is new.

mod arrival;
mod asking;
mod snapshot;
mod sql;
mod standings;
mod uses;

use std::sync::Arc;

use domain::audit::{Action, Actor, Draft, Fact, Public};
use domain::ids::{AccountId, ApiKeyId, SessionId, TenantId};
use domain::policy::{Allowance, EnforcedPolicy};
use domain::problem::Problem;
use domain::roles::{Permission, Permissions, RoleBook};

pub(crate) use arrival::{Refusal, arrive};
pub use arrival::{authenticate, authenticate_again};
pub(crate) use sql::note_use;
pub use uses::write_uses;

use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantTx;
use snapshot::{Snapshot, Snapshots};
use standings::{Standing, Standings};
use uses::Uses;

/// The hash of a key's secret.
type Hash = [u8; 32];

/// What a portal keeps of programs that call.
#[derive(Default)]
pub(crate) struct Callers {
    standings: Standings,
    snapshots: Snapshots,
    uses: Uses,
}

/// Who asks by an API key. Cheap to clone.
#[derive(Clone)]
pub struct Caller {
    request: Arc<RequestContext>,
    standing: Arc<Standing>,
    snapshot: Arc<Snapshot>,
    allowance: Option<Allowance>,
}

impl Caller {
    /// The request that it is for.
    pub fn request(&self) -> &RequestContext {
        &self.request
    }

    /// The organization.
    pub fn tenant(&self) -> TenantId {
        self.standing.tenant.id
    }

    /// The organization's name in addresses.
    pub fn slug(&self) -> &str {
        &self.standing.tenant.slug
    }

    /// The key.
    pub fn key(&self) -> ApiKeyId {
        self.standing.key
    }

    /// The organization's epoch, as it was after the request had come.
    pub(crate) fn epoch(&self) -> i64 {
        self.standing.epoch
    }

    /// What it may do: of its scopes what is held now by whoever answers for it and whoever has made its secret.
    pub fn permissions(&self) -> Permissions {
        self.snapshot.permissions
    }

    /// The organization's policy.
    pub fn enforced(&self) -> &Arc<EnforcedPolicy> {
        &self.snapshot.policy
    }

    /// The organization's roles and groups.
    pub fn book(&self) -> &Arc<RoleBook> {
        &self.snapshot.book
    }

    /// What is left of what the key may ask for, where it or the organization has a limit.
    pub fn allowance(&self) -> Option<Allowance> {
        self.allowance
    }

    /// Whether it may do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions().allow(permission)
    }

    /// Goes on only if it may do this: what a use case asks first. A denial is on record before the answer is, once for
    /// many of the same: programs try again.
    ///
    /// # Errors
    /// Forbidden; or the database does not answer, so that the denial is not on record.
    pub async fn require(&self, permission: Permission, action: Action) -> Result<(), Error> {
        if !self.may(permission) {
            return Err(self.deny(action, permission.code()).await?);
        }
        let needed = Permissions::of(&[permission]);
        self.request.portal().callers().uses.note(self, needed);
        Ok(())
    }

    /// Puts a denial on record.
    async fn deny(&self, action: Action, wanted: &'static str) -> Result<Error, Error> {
        let what = format!("{action} denied {wanted}");
        let entry = Draft::denied(action, self.actor())
            .target("organization", self.tenant(), Fact::Public(self.standing.tenant.name.clone()))
            .added("required", Public(wanted.to_owned()))
            .within(self.request.audited());
        self.note(what, entry).await?;
        Ok(Problem::Forbidden.into())
    }

    /// Puts something on record that may happen very often, unless it is already.
    async fn note(&self, what: String, entry: Draft) -> Result<(), Error> {
        let (noted, now) = (self.request.portal().noted(), self.request.now);
        // A key is noted as a session is, and counted as a member is: of ids none is both.
        let (tenant, key) = (self.tenant(), SessionId(self.key().0));
        if noted.is_new(tenant, key, &what, now) {
            self.begin().await?.commit(self.request(), entry).await?;
            noted.remember(tenant, key, what, now);
        }
        Ok(())
    }

    /// Begins a transaction in the organization's schema.
    pub(crate) async fn begin(&self) -> Result<TenantTx, Error> {
        self.request.portal().store().tenant(&self.standing.tenant).await
    }

    /// How audit entries name who asks.
    pub(crate) fn actor(&self) -> Actor<Fact> {
        Actor::key(self.key(), self.snapshot.name.clone())
    }

    /// As whom its requests are counted.
    fn counted_as(&self) -> (TenantId, AccountId) {
        (self.tenant(), AccountId(self.key().0))
    }
}
