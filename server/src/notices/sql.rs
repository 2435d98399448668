//! Queries on notices and known devices.

use domain::ids::AccountId;
use domain::notices::Event;
use ipnet::IpNet;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Factor, Notice};
use crate::error::Error;
use crate::request::RequestContext;

/// Name and address of an account's owner, if somebody has shown to read mail there.
pub(super) async fn reader(conn: &mut PgConnection, account: AccountId) -> Result<Option<(String, String)>, Error> {
    let row = sqlx::query!(
        "SELECT name, email FROM platform.accounts WHERE id = $1 AND email_proven_at IS NOT NULL",
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.name, row.email)))
}

/// How often an account was told of something like this since then.
pub(super) async fn count(
    conn: &mut PgConnection,
    account: AccountId,
    event: Event,
    since: OffsetDateTime,
) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM platform.notices WHERE account_id = $1 AND kind = $2 AND at > $3"#,
        account.0,
        event.code(),
        since
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// A notice to be.
pub(super) struct NewNotice<'a> {
    pub(super) id: Uuid,
    pub(super) account: AccountId,
    pub(super) event: Event,
    pub(super) factor: Option<Factor<'a>>,
    pub(super) device_hash: Option<&'a [u8]>,
    pub(super) former_email: Option<&'a str>,
}

impl NewNotice<'_> {
    /// One that says nothing but what it is about.
    pub(super) fn new(id: Uuid, account: AccountId, event: Event) -> Self {
        Self { id, account, event, factor: None, device_hash: None, former_email: None }
    }
}

/// Adds one, and where and with what it was, if that is the owner's business.
pub(super) async fn add(
    conn: &mut PgConnection,
    notice: NewNotice<'_>,
    at: OffsetDateTime,
    origin: Option<&RequestContext>,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.notices
             (id, account_id, kind, factor_id, factor_name, at, ip, device, device_hash, former_email)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        notice.id,
        notice.account.0,
        notice.event.code(),
        notice.factor.map(|(id, _)| id),
        notice.factor.map(|(_, name)| name),
        at,
        origin.and_then(|origin| origin.ip).map(IpNet::from),
        origin.and_then(|origin| origin.device.as_deref()),
        notice.device_hash,
        notice.former_email
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn lookup(conn: &mut PgConnection, id: Uuid) -> Result<Option<Notice>, Error> {
    let row = sqlx::query!(
        "SELECT account_id, kind, factor_name, at, ip, device, device_hash, former_email
         FROM platform.notices WHERE id = $1",
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| {
        Some(Notice {
            id,
            account: AccountId(row.account_id),
            device_hash: row.device_hash,
            event: Event::from_code(&row.kind)?,
            factor_name: row.factor_name,
            at: row.at,
            ip: row.ip.map(|ip| ip.addr().to_string()),
            device: row.device,
            former_email: row.former_email,
            takes: Vec::new(),
            takes_codes: false,
            drops_change: false,
        })
    }))
}

/// Ends the links of an account's notices, and the mail that would bring more. Those that give back an address which it
/// had before stay, unless they end, too. The account is locked.
pub(crate) async fn end_all(
    conn: &mut PgConnection,
    account: AccountId,
    and_of_addresses: bool,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.outbox SET state = 'cancelled', details = '{}'
         WHERE state IN ('waiting', 'failed') AND subject IN
             (SELECT id FROM platform.notices WHERE account_id = $1 AND ($2 OR former_email IS NULL))",
        account.0,
        and_of_addresses
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE platform.tokens SET used_at = $3
         WHERE used_at IS NULL AND subject IN
             (SELECT id FROM platform.notices WHERE account_id = $1 AND ($2 OR former_email IS NULL))",
        account.0,
        and_of_addresses,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what an account's former owner was told, with mail and links, and where they were: it changes hands.
pub(crate) async fn remove_all(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM platform.outbox WHERE subject IN (SELECT id FROM platform.notices WHERE account_id = $1)",
        account.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "DELETE FROM platform.tokens WHERE subject IN (SELECT id FROM platform.notices WHERE account_id = $1)",
        account.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("DELETE FROM platform.notices WHERE account_id = $1", account.0).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM platform.known_devices WHERE account_id = $1", account.0).execute(conn).await?;
    Ok(())
}

/// Notes that a device is in use: false when the account does not know it.
pub(super) async fn note_use(
    conn: &mut PgConnection,
    account: AccountId,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.known_devices SET last_used_at = $3 WHERE account_id = $1 AND hash = $2 AND NOT disowned",
        account.0,
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an account knows any device.
pub(super) async fn knows_any(conn: &mut PgConnection, account: AccountId) -> Result<bool, Error> {
    let knows = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM platform.known_devices WHERE account_id = $1) AS "knows!""#,
        account.0
    )
    .fetch_one(conn)
    .await?;
    Ok(knows)
}

/// Lets an account know a device: true for one caller, however many do at once.
pub(super) async fn add_device(
    conn: &mut PgConnection,
    account: AccountId,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO platform.known_devices (account_id, hash, first_used_at, last_used_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (account_id, hash) DO UPDATE
             SET first_used_at = excluded.first_used_at, last_used_at = excluded.last_used_at, disowned = false
             WHERE known_devices.disowned",
        account.0,
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes a device of an account new again, and all that it has known only since then.
pub(super) async fn disown_devices(
    conn: &mut PgConnection,
    account: AccountId,
    hash: Option<&[u8]>,
    since: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.known_devices SET disowned = true
         WHERE account_id = $1 AND (hash = $2 OR first_used_at >= $3)",
        account.0,
        hash,
        since
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets all devices of an account but those that were used last.
pub(super) async fn remove_oldest(conn: &mut PgConnection, account: AccountId, but: i64) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM platform.known_devices WHERE account_id = $1 AND hash IN
             (SELECT hash FROM platform.known_devices WHERE account_id = $1 ORDER BY last_used_at DESC, hash OFFSET $2)",
        account.0,
        but
    )
    .execute(conn)
    .await?;
    Ok(())
}
