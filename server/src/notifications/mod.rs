//! What people are told inside of the portal because it concerns them, and by mail if they like.
//!
//! An act tells of itself in its own transaction ([`add`]). What an account's security depends on is told by other mail,
//! whatever somebody has chosen here: see [`crate::notices`].

pub(crate) mod sql;

use domain::audit::{Action, Draft};
use domain::ids::{AccountId, NotificationId, TenantId};
use domain::notifications::{MailChoices, News, Topic};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::outbox;
use crate::request::RequestContext;
use crate::sessions::Visitor;

const MAIL_CHANGED: Action = Action::new("account.notifications_changed");

/// How long what was told is kept.
pub(crate) const KEPT: Duration = Duration::days(90);

/// A line of somebody's list.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What it says.
    pub news: News,
    /// Where it leads, if it leads anywhere.
    pub path: Option<String>,
    /// When it was told.
    pub created_at: OffsetDateTime,
    /// Whether it was read.
    pub read: bool,
}

/// Tells people what has happened in an organization, and those by mail, too, who want that. Runs in the transaction of
/// the act, in its platform's part, and leaves accounts out that are gone. Nobody is told what they did themselves: that
/// is the caller's to see to.
pub(crate) async fn add(
    conn: &mut PgConnection,
    request: &RequestContext,
    tenant: TenantId,
    to: &[AccountId],
    news: &News,
) -> Result<(), Error> {
    add_without_mail(conn, request, Some(tenant), to, news).await?;
    let Some(topic) = news.kind.topic() else { return Ok(()) };
    let people = sql::list_mailed(conn, to, topic).await?;
    outbox::post_news(conn, request, tenant, news, &people).await
}

/// As [`add`], for what other mail tells of.
pub(crate) async fn add_without_mail(
    conn: &mut PgConnection,
    request: &RequestContext,
    tenant: Option<TenantId>,
    to: &[AccountId],
    news: &News,
) -> Result<(), Error> {
    let ids: Vec<_> = to.iter().map(|_| request.portal().uuid(request.now)).collect();
    sql::add(conn, &ids, to, tenant, news, request.now).await
}

/// One page of what somebody was told, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn list(
    request: &RequestContext,
    visitor: &Visitor,
    cursor: Option<&Cursor>,
) -> Result<Page<Notification>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let total = sql::count(tx.conn(), visitor.account.id).await?;
    let rows = sql::list(tx.conn(), visitor.account.id, cursor).await?;
    tx.end().await?;
    Ok(Page::assemble(rows, cursor, total, |row| (sql::sort_value(row), row.id.to_string())))
}

/// Notes that somebody has read one of theirs: where it leads.
///
/// # Errors
/// Not found, when it is not theirs.
pub async fn open(request: &RequestContext, visitor: &Visitor, id: NotificationId) -> Result<Option<String>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let found = sql::lookup(tx.conn(), visitor.account.id, id).await?.ok_or(Problem::NotFound)?;
    sql::read(tx.conn(), visitor.account.id, id, request.now).await?;
    tx.end().await?;
    Ok(found.path)
}

/// Notes that somebody has read all that they were told until then.
///
/// # Errors
/// The database does not answer.
pub async fn read_all(request: &RequestContext, visitor: &Visitor, until: OffsetDateTime) -> Result<(), Error> {
    let mut tx = request.portal().store().platform().await?;
    sql::read_all(tx.conn(), visitor.account.id, until, request.now).await?;
    tx.end().await
}

/// Of what somebody gets mail.
///
/// # Errors
/// The database does not answer.
pub async fn mail_choices(request: &RequestContext, visitor: &Visitor) -> Result<MailChoices, Error> {
    let mut tx = request.portal().store().platform().await?;
    let choices = sql::mail_choices(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(choices)
}

/// Chooses of what one gets mail.
///
/// # Errors
/// The database does not answer.
pub async fn change_mail(request: &RequestContext, visitor: &Visitor, after: MailChoices) -> Result<(), Error> {
    let mut tx = request.portal().store().platform().await?;
    let before = sql::mail_choices(tx.conn(), visitor.account.id).await?;
    if before == after {
        return tx.end().await;
    }
    sql::change_mail(tx.conn(), visitor.account.id, after).await?;
    let word = |on| if on { "on" } else { "off" };
    let mut entry = Draft::done(MAIL_CHANGED, visitor.actor()).unnamed_target("account", visitor.account.id);
    for topic in Topic::ALL.iter().copied().filter(|topic| before.want(*topic) != after.want(*topic)) {
        entry = entry.changed(topic.code(), word(before.want(topic)), word(after.want(topic)));
    }
    tx.commit(request, entry.within(request.audited())).await
}
