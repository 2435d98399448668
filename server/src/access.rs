//! Who asks, in which organization, and what they may do there.
//!
//! An [`Access`] is built in one place, [`enter`], once for a request, and is the only thing that
//! opens an organization's data: a use case cannot be called without one. Its fields are private.

use std::sync::{Arc, Mutex, PoisonError};

use domain::audit::{Action, Actor, Draft, Fact, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, GroupId, TenantId};
use domain::members::MemberStatus;
use domain::organizations::TenantStatus;
use domain::policy::{
    Allowance, AtTheLimit, Classification, EnforcedPolicy, Excess, Facts, Outcome, Rules, SignInPolicy,
};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Permissions, Role, RoleBook, RoleId};
use domain::slug::Slug;
use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::members;
use crate::members::sql::Entrance;
use crate::organizations::{Doomed, sql as organizations};
use crate::policy;
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};
use crate::store::{TenantRef, TenantTx};

/// Coming in, which is on record where it is denied.
const ENTERED: Action = Action::new("organization.entered");
/// Coming in where others had to go for it.
const DISPLACED: Action = Action::new("organization.sessions_displaced");

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
    let (mut tx, entrance) = look_in(request, &tenant, visitor).await?;
    if is_doomed && entrance.member.role != Role::Owner {
        tx.close();
        return Err(Problem::OrganizationDeleting.into());
    }
    let factors = visitor.factors.factors();
    let copy_is_old = entrance.member.factors != factors;
    let judged = pass(&mut tx, &entrance, (visitor, &tenant), purpose, request).await?;
    if copy_is_old {
        members::sql::set_factors(tx.conn(), visitor.account.id, factors).await?;
    }
    let Passed { reminder, allowance, ended } = match judged {
        Ok(passed) => passed,
        Err(problem) => {
            if copy_is_old {
                tx.keep().await?;
            } else {
                tx.close();
            }
            note_denial(request, &tenant, visitor, problem).await?;
            return Err(problem.into());
        }
    };
    let sign_in = entrance.sign_in();
    let is_inside = entrance.is_inside(request.now);
    let Entrance { member, policy, excepted, session_seen_at, revision, book, .. } = entrance;
    let unseen = session_seen_at.is_none_or(|at| request.now - at >= sessions::SEEN_EXACTNESS)
        || policy.document().sessions_in_organization.is_some() && !is_inside;
    if unseen {
        members::sql::seen(tx.conn(), visitor.account.id, visitor.session, request).await?;
        let roles = roles_of(member.role.id(), &member.groups, &book);
        policy::note_visit(&mut tx, visitor, &facts(visitor, request, &roles, member.joined_at), request.now).await?;
    }
    let opened = if ended > 0 {
        let entry = Draft::done(DISPLACED, visitor.actor())
            .target("organization", tenant.id, Fact::Public(tenant.name.clone()))
            .added("sessions", Public(ended.to_string()))
            .within(request.audited());
        tx.commit(request, entry).await?;
        None
    } else if unseen || copy_is_old {
        tx.keep().await?;
        None
    } else if purpose != Purpose::Change {
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
        joined_at: member.joined_at,
        policy,
        sign_in,
        excepted,
        allowance,
        reminder,
        opened: Arc::new(Mutex::new(opened)),
    };
    Ok(if is_doomed { Entered::Deleting(Box::new(Doomed::of(access))) } else { Entered::Inside(Box::new(access)) })
}

/// Whether somebody has proven so recently who they are as an organization asks.
pub(crate) fn is_fresh(visitor: &Visitor, policy: &EnforcedPolicy, now: OffsetDateTime) -> bool {
    let counts = Duration::minutes(policy.document().step_up_minutes.into());
    now < visitor.elevated_until - (sessions::ELEVATION - counts).max(Duration::ZERO)
}

