//! Signed states of a log, to be kept where nobody who can write here can, and proofs that go with them.

use domain::audit::merkle;
use domain::audit::{Action, Checkpoint, ConsistencyProof, Draft, EntryProof, Frontier, Public};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use domain::webhooks::EventKind;
use time::OffsetDateTime;

use super::damage::signed;
use super::sql::{self, checkpoints, tree};
use super::{VIEWED, lookup_row};
use crate::Portal;
use crate::access::Access;
use crate::error::Error;
use crate::store::{TenantTx, Transact as _};
use crate::webhooks;

const TAKEN: Action = Action::new("audit.checkpoint_taken");
const PROVEN: Action = Action::new("audit.proof_taken");

/// A signed state of the log.
#[derive(Clone, Debug)]
pub struct CheckpointView {
    /// How many entries it had.
    pub size: u64,
    /// When that was.
    pub at: OffsetDateTime,
    /// The root of its tree.
    pub root: String,
    /// The signed note.
    pub note: String,
    /// Somebody has asked for it; the others come by the hour.
    pub on_demand: bool,
}

impl TryFrom<checkpoints::CheckpointRow> for CheckpointView {
    type Error = Error;

    fn try_from(row: checkpoints::CheckpointRow) -> Result<Self, Error> {
        let state = row.frontier()?;
        Ok(Self {
            size: state.size(),
            at: row.at,
            root: state.root().to_string(),
            note: row.note,
            on_demand: row.on_demand,
        })
    }
}

/// A page of the checkpoints, newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn checkpoints(access: &Access, cursor: Option<&Cursor>) -> Result<Page<CheckpointView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let mut tx = access.begin().await?;
    let (rows, total) = checkpoints::list(tx.conn(), cursor).await?;
    tx.close();
    let rows = rows.into_iter().map(CheckpointView::try_from).collect::<Result<_, _>>()?;
    let total = u64::try_from(total).unwrap_or(0);
    Ok(Page::assemble(rows, cursor, total, |row: &CheckpointView| (String::new(), row.size.to_string())))
}

/// Signs the log's present state and keeps it among the checkpoints: how many entries it has. That somebody asked for it is
/// an entry, and the last one that it covers.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn take_checkpoint(access: &Access) -> Result<u64, Error> {
    access.require(Permission::ViewAudit, TAKEN).await?;
    let entry = Draft::done(TAKEN, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .within(access.request().audited());
    access.begin().await?.commit(access.request(), entry).await?;
    let mut tx = access.administer().await?;
    let state = sql::head(tx.conn()).await?;
    keep(&mut tx, access.request().portal(), access.request().now, (&state, true)).await?;
    tx.keep().await?;
    Ok(state.size())
}

/// Signs a state of a log and keeps it among the checkpoints, in a transaction of the administrator's, and tells other
/// programs.
pub(super) async fn keep(
    tx: &mut TenantTx,
    portal: &Portal,
    now: OffsetDateTime,
    (state, on_demand): (&Frontier, bool),
) -> Result<String, Error> {
    let log = tx.log();
    let signer = portal.keys().signer(tx.conn(), log).await?;
    let note = Checkpoint::of(log, state).sign(&signer);
    if checkpoints::add(tx.conn(), state, &note, on_demand, now).await? {
        let data = webhooks::events::checkpoint(state, &note);
        webhooks::post(tx, portal, EventKind::AuditCheckpoint, data, now).await?;
    }
    Ok(note)
}

/// The note of the checkpoint of a size, and the key that verifies it.
///
/// # Errors
/// Forbidden; not found.
pub async fn checkpoint_note(access: &Access, size: u64) -> Result<(String, String), Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let mut tx = access.begin().await?;
    let row = checkpoints::lookup(tx.conn(), size).await?.ok_or(Problem::NotFound)?;
    let signer = access.request().keys().signer(tx.conn(), access.log()).await?;
    tx.close();
    Ok((row.note, signer.verifier().to_string()))
}

