//! Mail that waits to be sent: outbox and queue in one table.
//!
//! An act posts a [`Letter`] in its own transaction: if the act happens, the mail goes out, however
//! long the mail server is down. A row names what to write about. The link in a mail is minted
//! each time the mail is tried, so that no table ever holds one.
//!
//! A mail that nobody needs any more does not go out: an act that makes it needless cancels it, and one that
//! has waited too long expires.

mod details;
mod letter;
mod list;
mod sql;
mod worker;

use std::collections::HashMap;

use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::invitations::MailState;
use domain::notifications::News;
use domain::policy::Methods;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use details::{Details, Told};
pub(crate) use letter::{Invited, Letter, Reminder};
#[cfg(feature = "testing")]
pub(crate) use list::list;
pub use list::{OutboxRow, read};
pub use worker::Worker;

use crate::error::Error;
use crate::notifications::sql::Mailed;
use crate::request::RequestContext;

/// Posts a letter, in the transaction of the act that it is about.
pub(crate) async fn post(conn: &mut PgConnection, request: &RequestContext, letter: Letter<'_>) -> Result<(), Error> {
    let (tenant, subject, to, details) = letter.keep(request);
    let expires_at = details.expire_at(request.now);
    let mail = sql::NewMail { id: request.portal().uuid(request.now), tenant, subject, to, details, expires_at };
    sql::add(conn, mail, request.now).await
}

/// Takes away what was written or is to be written to an account that goes.
pub(crate) async fn erase(conn: &mut PgConnection, account: AccountId, email: &EmailAddress) -> Result<(), Error> {
    sql::erase(conn, account, email).await
}

/// Posts many reminders at once, in the transaction of the act that they come from: of an organization, by its name,
/// that asks for one of these.
pub(crate) async fn post_reminders(
    conn: &mut PgConnection,
    request: &RequestContext,
    tenant: TenantId,
    (organization, methods): (&str, Methods),
    letters: &[Reminder<'_>],
) -> Result<(), Error> {
    let mails = letters.iter().map(|letter| {
        let details = Details::MfaReminder {
            name: letter.name.to_owned(),
            organization: organization.to_owned(),
            methods,
            due: letter.due,
        };
        let expires_at = details.expire_at(request.now);
        let id = request.portal().uuid(request.now);
        sql::NewMail { id, tenant: Some(tenant), subject: letter.account.0, to: letter.to, details, expires_at }
    });
    sql::add_all(conn, mails.collect(), request.now).await
}

/// Posts the same news to each of these people, in the transaction of the act that they come from.
pub(crate) async fn post_news(
    conn: &mut PgConnection,
    request: &RequestContext,
    tenant: TenantId,
    news: &News,
    people: &[Mailed],
) -> Result<(), Error> {
    if people.is_empty() {
        return Ok(());
    }
    let mails = people.iter().map(|person| {
        let details = Details::News { name: person.name.clone(), news: news.clone() };
        let expires_at = details.expire_at(request.now);
        let id = request.portal().uuid(request.now);
        sql::NewMail { id, tenant: Some(tenant), subject: person.account.0, to: &person.email, details, expires_at }
    });
    sql::add_all(conn, mails.collect(), request.now).await
}

/// Posts many invitations at once, in the transaction of the act that they come from: into an organization, by its name,
/// by somebody's word and until some time.
pub(crate) async fn post_invitations(
    conn: &mut PgConnection,
    request: &RequestContext,
    (tenant, organization): (TenantId, &str),
    (invited_by, expires_at): (&str, OffsetDateTime),
    letters: &[Invited<'_>],
) -> Result<(), Error> {
    let mails = letters.iter().map(|letter| {
        let details = Details::Invitation {
            organization: organization.to_owned(),
            invited_by: invited_by.to_owned(),
            role: letter.role.to_owned(),
            expires_at: Some(expires_at),
        };
        let expires_at = details.expire_at(request.now);
        let id = request.portal().uuid(request.now);
        sql::NewMail { id, tenant: Some(tenant), subject: letter.invitation.0, to: letter.to, details, expires_at }
    });
    sql::add_all(conn, mails.collect(), request.now).await
}

/// Cancels what still waits to be written about a subject, or was given up. An act that ends the subject's links
/// cancels its mail before that: the one that is being written just now gets no link, or one that ends with the others.
pub(crate) async fn cancel(conn: &mut PgConnection, subject: Uuid) -> Result<(), Error> {
    sql::cancel(conn, subject).await
}

/// Adds a sign-in to the mail that tells an account's owner of one: false when none waits that was never tried yet.
pub(crate) async fn tell_of_another_device(conn: &mut PgConnection, account: AccountId) -> Result<bool, Error> {
    sql::tell_of_another_device(conn, account).await
}

/// As [`cancel`], for the mail with which an account would get another password.
pub(crate) async fn cancel_resets(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sql::cancel_resets(conn, account).await
}

/// How far the newest mail about each of these subjects has come.
pub(crate) async fn states(conn: &mut PgConnection, subjects: &[Uuid]) -> Result<HashMap<Uuid, MailState>, Error> {
    sql::states(conn, subjects).await
}
