//! E-mail addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fields::FieldProblem;
use crate::text::is_unprintable;

/// The longest address that a mail server has to accept (RFC 5321, 4.5.3.1.3, less the brackets).
pub const EMAIL_MAX: u16 = 254;

/// An address in the one form under which it is stored and compared: trimmed and in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses what was typed. Display names, comments and address literals are not addresses here.
    ///
    /// # Errors
    /// When it is empty, longer than [`EMAIL_MAX`] or not an address with a domain name.
    pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
        let address = raw.trim().to_lowercase();
        if address.is_empty() {
            return Err(FieldProblem::Required);
        }
        if address.len() > usize::from(EMAIL_MAX) {
            return Err(FieldProblem::TooLong(EMAIL_MAX));
        }
        let options =
            email_address::Options::default().without_display_text().without_domain_literal().with_required_tld();
        let strange = |c: char| is_unprintable(c) || c.is_whitespace() || c == '"';
        if address.chars().any(strange) || email_address::EmailAddress::parse_with_options(&address, options).is_err() {
            return Err(FieldProblem::Malformed);
        }
        Ok(Self(address))
    }

    /// Parses what somebody types to say who they are. Whether it is an account's address, only the accounts can tell:
    /// one of them may be older than a rule.
    ///
    /// # Errors
    /// When it is empty, longer than [`EMAIL_MAX`] or nothing that ever was an address here.
    pub fn asked(raw: &str) -> Result<Self, FieldProblem> {
        let address = raw.trim().to_lowercase();
        if address.is_empty() {
            return Err(FieldProblem::Required);
        }
        if address.len() > usize::from(EMAIL_MAX) {
            return Err(FieldProblem::TooLong(EMAIL_MAX));
        }
        let has_both = address.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        if !has_both || address.chars().any(|c| is_unprintable(c) || c.is_whitespace()) {
            return Err(FieldProblem::Malformed);
        }
        Ok(Self(address))
    }

    /// What was stored once: it was judged then, and the rules of today are for what is typed today.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_spelling() {
        assert_eq!(EmailAddress::parse(" Ada@Acme.Example ").unwrap().as_str(), "ada@acme.example");
    }

    #[test]
    fn an_address_that_is_asked_for_may_be_older_than_a_rule() {
        assert_eq!(EmailAddress::asked(" Ada@Intranet ").unwrap(), EmailAddress::stored("ada@intranet"));
        for raw in ["ada", "ada@", "@acme.example", "a b@acme.example", "a@b\0.example", "a\r\nBcc: x@y.example"] {
            assert_eq!(EmailAddress::asked(raw), Err(FieldProblem::Malformed), "{raw:?}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for raw in [
            "ada",
            "ada@",
            "@acme.example",
            "Ada <ada@acme.example>",
            "a b@acme.example",
            "a@b\0.example",
            "a\r\nBcc: x@y.example",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(EmailAddress::parse(raw), Err(FieldProblem::Malformed), "{raw:?}");
        }
        assert_eq!(EmailAddress::parse(""), Err(FieldProblem::Required));
        assert_eq!(EmailAddress::parse(&format!("{}@acme.example", "a".repeat(300))), Err(FieldProblem::TooLong(254)));
    }
}
