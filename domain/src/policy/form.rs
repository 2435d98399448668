//! The policy as it is typed.

use super::{GRACE_DAYS_MAX, Limit, Methods, MfaRule, PolicySettings, SESSIONS_MAX};
use crate::fields::{FieldErrors, FieldProblem};
use crate::members::parse_reason;
use serde::{Deserialize, Serialize};

/// The form of the section "Sign-in" as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SignInPolicyForm {
    /// Of what the form was a copy.
    #[serde(default)]
    pub revision: String,
    /// `optional` or `required`.
    #[serde(default)]
    pub mfa: String,
    /// A box: ticked unless it is empty.
    #[serde(default)]
    pub allow_passkey: String,
    /// A box: ticked unless it is empty.
    #[serde(default)]
    pub allow_authenticator: String,
    /// A number of days.
    #[serde(default)]
    pub grace_days: String,
    /// Minutes.
    #[serde(default)]
    pub idle: String,
    /// Minutes.
    #[serde(default)]
    pub absolute: String,
    /// A number, or nothing.
    #[serde(default)]
    pub sessions: String,
    /// Why, if somebody says so.
    #[serde(default)]
    pub reason: String,
}

impl SignInPolicyForm {
    /// Parses every field. What goes with a second factor counts only where one is asked for.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<(PolicySettings, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let mfa = match self.mfa.as_str() {
            "optional" => Some(None),
            "required" => {
                let methods = errors.check("allow_passkey", self.methods());
                let grace_days = errors.check("grace_days", number(&self.grace_days, 0, GRACE_DAYS_MAX));
                methods.zip(grace_days).map(|(methods, grace_days)| Some(MfaRule { methods, grace_days }))
            }
            _ => errors.check("mfa", Err(FieldProblem::UnknownChoice)),
        };
        let choice = |limit: Option<Limit>| limit.ok_or(FieldProblem::UnknownChoice);
        let idle = errors.check("idle", choice(Limit::parse(&self.idle, (Limit::IDLE_MIN, Limit::IDLE_MAX))));
        let bounds = (Limit::ABSOLUTE_MIN, Limit::ABSOLUTE_MAX);
        let absolute = errors.check("absolute", choice(Limit::parse(&self.absolute, bounds)));
        let sessions = match self.sessions.trim() {
            "" => Some(None),
            text => errors.check("sessions", number(text, 1, SESSIONS_MAX).map(Some)),
        };
        let reason = errors.check("reason", parse_change_reason(&self.reason));
        match (mfa, idle, absolute, sessions, reason) {
            (Some(mfa), Some(idle), Some(absolute), Some(sessions), Some(reason)) => {
                Ok((PolicySettings { mfa, idle, absolute, sessions }, reason))
            }
            _ => Err(errors),
        }
    }

    fn methods(&self) -> Result<Methods, FieldProblem> {
        let methods =
            Methods { passkey: !self.allow_passkey.is_empty(), authenticator: !self.allow_authenticator.is_empty() };
        if methods.is_empty() { Err(FieldProblem::Required) } else { Ok(methods) }
    }
}

fn number(text: &str, least: u16, most: u16) -> Result<u16, FieldProblem> {
    match text.trim() {
        "" => Err(FieldProblem::Required),
        text => {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or(FieldProblem::OutOfRange(least, most))
        }
    }
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

    fn form() -> SignInPolicyForm {
        SignInPolicyForm {
            revision: "0".into(),
            mfa: "required".into(),
            allow_passkey: "true".into(),
            allow_authenticator: "true".into(),
            grace_days: "7".into(),
            idle: "480".into(),
            absolute: "1440".into(),
            sessions: " 3 ".into(),
            reason: " Because  of the audit ".into(),
        }
    }

    #[test]
    fn every_field_has_its_bounds() {
        assert_eq!(form().parse().unwrap().1.as_deref(), Some("Because of the audit"));
        let range = FieldProblem::OutOfRange;
        for (field, value, problem) in [
            ("mfa", "", FieldProblem::UnknownChoice),
            ("mfa", "sometimes", FieldProblem::UnknownChoice),
            ("grace_days", "", FieldProblem::Required),
            ("grace_days", "31", range(0, 30)),
            ("grace_days", "-1", range(0, 30)),
            ("grace_days", "1.5", range(0, 30)),
            ("idle", "14", FieldProblem::UnknownChoice),
            ("idle", "10081", FieldProblem::UnknownChoice),
            ("absolute", "59", FieldProblem::UnknownChoice),
            ("absolute", "43201", FieldProblem::UnknownChoice),
            ("absolute", "99999999999", FieldProblem::UnknownChoice),
            ("sessions", "0", range(1, 50)),
            ("sessions", "51", range(1, 50)),
            ("sessions", "many", range(1, 50)),
            ("reason", "a\u{202e}b", FieldProblem::ForbiddenCharacters),
        ] {
            let mut form = form();
            let slot = match field {
                "mfa" => &mut form.mfa,
                "grace_days" => &mut form.grace_days,
                "idle" => &mut form.idle,
                "absolute" => &mut form.absolute,
                "reason" => &mut form.reason,
                _ => &mut form.sessions,
            };
            value.clone_into(slot);
            assert_eq!(form.parse().unwrap_err().of(field), Some(problem), "{field} {value}");
        }
    }

    #[test]
    fn somebody_has_to_be_able_to_meet_it() {
        let form = SignInPolicyForm { allow_passkey: String::new(), allow_authenticator: String::new(), ..form() };
        assert_eq!(form.parse().unwrap_err().of("allow_passkey"), Some(FieldProblem::Required));
        // What is not asked for may be anything.
        let form = SignInPolicyForm { mfa: "optional".into(), grace_days: "x".into(), ..form };
        assert_eq!(form.parse().unwrap().0.mfa, None);
    }
}