/// The roles that somebody holds, by themselves, by groups and by inheritance, as far as the policy binds them by these.
/// An owner is bound as an owner alone: nobody binds them more tightly by putting them into a group.
pub(crate) fn roles_of(role: RoleId, groups: &[GroupId], book: &RoleBook) -> Vec<RoleId> {
    if role == Role::Owner.into() {
        return vec![role];
    }
    let carried = groups.iter().filter_map(|id| book.group(*id)).flat_map(|group| group.roles.iter().copied());
    let mut roles: Vec<_> = std::iter::once(role).chain(carried).flat_map(|role| book.ancestry(role)).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// What is known of somebody who comes with a request, and joined then.
pub(crate) fn facts<'a>(
    visitor: &Visitor,
    request: &'a RequestContext,
    roles: &'a [RoleId],
    joined_at: OffsetDateTime,
) -> Facts<'a> {
    Facts {
        factors: visitor.factors.factors(),
        joined_at,
        authenticated_at: visitor.authenticated_at,
        pause: visitor.pause,
        newer_sessions: visitor.newer_sessions,
        older_sessions: visitor.older_sessions,
        sessions_inside: None,
        access_ended_at: None,
        roles,
        ip: request.ip,
        region: request.portal().region(),
        excepted: Rules::default(),
    }
}

/// Judges somebody by the organization's policy: until when they have to set up a second factor, if they get in without
/// the one that is asked for.
pub(crate) fn judge(
    entrance: &Entrance,
    visitor: &Visitor,
    request: &RequestContext,
) -> Result<Option<OffsetDateTime>, Problem> {
    judge_with(entrance, visitor, request, None)
}

fn judge_with(
    entrance: &Entrance,
    visitor: &Visitor,
    request: &RequestContext,
    sessions_inside: Option<u32>,
) -> Result<Option<OffsetDateTime>, Problem> {
    let Entrance { member, policy, mfa_since, book, excepted, .. } = entrance;
    let roles = roles_of(member.role.id(), &member.groups, book);
    let facts = Facts {
        access_ended_at: member.access_ended_at,
        excepted: *excepted,
        sessions_inside,
        ..facts(visitor, request, &roles, member.joined_at)
    };
    match policy.evaluate(&facts, *mfa_since, request.now).outcome {
        Outcome::Allow => Ok(None),
        Outcome::Remind(until) => Ok(Some(until)),
        Outcome::EnrolFirst => Err(Problem::EnrolFirst),
        Outcome::SignInAgain(why) => Err(Problem::SignInAgain(why)),
        Outcome::Deny(rule) => Err(Problem::KeptOut(rule)),
    }
}

/// What comes of passing the gate.
struct Passed {
    /// Until when a second factor is to be set up.
    reminder: Option<OffsetDateTime>,
    /// What is left of what they may ask for.
    allowance: Option<Allowance>,
    /// How many sessions of others were ended for this one.
    ended: usize,
}

/// Counts somebody's request, judges them, and lets a session inside that is not there yet, if so many may be.
async fn pass(
    tx: &mut TenantTx,
    entrance: &Entrance,
    (visitor, tenant): (&Visitor, &TenantRef),
    purpose: Purpose,
    request: &RequestContext,
) -> Result<Result<Passed, Problem>, Error> {
    let policy = entrance.policy.document();
    let allowance = if purpose == Purpose::Watch {
        None
    } else {
        match request.portal().rates().take((tenant.id, visitor.account.id), policy, request.now) {
            Ok(allowance) => allowance,
            Err(excess) => return Ok(Err(throttled(excess))),
        }
    };
    let reminder = match judge(entrance, visitor, request) {
        Ok(reminder) => reminder,
        Err(problem) => return Ok(Err(problem)),
    };
    if policy.sessions_in_organization.is_none() || entrance.is_inside(request.now) {
        return Ok(Ok(Passed { reminder, allowance, ended: 0 }));
    }
    // Owners are never shut out by others who are inside.
    let gives_way = policy.at_the_limit == AtTheLimit::EndOldest || entrance.member.role == Role::Owner;
    let newcomer = (visitor.account.id, visitor.session);
    let Some(admission) = policy::admit(tx, request, policy, newcomer, gives_way).await? else {
        return Ok(Ok(Passed { reminder, allowance, ended: 0 }));
    };
    let judged = judge_with(entrance, visitor, request, Some(admission.inside));
    Ok(judged.map(|_| Passed { reminder, allowance, ended: admission.ended }))
}

