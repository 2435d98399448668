//! What is done to members because of alerts, by whoever responds to these: the acts of this slice, by a rule of their own.

use domain::audit::Draft;
use domain::ids::AccountId;
use domain::members::{Member, MemberStatus};

use super::rules::{Locked, Wish};
use super::{put_end, put_end_with_keys, put_status};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// What is done to a member because of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// Ends their access for all sessions of now.
    EndSessions,
    /// The same, and takes the API keys back whose secret they have.
    EndAccess,
    /// Keeps them out.
    Suspend,
    /// Lets them in again.
    Resume,
}

impl Response {
    fn wish(self) -> Wish {
        match self {
            Self::EndSessions => Wish::EndSessions,
            Self::EndAccess => Wish::EndAccess,
            Self::Suspend => Wish::Status(MemberStatus::Suspended),
            Self::Resume => Wish::Status(MemberStatus::Active),
        }
    }
}

/// The member, locked, if whoever asks may do this to them because of an alert.
///
/// # Errors
/// Forbidden, which is not on record yet; not found; oneself; the last owner.
pub(crate) async fn judge_response(
    access: &Access,
    tx: &mut TenantTx,
    id: AccountId,
    response: Response,
) -> Result<Member, Error> {
    let locked = Locked::new(tx, &[access.account(), id]).await?;
    Ok(locked.judge_response(access.account(), id, response.wish())?)
}

/// Does it to a member who was judged in this transaction: the entries of it; none, when it is so already.
///
/// # Errors
/// A step-up is needed to let somebody in again who may do more than a plain member.
pub(crate) async fn respond(
    access: &Access,
    tx: &mut TenantTx,
    member: &Member,
    response: Response,
) -> Result<Vec<Draft>, Error> {
    let entry = match response {
        Response::EndAccess => return put_end_with_keys(access, tx, member).await,
        Response::EndSessions => Some(put_end(access, tx, member).await?),
        Response::Suspend => put_status(access, tx, member, MemberStatus::Suspended).await?,
        Response::Resume => put_status(access, tx, member, MemberStatus::Active).await?,
    };
    Ok(entry.into_iter().collect())
}
