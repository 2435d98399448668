//! What values there may be in what is sent.

use domain::audit::{Action, SERVICE_EVENTS_MAX, ServiceEvent};
use domain::checks::CHECKS_MAX;
use domain::quotas::{AMOUNT_MAX, EVENTS_MAX, METRICS, Metric, TTL_MAX, Unit};
use domain::roles::RoleId;
use domain::text::unprintable;
use serde_json::{Map, Value, json};

use super::{DECIMAL, SOMETHING, address, one_of, permission};

/// What is known of a field of a body.
pub(super) fn field(schema: &str, field: &str) -> Option<Value> {
    Some(match (schema, field) {
        ("CheckBatch", "checks") => many(CHECKS_MAX),
        ("ServiceEvents", "events") => many(SERVICE_EVENTS_MAX),
        ("UsageEvents", "events") => many(EVENTS_MAX.into()),
        ("Check", "subject") => json!({ "pattern": SOMETHING }),
        ("Check", "permission") => permission(),
        ("GivenFacts", "address") => address(),
        ("Reserve", "amounts") => amounts(true),
        ("Settle", "amounts") => amounts(false),
        ("Reserve", "ttl_seconds") => json!({ "minimum": 1, "maximum": TTL_MAX }),
        ("Reserve", "key") | ("UsageEvent", "id") => json!({ "pattern": line() }),
        ("UsageEvent", "metric") => {
            let recorded = Metric::ALL.iter().filter(|metric| metric.is_recorded());
            one_of(recorded.map(|metric| metric.code()))
        }
        ("UsageEvent", "amount") => {
            let whole = json!({ "type": "integer", "minimum": 1, "maximum": AMOUNT_MAX });
            let text = json!({ "type": "string", "pattern": DECIMAL });
            json!({ "$ref": null, "oneOf": [whole, text], "example": 1 })
        }
        ("GivenFacts", "region")
        | ("Resource", "kind" | "id")
        | ("Reserve" | "UsageEvent", "subject")
        | ("ServiceEvent", "actor")
        | ("ServiceTarget", "kind" | "id" | "name") => json!({ "pattern": text() }),
        ("ServiceEvent", "name") => json!({ "pattern": Action::PATTERN }),
        ("ServiceEvent", "fields") => {
            let name = format!("^[a-z0-9_]{{1,{}}}$", ServiceEvent::FIELD_MAX);
            let value = json!({ "type": "string", "maxLength": ServiceEvent::VALUE_MAX, "pattern": text() });
            json!({
                "maxProperties": ServiceEvent::FIELDS_MAX,
                "propertyNames": { "type": "string", "pattern": name },
                "additionalProperties": value,
            })
        }
        ("NewInvitation", "email") => json!({ "format": "email" }),
        ("NewInvitation", "role") => json!({ "pattern": RoleId::pattern() }),
        _ => return None,
    })
}

/// So many at most, and one at least.
fn many(most: usize) -> Value {
    json!({ "minItems": 1, "maxItems": most })
}

/// Amounts by the codes of metrics, each in the unit of its own.
fn amounts(more_than_zero: bool) -> Value {
    let each = METRICS.iter().map(|info| (info.metric.code().to_owned(), amount(info.unit, more_than_zero)));
    json!({
        "minProperties": u8::from(more_than_zero),
        "properties": each.collect::<Map<_, _>>(),
        "propertyNames": null,
        "additionalProperties": false,
        "example": { (Metric::ConcurrentRequests.code()): 1 },
    })
}

fn amount(unit: Unit, more_than_zero: bool) -> Value {
    let whole = json!({ "type": "integer", "minimum": u8::from(more_than_zero), "maximum": unit.most() });
    json!({ "oneOf": [whole, { "type": "string", "pattern": unit.pattern(more_than_zero) }] })
}

/// A text without anything that steers a display, as a regular expression.
fn text() -> String {
    format!("^[^{}]*$", unprintable())
}

/// Such a text in which there is something to read: spaces around it are not a part of it.
fn line() -> String {
    let never = unprintable();
    format!(r"^[^{never}]*[^\s{never}][^{never}]*$")
}
