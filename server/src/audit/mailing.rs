//! Checkpoints by mail: so that they lie where nobody can reach who can write to the database.

use std::collections::BTreeSet;

use domain::audit::{Action, Checkpoint, Draft, Frontier, Personal, Public};
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::AccountId;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::VIEWED;
use super::sql::mailing::{self as sql, Reader, Settings};
use crate::access::Access;
use crate::error::Error;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

const CHANGED: Action = Action::new("audit.checkpoint_mail_changed");

/// How many hours there may be between two of them.
pub const HOURS: [i32; 4] = [1, 6, 24, 168];
/// How many hours there are between two of a log that does not grow, or more.
const QUIET_HOURS: i32 = 24;
/// The most people who get them.
const READERS_MAX: u16 = 20;

/// Who gets checkpoints by mail, and how often at most.
#[derive(Clone, Debug)]
pub struct CheckpointMail {
    /// The addresses of members, by name.
    pub emails: Vec<String>,
    /// So many hours are between two of them, or more.
    pub hours: i32,
}

/// The form "Send checkpoints to".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckpointMailForm {
    /// The addresses of members, divided by commas or lines; none, so that nothing is sent.
    pub emails: String,
    /// How many hours there are between two of them.
    pub hours: String,
}

impl CheckpointMailForm {
    fn parse(&self) -> Result<(Vec<String>, i32), FieldErrors> {
        let mut errors = FieldErrors::default();
        let emails: BTreeSet<_> = self
            .emails
            .split(|char: char| char.is_whitespace() || matches!(char, ',' | ';'))
            .filter(|email| !email.is_empty())
            .map(str::to_lowercase)
            .collect();
        let few = emails.len() <= usize::from(READERS_MAX);
        let emails = if few { Ok(emails.into_iter().collect()) } else { Err(FieldProblem::TooManyOfThem(READERS_MAX)) };
        let hours = HOURS.into_iter().find(|hours| hours.to_string() == self.hours).ok_or(FieldProblem::UnknownChoice);
        let (emails, hours) = (errors.check("emails", emails), errors.check("hours", hours));
        emails.zip(hours).ok_or(errors)
    }
}

/// Who gets them.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn checkpoint_mail(access: &Access) -> Result<CheckpointMail, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let mut tx = access.begin().await?;
    let set = sql::lookup(tx.conn()).await?;
    let readers = sql::readers(tx.conn(), &set.readers).await?;
    tx.close();
    Ok(CheckpointMail { emails: readers.into_iter().map(|reader| reader.email).collect(), hours: set.hours })
}

/// Chooses who gets them. Members alone: the portal sends no mail to whoever has not joined.
///
/// # Errors
/// Forbidden; an address of nobody who is an active member, and a number of hours that is none of the choices, by field.
pub async fn change_checkpoint_mail(access: &Access, form: &CheckpointMailForm) -> Result<(), Error> {
    access.require(Permission::ViewAudit, CHANGED).await?;
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let (emails, hours) = form.parse()?;
    let mut tx = access.begin().await?;
    let before = sql::lock(tx.conn()).await?;
    let readers = sql::find(tx.conn(), &emails).await?;
    if readers.len() < emails.len() {
        tx.close();
        return Err(Error::field("emails", FieldProblem::NoMember));
    }
    let ids: Vec<_> = readers.iter().map(|reader| reader.account).collect();
    if before.hours == hours && before.readers.iter().collect::<BTreeSet<_>>() == ids.iter().collect::<BTreeSet<_>>() {
        tx.close();
        return Ok(());
    }
    let former = sql::readers(tx.conn(), &before.readers).await?;
    sql::change(tx.conn(), &ids, hours).await?;
    let entry = Draft::done(CHANGED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .changed("readers", Personal(names(&former)), Personal(names(&readers)))
        .changed("hours", Public(before.hours.to_string()), Public(hours.to_string()))
        .within(access.request().audited());
    tx.commit(access.request(), entry).await
}

fn names(readers: &[Reader]) -> String {
    readers.iter().map(|reader| reader.email.as_str()).collect::<Vec<_>>().join(" ")
}

/// Sends a checkpoint to those who get them, in the transaction in which it is kept, if the last one was long enough ago.
pub(super) async fn send(
    tx: &mut TenantTx,
    request: &RequestContext,
    tenant: &TenantRef,
    (size, note): (u64, &str),
) -> Result<(), Error> {
    let set = sql::lock(tx.conn()).await?;
    if is_due(&set, set.hours, request) {
        post(tx, request, tenant, &set, (size, note)).await?;
    }
    Ok(())
}

/// The same of a log that has not grown, once a day at most: whoever hears nothing at all cannot tell that from somebody who
/// keeps the mail back.
pub(super) async fn send_again(
    tx: &mut TenantTx,
    request: &RequestContext,
    tenant: &TenantRef,
    state: &Frontier,
) -> Result<(), Error> {
    let set = sql::lock(tx.conn()).await?;
    if is_due(&set, set.hours.max(QUIET_HOURS), request) {
        let log = tx.log();
        let signer = request.portal().keys().signer(tx.conn(), log).await?;
        let note = Checkpoint::of(log, state).sign(&signer);
        post(tx, request, tenant, &set, (state.size(), note.as_str())).await?;
    }
    Ok(())
}

/// Whether somebody gets them, and the last one was sent so many hours ago.
fn is_due(set: &Settings, hours: i32, request: &RequestContext) -> bool {
    // Whoever looks by the hour comes a little early now and then.
    let pause = Duration::hours(i64::from(hours)) - Duration::minutes(5);
    !set.readers.is_empty() && set.sent_at.is_none_or(|at| request.now - at >= pause)
}

async fn post(
    tx: &mut TenantTx,
    request: &RequestContext,
    tenant: &TenantRef,
    set: &Settings,
    (size, note): (u64, &str),
) -> Result<(), Error> {
    let readers = sql::readers(tx.conn(), &set.readers).await?;
    sql::note_sent(tx.conn(), request.now).await?;
    let platform = tx.enter_platform().await?;
    for Reader { account, name, email } in &readers {
        let (account, to, organization) = (AccountId(*account), email.as_str(), tenant.name.as_str());
        let letter = Letter::Checkpoint { tenant: tenant.id, account, to, name, organization, size, note };
        outbox::post(platform, request, letter).await?;
    }
    tx.leave_platform().await
}
