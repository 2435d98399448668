//! A person's account: the platform's, one for all organizations.

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::AccountId;
use crate::text::{OrganizationName, PersonName};

/// Light, dark, or what the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Follows the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: &[Self] = &[Self::System, Self::Light, Self::Dark];

    /// The name under which it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "Same as the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The theme of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|theme| theme.code() == code)
    }
}

/// What a person sees and changes of their own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its address.
    pub email: String,
    /// Whether somebody has shown that they read mail at this address.
    pub email_proven: bool,
    /// The person's name.
    pub name: String,
    /// IANA name of the zone in which times are shown, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Light or dark.
    pub theme: Theme,
    /// Whether single keys do something.
    pub shortcuts: bool,
}

/// The sign-up form as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SignUpForm {
    /// Full name.
    #[serde(default)]
    pub name: String,
    /// Address.
    #[serde(default)]
    pub email: String,
    /// Password.
    #[serde(default, skip_serializing)]
    pub password: String,
    /// Name of the organization.
    #[serde(default)]
    pub organization: String,
}

/// A sign-up that makes sense.
#[derive(Debug)]
pub struct SignUp {
    /// The person.
    pub name: PersonName,
    /// Their address.
    pub email: EmailAddress,
    /// The organization to make.
    pub organization: OrganizationName,
}

impl SignUpForm {
    /// Parses every field but the password, which takes more than its text to judge.
    ///
    /// # Errors
    /// All that is wrong, by field, in the order of the form.
    pub fn parse<P>(&self, password: Result<P, FieldProblem>) -> Result<(SignUp, P), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", PersonName::parse(&self.name));
        let email = errors.check("email", EmailAddress::parse(&self.email));
        let password = errors.check("password", password);
        let organization = errors.check("organization", OrganizationName::parse(&self.organization));
        match (name, email, password, organization) {
            (Some(name), Some(email), Some(password), Some(organization)) => {
                Ok((SignUp { name, email, organization }, password))
            }
            _ => Err(errors),
        }
    }
}

/// The profile form as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProfileForm {
    /// Full name.
    #[serde(default)]
    pub name: String,
    /// IANA name of a zone.
    #[serde(default)]
    pub time_zone: String,
    /// Code of a theme.
    #[serde(default)]
    pub theme: String,
    /// A box: ticked unless it is empty.
    #[serde(default)]
    pub shortcuts: String,
}

/// A profile that makes sense, but for the zone, which only a zone database can judge.
#[derive(Debug)]
pub struct Profile {
    /// Full name.
    pub name: PersonName,
    /// IANA name of a zone, unchecked.
    pub time_zone: String,
    /// Light or dark.
    pub theme: Theme,
    /// Whether single keys do something.
    pub shortcuts: bool,
}

impl ProfileForm {
    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<Profile, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", PersonName::parse(&self.name));
        let theme = errors.check("theme", Theme::from_code(&self.theme).ok_or(FieldProblem::UnknownChoice));
        match (name, theme) {
            (Some(name), Some(theme)) => {
                let shortcuts = !self.shortcuts.is_empty();
                Ok(Profile { name, time_zone: self.time_zone.clone(), theme, shortcuts })
            }
            _ => Err(errors),
        }
    }
}
