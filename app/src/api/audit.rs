//! The audit trail: reading it, and adding what happens in services.

use axum::extract::{OriginalUri, Path};
use axum::http::{HeaderMap, StatusCode};
use domain::audit::{AuditQuery, ServiceEvent};
use domain::paging::Cursor;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};
use server::api::{self, Ingested};
use server::audit::{Damage, EntryView};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{Answer, json, once, tagged, write};
use super::document::{Reading, Writing};
use super::gate::Program;
use super::problem::Refused;
use super::sent::{Asked, Sent, wrong};

/// Events that come together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceEvents {
    /// The events: all of them are added, or none.
    events: Vec<ServiceEvent>,
}

/// What became of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct IngestedEvents {
    /// So many are in the trail now.
    recorded: usize,
    /// So many were there before.
    duplicates: usize,
}

/// An entry of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its place in the trail, counted from zero without gaps.
    index: u64,
    /// When it was written.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// What was done, such as `member.role_changed`; `service.event`, if a service tells of it.
    action: String,
    /// `done`, `denied` or `failed`.
    outcome: &'static str,
    /// Who did it.
    actor: AuditActor,
    /// What it was done to.
    target: AuditTarget,
    /// What is different now.
    changes: Vec<AuditChange>,
    /// Why.
    reason: Option<String>,
    /// The address that it came from.
    address: Option<String>,
    /// The id of the request.
    request_id: Option<String>,
    /// Its hash in the trail’s tree.
    leaf: String,
    /// What is wrong with it as it is stored: `entry` or `values`.
    damage: Option<&'static str>,
    /// What it said was moved into the archive.
    archived: bool,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    /// In which capacity: `person`, `key`, `system` or `operator`.
    kind: &'static str,
    /// Their id.
    id: Option<Uuid>,
    /// Their name at that time.
    name: Option<String>,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditTarget {
    /// What kind of thing it is.
    kind: String,
    /// Its id.
    id: String,
    /// Its name at that time.
    name: Option<String>,
}

/// A field that is different.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditChange {
    /// The field.
    field: String,
    /// Its value before.
    before: Option<String>,
    /// Its value now.
    after: Option<String>,
}

/// A part of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvents {
    /// The entries, the newest first.
    items: Vec<AuditEvent>,
    /// Sent as the parameter `next`, it brings what is older; there is none at the beginning of the trail. A part may be
    /// empty and have one: then so much was looked through.
    next: Option<String>,
}

impl From<EntryView> for AuditEvent {
    fn from(entry: EntryView) -> Self {
        let change = |(field, before, after)| AuditChange { field, before, after };
        Self {
            index: entry.index,
            at: entry.at,
            action: entry.action,
            outcome: entry.outcome.code(),
            actor: AuditActor { kind: entry.actor_kind.code(), id: entry.actor.map(|id| id.0), name: entry.actor_name },
            target: AuditTarget { kind: entry.target_kind, id: entry.target, name: entry.target_name },
            changes: entry.changes.into_iter().map(change).collect(),
            reason: entry.reason,
            address: entry.ip,
            request_id: entry.request_id,
            leaf: entry.leaf,
            damage: entry.damage.map(damage),
            archived: entry.archived,
        }
    }
}

/// What can be wrong with an entry.
pub(super) const DAMAGES: [Damage; 2] = [Damage::Entry, Damage::Values];

/// What is wrong with one, as programs are told.
pub(super) const fn damage(damage: Damage) -> &'static str {
    match damage {
        Damage::Entry => "entry",
        Damage::Values => "values",
    }
}

/// Adds events.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    post,
    path = "/api/v1/audit/events",
    tag = "Audit trail",
    summary = "Add what happened in a service",
    description = "The events become entries of the organization’s own trail, by the key, and are verified with it. An event whose `id` came within the last 30 days is not added again; another one with its id is an error. What they say of people is sealed.",
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for the request: sent again with it within a day, it is answered the same.")),
    request_body = ServiceEvents,
    responses((status = 200, description = "What became of them.", body = IngestedEvents, headers(("Idempotency-Replayed" = String, description = "`true`, where a former request with this name was answered so."))), Writing),
    security(("key" = ["audit.ingest"]))
)]
pub async fn ingest(
    Program(caller): Program,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    sent: Sent<ServiceEvents>,
) -> Answer {
    let events = &sent.value.events;
    let act = || async {
        let Ingested { recorded, duplicates } = api::ingest(&caller, events).await?;
        write(&IngestedEvents { recorded, duplicates })
    };
    once(&caller, &headers, (uri.path(), &sent.bytes), Permission::IngestAudit, StatusCode::OK, act).await
}

