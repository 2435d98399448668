//! The policy as YAML: to be read beside the pages, kept elsewhere, and brought back.
//!
//! A section for each section, and a line for each setting, in the table's order. Roles are named as people call them, so
//! that the text means the same in another organization. Reading it is bounded: no aliases, little depth, and no more than
//! the largest policy needs.

use std::collections::BTreeMap;

use domain::fields::{FieldErrors, FieldProblem};
use domain::policy::{
    Kind, LineProblem, Names, NetworkEntry, Networks, RoleNames, SETTINGS, Section, SecurityPolicy, Setting, Value,
    find_roles,
};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;
use serde_saphyr::{Spanned, budget, options};

use crate::error::Error;

/// The format's version.
const VERSION: u32 = 1;
/// The form's field that a text stands in.
const FIELD: &str = "yaml";

/// Pairs in their order.
struct Ordered<T>(Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A value as it is written.
#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Number(u32),
    Switch(bool),
    Text(String),
    List(Vec<String>),
    Networks(Vec<Ordered<Written>>),
}

/// Writes a policy.
pub(super) fn write(policy: &SecurityPolicy, roles: &dyn RoleNames) -> Result<String, Error> {
    let text = serde_saphyr::to_string(&sections(policy, roles)).map_err(Error::internal)?;
    Ok(format!("version: {VERSION}\n{text}"))
}

/// The same as a value: sections, and what is set in each.
pub(super) fn value(policy: &SecurityPolicy, roles: &dyn RoleNames) -> Result<Json, Error> {
    serde_json::to_value(sections(policy, roles)).map_err(Error::internal)
}

fn sections(policy: &SecurityPolicy, roles: &dyn RoleNames) -> Ordered<Ordered<Written>> {
    let section = |section: Section| {
        let settings = section.settings().map(|setting| (setting.code, written(setting, policy, roles)));
        (section.code(), Ordered(settings.collect()))
    };
    Ordered(Section::ALL.into_iter().map(section).collect())
}

fn written(setting: &Setting, policy: &SecurityPolicy, roles: &dyn RoleNames) -> Written {
    let value = setting.get(policy);
    match &value {
        Value::Switch(on) => Written::Switch(*on),
        Value::Number(Some(number)) => Written::Number(*number),
        Value::Several(0) => Written::List(Vec::new()),
        Value::Several(_) => Written::List(setting.kind.code(&value).split(", ").map(str::to_owned).collect()),
        Value::Names(names) => Written::List(names.iter().map(str::to_owned).collect()),
        Value::Networks(networks) => {
            Written::Networks(networks.entries().iter().map(|entry| network(entry, roles)).collect())
        }
        Value::Number(None) | Value::Choice(_) => Written::Text(setting.kind.code(&value)),
    }
}

fn network(entry: &NetworkEntry, roles: &dyn RoleNames) -> Ordered<Written> {
    let mut parts = vec![("network", Written::Text(entry.network.to_string()))];
    if !entry.name.is_empty() {
        parts.push(("name", Written::Text(entry.name.clone())));
    }
    if !entry.roles.is_empty() {
        parts.push(("roles", Written::List(entry.roles.iter().map(|role| roles.name_of(*role)).collect())));
    }
    Ordered(parts)
}

type Lines = BTreeMap<String, Spanned<Json>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    sign_in: Option<Lines>,
    sessions: Option<Lines>,
    networks: Option<Lines>,
    invitations: Option<Lines>,
    api_keys: Option<Lines>,
    rate_limiting: Option<Lines>,
    audit_logging: Option<Lines>,
    data_protection: Option<Lines>,
    approvals: Option<Lines>,
}

impl Document {
    fn sections(self) -> [(Section, Option<Lines>); 9] {
        [
            (Section::SignIn, self.sign_in),
            (Section::Sessions, self.sessions),
            (Section::Networks, self.networks),
            (Section::Invitations, self.invitations),
            (Section::ApiKeys, self.api_keys),
            (Section::RateLimiting, self.rate_limiting),
            (Section::AuditLogging, self.audit_logging),
            (Section::DataProtection, self.data_protection),
            (Section::Approvals, self.approvals),
        ]
    }
}

