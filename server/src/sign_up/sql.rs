//! Queries on sign-ups that wait for their confirmation.

use domain::accounts::SignUp;
use domain::email::EmailAddress;
use domain::text::{OrganizationName, PersonName};
use ipnet::IpNet;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::passwords::KeptPassword;
use crate::request::RequestContext;

pub(super) struct RegistrationRow {
    pub(super) name: PersonName,
    pub(super) email: EmailAddress,
    pub(super) password: KeptPassword,
    pub(super) organization: OrganizationName,
    pub(super) created_at: OffsetDateTime,
    pub(super) ip: Option<IpNet>,
    pub(super) device: Option<String>,
}

pub(super) async fn add(
    conn: &mut PgConnection,
    id: Uuid,
    sign_up: &SignUp,
    password: &KeptPassword,
    request: &RequestContext,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.registrations
             (id, email, name, password_hash, organization, created_at, expires_at, ip, device,
              password_length, password_score)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id,
        sign_up.email.as_str(),
        sign_up.name.as_str(),
        password.hash,
        sign_up.organization.as_str(),
        request.now,
        expires_at,
        request.ip.map(IpNet::from),
        request.device,
        password.length,
        password.score
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn lookup(conn: &mut PgConnection, id: Uuid) -> Result<Option<RegistrationRow>, Error> {
    let row = sqlx::query!(
        "SELECT email, name, password_hash, organization, created_at, ip, device, password_length, password_score
         FROM platform.registrations WHERE id = $1",
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| RegistrationRow {
        name: PersonName::stored(row.name),
        email: EmailAddress::stored(row.email),
        password: KeptPassword { hash: row.password_hash, length: row.password_length, score: row.password_score },
        organization: OrganizationName::stored(row.organization),
        created_at: row.created_at,
        ip: row.ip,
        device: row.device,
    }))
}

/// Whether a sign-up waits, and its address for somebody to prove it.
pub(super) async fn is_open(conn: &mut PgConnection, id: Uuid) -> Result<bool, Error> {
    let open = sqlx::query_scalar!(
        r#"SELECT true AS "open!" FROM platform.registrations r WHERE id = $1 AND NOT EXISTS
               (SELECT FROM platform.accounts a WHERE a.email = r.email AND a.email_proven_at IS NOT NULL)"#,
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(open.is_some())
}

/// Takes a sign-up away, and locks it: true for one caller, however many try at once.
pub(super) async fn remove(conn: &mut PgConnection, id: Uuid) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM platform.registrations WHERE id = $1", id).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}
