//! Inviting many people at once: the lines of a file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::audit::{Draft, Personal, Public};
use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId};
use domain::invitations::Invite;
use domain::jobs::RowProblem;
use domain::members::{Member, MemberStatus};
use domain::notifications::{Kind, News};
use domain::policy::EnforcedPolicy;
use domain::roles::{GrantedRole, Permission, Permissions, RoleBook};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::sql::Open;
use super::{CREATED, ROLE_CHANGED, pending, sql};
use crate::error::Error;
use crate::jobs::{Pending, Settled, Work};
use crate::members;
use crate::members::bulk::actor;
use crate::notifications;
use crate::outbox::{self, Invited};
use crate::policy;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

/// The roles that open invitations of these addresses give.
pub(crate) async fn open_for(
    tx: &mut TenantTx,
    emails: &[String],
    now: OffsetDateTime,
) -> Result<HashMap<String, GrantedRole>, Error> {
    let open = sql::pending_for(tx, emails).await?;
    let good = open.into_iter().filter(|(_, invitation)| invitation.expires_at > now);
    Ok(good.map(|(email, invitation)| (email, invitation.role)).collect())
}

/// What is done for a line.
enum Doing {
    /// Somebody is invited, perhaps in place of an invitation that has expired.
    Invite(Invite, GrantedRole, Option<InvitationId>),
    /// An open invitation gives another role.
    Change(InvitationId, String, GrantedRole, GrantedRole),
}

/// What is known when a batch begins.
struct Known {
    /// Whoever has started the job, as they are now.
    creator: Option<Member>,
    members: HashMap<String, Member>,
    pending: HashMap<String, Open>,
    book: Arc<RoleBook>,
    policy: Arc<EnforcedPolicy>,
    now: OffsetDateTime,
}

/// Invites those whom some lines of a file name: what became of the lines, and the entries about it. Invitations and
/// their mail are there, or neither is.
pub(crate) async fn invite_all(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    rows: &[Pending],
) -> Result<(Vec<Settled>, Vec<Draft>), Error> {
    let emails: Vec<_> = rows.iter().map(|row| row.email.clone()).collect();
    let book = tx.share_book().await?;
    let policy = policy::in_force(tx).await?;
    let known = Known {
        creator: members::sql::lookup(tx, job.created_by).await?,
        members: members::sql::with_emails(tx, &emails).await?,
        pending: sql::pending_for(tx, &emails).await?,
        book,
        policy: policy.clone(),
        now: request.now,
    };
    let (mut settled, mut doing) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let decided = known.decide(row).and_then(|decided| match decided {
            Some(Doing::Invite(invite, ..))
                if !request.portal().limits().count_imported(request, tenant.id, &invite) =>
            {
                Err(RowProblem::MailedOften)
            }
            other => Ok(other),
        });
        match decided {
            Err(problem) => settled.push(Settled::refused(row, problem)),
            Ok(None) => settled.push(Settled::unchanged(row)),
            Ok(Some(act)) => {
                settled.push(match &act {
                    Doing::Invite(..) => Settled::added(row),
                    Doing::Change(_, _, former, _) => Settled::changed(row, former.code()),
                });
                doing.push(act);
            }
        }
    }
    let lifetime = Duration::days(policy.document().invitation_days.into());
    let entries = act(request, tenant, tx, job, (doing, lifetime)).await?;
    Ok((settled, entries))
}

impl Known {
    /// What is done for a line: nothing, when it is so already.
    fn decide(&self, row: &Pending) -> Result<Option<Doing>, RowProblem> {
        let email = EmailAddress::parse(&row.email).map_err(|_| RowProblem::Address)?;
        let role = row.wish.as_deref().and_then(|code| self.book.by_code(code)).ok_or(RowProblem::UnknownRole)?;
        if !self.may_still() {
            return Err(RowProblem::NoAuthority);
        }
        if self.members.contains_key(email.as_str()) {
            return Err(RowProblem::Changed);
        }
        if !self.covers(&role) {
            return Err(RowProblem::Above);
        }
        if self.policy.document().approval_needed.for_role(Permissions::default(), role.permissions()) {
            return Err(RowProblem::ApprovalFirst);
        }
        if !self.policy.document().invitation_domains.allow(email.domain()) {
            return Err(RowProblem::ForeignDomain);
        }
        let pending = self.pending.get(email.as_str());
        let open = pending.filter(|invitation| invitation.expires_at > self.now);
        match open {
            Some(open) if open.role == role => Ok(None),
            Some(open) if row.expected != Some(open.role.code()) => Err(RowProblem::Changed),
            Some(open) if !self.covers(&open.role) => Err(RowProblem::Above),
            Some(open) => Ok(Some(Doing::Change(open.id, row.email.clone(), open.role.clone(), role))),
            None if row.expected.is_some() => Err(RowProblem::Changed),
            None => {
                let invite = Invite { email, role: role.id() };
                Ok(Some(Doing::Invite(invite, role, pending.map(|expired| expired.id))))
            }
        }
    }

