//! What programs ask for with an API key: the use cases that stand on those of people.
//!
//! Each takes a [`Caller`](crate::callers::Caller), which is made in one place as an [`Access`](crate::Access) is, and
//! authorizes, reads or changes, and commits as any use case does. What people's use cases do as well is theirs, and called
//! from here.

mod answers;
mod audit;
mod gauges;
mod invitations;
mod members;
mod policy;
mod roles;

pub use answers::{Kept, NAME_MAX, Named, Turn, begin, judge, keep, release};
pub use audit::{Ingested, event, events, ingest};
pub(crate) use gauges::Gauges;
pub use gauges::{Shut, enter};
pub use invitations::{invitations, invite};
pub use members::{member, members};
pub use policy::{PolicyText, policy};
pub use roles::roles;

use time::OffsetDateTime;

use crate::error::Error;
use crate::store::TenantTx;

/// A part of a list, and the cursor behind which it goes on, if it does.
#[derive(Clone, Debug)]
pub struct Part<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next part begins.
    pub next: Option<String>,
}

/// Forgets some of what programs were answered, and of the ids of their events, when these are not kept any more: whether
/// there may be more.
pub(crate) async fn forget(tx: &mut TenantTx, now: OffsetDateTime) -> Result<bool, Error> {
    Ok(answers::forget(tx, now).await? | audit::forget(tx.conn(), now).await?)
}
