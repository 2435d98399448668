use domain::audit::ServiceEvent;
use domain::checks::Check;
use domain::quotas::{Reserve, UsageEvent, parse_events};
use time::macros::datetime;

use super::super::document;
use super::*;
use crate::api::sent::Asked;

fn described() -> Value {
    document("http://localhost:3000")
}

fn property<'a>(document: &'a Value, schema: &str, field: &str) -> &'a Value {
    let place = format!("/components/schemas/{schema}/properties/{field}");
    document.pointer(&place).unwrap_or_else(|| panic!("there is no {place}"))
}

/// Whether a schema says which values there may be, as far as its type leaves that open.
fn is_precise(schema: &Value) -> bool {
    let is =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&kind.into()));
    let says = |key: &str| schema.get(key).is_some();
    let text = !is("string") || ["enum", "pattern", "format", "anyOf"].into_iter().any(says);
    let number = !is("integer") || says("minimum") && says("maximum");
    text && number
}

#[test]
fn every_value_that_is_sent_is_described() {
    let document = described();
    let bodies = [
        "Check",
        "CheckBatch",
        "GivenFacts",
        "NewInvitation",
        "Reserve",
        "Resource",
        "ServiceEvent",
        "ServiceEvents",
        "ServiceTarget",
        "Settle",
        "UsageEvent",
        "UsageEvents",
    ];
    for name in bodies {
        let fields = document["components"]["schemas"][name]["properties"].as_object().expect(name);
        for (field, schema) in fields {
            assert!(is_precise(schema), "{name}.{field}: {schema}");
        }
    }
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
    for parameter in parameters.filter(|parameter| parameter["in"] != "path") {
        assert!(is_precise(&parameter["schema"]), "{parameter}");
        assert!(parameter["schema"]["type"].is_string(), "{parameter} may be null");
    }
}

#[test]
fn what_is_answered_is_one_of_what_there_is() {
    let document = described();
    let values = |schema: &str, field: &str| property(&document, schema, field)["enum"].as_array().map(Vec::len);
    assert_eq!(values("Reservation", "state"), Some(4));
    assert_eq!(values("QuotaState", "metric"), Some(Metric::ALL.len()));
    assert_eq!(values("UsageReport", "unit"), Some(6));
    assert_eq!(values("QuotaState", "kind"), Some(5));
    assert_eq!(values("QuotaState", "window"), Some(5), "four, or none");
    assert_eq!(values("UsageReport", "range"), Some(3));
    assert_eq!(values("AuditActor", "kind"), Some(4));
    assert_eq!(values("AuditEvent", "outcome"), Some(3));
    assert_eq!(values("AuditEvent", "damage"), Some(3), "two, or none");
    assert_eq!(values("MemberDetails", "status"), Some(2));
    assert_eq!(values("MemberDetails", "source"), Some(3));
    assert_eq!(values("InvitationDetails", "state"), Some(4));
    assert_eq!(values("InvitationDetails", "mail"), Some(6), "five, or none");
    assert!(values("ProblemDetails", "code").is_some());
    for (schema, field) in [("Answer", "reasons"), ("MemberDetails", "permissions"), ("RoleDetails", "permissions")] {
        assert!(property(&document, schema, field)["items"]["enum"].is_array(), "{schema}.{field}");
    }
    assert!(property(&document, "Reservation", "settled")["propertyNames"]["enum"].is_array());
}

fn takes(schema: &str, body: Value) -> bool {
    let now = datetime!(2026-11-22 12:00 UTC);
    match schema {
        "Reserve" => serde_json::from_value::<Reserve>(body).unwrap().parse().is_ok(),
        "UsageEvent" => parse_events(&[serde_json::from_value::<UsageEvent>(body).unwrap()], now).is_ok(),
        "ServiceEvent" => ServiceEvent::judge_all(&[serde_json::from_value(body).unwrap()]).is_ok(),
        _ => serde_json::from_value::<Check>(body).unwrap().parse("").is_ok(),
    }
}