    fn may_still(&self) -> bool {
        self.creator.as_ref().is_some_and(|creator| {
            creator.status == MemberStatus::Active && creator.permissions.allow(Permission::InviteMembers)
        })
    }

    fn covers(&self, role: &GrantedRole) -> bool {
        self.creator.as_ref().is_some_and(|creator| creator.permissions.cover(role.permissions()))
    }
}

async fn act(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    (doing, lifetime): (Vec<Doing>, Duration),
) -> Result<Vec<Draft>, Error> {
    let (mut invites, mut names, mut changes, mut expired, mut entries) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in doing {
        let entry = match one {
            Doing::Invite(invite, role, replaced) => {
                let id = InvitationId(request.portal().uuid(request.now));
                expired.extend(replaced);
                let entry = Draft::done(CREATED, actor(job))
                    .target("invitation", id, Personal(invite.email.as_str().to_owned()))
                    .added("role", Public(role.code()));
                invites.push((id, invite));
                names.push(role);
                entry
            }
            Doing::Change(id, email, former, role) => {
                changes.push((id, role.code()));
                Draft::done(ROLE_CHANGED, actor(job)).target("invitation", id, Personal(email)).changed(
                    "role",
                    Public(former.code()),
                    Public(role.code()),
                )
            }
        };
        entries.push(entry.added("job", Public(job.id.to_string())).within(request.audited()));
    }
    let doing = Batch { invites: &invites, roles: &names, changes: &changes, expired: &expired, lifetime };
    store(request, tenant, tx, (job.created_by, &job.creator), &doing).await?;
    Ok(entries)
}

/// What a batch comes to.
struct Batch<'a> {
    invites: &'a [(InvitationId, Invite)],
    /// The roles that these give.
    roles: &'a [GrantedRole],
    changes: &'a [(InvitationId, String)],
    expired: &'a [InvitationId],
    /// For how long these are good.
    lifetime: Duration,
}

async fn store(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    (by, name): (AccountId, &str),
    Batch { invites, roles, changes, expired, lifetime }: &Batch<'_>,
) -> Result<(), Error> {
    let expires_at = request.now + *lifetime;
    sql::close_all(tx.conn(), expired, request.now).await?;
    sql::add_all(tx.conn(), invites, by, request.now, expires_at).await?;
    sql::set_roles(tx.conn(), changes, by).await?;
    let platform = tx.enter_platform().await?;
    for replaced in *expired {
        pending::remove(platform, tenant.id, *replaced).await?;
        outbox::cancel(platform, replaced.0).await?;
    }
    pending::add_all(platform, tenant.id, invites, expires_at).await?;
    let letters: Vec<_> = invites
        .iter()
        .zip(*roles)
        .map(|((id, invite), role)| Invited { invitation: *id, to: invite.email.as_str(), role: role.name() })
        .collect();
    outbox::post_invitations(platform, request, (tenant.id, &tenant.name), (name, expires_at), &letters).await?;
    tell(request, tenant, platform, (by, name), &letters).await?;
    tx.leave_platform().await
}

/// Tells those inside of the portal who have an account.
async fn tell(
    request: &RequestContext,
    tenant: &TenantRef,
    platform: &mut PgConnection,
    (by, name): (AccountId, &str),
    letters: &[Invited<'_>],
) -> Result<(), Error> {
    let emails: Vec<_> = letters.iter().map(|letter| letter.to.to_owned()).collect();
    let accounts = notifications::sql::find_all(platform, &emails).await?;
    let mut told: BTreeMap<&str, Vec<AccountId>> = BTreeMap::new();
    for letter in letters {
        if let Some(account) = accounts.get(letter.to) {
            told.entry(letter.role).or_default().push(*account);
        }
    }
    for (role, accounts) in told {
        let kind = Kind::Invited { role: role.to_owned() };
        let news = News { organization: tenant.name.clone(), by: Some(name.to_owned()), actor: Some(by), kind };
        notifications::add(platform, request, tenant.id, &accounts, &news).await?;
    }
    Ok(())
}
