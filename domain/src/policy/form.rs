//! The policy as it is typed.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{GRACE_DAYS_MAX, Limit, Methods, MfaRequirement, SESSIONS_MAX, SignInPolicy};
use crate::fields::{FieldErrors, FieldProblem};

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
}

/// A policy that makes sense, before it is known since when a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What counts as a second factor, and the days of grace.
    pub mfa: Option<(Methods, u16)>,
    /// After how long unused.
    pub idle: Limit,
    /// After how long in any case.
    pub absolute: Limit,
    /// How many of one person.
    pub sessions: Option<u16>,
}

impl SignInPolicyForm {
    /// Parses every field. What goes with a second factor counts only where one is asked for.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<Wish, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mfa = match self.mfa.as_str() {
            "optional" => Some(None),
            "required" => {
                let methods = errors.check("allow_passkey", self.methods());
                let grace_days = errors.check("grace_days", number(&self.grace_days, 0, GRACE_DAYS_MAX));
                methods.zip(grace_days).map(Some)
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
        match (mfa, idle, absolute, sessions) {
            (Some(mfa), Some(idle), Some(absolute), Some(sessions)) => Ok(Wish { mfa, idle, absolute, sessions }),
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

impl Wish {
    /// The policy from now on. The grace begins anew when people are asked for what they were not asked for before: a
    /// second factor at all, or with fewer kinds of them.
    pub fn in_place_of(self, before: &SignInPolicy, now: OffsetDateTime) -> SignInPolicy {
        let mfa = self.mfa.map(|(methods, grace_days)| {
            let since = before.mfa.filter(|mfa| methods.cover(mfa.methods)).map_or(now, |mfa| mfa.since);
            MfaRequirement { methods, grace_days, since }
        });
        SignInPolicy { mfa, idle: self.idle, absolute: self.absolute, sessions: self.sessions }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

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
        }
    }

    #[test]
    fn every_field_has_its_bounds() {
        assert!(form().parse().is_ok());
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
        ] {
            let mut form = form();
            let slot = match field {
                "mfa" => &mut form.mfa,
                "grace_days" => &mut form.grace_days,
                "idle" => &mut form.idle,
                "absolute" => &mut form.absolute,
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
        assert_eq!(form.parse().unwrap().mfa, None);
    }

    #[test]
    fn the_grace_begins_anew_when_more_is_asked_for() {
        let then = datetime!(2026-11-01 12:00 UTC);
        let now = then + Duration::days(10);
        let since = |wish: Wish, before: &SignInPolicy| wish.in_place_of(before, now).mfa.unwrap().since;
        let wish = form().parse().unwrap();
        let passkeys = Wish { mfa: Some((Methods { passkey: true, authenticator: false }, 0)), ..wish };
        assert_eq!(since(wish, &SignInPolicy::default()), now);
        let both = wish.in_place_of(&SignInPolicy::default(), then);
        assert_eq!(since(Wish { mfa: Some((Methods::ALL, 1)), ..wish }, &both), then, "a shorter grace is no new one");
        assert_eq!(since(passkeys, &both), now);
        let only_passkeys = passkeys.in_place_of(&both, then);
        assert_eq!(since(wish, &only_passkeys), then);
    }
}
