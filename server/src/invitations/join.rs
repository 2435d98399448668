//! Joining: the membership, and everything that an accepted invitation uses up.

use domain::audit::{Action, Actor, Draft, Personal, Public};
use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId};
use domain::invitations::InvitationState;
use domain::members::Source;
use domain::problem::Problem;
use domain::slug::Slug;
use domain::text::PersonName;
use domain::webhooks::EventKind;
use serde_json::json;

use super::offer::{begin, judge};
use super::{pending, require_free, sql};
use crate::accounts::address;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::members::sql::{self as members, NewMember};
use crate::outbox;
use crate::passwords::KeptPassword;
use crate::policy;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};
use crate::tokens::{self, Channel, Purpose, Secret, Token};
use crate::webhooks;

pub(crate) const ACCEPTED: Action = Action::new("invitation.accepted");

/// A membership that was just begun.
#[derive(Debug)]
pub struct Accepted {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub slug: Slug,
    /// What it is called.
    pub organization: String,
}

/// The person as they join.
pub(super) struct Person {
    pub(super) id: AccountId,
    pub(super) name: PersonName,
    pub(super) email: EmailAddress,
    /// The first password, when the account is new.
    pub(super) new_password: Option<KeptPassword>,
}

/// Makes the membership, in one transaction with everything that it uses up.
pub(super) async fn join(
    request: &RequestContext,
    tenant: &TenantRef,
    id: InvitationId,
    by: Option<(&Secret, &Token)>,
    person: Person,
) -> Result<Accepted, Error> {
    let mut tx = begin(request, tenant).await?;
    let found = sql::lock(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    judge(&found, by.map(|(_, token)| token), request.now)?;
    if !policy::in_force(&mut tx).await?.document().invitation_domains.allow(person.email.domain()) {
        tx.close();
        return Err(Problem::ForeignDomain.into());
    }
    require_free(&mut tx, &found.invitation.role).await?;
    if !sql::decide(tx.conn(), id, InvitationState::Accepted, request.now).await? {
        return Err(Problem::LinkUsed.into());
    }
    let role = found.invitation.role.id();
    let source = if found.imported { Source::Import } else { Source::Invitation };
    let member = NewMember { id: person.id, name: &person.name, email: &person.email, role, source };
    members::add(tx.conn(), &member, request.now)
        .await
        .map_err(|error| if error.violates("members_pkey") { Problem::Changed.into() } else { error })?;
    platform_side(request, &mut tx, tenant, id, by, &person)
        .await
        .map_err(|error| if error.violates("accounts_email_key") { Problem::SignInFirst.into() } else { error })?;
    let (name, email) = (person.name.as_str(), person.email.as_str());
    let data = json!({ "account": person.id, "name": name, "email": email, "role": role.code() });
    webhooks::post(&mut tx, request.portal(), EventKind::MemberJoined, data, request.now).await?;
    let entry = Draft::done(ACCEPTED, Actor::person(person.id, person.name.as_str()))
        .target("invitation", id, Personal(person.email.as_str().to_owned()))
        .added("role", Public(role.code()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    let slug = Slug::stored(&tenant.slug);
    Ok(Accepted { account: person.id, slug, organization: tenant.name.clone() })
}

async fn platform_side(
    request: &RequestContext,
    tx: &mut TenantTx,
    tenant: &TenantRef,
    id: InvitationId,
    by: Option<(&Secret, &Token)>,
    person: &Person,
) -> Result<(), Error> {
    let now = request.now;
    let by_mail = by.is_some_and(|(_, token)| token.channel == Channel::Mail);
    let platform = tx.enter_platform().await?;
    if let Some((secret, _)) = by
        && !tokens::consume(platform, Purpose::Invitation, secret, now).await?
    {
        return Err(Problem::LinkUsed.into());
    }
    outbox::cancel(platform, id.0).await?;
    tokens::end_all(platform, Purpose::Invitation, id.0, now).await?;
    pending::remove(platform, tenant.id, id).await?;
    if let Some(password) = &person.new_password {
        if !by_mail && address::is_held(platform, &person.email, now).await? {
            return Err(Problem::SignInFirst.into());
        }
        let account = accounts::NewAccount {
            id: person.id,
            email: &person.email,
            name: &person.name,
            email_proven_at: by_mail.then_some(now),
            password: Some(password),
        };
        accounts::add(platform, &account, now).await?;
    } else if by_mail {
        accounts::prove_email(platform, person.id, now).await?;
    }
    pending::add_membership(platform, person.id, tenant.id, now).await?;
    tx.leave_platform().await
}
