//! Who asks, in which organization, and what they may do there.
//!
//! An [`Access`] is built in one place, [`enter`], once for a request, and is the only thing that
//! opens an organization's data: a use case cannot be called without one. Its fields are private.

use std::sync::{Arc, Mutex, PoisonError};

use domain::audit::{Action, Actor, Draft, Fact, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, GroupId, TenantId};
use domain::members::{Member, MemberStatus};
use domain::organizations::TenantStatus;
use domain::policy::{Decision, Facts, SignInPolicy};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Permissions, Role, RoleBook, RoleId};
use domain::slug::Slug;
use time::OffsetDateTime;

use crate::error::Error;
use crate::members;
use crate::members::sql::Entrance;
use crate::organizations::{Doomed, sql as organizations};
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};
use crate::store::{Store, TenantRef, TenantTx};

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
    policy: SignInPolicy,
    reminder: Option<OffsetDateTime>,
    opened: Opened,
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

/// Lets somebody into an organization of theirs.
///
/// # Errors
/// Not found, for an organization that does not exist and for a foreign one alike; suspended; to be deleted; being
/// upgraded; a proof of who they are or a second factor comes first; or the database does not answer.
pub async fn enter(
    request: &RequestContext,
    visitor: &Visitor,
    slug: &str,
    purpose: Purpose,
) -> Result<Entered, Error> {
    let slug = Slug::asked(slug).ok_or(Problem::NotFound)?;
    let store = request.portal().store();
    let mine = &visitor.memberships;
    let Some(tenant) = mine.all.iter().find(|tenant| tenant.slug == slug.as_str()).cloned() else {
        let moved = organizations::lookup_moved(store.identity_pool(), visitor.account.id, &slug).await?;
        return moved.map(Entered::Moved).ok_or_else(|| Problem::NotFound.into());
    };
    let is_doomed = tenant.status == TenantStatus::Deleting;
    if !is_doomed {
        tenant.status.require_active()?;
    }
    let (mut tx, entrance) = look_in(store, &tenant, visitor).await?;
    let Entrance { member, policy, session_seen_at, revision, book } = entrance;
    if is_doomed && member.role != Role::Owner {
        tx.close();
        return Err(Problem::OrganizationDeleting.into());
    }
    let factors = visitor.factors.factors();
    let copy_is_old = member.factors != factors;
    if copy_is_old {
        members::sql::set_factors(tx.conn(), visitor.account.id, factors).await?;
    }
    let reminder = match judge(&policy, visitor, &member, request) {
        Ok(reminder) => reminder,
        Err(problem) => {
            if copy_is_old {
                tx.keep().await?;
            } else {
                tx.close();
            }
            return Err(problem.into());
        }
    };
    let unseen = session_seen_at.is_none_or(|at| request.now - at >= sessions::SEEN_EXACTNESS);
    if unseen {
        members::sql::seen(tx.conn(), visitor.account.id, visitor.session, request).await?;
    }
    let opened = if unseen || copy_is_old {
        tx.keep().await?;
        None
    } else if purpose == Purpose::Read {
        tx.note_revision(revision);
        Some(tx)
    } else {
        tx.close();
        None
    };
    if unseen || mine.last != Some(tenant.id) {
        let mut tx = store.platform().await?;
        organizations::note_last(tx.conn(), visitor.account.id, tenant.id).await?;
        tx.end().await?;
    }
    let access = Access {
        request: Arc::new(request.clone()),
        visitor: Arc::new(visitor.clone()),
        tenant: Arc::new(tenant),
        role: member.role,
        groups: member.groups.into(),
        permissions: member.permissions,
        book,
        policy,
        reminder,
        opened: Arc::new(Mutex::new(opened)),
    };
    Ok(if is_doomed { Entered::Deleting(Box::new(Doomed::of(access))) } else { Entered::Inside(Box::new(access)) })
}

/// Judges somebody by what the organization asks of their sign-in: until when they have to set up a second factor, if
/// they get in without the one that is asked for.
pub(crate) fn judge(
    policy: &SignInPolicy,
    visitor: &Visitor,
    member: &Member,
    request: &RequestContext,
) -> Result<Option<OffsetDateTime>, Problem> {
    let facts = Facts {
        factors: visitor.factors.factors(),
        joined_at: member.joined_at,
        authenticated_at: visitor.authenticated_at,
        pause: visitor.pause,
        newer_sessions: visitor.newer_sessions,
        access_ended_at: member.access_ended_at,
    };
    match policy.judge(&facts, request.now) {
        Decision::Allow => Ok(None),
        Decision::Remind(until) => Ok(Some(until)),
        Decision::EnrolFirst => Err(Problem::EnrolFirst),
        Decision::SignInAgain(why) => Err(Problem::SignInAgain(why)),
    }
}

/// Opens an organization's tables for somebody who is in it, whatever it asks of their sign-in.
pub(crate) async fn open(store: &Store, tenant: &TenantRef, visitor: &Visitor) -> Result<(TenantTx, Entrance), Error> {
    tenant.status.require_active()?;
    look_in(store, tenant, visitor).await
}

/// As [`open`], whether the organization is in use or not.
async fn look_in(store: &Store, tenant: &TenantRef, visitor: &Visitor) -> Result<(TenantTx, Entrance), Error> {
    let mut tx = store.tenant(tenant).await?;
    let entrance = members::sql::enter(&mut tx, visitor.account.id, visitor.session).await?.ok_or(Problem::NotFound)?;
    if entrance.member.status == MemberStatus::Suspended {
        tx.close();
        return Err(Problem::MembershipSuspended.into());
    }
    Ok((tx, entrance))
}

/// Whether an organization of somebody's lets them in at present, if need be after a proof of who they are or a second
/// factor: the way to these begins there.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn is_open(store: &Store, tenant: &TenantRef, visitor: &Visitor) -> Result<bool, Error> {
    match open(store, tenant, visitor).await {
        Ok((tx, ..)) => {
            tx.close();
            Ok(true)
        }
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
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

    /// What the organization asks of its members' sign-in.
    pub fn policy(&self) -> &SignInPolicy {
        &self.policy
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
        if self.permissions().cover(role.permissions()) { Ok(()) } else { Err(self.deny(action, role.code()).await?) }
    }

    /// A role of the organization's that whoever asks may give, for the use case that has a field for it.
    pub(crate) async fn role_to_give(&self, id: RoleId, action: Action) -> Result<GrantedRole, Error> {
        let role = self.book.role(id);
        if !role.exists() {
            return Err(Error::field("role", FieldProblem::UnknownChoice));
        }
        self.require_cover(&role, action).await?;
        Ok(role)
    }

    /// Puts a denial on record.
    pub(crate) async fn deny(&self, action: Action, wanted: impl Into<String>) -> Result<Error, Error> {
        let entry = Draft::denied(action, self.actor())
            .target("organization", self.tenant.id, Fact::Public(self.tenant.name.clone()))
            .added("required", Public(wanted.into()))
            .within(self.request.audited());
        self.begin().await?.commit(self.request(), entry).await?;
        Ok(Problem::Forbidden.into())
    }

    /// Begins a transaction in the organization's schema, or goes on with the gate's.
    pub(crate) async fn begin(&self) -> Result<TenantTx, Error> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tx) = opened {
            return Ok(tx);
        }
        self.request.portal().store().tenant(&self.tenant).await
    }

    /// How audit entries name who asks.
    pub(crate) fn actor(&self) -> Actor<Fact> {
        self.visitor.actor()
    }
}
