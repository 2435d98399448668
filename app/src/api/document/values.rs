//! What values there may be: filled into the description from the tables and the bounds that judge them, so that it admits
//! what is taken, and nothing else.

mod answers;
mod bodies;

use domain::audit::{ACTS, AuditQuery, Category, MOMENT, Outcome, Range};
use domain::members::{MemberStatus, SEARCH_MAX};
use domain::paging::Cursor;
use domain::quotas::{self, Metric};
use domain::roles::{Permission, RoleId};
use serde_json::{Value, json};
use server::api::NAME_MAX;

use crate::api::sent::{LIMIT, LIMIT_MAX};

/// A text in which there is something to read, as a regular expression.
const SOMETHING: &str = r"[^\s\u0000-\u001f\u007f-\u009f]";

/// A decimal number that is not below zero, as a regular expression.
const DECIMAL: &str = r"^[0-9]+(?:\.[0-9]+)?$";

/// Says more of every parameter and field of which more is known than its type.
pub(super) fn fill(document: &mut Value) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let operations = item.as_object_mut().into_iter().flatten();
        let parameters = operations.filter_map(|(_, operation)| operation.get_mut("parameters")?.as_array_mut());
        for one in parameters.flatten() {
            let more = parameter(path, one["name"].as_str().unwrap_or_default());
            never_null(&mut one["schema"]);
            say(&mut one["schema"], more);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        say(schema, answers::schema(name));
        let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (field, one) in fields.into_iter().flatten() {
            say(one, bodies::field(name, field).or_else(|| answers::field(name, field)));
        }
    }
}

/// What is known of a parameter.
fn parameter(path: &str, name: &str) -> Option<Value> {
    Some(match (path, name) {
        (_, "Idempotency-Key") => {
            json!({ "minLength": 1, "maxLength": NAME_MAX, "pattern": "^[!-~](?:[ -~]*[!-~])?$" })
        }
        (_, "limit") => json!({ "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT }),
        (_, "next") => json!({ "minLength": 3, "pattern": Cursor::PATTERN }),
        (_, "q") => json!({ "minLength": 1, "maxLength": SEARCH_MAX, "pattern": SOMETHING }),
        (_, "status") => one_of(MemberStatus::ALL.iter().map(|status| status.code())),
        (_, "role") => json!({ "pattern": RoleId::pattern() }),
        (_, "metric") => one_of(Metric::ALL.iter().map(|metric| metric.code())),
        ("/api/v1/usage", "range") => one_of(quotas::Range::ALL.map(quotas::Range::code)),
        (_, "range") => one_of(Range::ALL.iter().map(|range| range.code())),
        (_, "from" | "until") => json!({ "pattern": MOMENT }),
        (_, "action") => one_of(ACTS.iter().map(|act| act.code)),
        (_, "category") => one_of(Category::ALL.map(Category::code)),
        (_, "outcome") => one_of(Outcome::ALL.iter().map(|outcome| outcome.code())),
        (_, "target") => {
            let pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$";
            json!({ "minLength": 1, "maxLength": AuditQuery::ID_MAX, "pattern": pattern })
        }
        (_, "address") => address(),
        _ => return None,
    })
}

/// One of some texts.
fn one_of(codes: impl IntoIterator<Item = &'static str>) -> Value {
    json!({ "enum": codes.into_iter().collect::<Vec<_>>() })
}

/// One of all permissions.
fn permission() -> Value {
    one_of(Permission::ALL.iter().map(|permission| permission.code()))
}

/// An address of a network.
fn address() -> Value {
    json!({ "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
}

/// What stands in an address is there or is not: nobody writes null.
fn never_null(schema: &mut Value) {
    let Some(kinds) = schema.get_mut("type") else { return };
    let kind = kinds.as_array().into_iter().flatten().find(|kind| kind.as_str() != Some("null")).cloned();
    if let Some(kind) = kind {
        *kinds = kind;
    }
}

/// Says more of a schema. What is null is not said of it any more; what is one of some values may be null where the schema
/// says so of it.
fn say(schema: &mut Value, more: Option<Value>) {
    let kinds = schema.get("type").and_then(Value::as_array);
    let may_be_null = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    let (Some(schema), Some(Value::Object(more))) = (schema.as_object_mut(), more) else { return };
    for (name, mut value) in more {
        if let Some(values) = value.as_array_mut().filter(|_| may_be_null && name == "enum") {
            values.push(Value::Null);
        }
        if value.is_null() {
            schema.remove(&name);
        } else {
            schema.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests;
