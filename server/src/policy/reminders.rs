//! Reminding members to set up a second factor.

use std::collections::HashSet;

use domain::audit::{Action, Draft, Public};
use domain::ids::{AccountId, TenantId};
use domain::policy::MfaRequirement;
use domain::roles::Permission;
use time::Duration;

use super::sql::reminders::{self as sql, Reminded};
use crate::access::Access;
use crate::error::Error;
use crate::outbox::{self, Reminder};
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

pub(crate) const REMINDED: Action = Action::new("policy.reminder_sent");

/// How long nobody is reminded again.
pub(super) const PAUSE: Duration = Duration::days(1);
/// The most mails of one act: what is left is said.
const MOST: i64 = 500;

/// What came of reminding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Mails that are on their way.
    pub sent: u64,
    /// Members who were reminded less than a day ago, before this.
    pub waiting: u64,
    /// Members who come next: there are more than one act reminds.
    pub left: u64,
}

/// Posts a mail to each active member who has not what is asked for, unless they had one less than a day ago.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn remind(access: &Access) -> Result<Reminders, Error> {
    access.require(Permission::ManagePolicy, REMINDED).await?;
    let (request, policy) = (access.request(), access.policy());
    let Some(mfa) = policy.mfa else { return Ok(Reminders { sent: 0, waiting: 0, left: 0 }) };
    let since = request.now - PAUSE;
    let mut tx = access.begin().await?;
    let (waiting, others) = sql::count_missing(tx.conn(), mfa.methods, since).await?;
    let people = sql::take_to_remind(tx.conn(), mfa.methods, since, request.now, MOST).await?;
    let sent = people.len() as u64;
    let reminders = Reminders { sent, waiting, left: others.saturating_sub(sent) };
    if people.is_empty() {
        tx.close();
        return Ok(reminders);
    }
    post(request, &mut tx, (access.tenant(), access.organization()), mfa, &people).await?;
    let entry = Draft::done(REMINDED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("members", Public(sent.to_string()))
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(reminders)
}

/// Posts a mail to each of these who is active, has not what is asked for and had none less than a day ago: who they are.
pub(crate) async fn remind_these(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    ids: &[AccountId],
) -> Result<HashSet<AccountId>, Error> {
    let head = super::sql::head(tx.conn()).await?;
    let Some(mfa) = tx.open_policy(head.enforced).await?.sign_in(head.mfa_since).mfa else { return Ok(HashSet::new()) };
    let since = request.now - PAUSE;
    let people = sql::take_these_to_remind(tx.conn(), ids, mfa.methods, since, request.now).await?;
    if !people.is_empty() {
        post(request, tx, (tenant.id, &tenant.name), mfa, &people).await?;
    }
    Ok(people.iter().map(|person| person.id).collect())
}

async fn post(
    request: &RequestContext,
    tx: &mut TenantTx,
    (tenant, name): (TenantId, &str),
    mfa: MfaRequirement,
    people: &[Reminded],
) -> Result<(), Error> {
    let letters: Vec<_> = people
        .iter()
        .map(|person| Reminder {
            account: person.id,
            to: &person.email,
            name: &person.name,
            due: mfa.due(person.joined_at),
        })
        .collect();
    outbox::post_reminders(tx.enter_platform().await?, request, tenant, (name, mfa.methods), &letters).await?;
    tx.leave_platform().await
}
