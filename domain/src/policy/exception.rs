//! Exceptions: somebody is let in although a rule says no, for some days and for a reason.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{Author, Rule};
use crate::email::EmailAddress;
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::{AccountId, ExceptionId};
use crate::members::parse_reason;

/// The most days that an exception lasts.
pub const EXCEPTION_DAYS_MAX: u32 = 30;

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its id.
    pub id: ExceptionId,
    /// For whom.
    pub account: AccountId,
    /// What they are called.
    pub name: String,
    /// Of which rule.
    pub rule: Rule,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: OffsetDateTime,
    /// Who has made it.
    pub by: Author,
    /// When.
    pub created_at: OffsetDateTime,
    /// When somebody has ended it.
    pub ended_at: Option<OffsetDateTime>,
}

impl Exception {
    /// Whether it counts.
    pub fn counts(&self, now: OffsetDateTime) -> bool {
        self.ended_at.is_none() && now < self.until
    }
}

/// The form that makes one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ExceptionForm {
    /// The member's address.
    #[serde(default)]
    pub email: String,
    /// The rule's code.
    #[serde(default)]
    pub rule: String,
    /// For how many days.
    #[serde(default)]
    pub days: String,
    /// Why: nobody makes one without saying so.
    #[serde(default)]
    pub reason: String,
}

/// An exception to be.
#[derive(Clone, Debug)]
pub struct NewException {
    /// The member's address.
    pub email: EmailAddress,
    /// Of which rule.
    pub rule: Rule,
    /// For how long.
    pub lasts: Duration,
    /// Why.
    pub reason: String,
}

impl ExceptionForm {
    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<NewException, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.check("email", EmailAddress::parse(&self.email));
        let rule = Rule::from_code(&self.rule).filter(|rule| rule.may_be_excepted());
        let rule = errors.check("rule", rule.ok_or(FieldProblem::UnknownChoice));
        let days = self.days.trim().parse::<u32>().ok().filter(|days| (1..=EXCEPTION_DAYS_MAX).contains(days));
        let days = errors.check("days", days.ok_or(FieldProblem::OutOfRange(1, EXCEPTION_DAYS_MAX)));
        let reason = errors.check("reason", parse_reason(&self.reason));
        match (email, rule, days, reason) {
            (Some(email), Some(rule), Some(days), Some(reason)) => {
                Ok(NewException { email, rule, lasts: Duration::days(days.into()), reason })
            }
            _ => Err(errors),
        }
    }
}

impl Rule {
    /// The rule of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// Whether somebody can be let in although it says no. Where the data is, how full it is inside, and that somebody has
    /// ended their access is nothing to except anybody from; nor are passwords, of which everybody can choose another.
    pub const fn may_be_excepted(self) -> bool {
        matches!(
            self,
            Self::Networks
                | Self::SessionsPerPerson
                | Self::AbsoluteMinutes
                | Self::IdleMinutes
                | Self::SignInMethods
                | Self::Mfa
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_has_a_reason_and_an_end() {
        let form = ExceptionForm {
            email: "mia@acme.example".into(),
            rule: "networks".into(),
            days: "30".into(),
            reason: " Works  from Oslo ".into(),
        };
        let parsed = form.parse().unwrap();
        assert_eq!((parsed.lasts, parsed.reason.as_str()), (Duration::days(30), "Works from Oslo"));
        for (form, field, problem) in [
            (ExceptionForm { reason: " ".into(), ..form.clone() }, "reason", FieldProblem::Required),
            (ExceptionForm { days: "31".into(), ..form.clone() }, "days", FieldProblem::OutOfRange(1, 30)),
            (ExceptionForm { days: "0".into(), ..form.clone() }, "days", FieldProblem::OutOfRange(1, 30)),
            (ExceptionForm { rule: "regions".into(), ..form.clone() }, "rule", FieldProblem::UnknownChoice),
            (ExceptionForm { rule: "access_ended".into(), ..form }, "rule", FieldProblem::UnknownChoice),
        ] {
            assert_eq!(form.parse().unwrap_err().of(field), Some(problem), "{field}");
        }
    }
}
