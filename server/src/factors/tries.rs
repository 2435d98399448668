//! How many codes somebody may try.
//!
//! They are counted in the database and by account: neither a restart nor another address or session forgives
//! one. The account's row is locked while they are counted, so that a hundred at once are not a hundred free ones.

use domain::audit::{Action, Draft};
use domain::detections::WRONG_CODES;
use domain::problem::Problem;
use time::Duration;
use uuid::Uuid;

use super::{Door, sql};
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::PlatformTx;

const LIMITED: Action = Action::new("code.limited");

/// So many wrong codes in so much time, by the shorter time first.
const LIMITS: [(Duration, i64); 2] = [(Duration::minutes(15), WRONG_CODES as i64), (Duration::DAY, 20)];

/// For how long tries are of interest.
pub(crate) const REMEMBERED: Duration = LIMITS[1].0;

/// A try at a code, noted before anybody looks at it, and the transaction in which that is judged.
pub(super) struct Attempt<'a> {
    request: &'a RequestContext,
    door: &'a Door,
    id: Uuid,
    /// The account is locked in it.
    pub(super) tx: PlatformTx,
}

impl<'a> Attempt<'a> {
    /// Begins one.
    ///
    /// # Errors
    /// Too many tries, of which the first in a while leaves an entry.
    pub(super) async fn begin(request: &'a RequestContext, door: &'a Door) -> Result<Self, Error> {
        let id = count(request, door).await?;
        let mut tx = request.portal().store().platform().await?;
        // The account first, here as everywhere: two that lock in different orders would wait for each other.
        sql::lock_account(tx.conn(), door.account).await?;
        Ok(Self { request, door, id, tx })
    }

    /// What a right code has opened, in the transaction in which it was spent, and the try is taken back: if the act that
    /// goes on there fails, the code is still good.
    ///
    /// # Errors
    /// It was not right, at this field; an entry tells of it.
    pub(super) async fn judge<T>(mut self, field: &'static str, right: Option<T>) -> Result<(PlatformTx, T), Error> {
        if let Some(right) = right {
            sql::remove_try(self.tx.conn(), self.id).await?;
            Ok((self.tx, right))
        } else {
            self.tx.end().await?;
            Err(self.door.refuse(self.request, field).await?)
        }
    }
}

/// Notes a try. Returns its id, to take it back if the code is right.
async fn count(request: &RequestContext, door: &Door) -> Result<Uuid, Error> {
    let portal = request.portal();
    let mut tx = portal.store().platform().await?;
    let id = portal.uuid(request.now);
    sql::lock_account(tx.conn(), door.account).await?;
    for (window, most) in LIMITS {
        let tries = sql::count_tries(tx.conn(), door.account, request.now - window).await?;
        if tries.counted < most {
            continue;
        }
        let left = tries.oldest.map_or(window, |oldest| oldest + window - request.now);
        if tries.refused {
            tx.end().await?;
        } else {
            sql::add_try(tx.conn(), id, door.account, request.now, true).await?;
            let entry = Draft::denied(LIMITED, door.actor.clone())
                .unnamed_target("account", door.account)
                .within(request.audited());
            tx.commit(request, entry).await?;
        }
        return Err(Problem::TooMany { minutes: minutes(left) }.into());
    }
    sql::add_try(tx.conn(), id, door.account, request.now, false).await?;
    tx.end().await?;
    Ok(id)
}

/// A time in minutes, none of which is said to be over before it is.
fn minutes(time: Duration) -> u16 {
    u16::try_from((time.whole_seconds() + 59) / 60).unwrap_or(u16::MAX).max(1)
}
