//! Inviting people into an organization.
//!
//! An invitation is a row of the organization's. Its secrets (one for each mail and each copied
//! link) are in the platform's table of tokens, as hashes; using one ends all of them.

mod accept;
mod batch;
mod decline;
mod join;
mod mine;
mod offer;
mod pending;
mod sql;

use domain::audit::{Action, Draft, Personal, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, InvitationId};
use domain::invitations::{Invitation, InvitationState, InviteForm};
use domain::notifications::{Kind, News};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Permissions};
use time::{Duration, OffsetDateTime};

pub use accept::{Joiner, accept};
pub(crate) use batch::{invite_all, open_for};
pub(crate) use decline::DECLINED;
pub use decline::decline;
pub(crate) use join::ACCEPTED;
pub use join::Accepted;
pub use mine::{Listed, accept_listed, decline_listed, list_mine};
pub use offer::lookup;

use crate::access::{self, Access, Asking};
use crate::approvals;
use crate::error::Error;
use crate::members;
use crate::notifications;
use crate::outbox::{self, Letter};
use crate::store::TenantTx;
use crate::tokens::{self, Channel, NewToken, Purpose, Secret};

pub(crate) const VIEWED: Action = Action::new("invitations.viewed");
pub(crate) const CREATED: Action = Action::new("invitation.created");
pub(crate) const RESENT: Action = Action::new("invitation.resent");
pub(crate) const REVOKED: Action = Action::new("invitation.revoked");
pub(crate) const ROLE_CHANGED: Action = Action::new("invitation.role_changed");
pub(crate) const LINK_COPIED: Action = Action::new("invitation.link_copied");

/// One page of invitations, newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access, cursor: Option<&Cursor>) -> Result<Page<Invitation>, Error> {
    access.require(Permission::InviteMembers, VIEWED).await?;
    page(access.begin().await?, cursor).await
}

/// As [`list`], for whoever may.
pub(crate) async fn page(mut tx: TenantTx, cursor: Option<&Cursor>) -> Result<Page<Invitation>, Error> {
    let total = sql::count(tx.conn()).await?;
    let mut rows = sql::list(&mut tx, cursor).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
    let mails = outbox::states(tx.enter_platform().await?, &ids).await?;
    tx.leave_platform().await?;
    tx.close();
    for row in &mut rows {
        row.mail = mails.get(&row.id.0).copied();
    }
    Ok(Page::assemble(rows, cursor, total, |row| (sql::sort_value(row), row.id.to_string())))
}

/// Goes on only for whoever may invite: what the form asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare(access: &Access) -> Result<(), Error> {
    access.require(Permission::InviteMembers, VIEWED).await
}

/// Invites somebody: the invitation and its mail are there, or neither is.
///
/// # Errors
/// Fields that are wrong, somebody who is a member or invited already among them; forbidden, also
/// when the role is above whoever asks; too many mails to this address, or to all.
pub async fn invite(access: &Access, form: &InviteForm) -> Result<InvitationId, Error> {
    access.require(Permission::InviteMembers, CREATED).await?;
    let inviter = Inviter { account: access.account(), name: access.visitor().account.name.clone() };
    Ok(add(access, inviter, form).await?.id)
}

/// Whoever stands for an invitation.
pub(crate) struct Inviter {
    /// Their account.
    pub(crate) account: AccountId,
    /// What they are called.
    pub(crate) name: String,
}

