//! What is typed about a key.

use serde::{Deserialize, Serialize};
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time};

use crate::codes::codes;
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::ServiceAccountId;
use crate::policy::{Key, LineProblem, Networks, RoleNames, SecurityPolicy};
use crate::roles::{Permission, Permissions, RoleId};
use crate::text::KeyName;

/// After how many days a key may end without anybody's looking at a calendar.
pub const EXPIRY_DAYS: [u32; 4] = [30, 60, 90, 365];
/// The most networks of one key.
pub const KEY_NETWORKS_MAX: u16 = 100;
/// The most requests in a minute that a key's own limit may allow.
pub const KEY_REQUESTS_MAX: u32 = 60_000;

/// A key as it was typed. `scopes` are codes of permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyForm {
    /// What it is to be called.
    pub name: String,
    /// The id of the service account that it is for; nothing, for whoever makes it.
    pub account: String,
    /// What it may do.
    #[serde(rename = "scope", skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// After how many days it ends, or `date`.
    pub expiry: String,
    /// The last day on which it works, if `expiry` says so.
    pub until: String,
    /// From where it may come.
    pub networks: String,
    /// How many requests it may make in a minute.
    pub requests_per_minute: String,
}

/// When a key is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// After so many days.
    Days(u32),
    /// When this day is over, in UTC.
    On(Date),
}

/// What of a key can be changed later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// What it is called.
    pub name: KeyName,
    /// What it may do.
    #[serde(with = "scope_codes")]
    pub scopes: Permissions,
    /// From where it may come.
    pub networks: Networks,
    /// How many requests it may make in a minute.
    pub requests_per_minute: Option<u32>,
}

/// A key to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is, as it can be changed later.
    pub key: KeyChange,
    /// The service account that it is for.
    pub account: Option<ServiceAccountId>,
    /// When it ends.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

impl KeyChange {
    /// What of a key's scopes somebody gives by changing it to this, as if they made it: what is added, and all of it where
    /// it comes to work from elsewhere, or more often.
    #[must_use]
    pub fn gives(&self, before: &Self) -> Permissions {
        let elsewhere = self.networks != before.networks || self.requests_per_minute != before.requests_per_minute;
        if elsewhere { self.scopes } else { self.scopes.without(before.scopes) }
    }

    /// What of a key's scopes it comes to have by this that it had not before, or had from fewer places or less often.
    #[must_use]
    pub fn widens(&self, before: &Self) -> Permissions {
        let limit = self.requests_per_minute.unwrap_or(u32::MAX);
        let is_as_often = before.requests_per_minute.is_none_or(|most| limit <= most);
        if is_as_often && self.networks.is_within(&before.networks) {
            self.scopes.without(before.scopes)
        } else {
            self.scopes
        }
    }
}

impl NewKey {
    /// Goes on only with an end that the organization allows by now: some time may have passed since it was typed.
    ///
    /// # Errors
    /// Its end is too far away.
    pub fn require_end(&self, policy: &SecurityPolicy, now: OffsetDateTime) -> Result<(), FieldErrors> {
        let most = now + Duration::days(policy.api_key_max_days.into());
        if self.expires_at > most {
            return Err(FieldErrors::one("expiry", FieldProblem::Exceeds(Key::ApiKeyMaxDays)));
        }
        Ok(())
    }
}

