//! Who asks, in which organization, and what they may do there.
//!
//! An [`Access`] is built in one place, [`enter`], once for a request, and is the only thing that
//! opens an organization's data: a use case cannot be called without one. Its fields are private. What others have
//! approved is done with one that stands for whoever has asked ([`on_behalf`]), in the transaction that has locked their row.

mod asking;
mod behalf;
mod gate;
mod judgement;

use std::sync::{Arc, Mutex, PoisonError};

use domain::audit::{Action, Actor, Fact, LogId};
use domain::ids::{AccountId, GroupId, TenantId};
use domain::policy::{Allowance, Classification, EnforcedPolicy, Rules, SignInPolicy};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Permissions, Role, RoleBook, RoleId};
use domain::slug::Slug;
use time::OffsetDateTime;

pub(crate) use asking::{Asking, note_read, role_to_give};
pub(crate) use behalf::on_behalf;
pub use gate::enter;
pub(crate) use gate::{is_open, open};
pub(crate) use judgement::{decide, facts, is_fresh, roles_of};

use crate::error::Error;
use crate::organizations::Doomed;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::{TenantRef, TenantTx};

/// Somebody inside of an organization. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    request: Arc<RequestContext>,
    visitor: Arc<Visitor>,
    tenant: Arc<TenantRef>,
    role: GrantedRole,
    groups: Arc<[GroupId]>,
    permissions: Permissions,
    book: Arc<RoleBook>,
    joined_at: OffsetDateTime,
    policy: Arc<EnforcedPolicy>,
    sign_in: SignInPolicy,
    excepted: Rules,
    allowance: Option<Allowance>,
    reminder: Option<OffsetDateTime>,
    opened: Opened,
    /// Whether it stands for somebody who is not there.
    on_behalf: bool,
}

/// The transaction in which the gate has looked, for the first use case of a request that reads:
/// beginning another costs as much as reading a page does.
type Opened = Arc<Mutex<Option<TenantTx>>>;

/// What a request is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It reads, and begins at once.
    Read,
    /// It changes something, after its body has come in, which may take its time.
    Change,
    /// A page of the portal's own asks again and again how far something has come: it is not counted.
    Watch,
}

/// What comes of asking for `/o/{slug}`.
pub enum Entered {
    /// Come in.
    Inside(Box<Access>),
    /// The organization is to be deleted, and whoever asks is one of its owners: they can keep it.
    Deleting(Box<Doomed>),
    /// The organization has another slug now.
    Moved(Slug),
}

impl Access {
    /// The request that it is for.
    pub fn request(&self) -> &RequestContext {
        &self.request
    }

    /// Who asks.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// The account of who asks.
    pub fn account(&self) -> AccountId {
        self.visitor.account.id
    }

    /// The organization.
    pub fn tenant(&self) -> TenantId {
        self.tenant.id
    }

    /// The organization, as it was looked up.
    pub(crate) fn tenant_ref(&self) -> &TenantRef {
        &self.tenant
    }

    /// Whether it stands for somebody who is not there, for what others have approved.
    pub(crate) fn is_on_behalf(&self) -> bool {
        self.on_behalf
    }

    /// The organization's audit log.
    pub(crate) fn log(&self) -> LogId {
        LogId::Tenant(self.tenant.id)
    }

    /// The organization's name.
    pub fn organization(&self) -> &str {
        &self.tenant.name
    }

    /// The organization's name in addresses.
    pub fn slug(&self) -> &str {
        &self.tenant.slug
    }

    /// The role of who asks.
    pub fn role(&self) -> &GrantedRole {
        &self.role
    }

    /// The groups of who asks.
    pub fn groups(&self) -> &[GroupId] {
        &self.groups
    }

    /// The organization's roles and groups.
    pub fn book(&self) -> &Arc<RoleBook> {
        &self.book
    }

    /// Since when they are a member.
    pub(crate) fn joined_at(&self) -> OffsetDateTime {
        self.joined_at
    }

    /// The organization's policy.
    pub fn enforced(&self) -> &Arc<EnforcedPolicy> {
        &self.policy
    }

