//! What is typed: who becomes an operator, and which organization is made for whom.

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::fields::{FieldErrors, FieldProblem};
use crate::text::{OrganizationName, PersonName};

/// The most characters of a reason.
pub const REASON_MAX: u16 = 500;

/// A reason as the organization reads it: trimmed, of one line, and not too long.
///
/// # Errors
/// Nothing was typed, or too much, or what is not meant to be read.
pub fn reason_of(raw: &str) -> Result<String, FieldProblem> {
    let reason = raw.trim();
    if reason.is_empty() {
        return Err(FieldProblem::Required);
    }
    if reason.chars().count() > usize::from(REASON_MAX) {
        return Err(FieldProblem::TooLong(REASON_MAX));
    }
    if reason.chars().any(crate::text::is_unprintable) {
        return Err(FieldProblem::ForbiddenCharacters);
    }
    Ok(reason.to_owned())
}

/// Somebody who is to be an operator, as typed at the command line. Name and password are for a new account.
#[derive(Clone, Debug, Default)]
pub struct OperatorForm {
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their password.
    pub password: String,
}

/// The account of somebody who is to be an operator and has none.
#[derive(Debug)]
pub struct NewOperator {
    /// What they are called.
    pub name: PersonName,
    /// Their address.
    pub email: EmailAddress,
}

impl OperatorForm {
    /// Parses every field but the password, which takes more than its text to judge.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse<P>(&self, password: Result<P, FieldProblem>) -> Result<(NewOperator, P), FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.check("email", EmailAddress::parse(&self.email));
        let name = errors.check("name", PersonName::parse(&self.name));
        let password = errors.check("password", password);
        match (email, name, password) {
            (Some(email), Some(name), Some(password)) => Ok((NewOperator { name, email }, password)),
            _ => Err(errors),
        }
    }
}

/// The form "Create organization" of the console.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProvisionForm {
    /// Name of the organization.
    #[serde(default)]
    pub organization: String,
    /// The address of its owner.
    #[serde(default)]
    pub email: String,
    /// What the owner is called.
    #[serde(default)]
    pub name: String,
}

/// An organization that makes sense.
#[derive(Debug)]
pub struct NewOrganization {
    /// What it is called.
    pub organization: OrganizationName,
    /// The address of its owner.
    pub email: EmailAddress,
    /// What the owner is called.
    pub name: PersonName,
}

impl ProvisionForm {
    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field, in the order of the form.
    pub fn parse(&self) -> Result<NewOrganization, FieldErrors> {
        let mut errors = FieldErrors::default();
        let organization = errors.check("organization", OrganizationName::parse(&self.organization));
        let email = errors.check("email", EmailAddress::parse(&self.email));
        let name = errors.check("name", PersonName::parse(&self.name));
        match (organization, email, name) {
            (Some(organization), Some(email), Some(name)) => Ok(NewOrganization { organization, email, name }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_given_and_can_be_read() {
        assert_eq!(reason_of("  The bill is open "), Ok("The bill is open".to_owned()));
        assert_eq!(reason_of(" "), Err(FieldProblem::Required));
        assert_eq!(reason_of("a\u{202e}b"), Err(FieldProblem::ForbiddenCharacters));
        assert_eq!(reason_of(&"x".repeat(501)), Err(FieldProblem::TooLong(500)));
        assert_eq!(reason_of(&"ä".repeat(500)), Ok("ä".repeat(500)));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let errors = ProvisionForm { email: "nobody".into(), ..ProvisionForm::default() }.parse().unwrap_err();
        let told: Vec<_> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(told, ["organization", "email", "name"]);
    }
}
