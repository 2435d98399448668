//! Handing an organization over: one member becomes its owner, and the owner who wants it an admin.

use domain::audit::{Action, Draft, Personal, Public};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::AccountId;
use domain::members::{Member, MemberStatus};
use domain::notifications::Kind;
use domain::roles::{Permission, Role};
use serde::{Deserialize, Serialize};

use super::{news, owners, sql};
use crate::access::Access;
use crate::approvals;
use crate::detections;
use crate::error::Error;
use crate::notifications;
use crate::outbox::{self, Letter};
use crate::policy;

const TRANSFERRED: Action = Action::new("organization.transferred");

/// What a former owner is.
const FORMER: Role = Role::Admin;

/// The most members of whom one is chosen from a list. Where there are more, their address is typed.
const LISTED: usize = 25;

/// To whom an organization can be handed over.
pub enum Successors {
    /// These.
    Few(Vec<Member>),
    /// More than a list shows.
    Many,
}

/// The form "Transfer ownership".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TransferForm {
    /// The account of the member who was chosen.
    pub member: String,
    /// The address of a member, where nobody was chosen.
    pub email: String,
    /// The organization's name, to confirm.
    pub confirmation: String,
}

/// The members to whom the organization can be handed over: those who may come in, and are no owners.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list_successors(access: &Access) -> Result<Successors, Error> {
    access.require(Permission::ManageOwners, TRANSFERRED).await?;
    let mut tx = access.begin().await?;
    let members = sql::list_successors(&mut tx, LISTED + 1).await?;
    tx.close();
    Ok(if members.len() > LISTED { Successors::Many } else { Successors::Few(members) })
}

/// Makes a member an owner, and the owner who wants it an admin. Both get a mail.
///
/// # Errors
/// Forbidden; a step-up is needed; another name than the organization's was typed, at the field `confirmation`; nobody
/// who can be one, at the field `member` or `email`.
pub async fn transfer(access: &Access, form: &TransferForm) -> Result<Member, Error> {
    access.require(Permission::ManageOwners, TRANSFERRED).await?;
    let request = access.request();
    access.require_fresh()?;
    let (field, id) = find(access, form).await?;
    if form.confirmation.trim() != access.organization().trim() {
        return Err(Error::field("confirmation", FieldProblem::DoesNotMatch));
    }
    let (mut tx, locked) = owners::begin_as_owner(access, &[id], TRANSFERRED).await?;
    let member = judge(locked, id).map_err(|problem| Error::field(field, problem))?;
    approvals::require_none_for_role(access, &mut tx, member.permissions, Role::Owner.permissions()).await?;
    sql::set_role(tx.conn(), id, &Role::Owner.into()).await?;
    sql::set_role(tx.conn(), access.account(), &FORMER.into()).await?;
    let me = &access.visitor().account;
    let platform = tx.enter_platform().await?;
    for (account, to, name) in [(id, &member.email, &member.name), (me.id, &me.email, &me.name)] {
        let (tenant, organization) = (access.tenant(), access.organization());
        let letter =
            Letter::OwnershipTransferred { tenant, account, to, name, organization, by: &me.name, owner: &member.name };
        outbox::post(platform, request, letter).await?;
    }
    let news = news::of(access, Kind::OwnershipReceived);
    notifications::add_without_mail(platform, request, Some(access.tenant()), &[id], &news).await?;
    tx.leave_platform().await?;
    let gained = detections::gain(request, id, member.permissions, Role::Owner.permissions());
    let ended = policy::end_outgrown(&mut tx, request, &access.actor(), id).await?;
    tx.record(gained);
    let entry = Draft::done(TRANSFERRED, access.actor())
        .target("member", id, Personal(member.name.clone()))
        .changed("role", Public(member.role.code()), Role::Owner.code())
        .changed("role_of_former_owner", Role::Owner.code(), FORMER.code())
        .within(request.audited());
    tx.commit_all(request, std::iter::once(entry).chain(ended).collect()).await?;
    Ok(Member { role: Role::Owner.into(), permissions: Role::Owner.permissions(), ..member })
}

/// The account of whoever is meant, and the field that says so.
async fn find(access: &Access, form: &TransferForm) -> Result<(&'static str, AccountId), Error> {
    if form.email.is_empty() {
        let problem = if form.member.is_empty() { FieldProblem::Required } else { FieldProblem::UnknownChoice };
        return form.member.parse().map(|id| ("member", id)).map_err(|_| Error::field("member", problem));
    }
    let email = EmailAddress::parse(&form.email).map_err(|problem| Error::field("email", problem))?;
    let mut tx = access.begin().await?;
    let found = sql::id_of(tx.conn(), &email).await?;
    tx.close();
    found.map(|id| ("email", id)).ok_or_else(|| Error::field("email", FieldProblem::NoMember))
}

/// The member, if the organization can be handed over to them.
fn judge(locked: Vec<Member>, id: AccountId) -> Result<Member, FieldProblem> {
    let member = locked.into_iter().find(|member| member.id == id).ok_or(FieldProblem::NoMember)?;
    match member.status {
        MemberStatus::Suspended => Err(FieldProblem::NoMember),
        MemberStatus::Active if member.role == Role::Owner => Err(FieldProblem::AlreadyOwner),
        MemberStatus::Active => Ok(member),
    }
}
