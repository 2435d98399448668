//! Taking away what an account's owner knows nothing of.

use domain::audit::Action;
use domain::ids::{AccountId, AuthenticatorId, PasskeyId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{authenticators, passkeys, recovery, sql};
use crate::error::Error;

/// Something that somebody signs in with besides the password, as its owner calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFactor {
    id: Id,
    /// Its name.
    pub name: String,
    /// When it was added.
    pub added_at: OffsetDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id {
    Authenticator(AuthenticatorId),
    Passkey(PasskeyId),
}

impl NamedFactor {
    /// What it is, as people call it.
    pub fn kind(&self) -> &'static str {
        match self.id {
            Id::Authenticator(_) => "authenticator app",
            Id::Passkey(_) => "passkey",
        }
    }

    /// How an audit entry tells that it was removed: the action, and what it is called there.
    pub(crate) fn removal(&self) -> (Action, &'static str, String) {
        match self.id {
            Id::Authenticator(id) => (authenticators::REMOVED, "authenticator", id.to_string()),
            Id::Passkey(id) => (passkeys::REMOVED, "passkey", id.to_string()),
        }
    }
}

/// All that an account has.
pub(crate) async fn list_all(conn: &mut PgConnection, account: AccountId) -> Result<Vec<NamedFactor>, Error> {
    let apps = sql::list(conn, account).await?.into_iter();
    let apps =
        apps.map(|app| NamedFactor { id: Id::Authenticator(app.id), name: app.name, added_at: app.confirmed_at });
    let keys = passkeys::list_of(conn, account).await?.into_iter();
    let keys = keys.map(|key| NamedFactor { id: Id::Passkey(key.id), name: key.name, added_at: key.added_at });
    Ok(apps.chain(keys).collect())
}

/// Takes these away, and with the last one the recovery codes.
pub(crate) async fn take_away(
    conn: &mut PgConnection,
    account: AccountId,
    factors: &[NamedFactor],
) -> Result<(), Error> {
    for factor in factors {
        match factor.id {
            Id::Authenticator(id) => sql::remove(conn, account, id).await?,
            Id::Passkey(id) => passkeys::remove_of(conn, account, id).await?,
        };
    }
    recovery::remove_with_last_factor(conn, account).await
}
