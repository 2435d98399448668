//! Queries on sign-ups that wait for their confirmation.

use domain::accounts::SignUp;
use domain::email::EmailAddress;
use domain::text::{OrganizationName, PersonName};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

pub(super) struct RegistrationRow {
    pub(super) name: PersonName,
    pub(super) email: EmailAddress,
    pub(super) password_hash: String,
    pub(super) organization: OrganizationName,
}

pub(super) async fn add(
    conn: &mut PgConnection,
    id: Uuid,
    sign_up: &SignUp,
    password_hash: &str,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.registrations (id, email, name, password_hash, organization, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        sign_up.email.as_str(),
        sign_up.name.as_str(),
        password_hash,
        sign_up.organization.as_str(),
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn lookup(conn: &mut PgConnection, id: Uuid) -> Result<Option<RegistrationRow>, Error> {
    let row =
        sqlx::query!("SELECT email, name, password_hash, organization FROM platform.registrations WHERE id = $1", id)
            .fetch_optional(conn)
            .await?;
    let broken = |_| Error::internal("a registration's row does not parse");
    row.map(|row| {
        Ok(RegistrationRow {
            name: PersonName::parse(&row.name).map_err(broken)?,
            email: EmailAddress::parse(&row.email).map_err(broken)?,
            password_hash: row.password_hash,
            organization: OrganizationName::parse(&row.organization).map_err(broken)?,
        })
    })
    .transpose()
}

pub(super) async fn remove(conn: &mut PgConnection, id: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.registrations WHERE id = $1", id).execute(conn).await?;
    Ok(())
}