#[test]
fn values_are_taken_up_to_the_bounds_that_are_said() {
    let document = described();
    let thing = json!({ "kind": "a", "id": "a", "name": "a" });
    let check = json!({ "subject": "a", "permission": "audit.view", "resource": { "kind": "a", "id": "a" } });
    let reserve = json!({ "amounts": { "memory": 1 } });
    let used = json!({ "id": "a", "metric": "data_size", "amount": 1, "at": "2026-11-22T12:00:00Z" });
    let event = json!({ "id": "a", "name": "a.b", "target": thing });
    for (whole, body, part, schema, field) in [
        ("Check", &check, "", "Check", "subject"),
        ("Check", &check, "/resource", "Resource", "kind"),
        ("Check", &check, "/resource", "Resource", "id"),
        ("Reserve", &reserve, "", "Reserve", "key"),
        ("Reserve", &reserve, "", "Reserve", "subject"),
        ("UsageEvent", &used, "", "UsageEvent", "id"),
        ("UsageEvent", &used, "", "UsageEvent", "subject"),
        ("ServiceEvent", &event, "", "ServiceEvent", "id"),
        ("ServiceEvent", &event, "", "ServiceEvent", "actor"),
        ("ServiceEvent", &event, "/target", "ServiceTarget", "kind"),
        ("ServiceEvent", &event, "/target", "ServiceTarget", "id"),
        ("ServiceEvent", &event, "/target", "ServiceTarget", "name"),
    ] {
        let said = property(&document, schema, field);
        let with = |length: u64| {
            let mut body = body.clone();
            body.pointer_mut(part).unwrap()[field] = "x".repeat(usize::try_from(length).unwrap()).into();
            takes(whole, body)
        };
        let most = said["maxLength"].as_u64().unwrap();
        assert!(with(1) && with(most) && !with(most + 1), "{schema}.{field}: {most}");
        assert_eq!(with(0), said["minLength"].is_null(), "{schema}.{field} may be empty");
    }
    let said = property(&document, "Reserve", "ttl_seconds");
    let (least, most) = (said["minimum"].as_u64().unwrap(), said["maximum"].as_u64().unwrap());
    for (seconds, taken) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
        assert_eq!(takes("Reserve", json!({ "amounts": { "memory": 1 }, "ttl_seconds": seconds })), taken, "{seconds}");
    }
}

#[test]
fn metrics_are_recorded_as_far_as_they_are_named() {
    let document = described();
    let named = property(&document, "UsageEvent", "metric")["enum"].as_array().unwrap();
    for metric in Metric::ALL {
        let used = json!({ "id": "a", "metric": metric.code(), "amount": 1, "at": "2026-11-22T12:00:00Z" });
        assert_eq!(takes("UsageEvent", used), named.contains(&metric.code().into()), "{}", metric.code());
    }
    let amounts = property(&document, "Reserve", "amounts");
    for (metric, amount) in amounts["properties"].as_object().unwrap() {
        let most = &amount["oneOf"][0]["maximum"];
        let more = most.as_i64().unwrap() + 1;
        assert!(takes("Reserve", json!({ "amounts": { metric: most } })), "{metric}");
        assert!(!takes("Reserve", json!({ "amounts": { metric: more } })), "{metric}");
    }
    assert!(takes("Reserve", json!({ "amounts": amounts["example"] })));
}

#[test]
fn as_many_rows_are_sent_as_the_description_says() {
    let said = parameter("/api/v1/members", "limit").unwrap();
    let limit = |limit: &Value| Asked::of(&format!("/?limit={limit}").parse().unwrap()).unwrap().limit().ok();
    assert_eq!(limit(&said["maximum"]), Some(LIMIT_MAX));
    assert_eq!(limit(&said["minimum"]), Some(1));
    assert_eq!(limit(&json!(LIMIT_MAX + 1)), None);
    assert_eq!(Asked::of(&"/".parse().unwrap()).unwrap().limit().ok(), Some(LIMIT));
}