/// Reads a policy. What the text does not name stays as it was before.
///
/// # Errors
/// What is wrong: the line of a text that is none, or the settings, by their codes.
pub(super) fn read(text: &str, before: &SecurityPolicy, roles: &dyn RoleNames) -> Result<SecurityPolicy, FieldErrors> {
    let bad =
        |line: u64, why| FieldErrors::one(FIELD, FieldProblem::BadLine(u16::try_from(line).unwrap_or(u16::MAX), why));
    if text.trim().is_empty() {
        return Err(FieldErrors::one(FIELD, FieldProblem::Required));
    }
    let limits = options! {
        // The largest policy: ten thousand networks of three lines each.
        budget: budget! { max_events: 200_000, max_nodes: 150_000, max_depth: 8, max_aliases: 0, max_anchors: 0, max_documents: 1 },
    };
    let document: Document = serde_saphyr::from_str_with_options(text, limits)
        .map_err(|error| bad(error.location().map_or(1, |location| location.line()), LineProblem::NoText))?;
    if document.version != VERSION {
        return Err(FieldErrors::one(FIELD, FieldProblem::UnknownChoice));
    }
    let (mut policy, mut errors) = (before.clone(), FieldErrors::default());
    for (section, lines) in document.sections() {
        for (code, value) in lines.unwrap_or_default() {
            let setting = SETTINGS.iter().find(|setting| setting.section == section && setting.code == code);
            let Some(setting) = setting else {
                return Err(bad(value.referenced.line(), LineProblem::NoSetting));
            };
            if let Some(value) = errors.check(setting.code, parse(setting, &value.value, roles)) {
                setting.set(&mut policy, value);
            }
        }
    }
    for (key, problem) in policy.contradictions() {
        errors.add(key.setting().code, problem);
    }
    if errors.is_empty() { Ok(policy) } else { Err(errors) }
}

