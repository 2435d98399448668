//! Deleting an organization: an owner wants it gone, it can be kept for a while, and then housekeeping takes it away for
//! good (see `store::demolish`).

use domain::audit::{Action, Actor, Draft, Fact, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, TenantId};
use domain::members::Member;
use domain::notifications::{Kind, News};
use domain::organizations::DELETION_GRACE;
use domain::problem::Problem;
use domain::roles::Permission;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::sql;
use crate::access::Access;
use crate::error::Error;
use crate::members;
use crate::notifications;
use crate::outbox::{self, Letter};
use crate::policy;
use crate::request::RequestContext;
use crate::store::TenantTx;

const SCHEDULED: Action = Action::new("organization.deletion_scheduled");
const KEPT: Action = Action::new("organization.deletion_cancelled");

/// The way of an owner into an organization that is to be deleted: all that it opens is keeping it.
#[derive(Clone)]
pub struct Doomed(Access);

impl Doomed {
    /// Only the gate makes one.
    pub(crate) fn of(access: Access) -> Self {
        Self(access)
    }

    /// The organization's name.
    pub fn organization(&self) -> &str {
        self.0.organization()
    }

    /// The organization's name in addresses.
    pub fn slug(&self) -> &str {
        self.0.slug()
    }
}

/// Goes on only for whoever may have the organization deleted: what the page asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare_deletion(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManageOwners, SCHEDULED).await
}

/// Has the organization deleted after the days of grace, for an owner who has typed its name. Nobody uses it from now on.
///
/// # Errors
/// Forbidden; a step-up is needed; another name was typed, at the field `confirmation`; to be deleted already
/// ([`Problem::Changed`]).
pub async fn schedule_deletion(access: &Access, typed: &str) -> Result<OffsetDateTime, Error> {
    access.require(Permission::ManageOwners, SCHEDULED).await?;
    let request = access.request();
    access.require_fresh()?;
    if typed.trim() != access.organization().trim() {
        return Err(Error::field("confirmation", FieldProblem::DoesNotMatch));
    }
    let until = request.now + DELETION_GRACE;
    let (mut tx, owners) = members::begin_as_owner(access, &[], SCHEDULED).await?;
    if policy::in_force(&mut tx).await?.document().approval_needed.deletion {
        return Err(Problem::ApprovalFirst.into());
    }
    let (tx, entry) = decide(request, tx, &Decision::of(access), &owners, Some(until)).await?;
    tx.commit(request, entry).await?;
    Ok(until)
}

/// Judges that the organization is deleted, as [`schedule_deletion`] does, for an owner who asks others for it: every owner,
/// locked.
pub(crate) async fn propose_deletion(access: &Access, typed: &str) -> Result<(TenantTx, Vec<Member>), Error> {
    access.require(Permission::ManageOwners, SCHEDULED).await?;
    if typed.trim() != access.organization().trim() {
        return Err(Error::field("confirmation", FieldProblem::DoesNotMatch));
    }
    members::begin_as_owner(access, &[], SCHEDULED).await
}

/// Has the organization deleted after the days of grace, for an owner whom others have approved.
///
/// # Errors
/// Whoever has asked is no owner any more; to be deleted already ([`Problem::Changed`]).
pub(crate) async fn carry_deletion(access: &Access, mut tx: TenantTx) -> Result<(), Error> {
    let owners = members::lock_owners(&mut tx).await?;
    if !owners.iter().any(|owner| owner.id == access.account()) {
        return Err(Problem::Forbidden.into());
    }
    let (request, until) = (access.request(), access.request().now + DELETION_GRACE);
    let (tx, entry) = decide(request, tx, &Decision::of(access), &owners, Some(until)).await?;
    tx.commit(request, entry).await
}

/// Keeps the organization: everybody comes in again, and everything is as it was.
///
/// # Errors
/// No owner any more; kept already ([`Problem::Changed`]); or not found, when it is too late.
pub async fn keep(doomed: &Doomed) -> Result<(), Error> {
    let access = &doomed.0;
    let (tx, owners) = members::begin_as_owner(access, &[], KEPT).await?;
    let (tx, entry) = decide(access.request(), tx, &Decision::of(access), &owners, None).await?;
    tx.commit(access.request(), entry).await
}

