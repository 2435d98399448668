//! What the platform's services tell an organization's trail.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::action::is_code;
use super::{Action, Actor, Draft, Fact, Personal, Public};
use crate::checks::judge_text;
use crate::fields::{FieldErrors, FieldProblem};

/// The most events of one request.
pub const SERVICE_EVENTS_MAX: usize = 500;
/// The most characters of an event's id, its name, and the kind of what it happened to.
const NAME_MAX: u16 = 64;
/// The most characters of what it happened to, and of who did it.
const TEXT_MAX: u16 = 256;

/// A service tells what happened in it.
pub const SERVICE_EVENT: Action = Action::new("service.event");

/// Something that happened in a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceEvent {
    /// The service's own id of it, such as a UUID. An event whose id the trail has is not added again.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._:-]+$"))]
    pub id: String,
    /// What happened: two lower-case names with a dot between them.
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 64, example = "invoice.deleted"))]
    pub name: String,
    /// What it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ServiceTarget>,
    /// Who did it, by id, address or name. Sealed, and erased with the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256, example = "ada@acme.example"))]
    pub actor: Option<String>,
    /// When it happened, if that is not now, in one of the years 1970 to 9998.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub occurred_at: Option<OffsetDateTime>,
    /// What else there is to tell: at most 20 names of lower-case words, with values of at most 1,000 characters. Sealed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// What something happened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceTarget {
    /// What kind of thing it is.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "invoice"))]
    pub kind: String,
    /// Which one.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256, example = "2026-0042"))]
    pub id: String,
    /// What people call it. Sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub name: Option<String>,
}

impl ServiceEvent {
    /// The most further fields.
    pub const FIELDS_MAX: u16 = 20;
    /// The most characters of a field's name.
    pub const FIELD_MAX: u16 = 40;
    /// The most characters of a field's value.
    pub const VALUE_MAX: u16 = 1_000;