fn parse(setting: &Setting, value: &Json, roles: &dyn RoleNames) -> Result<Value, FieldProblem> {
    let malformed = FieldProblem::Malformed;
    let texts = || {
        let list = value.as_array().ok_or(malformed)?;
        list.iter().map(|item| item.as_str().ok_or(malformed)).collect::<Result<Vec<_>, _>>()
    };
    match setting.kind {
        Kind::Switch(_) => value.as_bool().map(Value::Switch).ok_or(malformed),
        Kind::Choice(_) => setting.kind.choice(value.as_str().ok_or(malformed)?),
        Kind::Several(_) | Kind::AnyOf(_) => setting.kind.several(texts()?.into_iter()),
        Kind::Number { .. } => match value {
            Json::Null => setting.kind.number(""),
            Json::String(text) if text == "none" => setting.kind.number(""),
            Json::Number(number) => setting.kind.number(&number.to_string()),
            _ => Err(malformed),
        },
        Kind::Names(list) => {
            let names = texts()?.into_iter().map(str::to_lowercase);
            Names::collect(names, list.judge()).map(Value::Names)
        }
        Kind::Networks => {
            let list = value.as_array().ok_or(malformed)?;
            let number = |index: usize| u16::try_from(index + 1).unwrap_or(u16::MAX);
            let bad = |index: usize, why| FieldProblem::BadLine(number(index), why);
            let entries = list.iter().enumerate();
            let entries = entries.map(|(index, item)| entry(item, roles).map_err(|why| bad(index, why)));
            Networks::collect(entries).map(Value::Networks)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    network: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    roles: Vec<String>,
}

fn entry(item: &Json, roles: &dyn RoleNames) -> Result<NetworkEntry, LineProblem> {
    let entry = Entry::deserialize(item).map_err(|_| LineProblem::NoNetwork)?;
    let roles = find_roles(entry.roles.iter().map(String::as_str), roles)?;
    NetworkEntry::parse(&entry.network, &entry.name, roles)
}

#[cfg(test)]
mod tests {
    use domain::policy::{Key, TEMPLATES};
    use domain::roles::RoleBook;

    use super::*;

    fn read_default(text: &str) -> Result<SecurityPolicy, FieldErrors> {
        read(text, &SecurityPolicy::default(), &RoleBook::default())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let book = RoleBook::default();
        let networks = "203.0.113.0/24 for Owner, Security officer # Office: \"2nd\" floor\n2001:db8::/32 # - no";
        let base = SecurityPolicy {
            networks: Networks::parse(networks, &book).unwrap(),
            regions: Names::parse("eu-central", |_| true).unwrap(),
            ..SecurityPolicy::default()
        };
        for template in &TEMPLATES {
            let policy = template.apply(&base, None);
            let text = write(&policy, &book).unwrap();
            assert_eq!(read_default(&text).unwrap(), policy, "{text}");
        }
        let text = write(&base, &book).unwrap();
        assert!(text.starts_with("version: 1\nsign_in:\n  mfa: optional\n"), "{text}");
    }

    #[test]
    fn what_is_not_named_stays() {
        let policy = read_default("version: 1\nsessions:\n  idle_minutes: 60\n  sessions_per_person: none\n").unwrap();
        assert_eq!(policy, SecurityPolicy { idle_minutes: 60, ..SecurityPolicy::default() });
    }

    #[test]
    fn what_is_wrong_is_told_by_line_or_setting() {
        let line = |number, why| Some(FieldProblem::BadLine(number, why));
        for (text, field, problem) in [
            ("", FIELD, Some(FieldProblem::Required)),
            ("version: 2\n", FIELD, Some(FieldProblem::UnknownChoice)),
            ("version: 1\nsessions: [1\n", FIELD, None),
            ("version: 1\nsesions: {}\n", FIELD, line(2, LineProblem::NoText)),
            ("version: 1\nsessions:\n  idle: 60\n", FIELD, line(3, LineProblem::NoSetting)),
            ("version: 1\nsessions:\n  idle_minutes: 60\n  idle_minutes: 61\n", FIELD, line(4, LineProblem::NoText)),
            ("version: 1\nsessions:\n  idle_minutes: 5\n", "idle_minutes", Some(FieldProblem::OutOfRange(15, 10_080))),
            ("version: 1\nsessions:\n  idle_minutes: -0x1F\n", "idle_minutes", None),
            ("version: 1\nsign_in:\n  mfa: yes\n", "mfa", None),
            ("version: 1\nsign_in:\n  mfa_methods: []\n", "mfa_methods", Some(FieldProblem::Required)),
            (
                "version: 1\nnetworks:\n  networks:\n    - network: 10.0.0.0/8\n    - network: x\n",
                "networks",
                line(2, LineProblem::NoNetwork),
            ),
            (
                "version: 1\nsessions:\n  idle_minutes: 120\n  absolute_minutes: 60\n",
                "idle_minutes",
                Some(FieldProblem::Exceeds(Key::AbsoluteMinutes)),
            ),
        ] {
            let errors = read_default(text).unwrap_err();
            assert!(errors.of(field).is_some(), "{text}: {errors:?}");
            if problem.is_some() {
                assert_eq!(errors.of(field), problem, "{text}");
            }
        }
    }

    #[test]
    fn hostile_texts_are_refused_soon() {
        let deep = format!("version: 1\nsessions: {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
        let bomb = "version: 1\nsessions: &a [x, x]\nnetworks: &b [*a, *a]\nsign_in: [*b, *b]\n".to_owned();
        let merge = "version: 1\nx: &x {idle_minutes: 60}\nsessions:\n  <<: *x\n".to_owned();
        let many = format!("version: 1\nnetworks:\n  networks:\n{}", "    - network: 10.0.0.1\n".repeat(10_001));
        let long = format!("version: 1\nsign_in:\n  mfa: \"{}\"\n", "a".repeat(900_000));
        for text in [
            deep,
            bomb,
            merge,
            many,
            long,
            "--- a\n--- b\n".to_owned(),
            "\u{0}".to_owned(),
            "!!python/object:os.system x".to_owned(),
        ] {
            assert!(read_default(&text).is_err(), "{}", &text[..text.len().min(60)]);
        }
    }
}