/// As [`invite`], for whoever may.
pub(crate) async fn add(asking: &impl Asking, by: Inviter, form: &InviteForm) -> Result<Invitation, Error> {
    let invite = form.parse()?;
    let role = access::role_to_give(asking, invite.role, CREATED).await?;
    let request = asking.request();
    let id = InvitationId(request.portal().uuid(request.now));
    let expires_at = request.now + lifetime(asking);
    if !asking.enforced().document().invitation_domains.allow(invite.email.domain()) {
        return Err(Error::field("email", FieldProblem::ForeignDomain));
    }

    let mut tx = asking.begin().await?;
    if members::sql::has_email(tx.conn(), &invite.email).await? {
        return Err(Error::field("email", FieldProblem::AlreadyMember));
    }
    let replaced = sql::close_expired(tx.conn(), &invite.email, request.now).await?;
    sql::add(tx.conn(), id, &invite, by.account, request.now, expires_at)
        .await
        .map_err(|error| error.at("invitations_open", "email", FieldProblem::AlreadyInvited))?;
    let mut tx = count_mail(asking, tx, invite.email.as_str()).await?;
    let platform = tx.enter_platform().await?;
    for expired in replaced {
        pending::remove(platform, asking.tenant(), expired).await?;
        outbox::cancel(platform, expired.0).await?;
    }
    pending::add(platform, asking.tenant(), id, &invite.email, expires_at).await?;
    outbox::post(platform, request, letter(asking, &by.name, id, (invite.email.as_str(), &role), expires_at)).await?;
    if let Some(account) = notifications::sql::find(platform, &invite.email).await? {
        let organization = asking.organization().to_owned();
        let kind = Kind::Invited { role: role.name().to_owned() };
        let news = News { organization, by: Some(by.name.clone()), actor: Some(by.account), kind };
        notifications::add(platform, request, asking.tenant(), &[account], &news).await?;
    }
    tx.leave_platform().await?;
    let entry = Draft::done(CREATED, asking.actor())
        .target("invitation", id, Personal(invite.email.as_str().to_owned()))
        .added("role", Public(role.code()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(Invitation {
        id,
        email: invite.email.as_str().to_owned(),
        role,
        state: InvitationState::Pending,
        mail: None,
        invited_by: Some(by.name),
        created_at: request.now,
        expires_at,
    })
}

/// Writes to the invited person again, and gives them the full time again. Whoever does stands for it from now on.
///
/// # Errors
/// Forbidden; not found; no longer open ([`Problem::Changed`]); a role that owners have to approve by now
/// ([`Problem::RoleNeedsApproval`]); too many mails, as [`invite`].
pub async fn resend(access: &Access, id: InvitationId) -> Result<Invitation, Error> {
    let (mut tx, invitation) = begin_change(access, id, RESENT).await?;
    let request = access.request();
    if !access.enforced().document().invitation_domains.allow(email_domain(&invitation.email)) {
        tx.close();
        return Err(Problem::ForeignDomain.into());
    }
    require_free(&mut tx, &invitation.role).await?;
    let mut tx = count_mail(access, tx, &invitation.email).await?;
    let by = &access.visitor().account.name;
    let expires_at = request.now + lifetime(access);
    sql::renew(tx.conn(), id, access.account(), expires_at).await?;
    let platform = tx.enter_platform().await?;
    pending::extend(platform, access.tenant(), id, expires_at).await?;
    outbox::cancel(platform, id.0).await?;
    outbox::post(platform, request, letter(access, by, id, (&invitation.email, &invitation.role), expires_at)).await?;
    tx.leave_platform().await?;
    tx.commit(request, entry(access, RESENT, &invitation)).await?;
    Ok(invitation)
}

/// Takes an invitation back: no link to it works any more.
///
/// # Errors
/// As [`resend`], but for too many mails.
pub async fn revoke(access: &Access, id: InvitationId) -> Result<Invitation, Error> {
    let (mut tx, invitation) = begin_change(access, id, REVOKED).await?;
    let request = access.request();
    sql::decide(tx.conn(), id, InvitationState::Revoked, request.now).await?;
    let platform = tx.enter_platform().await?;
    pending::remove(platform, access.tenant(), id).await?;
    outbox::cancel(platform, id.0).await?;
    tokens::end_all(platform, Purpose::Invitation, id.0, request.now).await?;
    tx.leave_platform().await?;
    tx.commit(request, entry(access, REVOKED, &invitation)).await?;
    Ok(invitation)
}

/// A link, and whom it is for.
pub struct InvitationLink {
    /// The invited address.
    pub email: String,
    /// The whole address of the page.
    pub link: String,
}

/// Makes a fresh link to an invitation. It is shown now or never: only its hash is kept. It ends with
/// the invitation; one that has expired gets none before it is sent again. Whoever hands it out
/// stands for the invitation from now on.
///
/// # Errors
/// As [`resend`], but for too many mails; [`Problem::InvitationExpired`].
pub async fn copy_link(access: &Access, id: InvitationId) -> Result<InvitationLink, Error> {
    let (mut tx, invitation) = begin_change(access, id, LINK_COPIED).await?;
    let request = access.request();
    if !invitation.is_open(request.now) {
        return Err(Problem::InvitationExpired.into());
    }
    require_free(&mut tx, &invitation.role).await?;
    let secret = Secret::new(request.portal().random());
    sql::renew(tx.conn(), id, access.account(), invitation.expires_at).await?;
    let token = NewToken {
        purpose: Purpose::Invitation,
        subject: id.0,
        tenant: Some(access.tenant()),
        channel: Channel::Link,
        expires_at: invitation.expires_at,
    };
    tokens::add(tx.enter_platform().await?, &secret, &token, request.now).await?;
    tx.leave_platform().await?;
    tx.commit(request, entry(access, LINK_COPIED, &invitation)).await?;
    let link = request.portal().link(&format!("/invite/{}", secret.expose()));
    Ok(InvitationLink { email: invitation.email, link })
}

/// For how long invitations of an organization are good.
fn lifetime(asking: &impl Asking) -> Duration {
    Duration::days(asking.enforced().document().invitation_days.into())
}

/// The domain of an address that was parsed once.
fn email_domain(email: &str) -> &str {
    email.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Begins a change of an open invitation, whose row is locked from here on.
async fn begin_change(access: &Access, id: InvitationId, action: Action) -> Result<(TenantTx, Invitation), Error> {
    access.require(Permission::InviteMembers, action.clone()).await?;
    let mut tx = access.begin().await?;
    let invitation = sql::lock(&mut tx, id).await?.ok_or(Problem::NotFound)?.invitation;
    if !access.permissions().cover(invitation.role.permissions()) {
        tx.close();
        access.require_cover(&invitation.role, action).await?;
        return Err(Problem::Forbidden.into());
    }
    if invitation.state != InvitationState::Pending {
        return Err(Problem::Changed.into());
    }
    Ok((tx, invitation))
}

/// Goes on only with a role that owners do not have to approve by now: an invitation from before gives no other.
async fn require_free(tx: &mut TenantTx, role: &GrantedRole) -> Result<(), Error> {
    if approvals::is_needed_for_role(tx, Permissions::default(), role.permissions()).await? {
        return Err(Problem::RoleNeedsApproval.into());
    }
    Ok(())
}

/// Goes on with a transaction that is about to post a mail, unless there were too many: then it is undone.
async fn count_mail(asking: &impl Asking, tx: TenantTx, email: &str) -> Result<TenantTx, Error> {
    match asking.request().portal().limits().count_invitation(asking, email) {
        Ok(()) => Ok(tx),
        Err(refusal) => {
            tx.close();
            Err(refusal.in_organization(asking).await?)
        }
    }
}

fn letter<'a>(
    asking: &'a impl Asking,
    invited_by: &'a str,
    id: InvitationId,
    (to, role): (&'a str, &'a GrantedRole),
    expires_at: OffsetDateTime,
) -> Letter<'a> {
    Letter::Invitation {
        tenant: asking.tenant(),
        invitation: id,
        to,
        organization: asking.organization(),
        invited_by,
        role: role.name(),
        expires_at,
    }
}

fn entry(access: &Access, action: Action, invitation: &Invitation) -> Draft {
    Draft::done(action, access.actor())
        .target("invitation", invitation.id, Personal(invitation.email.clone()))
        .within(access.request().audited())
}
