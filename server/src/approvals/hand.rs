//! What was granted: whoever has asked does it themselves, once, and is handed what comes of it.
//!
//! Nothing is taken from a form: what is done is what the request says. It is used up by one statement, in the transaction
//! of the act, so that two at once do it once; where the act does not come about, it can be used still.

use domain::approvals::{Change, Standing};
use domain::ids::ApprovalId;
use domain::problem::Problem;

use super::carry::came_about;
use super::{CARRIED_OUT, RequestView, may_view, sql};
use crate::access::Access;
use crate::api_keys::{self, Issued};
use crate::audit;
use crate::error::Error;
use crate::store::TenantTx;

/// What somebody is handed.
pub enum Handed {
    /// The ticket with which the file is read.
    Export(String),
    /// A key with its secret.
    Key(Issued),
}

/// Does what was granted to whoever asks, by what they may do and what the policy says now.
///
/// # Errors
/// Not found, also when it is somebody else's who may not be known; forbidden, when it is another's, or they may not do it
/// any more; a step-up is needed; it was used, or is over ([`Problem::Changed`]); what keeps the act from being done.
pub async fn hand_over(access: &Access, id: ApprovalId) -> Result<Handed, Error> {
    let asked = own(access, id).await?;
    if asked.standing != Standing::Granted {
        return Err(Problem::Changed.into());
    }
    access.require_fresh()?;
    if matches!(asked.change, Change::Export { .. }) {
        audit::require_to_export(access).await?;
    }
    let (tx, change) = use_up(access, &asked).await?;
    match change {
        Change::Export { format, query } => {
            Ok(Handed::Export(audit::begin_in(access, tx, (format, query), true).await?))
        }
        Change::Key { key } => Ok(Handed::Key(api_keys::create_granted(access, tx, *key).await?)),
        // Nobody is handed anything by these.
        _ => Err(Problem::Changed.into()),
    }
}

/// A request of whoever asks.
async fn own(access: &Access, id: ApprovalId) -> Result<RequestView, Error> {
    let mut tx = access.begin().await?;
    let asked = sql::lookup(tx.conn(), id, access.request().now).await?.ok_or(Problem::NotFound)?;
    tx.close();
    if asked.requested_by.0 == access.account() {
        return Ok(asked);
    }
    if !may_view(access) {
        return Err(Problem::NotFound.into());
    }
    Err(access.deny(CARRIED_OUT, "whoever has asked").await?)
}

/// Uses up what was granted: what it is, and the transaction in which it is done.
async fn use_up(access: &Access, asked: &RequestView) -> Result<(TenantTx, Change), Error> {
    let (request, me) = (access.request(), &access.visitor().account);
    let mut tx = access.begin().await?;
    let change = sql::use_up(tx.conn(), asked.id, me.id, request.now).await?.ok_or(Problem::Changed)?;
    // Where nobody has approved it, it was granted because its time had come.
    let has_waited = asked.runs_at.zip(asked.decided_at).is_some_and(|(at, decided)| decided >= at);
    let entry = came_about(&mut tx, (CARRIED_OUT, access.actor()), (asked, &me.name), has_waited).await?;
    tx.write_besides(entry.within(request.audited()));
    Ok((tx, change))
}
