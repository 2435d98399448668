//! Importing a batch of lines: members get another role as by any other job, everybody else is invited.

use domain::audit::Draft;

use crate::error::Error;
use crate::invitations;
use crate::jobs::{Pending, Settled, Work};
use crate::members::bulk;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

/// Does some lines of a file: what became of them, and the entries about it.
pub(crate) async fn work(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    rows: Vec<Pending>,
) -> Result<(Vec<Settled>, Vec<Draft>), Error> {
    let (members, strangers): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.member.is_some());
    let (mut settled, mut entries) = bulk::work(request, tenant, tx, job, &members).await?;
    if !strangers.is_empty() {
        let (more, written) = invitations::invite_all(request, tenant, tx, job, &strangers).await?;
        settled.extend(more);
        entries.extend(written);
    }
    Ok((settled, entries))
}