/// Until when the organization can be kept.
///
/// # Errors
/// Kept already ([`Problem::Changed`]).
pub async fn deleted_at(doomed: &Doomed) -> Result<OffsetDateTime, Error> {
    let mut tx = doomed.0.request().portal().store().platform().await?;
    let at = sql::delete_at(tx.conn(), doomed.0.tenant()).await?;
    tx.end().await?;
    at.ok_or_else(|| Problem::Changed.into())
}

/// Who decides about which organization.
pub(super) struct Decision<'a> {
    pub(super) tenant: TenantId,
    pub(super) organization: &'a str,
    pub(super) actor: Actor<Fact>,
    /// The name of whoever decides, unless it is the platform's operator.
    pub(super) by: Option<&'a str>,
    /// Their account.
    pub(super) account: Option<AccountId>,
    /// Why, as the operator says.
    pub(super) reason: Option<&'a str>,
}

impl<'a> Decision<'a> {
    fn of(access: &'a Access) -> Self {
        Self {
            tenant: access.tenant(),
            organization: access.organization(),
            actor: access.actor(),
            by: Some(&access.visitor().account.name),
            account: Some(access.account()),
            reason: None,
        }
    }
}

/// Notes that the organization is to be deleted then, or kept, and tells its owners. Nothing of it is kept before the entry
/// is.
pub(super) async fn decide(
    request: &RequestContext,
    mut tx: TenantTx,
    decision: &Decision<'_>,
    owners: &[Member],
    until: Option<OffsetDateTime>,
) -> Result<(TenantTx, Draft), Error> {
    let Decision { tenant, organization, by, .. } = *decision;
    let platform = tx.enter_platform().await?;
    let changed = match until {
        Some(at) => sql::schedule_deletion(platform, tenant, at).await?,
        None => sql::cancel_deletion(platform, tenant).await?,
    };
    if !changed {
        return Err(Problem::Changed.into());
    }
    for Member { id, email, name, .. } in owners {
        let letter = Letter::OrganizationDeletion { tenant, account: *id, to: email, name, organization, by, until };
        outbox::post(platform, request, letter).await?;
    }
    tell(platform, request, decision, owners, until.is_some()).await?;
    tx.leave_platform().await?;
    Ok((tx, entry(request, decision, until)))
}

/// Tells everybody in the organization but whoever decides. Its owners have their own mail of it.
async fn tell(
    conn: &mut PgConnection,
    request: &RequestContext,
    decision: &Decision<'_>,
    owners: &[Member],
    scheduled: bool,
) -> Result<(), Error> {
    let kind = if scheduled { Kind::DeletionScheduled } else { Kind::DeletionCancelled };
    let (organization, by) = (decision.organization.to_owned(), decision.by.map(str::to_owned));
    let news = News { organization, by, actor: decision.account, kind };
    let is_owner = |account: &AccountId| owners.iter().any(|owner| owner.id == *account);
    let members = notifications::sql::list_members(conn, decision.tenant).await?;
    let others = members.into_iter().filter(|account| Some(*account) != decision.account);
    let (owners, others): (Vec<_>, Vec<_>) = others.partition(is_owner);
    notifications::add_without_mail(conn, request, Some(decision.tenant), &owners, &news).await?;
    notifications::add(conn, request, decision.tenant, &others, &news).await
}

fn entry(request: &RequestContext, decision: &Decision<'_>, until: Option<OffsetDateTime>) -> Draft {
    let action = if until.is_some() { SCHEDULED } else { KEPT };
    let mut entry = Draft::done(action, decision.actor.clone())
        .target("organization", decision.tenant, Public(decision.organization.to_owned()))
        .within(request.audited());
    if let Some(at) = until {
        entry = entry.added("delete_at", Public(rfc3339(at)));
    }
    match decision.reason {
        Some(reason) => entry.because(Fact::Public(reason.to_owned())),
        None => entry,
    }
}

/// As the trail holds times.
fn rfc3339(at: OffsetDateTime) -> String {
    // Formatting fails only for years that no clock of ours shows.
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