/// Scopes by the codes that they are stored by everywhere.
mod scope_codes {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    use crate::roles::{Permission, Permissions};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn serialize<S: Serializer>(scopes: &Permissions, serializer: S) -> Result<S::Ok, S::Error> {
        scopes.codes().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Permissions, D::Error> {
        let codes = Vec::<String>::deserialize(deserializer)?;
        let scopes = codes.iter().map(|code| Permission::from_code(code));
        scopes.collect::<Option<Permissions>>().ok_or_else(|| D::Error::custom("no permission's code"))
    }
}

impl KeyForm {
    /// Reads the fields of a form, of which some are there several times.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name {
                "name" => value.clone_into(&mut form.name),
                "account" => value.clone_into(&mut form.account),
                "scope" => form.scopes.push(value.to_owned()),
                "expiry" => value.clone_into(&mut form.expiry),
                "until" => value.clone_into(&mut form.until),
                "networks" => value.clone_into(&mut form.networks),
                "requests_per_minute" => value.clone_into(&mut form.requests_per_minute),
                _ => {}
            }
        }
        form
    }

    /// Parses every field of a new key, by what the organization allows.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self, policy: &SecurityPolicy, now: OffsetDateTime) -> Result<NewKey, FieldErrors> {
        let mut errors = FieldErrors::default();
        let key = self.parse_change_into(&mut errors);
        let account = match self.account.as_str() {
            "" => Some(None),
            id => errors.check("account", id.parse().map(Some).map_err(|_| FieldProblem::UnknownChoice)),
        };
        let most = now + Duration::days(policy.api_key_max_days.into());
        let expires_at = self.parse_expiry(now, most);
        let expires_at = expires_at.map_err(|(field, problem)| errors.add(field, problem)).ok();
        match (key, account, expires_at) {
            (Some(key), Some(account), Some(expires_at)) => Ok(NewKey { key, account, expires_at }),
            _ => Err(errors),
        }
    }

    /// Parses the fields of what can be changed later.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse_change(&self) -> Result<KeyChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        self.parse_change_into(&mut errors).ok_or(errors)
    }

    fn parse_change_into(&self, errors: &mut FieldErrors) -> Option<KeyChange> {
        let name = errors.check("name", KeyName::parse(&self.name));
        let scopes = errors.check("scope", parse_scopes(&self.scopes));
        let networks = errors.check("networks", parse_networks(&self.networks));
        let limit = errors.check("requests_per_minute", parse_limit(&self.requests_per_minute));
        Some(KeyChange { name: name?, scopes: scopes?, networks: networks?, requests_per_minute: limit? })
    }

    fn parse_expiry(
        &self,
        now: OffsetDateTime,
        most: OffsetDateTime,
    ) -> Result<OffsetDateTime, (&'static str, FieldProblem)> {
        let (field, expiry) = if self.expiry == "date" {
            let format = format_description!("[year]-[month]-[day]");
            ("until", Date::parse(self.until.trim(), format).map(Expiry::On).map_err(|_| FieldProblem::Malformed))
        } else {
            let days = self.expiry.parse().ok().filter(|days| EXPIRY_DAYS.contains(days));
            ("expiry", days.map(Expiry::Days).ok_or(FieldProblem::UnknownChoice))
        };
        let at = expiry.map_err(|problem| (field, problem))?.at(now).ok_or((field, FieldProblem::Malformed))?;
        if at <= now {
            return Err((field, FieldProblem::Malformed));
        }
        if at > most { Err((field, FieldProblem::Exceeds(Key::ApiKeyMaxDays))) } else { Ok(at) }
    }
}

impl Expiry {
    /// The time, if there is one.
    fn at(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::Days(days) => now.checked_add(Duration::days(days.into())),
            Self::On(date) => Some(date.next_day()?.with_time(Time::MIDNIGHT).assume_utc()),
        }
    }
}

fn parse_scopes(codes: &[String]) -> Result<Permissions, FieldProblem> {
    if codes.is_empty() {
        return Err(FieldProblem::Required);
    }
    let scopes = codes.iter().map(|code| Permission::from_code(code).filter(|scope| scope.is_for_keys()));
    scopes.collect::<Option<Permissions>>().ok_or(FieldProblem::UnknownChoice)
}

/// A key has no roles: its networks bind it alone.
struct NoRoles;

impl RoleNames for NoRoles {
    fn by_name(&self, _: &str) -> Option<RoleId> {
        None
    }

    fn name_of(&self, role: RoleId) -> String {
        role.code()
    }
}

/// The networks of a key as they are typed, one in each line.
#[must_use]
pub fn networks_text(networks: &Networks) -> String {
    networks.text(&NoRoles)
}

fn parse_networks(text: &str) -> Result<Networks, FieldProblem> {
    let networks = Networks::parse(text, &NoRoles)?;
    let entries = networks.entries();
    if let Some(line) = entries.iter().position(|entry| !entry.roles.is_empty()) {
        return Err(FieldProblem::BadLine(u16::try_from(line + 1).unwrap_or(u16::MAX), LineProblem::NoRole));
    }
    if entries.len() > usize::from(KEY_NETWORKS_MAX) {
        return Err(FieldProblem::TooManyOfThem(KEY_NETWORKS_MAX));
    }
    Ok(networks)
}

fn parse_limit(text: &str) -> Result<Option<u32>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let number = text.parse().ok().filter(|number| (1..=KEY_REQUESTS_MAX).contains(number));
            number.map(Some).ok_or(FieldProblem::OutOfRange(1, KEY_REQUESTS_MAX))
        }
    }
}

codes! {
    /// How long the secret of before works beside the new one.
    #[derive(Default)]
    Overlap {
        /// Not at all.
        None = "0h" => "Not at all",
        /// An hour.
        Hour = "1h" => "1 hour",
        /// A day.
        #[default]
        Day = "24h" => "24 hours",
        /// A week.
        Week = "7d" => "7 days",
    }
}

impl Overlap {
    /// How long that is.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Hour => Duration::HOUR,
            Self::Day => Duration::DAY,
            Self::Week => Duration::WEEK,
        }
    }
}

/// The form "Rotate".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RotateForm {
    /// The code of the overlap.
    pub overlap: String,
}

impl RotateForm {
    /// Parses the field.
    ///
    /// # Errors
    /// It is none of the choices.
    pub fn parse(&self) -> Result<Overlap, FieldErrors> {
        Overlap::from_code(&self.overlap).ok_or_else(|| FieldErrors::one("overlap", FieldProblem::UnknownChoice))
    }
}
