//! Queries on who gets checkpoints by mail.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// Who gets them, how often, and when they got the last one.
pub(in crate::audit) struct Settings {
    pub(in crate::audit) readers: Vec<Uuid>,
    pub(in crate::audit) hours: i32,
    pub(in crate::audit) sent_at: Option<OffsetDateTime>,
}

/// A member who gets them.
pub(in crate::audit) struct Reader {
    pub(in crate::audit) account: Uuid,
    pub(in crate::audit) name: String,
    pub(in crate::audit) email: String,
}

/// How it is set.
pub(in crate::audit) async fn lookup(conn: &mut PgConnection) -> Result<Settings, Error> {
    let set = sqlx::query_as!(Settings, "SELECT readers, hours, sent_at FROM checkpoint_mail WHERE id = 1");
    Ok(set.fetch_one(conn).await?)
}

/// The same, which nobody else changes until this transaction ends.
pub(in crate::audit) async fn lock(conn: &mut PgConnection) -> Result<Settings, Error> {
    let set = sqlx::query_as!(Settings, "SELECT readers, hours, sent_at FROM checkpoint_mail WHERE id = 1 FOR UPDATE");
    Ok(set.fetch_one(conn).await?)
}

/// The active members among these accounts, by name.
pub(in crate::audit) async fn readers(conn: &mut PgConnection, of: &[Uuid]) -> Result<Vec<Reader>, Error> {
    let rows = sqlx::query_as!(
        Reader,
        r#"SELECT account_id AS account, name, email FROM members WHERE account_id = ANY($1) AND status = 'active'
           ORDER BY name COLLATE "und-x-icu", account_id"#,
        of
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The active members of these addresses.
pub(in crate::audit) async fn find(conn: &mut PgConnection, emails: &[String]) -> Result<Vec<Reader>, Error> {
    let rows = sqlx::query_as!(
        Reader,
        r#"SELECT account_id AS account, name, email FROM members WHERE email = ANY($1) AND status = 'active'
           ORDER BY name COLLATE "und-x-icu", account_id"#,
        emails
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Sets it otherwise. Whoever is new gets the next one.
pub(in crate::audit) async fn change(conn: &mut PgConnection, readers: &[Uuid], hours: i32) -> Result<(), Error> {
    sqlx::query!("UPDATE checkpoint_mail SET readers = $1, hours = $2, sent_at = NULL WHERE id = 1", readers, hours)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that one is sent.
pub(in crate::audit) async fn note_sent(conn: &mut PgConnection, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE checkpoint_mail SET sent_at = $1 WHERE id = 1", at).execute(conn).await?;
    Ok(())
}