/// Looks for entries.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/audit/events",
    tag = "Audit trail",
    summary = "Look for entries of the trail",
    description = "The newest first, by the same filters as the page. Whoever follows `next` until there is none gets every entry that matches once.",
    params(
        ("range" = Option<String>, Query, description = "How far back: `24h`, `7d`, `30d`, `90d` or `1y`."),
        ("from" = Option<String>, Query, description = "From this time on, in UTC, such as `2026-11-20T10:00`. `range` counts instead of it."),
        ("until" = Option<String>, Query, description = "Before this time, in UTC. `range` counts instead of it."),
        ("actor" = Option<Uuid>, Query, description = "By whom: the id of an account or of a key."),
        ("action" = Option<String>, Query, description = "What was done, such as `member.role_changed`."),
        ("category" = Option<String>, Query, description = "What it is about, such as `members`."),
        ("target" = Option<String>, Query, description = "The id of what it was done to."),
        ("outcome" = Option<String>, Query, description = "`done`, `denied` or `failed`."),
        ("address" = Option<String>, Query, description = "From where."),
        ("q" = Option<String>, Query, description = "Words that are all in the entry."),
        ("limit" = Option<u8>, Query, description = "How many at most: 25, unless it is said."),
        ("next" = Option<String>, Query, description = "From where on, as the part before says."),
    ),
    responses((status = 200, description = "Entries.", body = AuditEvents), Reading),
    security(("key" = ["audit.view"]))
)]
pub async fn events(Program(caller): Program, asked: Asked) -> Answer {
    let query = read_query(&asked)?;
    let part = api::events(&caller, &query, asked.limit()?).await?;
    json(&AuditEvents { items: part.rows.into_iter().map(AuditEvent::from).collect(), next: part.next })
}

/// Reads what is asked for. Where a page leaves out what makes no sense, a program is told.
fn read_query(asked: &Asked) -> Result<AuditQuery, Refused> {
    asked.knows(&[
        "range", "from", "until", "actor", "action", "category", "target", "outcome", "address", "q", "limit", "next",
    ])?;
    let filters = || asked.pairs().filter(|(name, _)| !["limit", "next"].contains(name));
    // Each by itself: beside a range, nobody looks at the times.
    if let Some((name, _)) = filters().find(|pair| AuditQuery::from_pairs([*pair]) == AuditQuery::default()) {
        return Err(wrong(name));
    }
    let query = AuditQuery { text: asked.words()?, cursor: next(asked)?, ..AuditQuery::from_pairs(filters()) };
    // What is no act of this program is a typo, and told so: nothing would be found.
    if query.action.as_ref().is_some_and(|action| action.act().is_none()) { Err(wrong("action")) } else { Ok(query) }
}

/// Where a part of a list begins.
pub(super) fn next(asked: &Asked) -> Result<Option<Cursor>, Refused> {
    asked.read("next", |text| Cursor::decode(text).filter(|cursor| matches!(cursor, Cursor::After(..))))
}

/// One entry.
///
/// # Errors
/// Problem details.
#[utoipa::path(
    get,
    path = "/api/v1/audit/events/{index}",
    tag = "Audit trail",
    summary = "One entry of the trail",
    params(("index" = u64, Path, description = "Its place in the trail.")),
    responses(
        (status = 200, description = "The entry.", body = AuditEvent),
        (status = 304, description = "It is as `If-None-Match` says."),
        Reading
    ),
    security(("key" = ["audit.view"]))
)]
pub async fn event(Program(caller): Program, Path(index): Path<String>, headers: HeaderMap, asked: Asked) -> Answer {
    asked.knows(&[])?;
    let index = index.parse().map_err(|_| Refused::new("not_found"))?;
    let entry = AuditEvent::from(api::event(&caller, index).await?);
    Ok(tagged(&headers, "application/json", write(&entry)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_told_also_beside_a_range() {
        let read = |query: &str| read_query(&Asked::of(&format!("/?{query}").parse().unwrap()).unwrap());
        let query = read("range=7d&from=2026-11-20T10:00&action=service.event&q=a+b").unwrap();
        assert_eq!((query.from, query.text.as_deref()), (None, Some("a b")));
        let wrong =
            ["range=8d", "range=7d&from=yesterday", "action=member.painted", "q=+", "target=%00", "next=x", "page=x"];
        for wrong in wrong {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        for name in ["range", "from", "actor", "category", "outcome", "address", "q", "limit", "next"] {
            assert!(format!("{:?}", read(&format!("{name}=")).unwrap_err()).contains("\"required\""), "{name}");
        }
    }
}
