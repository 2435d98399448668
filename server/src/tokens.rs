//! Secrets that are handed out: in a mail, or as a link to copy. Only their hashes are stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::TenantId;
use domain::problem::Problem;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::Error;

/// What a secret is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Joining an organization; the subject is the invitation.
    Invitation,
    /// Confirming a sign-up; the subject is the registration.
    Registration,
    /// Choosing a new password; the subject is the account.
    Reset,
    /// Agreeing to another address, at the one of before; the subject is the change.
    PresentAddress,
    /// Agreeing to it at the new one; the subject is the change.
    NewAddress,
    /// Undoing what somebody else has done to an account; the subject is the notice that tells of it.
    NotMe,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Registration => "registration",
            Self::Reset => "reset",
            Self::PresentAddress => "present_address",
            Self::NewAddress => "new_address",
            Self::NotMe => "not_me",
        }
    }
}

/// How a secret gets to its person. Only mail shows that they read mail at the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// In a mail.
    Mail,
    /// As a link that somebody passes on.
    Link,
}

/// 256 random bits, as text for an address.
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The secret from an address; anything is taken, and what was never handed out is not found.
    pub(crate) fn from_address(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// A secret's row.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) subject: Uuid,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) channel: Channel,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) used_at: Option<OffsetDateTime>,
}

/// What a new secret is for.
pub(crate) struct NewToken {
    pub(crate) purpose: Purpose,
    pub(crate) subject: Uuid,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) channel: Channel,
    pub(crate) expires_at: OffsetDateTime,
}

/// Notes the hash of a secret.
pub(crate) async fn add(
    conn: &mut PgConnection,
    secret: &Secret,
    token: &NewToken,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let channel = if token.channel == Channel::Mail { "mail" } else { "link" };
    sqlx::query!(
        "INSERT INTO platform.tokens (hash, purpose, subject, tenant_id, channel, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &secret.hash(),
        token.purpose.code(),
        token.subject,
        token.tenant.map(|tenant| tenant.0),
        channel,
        now,
        token.expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The secret's row, used, expired or not.
pub(crate) async fn lookup(conn: &mut PgConnection, purpose: Purpose, secret: &Secret) -> Result<Option<Token>, Error> {
    let row = sqlx::query!(
        "SELECT subject, tenant_id, channel, created_at, expires_at, used_at FROM platform.tokens
         WHERE hash = $1 AND purpose = $2",
        &secret.hash(),
        purpose.code()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Token {
        subject: row.subject,
        tenant: row.tenant_id.map(TenantId),
        channel: if row.channel == "mail" { Channel::Mail } else { Channel::Link },
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
    }))
}

/// Uses the secret up, if that is still possible: true for one caller, however many try at once.
pub(crate) async fn consume(
    conn: &mut PgConnection,
    purpose: Purpose,
    secret: &Secret,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE platform.tokens SET used_at = $3
         WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
        &secret.hash(),
        purpose.code(),
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every secret for this purpose and subject.
pub(crate) async fn end_all(
    conn: &mut PgConnection,
    purpose: Purpose,
    subject: Uuid,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE platform.tokens SET used_at = $3 WHERE purpose = $1 AND subject = $2 AND used_at IS NULL",
        purpose.code(),
        subject,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The token, if it can be used now.
///
/// # Errors
/// Not found, used or expired.
pub(crate) fn judge(token: Option<Token>, now: OffsetDateTime) -> Result<Token, Error> {
    let token = token.ok_or(Problem::NotFound)?;
    if token.used_at.is_some() {
        return Err(Problem::LinkUsed.into());
    }
    if token.expires_at <= now {
        return Err(Problem::LinkExpired.into());
    }
    Ok(token)
}