/// What shows that an entry is in the log, as a file that anybody can verify: the entry, what it discloses, the newest
/// checkpoint, and the hashes on the way from the one to the other.
///
/// # Errors
/// Forbidden; not found, also when it was taken away; the entry is damaged, so that nothing can be proven of it.
pub async fn proof(access: &Access, index: u64) -> Result<String, Error> {
    access.require(Permission::ViewAudit, PROVEN).await?;
    let log = access.log();
    let mut tx = access.begin().await?;
    let row = lookup_row(tx.conn(), index).await?;
    if row.is_archived() {
        // What it said is in the archive, which proves it.
        return Err(Problem::NotFound.into());
    }
    let signer = access.request().keys().signer(tx.conn(), log).await?;
    let newest = checkpoints::newest(tx.conn()).await?.filter(|newest| newest.size.unsigned_abs() > index);
    // What was not signed by this log proves nothing, whoever has stored it.
    let newest = newest.and_then(|newest| Some((signed(&newest, &signer.verifier())?, newest.note)));
    tx.close();
    let (state, note) = if let Some(newest) = newest {
        newest
    } else {
        let mut filling = access.administer().await?;
        let state = sql::head(filling.conn()).await?;
        // Whoever looks after the log holds what is filled first, too, and the checkpoint after it.
        fill(&mut filling, state.size()).await?;
        let note = keep(&mut filling, access.request().portal(), access.request().now, (&state, true)).await?;
        filling.keep().await?;
        (state, note)
    };
    fill_as_administrator(access, state.size()).await?;
    let mut tx = access.begin().await?;
    let path = tree::subtrees(tx.conn(), merkle::inclusion(index, state.size())).await?;
    let key = access.request().keys().data(tx.conn(), log).await?;
    let (canonical, openings) = row.disclose(&key, log)?;
    let proof = EntryProof::new(&canonical, openings, note, &signer.verifier(), path).map_err(Error::internal)?;
    // Nobody is given what does not hold.
    proof.verify(Some(&signer.verifier())).map_err(Error::internal)?;
    let entry = Draft::done(PROVEN, access.actor()).unnamed_target("entry", index).within(access.request().audited());
    tx.commit(access.request(), entry).await?;
    Ok(proof.to_json())
}

/// What shows that a later checkpoint continues an earlier one, as a file that anybody can verify.
///
/// # Errors
/// Forbidden; not found, also when the second is not the later one.
pub async fn consistency(access: &Access, from: u64, to: u64) -> Result<String, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    let mut tx = access.begin().await?;
    let earlier = checkpoints::lookup(tx.conn(), from).await?.ok_or(Problem::NotFound)?;
    let later = checkpoints::lookup(tx.conn(), to).await?.filter(|_| from <= to).ok_or(Problem::NotFound)?;
    tx.close();
    fill_as_administrator(access, to).await?;
    let mut tx = access.begin().await?;
    let path = tree::subtrees(tx.conn(), merkle::consistency(from, to)).await?;
    let signer = access.request().keys().signer(tx.conn(), access.log()).await?;
    tx.close();
    let proof = ConsistencyProof::new(earlier.note, later.note, &signer.verifier(), path);
    Ok(proof.to_json())
}

/// The state of the log when it had this size, by the stored hashes; none, where one of them is missing. Those of subtrees
/// are stored by now.
pub(super) async fn filled_state(tx: &mut TenantTx, size: u64) -> Result<Option<Frontier>, Error> {
    let peaks = tree::gaps(tx.conn(), &[(0, size)]).await?.pop().flatten();
    Ok(peaks.and_then(|peaks| Frontier::new(size, peaks)))
}

/// As [`fill`], some at a time, each in a transaction of its own: in between there is room for others.
pub(super) async fn fill_as_administrator(access: &Access, size: u64) -> Result<(), Error> {
    let size = sql::number(size)?;
    let mut more = true;
    while more {
        let mut tx = access.administer().await?;
        more = tree::fill(tx.conn(), size).await?;
        tx.keep().await?;
    }
    Ok(())
}

/// Stores what hashes of subtrees are missing of a log of this size, in a transaction of the administrator's.
pub(super) async fn fill(tx: &mut TenantTx, size: u64) -> Result<(), Error> {
    let size = sql::number(size)?;
    while tree::fill(tx.conn(), size).await? {}
    Ok(())
}
