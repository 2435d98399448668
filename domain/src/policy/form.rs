//! The policy as it is typed.

use serde::{Deserialize, Serialize};

use super::networks::RoleNames;
use super::value::chosen;
use super::{Key, Kind, Names, Networks, SETTINGS, SecurityPolicy, Setting, Value};
use crate::fields::{FieldErrors, FieldProblem};
use crate::members::parse_reason;

/// What was typed: names and values of fields, one of each setting by its code, several of which may be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyForm(pub Vec<(String, String)>);

impl PolicyForm {
    /// The form that shows a policy.
    pub fn of(policy: &SecurityPolicy, roles: &dyn RoleNames) -> Self {
        Self(SETTINGS.iter().flat_map(|setting| fields(setting, &setting.get(policy), roles)).collect())
    }

    /// What of the fields that were sent is a setting's.
    pub fn of_fields(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_setting = |(field, _): &(String, String)| SETTINGS.iter().any(|setting| setting.code == field);
        Self(fields.into_iter().filter(is_setting).collect())
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Puts another value in place of a field's.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(field, _)| field != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// The same with a setting as it is in a policy.
    pub fn put_setting(&mut self, setting: &Setting, policy: &SecurityPolicy, roles: &dyn RoleNames) {
        self.0.retain(|(field, _)| field != setting.code);
        self.0.extend(fields(setting, &setting.get(policy), roles));
    }

    /// Parses every setting. What has no say beside the others is taken as it is meant, or as it was before.
    ///
    /// # Errors
    /// All that is wrong, by the settings' codes: also where two contradict each other.
    pub fn parse(&self, before: &SecurityPolicy, roles: &dyn RoleNames) -> Result<SecurityPolicy, FieldErrors> {
        let (mut policy, mut errors) = (before.clone(), FieldErrors::default());
        let mut wrong = Vec::new();
        for setting in &SETTINGS {
            match self.parse_setting(setting, roles) {
                Ok(value) => setting.set(&mut policy, value),
                Err(problem) => wrong.push((setting, problem)),
            }
        }
        for (setting, problem) in wrong {
            if setting.counts_in(&policy) {
                errors.add(setting.code, problem);
            }
        }
        for (key, problem) in policy.contradictions() {
            if errors.of(key.setting().code).is_none() {
                errors.add(key.setting().code, problem);
            }
        }
        if errors.is_empty() { Ok(policy) } else { Err(errors) }
    }

    fn parse_setting(&self, setting: &Setting, roles: &dyn RoleNames) -> Result<Value, FieldProblem> {
        let text = self.value(setting.code).unwrap_or_default();
        match setting.kind {
            // A box that is not ticked is no field.
            Kind::Switch(_) => Ok(Value::Switch(!text.is_empty())),
            Kind::Choice(_) => setting.kind.choice(text),
            Kind::Several(_) | Kind::AnyOf(_) => setting.kind.several(self.values(setting.code)),
            Kind::Number { .. } => setting.kind.number(text),
            Kind::Networks => Networks::parse(text, roles).map(Value::Networks),
            Kind::Names(list) => Names::parse(text, list.judge()).map(Value::Names),
        }
    }
}

impl SecurityPolicy {
    /// Where settings contradict each other.
    pub fn contradictions(&self) -> Vec<(Key, FieldProblem)> {
        let exceeds = |key: Key, of: Key, number: Option<u32>, most: Option<u32>| {
            number.zip(most).filter(|(number, most)| number > most).map(|_| (key, FieldProblem::Exceeds(of)))
        };
        let all = [
            exceeds(Key::IdleMinutes, Key::AbsoluteMinutes, Some(self.idle_minutes), Some(self.absolute_minutes)),
            exceeds(
                Key::SessionsPerPerson,
                Key::SessionsInOrganization,
                self.sessions_per_person,
                self.sessions_in_organization,
            ),
            exceeds(Key::Burst, Key::RequestsPerMinute, self.burst, self.requests_per_minute),
            exceeds(Key::RequestsPerMinute, Key::RequestsPerHour, self.requests_per_minute, self.requests_per_hour),
        ];
        let roles = (!self.approval_needed.is_sound()).then_some((Key::ApprovalNeeded, FieldProblem::RolesFirst));
        all.into_iter().flatten().chain(roles).collect()
    }
}

/// The fields that show the value of a setting.
fn fields(setting: &Setting, value: &Value, roles: &dyn RoleNames) -> Vec<(String, String)> {
    let texts = match (setting.kind, value) {
        (Kind::Switch(offer), Value::Switch(on)) => on.then(|| offer.code.to_owned()).into_iter().collect(),
        (Kind::Several(offers) | Kind::AnyOf(offers), Value::Several(bits)) => {
            chosen(offers, *bits).map(|offer| offer.code.to_owned()).collect()
        }
        (_, Value::Number(number)) => vec![number.map(|number| number.to_string()).unwrap_or_default()],
        (_, Value::Networks(networks)) => vec![networks.text(roles)],
        (_, Value::Names(names)) => vec![names.text()],
        (kind, value) => vec![kind.code(value)],
    };
    texts.into_iter().map(|text| (setting.code.to_owned(), text)).collect()
}

/// The reason that somebody gives for a change, if they do: one line.
///
/// # Errors
/// When it is too long, or holds what cannot be shown.
pub fn parse_change_reason(raw: &str) -> Result<Option<String>, FieldProblem> {
    if raw.trim().is_empty() { Ok(None) } else { parse_reason(raw).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::RoleBook;

    fn form() -> PolicyForm {
        PolicyForm::of(&SecurityPolicy::default(), &RoleBook::default())
    }

    fn parse(form: &PolicyForm) -> Result<SecurityPolicy, FieldErrors> {
        form.parse(&SecurityPolicy::default(), &RoleBook::default())
    }

    #[test]
    fn what_is_shown_is_what_is_read() {
        let book = RoleBook::default();
        assert_eq!(parse(&form()).unwrap(), SecurityPolicy::default());
        let mut policy = SecurityPolicy::default();
        for setting in &SETTINGS {
            setting.set(&mut policy, setting.sound.clone());
        }
        policy.networks = Networks::parse("203.0.113.0/24 for Owner # Office\n2001:db8::/32", &book).unwrap();
        policy.regions = Names::parse("eu-central", crate::policy::names::is_region).unwrap();
        assert_eq!(parse(&PolicyForm::of(&policy, &book)).unwrap(), policy);
    }

    #[test]
    fn other_fields_are_left_out() {
        let pair = |name: &str| (name.to_owned(), "x".to_owned());
        let fields = ["base", "mfa", "mfa_methods", "mfa_methods", "intent"].map(pair);
        assert_eq!(PolicyForm::of_fields(fields).0, ["mfa", "mfa_methods", "mfa_methods"].map(pair));
    }

    #[test]
    fn every_field_has_its_bounds() {
        let range = FieldProblem::OutOfRange;
        for (field, value, problem) in [
            ("mfa", "", FieldProblem::UnknownChoice),
            ("mfa", "sometimes", FieldProblem::UnknownChoice),
            ("mfa_grace_days", "", FieldProblem::Required),
            ("mfa_grace_days", "31", range(0, 30)),
            ("mfa_grace_days", "-1", range(0, 30)),
            ("mfa_grace_days", "1.5", range(0, 30)),
            ("sign_in_methods", "sms", FieldProblem::UnknownChoice),
            ("password_length", "9", range(10, 64)),
            ("password_length", "65", range(10, 64)),
            ("password_length", "", FieldProblem::Required),
            ("password_strength", "weak", FieldProblem::UnknownChoice),
            ("password_days", "29", range(30, 730)),
            ("idle_minutes", "14", range(15, 10_080)),
            ("idle_minutes", "10081", range(15, 10_080)),
            ("absolute_minutes", "59", range(60, 43_200)),
            ("absolute_minutes", "99999999999", range(60, 43_200)),
            ("sessions_per_person", "0", range(1, 50)),
            ("sessions_per_person", "many", range(1, 50)),
            ("networks", "10.0.0.0/8\nthe office", FieldProblem::BadLine(2, super::super::LineProblem::NoNetwork)),
            ("invitation_domains", "@acme.example", FieldProblem::Malformed),
            ("retain_reads_days", "29", range(30, 3_650)),
            ("retain_reads_days", "3651", range(30, 3_650)),
            ("classification", "secret", FieldProblem::UnknownChoice),
        ] {
            let mut form = form();
            form.put("mfa", "required");
            form.put(field, value);
            assert_eq!(parse(&form).unwrap_err().of(field), Some(problem), "{field} {value}");
        }
    }

    #[test]
    fn what_has_no_say_may_be_anything() {
        let mut form = form();
        form.put("mfa_grace_days", "x");
        form.0.retain(|(field, _)| field != "mfa_methods");
        assert_eq!(parse(&form).unwrap(), SecurityPolicy::default());
        form.put("mfa", "required");
        let errors = parse(&form).unwrap_err();
        assert_eq!(errors.of("mfa_methods"), Some(FieldProblem::Required), "somebody has to be able to meet it");
        assert_eq!(errors.of("mfa_grace_days"), Some(FieldProblem::OutOfRange(0, 30)));
    }

    #[test]
    fn settings_that_contradict_each_other_are_told() {
        for (fields, at, of) in [
            ([("idle_minutes", "120"), ("absolute_minutes", "60")], "idle_minutes", Key::AbsoluteMinutes),
            (
                [("sessions_per_person", "5"), ("sessions_in_organization", "4")],
                "sessions_per_person",
                Key::SessionsInOrganization,
            ),
            ([("burst", "61"), ("requests_per_minute", "60")], "burst", Key::RequestsPerMinute),
            (
                [("requests_per_minute", "100"), ("requests_per_hour", "99")],
                "requests_per_minute",
                Key::RequestsPerHour,
            ),
        ] {
            let mut form = form();
            for (field, value) in fields {
                form.put(field, value);
            }
            assert_eq!(parse(&form).unwrap_err().of(at), Some(FieldProblem::Exceeds(of)));
        }
    }
}