fn throttled(excess: Excess) -> Problem {
    Problem::Throttled { seconds: u16::try_from(excess.seconds).unwrap_or(u16::MAX) }
}

/// Puts on record that a member was kept out, or asked for too much, once for many times.
async fn note_denial(
    request: &RequestContext,
    tenant: &TenantRef,
    visitor: &Visitor,
    problem: Problem,
) -> Result<(), Error> {
    let why = match problem {
        Problem::KeptOut(rule) => rule.code(),
        Problem::Throttled { .. } => "rate_limit",
        _ => return Ok(()),
    };
    let portal = request.portal();
    let what = format!("{ENTERED} {why}");
    if !portal.noted().is_new(tenant.id, visitor.session, &what, request.now) {
        return Ok(());
    }
    let entry = Draft::denied(ENTERED, visitor.actor())
        .target("organization", tenant.id, Fact::Public(tenant.name.clone()))
        .added("rule", Public(why.to_owned()))
        .within(request.audited());
    portal.store().tenant(tenant).await?.commit(request, entry).await?;
    portal.noted().remember(tenant.id, visitor.session, what, request.now);
    Ok(())
}

/// Opens an organization's tables for somebody who is in it, whatever it asks of their sign-in.
pub(crate) async fn open(
    request: &RequestContext,
    tenant: &TenantRef,
    visitor: &Visitor,
) -> Result<(TenantTx, Entrance), Error> {
    tenant.status.require_active()?;
    look_in(request, tenant, visitor).await
}

/// As [`open`], whether the organization is in use or not.
async fn look_in(
    request: &RequestContext,
    tenant: &TenantRef,
    visitor: &Visitor,
) -> Result<(TenantTx, Entrance), Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    let entrance = members::sql::enter(&mut tx, visitor.account.id, visitor.session, request.now)
        .await?
        .ok_or(Problem::NotFound)?;
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
pub(crate) async fn is_open(request: &RequestContext, tenant: &TenantRef, visitor: &Visitor) -> Result<bool, Error> {
    match open(request, tenant, visitor).await {
        Ok((tx, entrance)) => {
            tx.close();
            Ok(!matches!(judge(&entrance, visitor, request), Err(Problem::KeptOut(_))))
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
        let fresh = is_fresh(&self.visitor, &self.policy, self.request.now);
        if fresh { Ok(()) } else { Err(Problem::StepUpFirst.into()) }
    }

    /// Goes on only if they may take data of the organization's away, as it has classified it.
    ///
    /// # Errors
    /// Forbidden, where that is for owners alone; [`Problem::StepUpFirst`].
    pub(crate) async fn require_export(&self, action: Action) -> Result<(), Error> {
        if self.policy.document().classification == Classification::Restricted && self.role.id() != Role::Owner.into() {
            return Err(self.deny(action, "classification").await?);
        }
        self.require_fresh()
    }

    /// Puts on record that somebody has looked at something sensitive, where the organization wants that: once for many
    /// times of one session.
    pub(crate) async fn note_read(
        &self,
        action: Action,
        kind: &'static str,
        id: impl std::fmt::Display,
    ) -> Result<(), Error> {
        let (portal, now) = (self.request.portal(), self.request.now);
        let (tenant, session) = (self.tenant.id, self.visitor.session);
        let what = format!("{action} {kind} {id}");
        if !self.policy.document().log_reads || !portal.noted().is_new(tenant, session, &what, now) {
            return Ok(());
        }
        let entry = Draft::done(action, self.actor()).unnamed_target(kind, id).within(self.request.audited());
        self.begin().await?.commit(self.request(), entry).await?;
        portal.noted().remember(tenant, session, what, now);
        Ok(())
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