    /// Judges events that come together.
    ///
    /// # Errors
    /// None, too many, or what is wrong with each, by its place such as `events/3/name`.
    pub fn judge_all(events: &[Self]) -> Result<(), FieldErrors> {
        if events.is_empty() {
            return Err(FieldErrors::one("events", FieldProblem::Required));
        }
        if events.len() > SERVICE_EVENTS_MAX {
            let most = u16::try_from(SERVICE_EVENTS_MAX).unwrap_or(u16::MAX);
            return Err(FieldErrors::one("events", FieldProblem::TooManyOfThem(most)));
        }
        let (mut errors, mut ids) = (FieldErrors::default(), HashSet::new());
        for (index, event) in events.iter().enumerate() {
            event.judge(&format!("events/{index}/"), &mut errors);
            if !ids.insert(&event.id) {
                errors.add(&format!("events/{index}/id"), FieldProblem::Taken);
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn judge(&self, at: &str, errors: &mut FieldErrors) {
        let mut check = |name: &str, judged: Result<(), FieldProblem>| {
            errors.check(&format!("{at}{name}"), judged);
        };
        check("id", judge_id(&self.id));
        check("name", judge_name(&self.name));
        if let Some(target) = &self.target {
            check("target/kind", judge_text(&target.kind, NAME_MAX));
            check("target/id", judge_text(&target.id, TEXT_MAX));
            check("target/name", judge_optional(target.name.as_deref()));
        }
        check("actor", judge_optional(self.actor.as_deref()));
        check("occurred_at", judge_time(self.occurred_at));
        if self.fields.len() > usize::from(Self::FIELDS_MAX) {
            check("fields", Err(FieldProblem::TooManyOfThem(Self::FIELDS_MAX)));
        }
        for (name, value) in self.fields.iter().take(usize::from(Self::FIELDS_MAX)) {
            check("fields", judge_field(name));
            // An empty value is one.
            let judged = if value.is_empty() { Ok(()) } else { judge_text(value, Self::VALUE_MAX) };
            check(&format!("fields/{}", pointed(name)), judged);
        }
    }

    /// The entry of it, by the program that tells it.
    pub fn draft(&self, by: Actor<Fact>) -> Draft {
        let draft = Draft::done(SERVICE_EVENT, by);
        let mut draft = match &self.target {
            Some(ServiceTarget { kind, id, name }) => draft.foreign_target(kind, id, name.clone().map(Personal)),
            None => draft.unnamed_target("service", ""),
        };
        draft = draft.added("event", Public(self.id.clone())).added("name", Public(self.name.clone()));
        if let Some(actor) = &self.actor {
            draft = draft.added("actor", Personal(actor.clone()));
        }
        if let Some(at) = self.occurred_at.and_then(|at| at.format(&Rfc3339).ok()) {
            draft = draft.added("occurred_at", Public(at));
        }
        if !self.fields.is_empty() {
            draft = draft.added("fields", Personal(serde_json::to_string(&self.fields).unwrap_or_default()));
        }
        draft
    }
}

fn judge_id(id: &str) -> Result<(), FieldProblem> {
    judge_text(id, NAME_MAX)?;
    let is_one = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
    if is_one { Ok(()) } else { Err(FieldProblem::Malformed) }
}

fn judge_name(name: &str) -> Result<(), FieldProblem> {
    judge_text(name, NAME_MAX)?;
    if is_code(name.as_bytes()) { Ok(()) } else { Err(FieldProblem::Malformed) }
}

fn judge_optional(text: Option<&str>) -> Result<(), FieldProblem> {
    text.map_or(Ok(()), |text| judge_text(text, TEXT_MAX))
}

/// A time that every reader of an entry can write down again.
fn judge_time(at: Option<OffsetDateTime>) -> Result<(), FieldProblem> {
    let is_one = at.is_none_or(|at| (1970..=9998).contains(&at.year()));
    if is_one { Ok(()) } else { Err(FieldProblem::Malformed) }
}

fn judge_field(name: &str) -> Result<(), FieldProblem> {
    judge_text(name, ServiceEvent::FIELD_MAX)?;
    let is_one = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_one { Ok(()) } else { Err(FieldProblem::Malformed) }
}

/// A name as a part of a JSON pointer (RFC 6901).
fn pointed(name: &str) -> String {
    name.chars().take(usize::from(ServiceEvent::FIELD_MAX)).collect::<String>().replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> ServiceEvent {
        serde_json::from_str(text).unwrap()
    }

    fn problem(event: ServiceEvent, place: &str) -> Option<FieldProblem> {
        ServiceEvent::judge_all(&[event]).err().and_then(|errors| errors.of(&format!("events/0/{place}")))
    }

    const WHOLE: &str = r#"{"id":"7","name":"invoice.deleted","actor":"ada@acme.example",
        "target":{"kind":"invoice","id":"2026-0042","name":"March"},"occurred_at":"2026-11-21T12:00:00Z",
        "fields":{"amount":"12.50","note":""}}"#;

    #[test]
    fn what_a_service_tells_is_told_and_what_is_personal_is_sealed() {
        let draft = event(WHOLE).draft(Actor::system());
        assert_eq!(draft.after("event"), Some("7"));
        assert_eq!(draft.after("name"), Some("invoice.deleted"));
        assert_eq!(draft.after("occurred_at"), Some("2026-11-21T12:00:00Z"));
        assert_eq!(draft.after("fields"), Some(r#"{"amount":"12.50","note":""}"#));
        let (entry, openings) =
            draft.seal(super::super::LogId::Platform, 0, OffsetDateTime::UNIX_EPOCH, &mut || [7; 32]);
        let text = String::from_utf8(entry.canonical()).unwrap();
        assert!(text.contains("2026-0042") && text.contains(r#""kind":"invoice""#), "{text}");
        for personal in ["ada@acme.example", "March", "12.50"] {
            assert!(!text.contains(personal), "{text}");
        }
        assert_eq!(openings.len(), 3);
        assert!(ServiceEvent::judge_all(&[event(WHOLE)]).is_ok());
    }

    #[test]
    fn what_is_no_event_is_refused_at_its_place() {
        let bare = |id: &str, name: &str| event(&format!(r#"{{"id":{id:?},"name":{name:?}}}"#));
        assert_eq!(problem(bare("", "a.b"), "id"), Some(FieldProblem::Required));
        assert_eq!(problem(bare("a b", "a.b"), "id"), Some(FieldProblem::Malformed));
        assert_eq!(problem(bare(&"x".repeat(65), "a.b"), "id"), Some(FieldProblem::TooLong(64)));
        for name in ["invoice", "Invoice.deleted", "a.b.c", "a b.c"] {
            assert_eq!(problem(bare("1", name), "name"), Some(FieldProblem::Malformed), "{name}");
        }
        let with = |fields: &str| event(&format!(r#"{{"id":"1","name":"a.b","fields":{fields}}}"#));
        assert_eq!(problem(with(r#"{"a":"x\u0000"}"#), "fields/a"), Some(FieldProblem::ForbiddenCharacters));
        assert_eq!(problem(with(r#"{"A":"x"}"#), "fields"), Some(FieldProblem::Malformed));
        let many: BTreeMap<_, _> = (0..21).map(|n| (format!("f{n}"), String::new())).collect();
        let many = ServiceEvent { fields: many, ..with("{}") };
        assert_eq!(problem(many, "fields"), Some(FieldProblem::TooManyOfThem(20)));
        assert_eq!(ServiceEvent::judge_all(&[]).unwrap_err().of("events"), Some(FieldProblem::Required));
        let twice = ServiceEvent::judge_all(&[bare("1", "a.b"), bare("1", "a.c")]).unwrap_err();
        assert_eq!(twice.of("events/1/id"), Some(FieldProblem::Taken));
        assert!(serde_json::from_str::<ServiceEvent>(r#"{"id":"1","name":"a.b","index":0}"#).is_err());
    }
}
