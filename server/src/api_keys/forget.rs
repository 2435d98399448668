//! Forgetting keys that are over: by the administrator, whose alone it is to take something away. Entries about them stay.

use time::{Duration, OffsetDateTime};

use super::sql;
use crate::error::Error;
use crate::store::TenantTx;

/// For how long a key is shown that was revoked, or whose time is over.
const KEPT: Duration = Duration::days(400);

/// Forgets some of the keys that have been over for long: whether there may be more.
pub(crate) async fn forget(tx: &mut TenantTx, now: OffsetDateTime) -> Result<bool, Error> {
    sql::forget(tx.conn(), now - KEPT).await
}
