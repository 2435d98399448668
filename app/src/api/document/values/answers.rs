//! What values there may be in what is answered.

use std::collections::BTreeSet;

use domain::audit::{ActorKind, Outcome};
use domain::checks::Reason;
use domain::invitations::{InvitationState, MailState};
use domain::members::{MemberStatus, Source};
use domain::quotas::{METRICS, Metric, MetricInfo, Range, ReservationState, Window};
use serde_json::{Value, json};

use super::{DECIMAL, one_of, permission};
use crate::api::audit::{DAMAGES, damage};
use crate::api::codes::CODES;

/// What is known of a whole schema: amounts are never below zero.
pub(super) fn schema(name: &str) -> Option<Value> {
    let text = json!({ "type": "string", "pattern": DECIMAL });
    (name == "Quantity").then(|| json!({ "oneOf": [{ "type": "integer", "minimum": 0 }, text] }))
}

/// What is known of a field of an answer.
pub(super) fn field(schema: &str, field: &str) -> Option<Value> {
    Some(match (schema, field) {
        ("Answer", "reasons") => list(one_of(Reason::all().map(Reason::code))),
        ("Reservation", "amounts" | "settled") => json!({ "propertyNames": metric() }),
        ("Reservation", "state") => one_of(ReservationState::ALL.iter().map(|state| state.code())),
        ("QuotaState" | "UsageReport", "metric") => metric(),
        ("QuotaState" | "UsageReport", "unit") => of_metrics(|info| Some(info.unit.code())),
        ("QuotaState", "kind") => of_metrics(|info| Some(info.kind.code())),
        ("QuotaState", "window") => of_metrics(|info| info.kind.window().map(Window::code)),
        ("UsageReport", "range") => one_of(Range::ALL.map(Range::code)),
        ("UsageReport", "full_on") => json!({ "format": "date" }),
        ("AuditActor", "kind") => one_of(ActorKind::ALL.map(ActorKind::code)),
        ("AuditEvent", "outcome") => one_of(Outcome::ALL.iter().map(|outcome| outcome.code())),
        ("AuditEvent", "damage") => one_of(DAMAGES.map(damage)),
        ("MemberDetails", "status") => one_of(MemberStatus::ALL.iter().map(|status| status.code())),
        ("MemberDetails", "source") => one_of(Source::ALL.iter().map(|source| source.code())),
        ("MemberDetails" | "RoleDetails", "permissions") => list(permission()),
        ("InvitationDetails", "state") => one_of(InvitationState::ALL.iter().map(|state| state.code())),
        ("InvitationDetails", "mail") => one_of(MailState::ALL.iter().map(|mail| mail.code())),
        ("ProblemDetails", "code") => one_of(CODES.iter().map(|code| code.code)),
        _ => return None,
    })
}

fn metric() -> Value {
    one_of(Metric::ALL.iter().map(|metric| metric.code()))
}

/// What metrics have, each once.
fn of_metrics(read: impl Fn(&MetricInfo) -> Option<&'static str>) -> Value {
    one_of(METRICS.iter().filter_map(read).collect::<BTreeSet<_>>())
}

/// A list of such texts.
fn list(mut each: Value) -> Value {
    each["type"] = "string".into();
    json!({ "items": each })
}