    /// What the organization asks of its members' sign-in.
    pub fn policy(&self) -> &SignInPolicy {
        &self.sign_in
    }

    /// The rules that whoever asks is excepted from.
    pub(crate) fn excepted(&self) -> Rules {
        self.excepted
    }

    /// What is left of what whoever asks may ask for, where the organization has a limit.
    pub fn allowance(&self) -> Option<Allowance> {
        self.allowance
    }

    /// Goes on only if they have proven so recently who they are as the organization asks: what an act asks that is worth
    /// more than an unattended browser.
    ///
    /// # Errors
    /// [`Problem::StepUpFirst`].
    pub fn require_fresh(&self) -> Result<(), Error> {
        // Who has asked, and who has approved, have given theirs.
        let fresh = self.on_behalf || is_fresh(&self.visitor, &self.policy, self.request.now);
        if fresh { Ok(()) } else { Err(Problem::StepUpFirst.into()) }
    }

    /// Goes on only if they may take data of the organization's away, as it has classified it.
    ///
    /// # Errors
    /// Forbidden, where that is for owners alone; [`Problem::StepUpFirst`].
    pub(crate) async fn require_export(&self, action: Action) -> Result<(), Error> {
        self.require_exporter(action).await?;
        self.require_fresh()
    }

    /// As [`Access::require_export`], where the proof was given before.
    pub(crate) async fn require_exporter(&self, action: Action) -> Result<(), Error> {
        if self.policy.document().classification == Classification::Restricted && self.role.id() != Role::Owner.into() {
            return Err(self.deny(action, "classification").await?);
        }
        Ok(())
    }

    /// Puts on record that somebody has looked at something sensitive, where the organization wants that: once for many
    /// times of one session.
    pub(crate) async fn note_read(
        &self,
        action: Action,
        kind: &'static str,
        id: impl std::fmt::Display + Send,
    ) -> Result<(), Error> {
        asking::note_read(self, action, kind, id).await
    }

    /// Until when whoever asks gets in without the second factor that the organization asks for, if they have none.
    pub fn reminder(&self) -> Option<OffsetDateTime> {
        self.reminder
    }

    /// What they may do.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether they may do this: what a page shows.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions().allow(permission)
    }

    /// Goes on only if they may do this: what a use case asks first. A denial is on record before
    /// the answer is.
    ///
    /// # Errors
    /// Forbidden; or the database does not answer, so that the denial is not on record.
    pub async fn require(&self, permission: Permission, action: Action) -> Result<(), Error> {
        if self.may(permission) { Ok(()) } else { Err(self.deny(action, permission.code()).await?) }
    }

    /// Goes on only if they hold everything that the role holds: nobody gives or takes what is
    /// above them.
    ///
    /// # Errors
    /// As [`Access::require`].
    pub(crate) async fn require_cover(&self, role: &GrantedRole, action: Action) -> Result<(), Error> {
        asking::require_cover(self, role, action).await
    }

    /// A role of the organization's that whoever asks may give to members, for the use case that has a field for it.
    pub(crate) async fn role_held(&self, id: RoleId, action: Action) -> Result<GrantedRole, Error> {
        asking::role_held(self, id, action).await
    }

    /// Puts a denial on record.
    pub(crate) async fn deny(&self, action: Action, wanted: impl Into<String>) -> Result<Error, Error> {
        asking::deny(self, action, wanted.into()).await
    }

    /// Begins a transaction in the organization's schema, or goes on with the gate's.
    pub(crate) async fn begin(&self) -> Result<TenantTx, Error> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tx) = opened {
            return Ok(tx);
        }
        self.request.portal().store().tenant(&self.tenant).await
    }

    /// Begins a transaction of the administrator's in the organization's schema: for what is derived from its trail.
    pub(crate) async fn administer(&self) -> Result<TenantTx, Error> {
        self.request.portal().store().derive(&self.tenant).await
    }

    /// How audit entries name who asks.
    pub(crate) fn actor(&self) -> Actor<Fact> {
        self.visitor.actor()
    }
}
