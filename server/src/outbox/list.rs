//! What waits in the outbox, as whoever runs the server reads it.

use domain::audit::{Action, Actor, Draft, Personal, Public};
use domain::ids::TenantId;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::sql;
use super::worker::{Composed, compose};
use crate::Portal;
use crate::error::Error;
use crate::request::RequestContext;

const READ: Action = Action::new("mail.read");

/// A mail that waits, as whoever runs the server may see it, with a link that works.
#[derive(Clone, Debug, Serialize)]
pub struct OutboxRow {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: String,
    /// The organization that it is about.
    pub tenant: Option<TenantId>,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// `waiting` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What the mail server said to the last attempt.
    pub last_error: Option<String>,
    /// When it was posted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// The mail that waits or was given up, newest first, at most 200, for whoever runs the server to read. Its links
/// open accounts and organizations, so that each mail that is read is on the platform's record before it is shown.
///
/// # Errors
/// The database does not answer.
pub async fn read(request: &RequestContext) -> Result<Vec<OutboxRow>, Error> {
    let mails = list(request.portal()).await?;
    if mails.is_empty() {
        return Ok(mails);
    }
    let entry = |mail: &OutboxRow| {
        Draft::done(READ, Actor::operator())
            .target("mail", mail.id, Personal(mail.to.clone()))
            .added("kind", Public(mail.kind.clone()))
            .within(request.audited())
    };
    let entries = mails.iter().map(entry).collect();
    request.portal().store().platform().await?.commit_all(request, entries).await?;
    Ok(mails)
}

/// The same without a record. Each listing mints links of its own; no page and no log ever shows one.
pub(crate) async fn list(portal: &Portal) -> Result<Vec<OutboxRow>, Error> {
    let mut tx = portal.store().platform().await?;
    let rows = sql::list(tx.conn(), portal.now()).await?;
    tx.end().await?;
    let mut mails = Vec::new();
    for row in rows {
        let Composed::Letter(mail) = compose(portal, &row.due).await? else { continue };
        mails.push(OutboxRow {
            id: row.due.id,
            kind: row.due.kind,
            tenant: row.due.tenant,
            to: row.due.recipient,
            subject: mail.subject,
            text: mail.text,
            state: row.state,
            attempts: row.due.attempts,
            last_error: row.last_error,
            created_at: row.created_at,
        });
    }
    Ok(mails)
}
