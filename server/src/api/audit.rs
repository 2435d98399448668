//! The organization's trail, as programs read it and add to it.

use std::collections::{HashMap, HashSet};

use domain::audit::{AuditQuery, SERVICE_EVENT, ServiceEvent};
use domain::fields::{FieldErrors, FieldProblem};
use domain::roles::Permission;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::Part;
use super::answers::hash;
use crate::access::note_read;
use crate::audit::{self, EntryView, VIEWED};
use crate::callers::Caller;
use crate::error::Error;

/// How long an event may be sent again without being another.
const REMEMBERED: Duration = Duration::days(30);
/// How many of those that are older are forgotten at a time.
const SWEPT: i64 = 1_000;

/// What became of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// So many are in the trail now.
    pub recorded: usize,
    /// So many were there before.
    pub duplicates: usize,
}

/// Adds events of a service to the trail: all of them, or none. Those that it has are left out.
///
/// # Errors
/// Forbidden; what is wrong with them, by their places, also when another event has the id of one; the database does not
/// answer.
pub async fn ingest(caller: &Caller, events: &[ServiceEvent]) -> Result<Ingested, Error> {
    caller.require(Permission::IngestAudit, SERVICE_EVENT).await?;
    ServiceEvent::judge_all(events)?;
    let request = caller.request();
    let digests = events.iter().map(digest).collect::<Result<Vec<_>, Error>>()?;
    let mut tx = caller.begin().await?;
    forget(tx.conn(), request.now).await?;
    let fresh = remember(tx.conn(), events, &digests, request.now).await?;
    let known = if fresh.len() < events.len() { recall(tx.conn(), events).await? } else { HashMap::new() };
    let mut errors = FieldErrors::default();
    for (place, (event, digest)) in events.iter().zip(&digests).enumerate() {
        let is_another = known.get(&event.id).is_some_and(|kept| kept[..] != digest[..]);
        if is_another && !fresh.contains(&event.id) {
            errors.add(&format!("events/{place}/id"), FieldProblem::Taken);
        }
    }
    if !errors.is_empty() {
        tx.close();
        return Err(errors.into());
    }
    let new = events.iter().filter(|event| fresh.contains(&event.id));
    let entries: Vec<_> = new.map(|event| event.draft(caller.actor()).within(request.audited())).collect();
    let recorded = entries.len();
    tx.commit_all(request, entries).await?;
    Ok(Ingested { recorded, duplicates: events.len() - recorded })
}

/// All that an event says.
fn digest(event: &ServiceEvent) -> Result<Vec<u8>, Error> {
    let text = serde_json::to_vec(event).map_err(Error::internal)?;
    Ok(hash(&[&text]).to_vec())
}

/// Notes ids that nobody has used, in one order for everybody: which these are.
async fn remember(
    conn: &mut PgConnection,
    events: &[ServiceEvent],
    digests: &[Vec<u8>],
    now: OffsetDateTime,
) -> Result<HashSet<String>, Error> {
    let ids = sqlx::query_scalar!(
        "INSERT INTO service_events (id, digest, at)
         SELECT id, digest, $3::timestamptz FROM unnest($1::text[], $2::bytea[]) AS event (id, digest) ORDER BY id
         ON CONFLICT (id) DO NOTHING RETURNING id",
        &events.iter().map(|event| event.id.clone()).collect::<Vec<_>>(),
        digests,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().collect())
}

/// What those of these ids say that somebody has used.
async fn recall(conn: &mut PgConnection, events: &[ServiceEvent]) -> Result<HashMap<String, Vec<u8>>, Error> {
    let ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
    let rows = sqlx::query!("SELECT id, digest FROM service_events WHERE id = ANY($1)", &ids).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.digest)).collect())
}

/// Forgets some ids that were used long ago: whether there may be more.
pub(super) async fn forget(conn: &mut PgConnection, now: OffsetDateTime) -> Result<bool, Error> {
    let gone = sqlx::query!(
        "DELETE FROM service_events WHERE id IN
             (SELECT id FROM service_events WHERE at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now - REMEMBERED,
        SWEPT
    )
    .execute(conn)
    .await?;
    Ok(gone.rows_affected() >= SWEPT.unsigned_abs())
}

/// So many of the entries that are asked for, newest first.
///
/// # Errors
/// Forbidden; the search takes too long; the database does not answer.
pub async fn events(caller: &Caller, query: &AuditQuery, most: usize) -> Result<Part<EntryView>, Error> {
    caller.require(Permission::ViewAudit, VIEWED).await?;
    note_read(caller, VIEWED, "organization", caller.tenant()).await?;
    let (rows, next) = audit::find(caller, query, most).await?;
    Ok(Part { rows, next })
}

/// One entry.
///
/// # Errors
/// Forbidden; not found.
pub async fn event(caller: &Caller, index: u64) -> Result<EntryView, Error> {
    caller.require(Permission::ViewAudit, VIEWED).await?;
    note_read(caller, VIEWED, "organization", caller.tenant()).await?;
    audit::lookup(caller, index).await
}
