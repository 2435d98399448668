//! What messages are signed with: sealed with the organization's key, shown on demand, and rotated.

use domain::audit::{Action, LogId};
use domain::ids::EndpointId;
use domain::webhooks::{SECRET_BYTES, SigningSecret};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::{begin, entry, sql};
use crate::access::Access;
use crate::edges::Randomness;
use crate::error::Error;
use crate::keys::{Sealable, Sealed, SealingKey};
use crate::store::Transact as _;

const ROTATED: Action = Action::new("webhook.secret_rotated");
const REVEALED: Action = Action::new("webhook.secret_revealed");

/// How long messages are signed with the secret of before, too.
pub const OVERLAP: Duration = Duration::hours(24);

/// The bytes of a secret, in their column.
macro_rules! column {
    ($(#[$doc:meta])* $type:ident, $column:literal) => {
        $(#[$doc])*
        pub(super) struct $type(Zeroizing<Vec<u8>>);

        impl From<&[u8]> for $type {
            fn from(bytes: &[u8]) -> Self {
                Self(Zeroizing::new(bytes.to_vec()))
            }
        }

        impl $type {
            /// What signs with it.
            pub(super) fn signer(&self) -> Result<SigningSecret, Error> {
                SigningSecret::from_bytes(&self.0).map_err(Error::internal)
            }
        }

        impl Sealable for $type {
            const TABLE: &'static str = "webhook_endpoints";
            const COLUMN: &'static str = $column;

            fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
                Ok(self.0.clone())
            }

            fn from_plain(plain: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
                Ok(Self(plain))
            }
        }
    };
}

column!(
    /// What messages are signed with.
    Secret,
    "secret"
);
column!(
    /// What they were signed with before.
    Former,
    "former_secret"
);

/// Seals a secret of an endpoint.
pub(super) fn seal<T: Sealable + for<'a> From<&'a [u8]>>(
    access: &Access,
    key: &SealingKey,
    id: EndpointId,
    bytes: &[u8],
) -> Result<Sealed<T>, Error> {
    Sealed::new(key, access.log(), &id, &T::from(bytes), access.request().randomness())
}

/// Seals the secrets of all endpoints anew for a copy of the organization, and has none of them sent anything: whoever is
/// told by the original would be told by the copy, too. The key seals the data of both; the search path is the copy's.
pub(crate) async fn copy(
    conn: &mut PgConnection,
    key: &SealingKey,
    (from, to): (LogId, LogId),
    randomness: &dyn Randomness,
    now: OffsetDateTime,
) -> Result<(), Error> {
    for (id, secret, former) in sql::all_secrets(conn).await? {
        let secret = Sealed::new(key, to, &id, &secret.open(key, from, &id)?, randomness)?;
        let former = match former {
            Some(former) => Some(Sealed::new(key, to, &id, &former.open(key, from, &id)?, randomness)?),
            None => None,
        };
        sql::replace_secrets(conn, id, &secret, former.as_ref()).await?;
    }
    sql::disable_all(conn, now).await
}

/// What somebody needs to verify messages.
pub struct Revealed {
    /// The secret of now.
    pub secret: Zeroizing<String>,
    /// The one of before, and until when messages are signed with it, too.
    pub former: Option<(Zeroizing<String>, OffsetDateTime)>,
}

/// Shows what messages are signed with. That somebody has seen it is on record before they do.
///
/// # Errors
/// Forbidden; not found; a step-up is needed.
pub async fn reveal(access: &Access, id: EndpointId) -> Result<Revealed, Error> {
    let (mut tx, endpoint) = begin(access, id, REVEALED).await?;
    access.require_fresh()?;
    let (log, now) = (access.log(), access.request().now);
    let key = access.request().keys().data(tx.conn(), log).await?;
    let stored = sql::secrets(tx.conn(), id).await?;
    let secret = stored.secret.open(&key, log, &id)?.signer()?.reveal();
    let former = match stored.former.filter(|(_, until)| now < *until) {
        Some((sealed, until)) => Some((sealed.open(&key, log, &id)?.signer()?.reveal(), until)),
        None => None,
    };
    tx.commit(access.request(), entry(access, REVEALED, &endpoint)).await?;
    Ok(Revealed { secret, former })
}

/// Makes another secret. For a day messages carry two signatures, one of each, so that receivers can change over; a secret
/// of before that ends at once.
///
/// # Errors
/// As [`reveal`].
pub async fn rotate(access: &Access, id: EndpointId) -> Result<Zeroizing<String>, Error> {
    let (mut tx, endpoint) = begin(access, id, ROTATED).await?;
    access.require_fresh()?;
    let request = access.request();
    let key = request.keys().data(tx.conn(), access.log()).await?;
    let before = sql::secrets(tx.conn(), id).await?.secret.open(&key, access.log(), &id)?.signer()?;
    let secret = SigningSecret::new(&request.portal().random::<SECRET_BYTES>());
    let sealed = seal::<Secret>(access, &key, id, secret.as_bytes())?;
    let former = seal::<Former>(access, &key, id, before.as_bytes())?;
    sql::rotate(tx.conn(), id, &sealed, (&former, request.now + OVERLAP)).await?;
    tx.commit(request, entry(access, ROTATED, &endpoint)).await?;
    Ok(secret.reveal())
}
