//! What a setting is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Kind, SETTINGS, SecurityPolicy, Value};

/// Which setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the table says what each is")]
pub enum Key {
    Mfa,
    MfaMethods,
    MfaGraceDays,
    SignInMethods,
    PasswordLength,
    PasswordStrength,
    PasswordDays,
    IdleMinutes,
    AbsoluteMinutes,
    StepUpMinutes,
    SessionsPerPerson,
    SessionsInOrganization,
    AtTheLimit,
    Networks,
    InvitationDays,
    InvitationDomains,
    RequestsPerMinute,
    Burst,
    RequestsPerHour,
    LogReads,
    RetainSecurityDays,
    RetainAdministrationDays,
    RetainReadsDays,
    Classification,
    Regions,
    ApiKeyMaxDays,
    KeyRotationDays,
    ApprovalNeeded,
}

impl Key {
    /// The setting.
    pub fn setting(self) -> &'static Setting {
        // In the table they stand in the order of the keys: a test says so.
        &SETTINGS[self as usize]
    }
}

/// What settings belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// How people show who they are.
    SignIn,
    /// How long and how often they are inside.
    Sessions,
    /// From where they come.
    Networks,
    /// Who is invited.
    Invitations,
    /// What programs come with.
    ApiKeys,
    /// How much one of them may ask for.
    RateLimiting,
    /// What is on record.
    AuditLogging,
    /// What the data is worth, and where it is.
    DataProtection,
    /// What one person does not do alone.
    Approvals,
}

impl Section {
    /// All of them, in the order of pages and files.
    pub const ALL: [Self; 9] = [
        Self::SignIn,
        Self::Sessions,
        Self::Networks,
        Self::Invitations,
        Self::ApiKeys,
        Self::RateLimiting,
        Self::AuditLogging,
        Self::DataProtection,
        Self::Approvals,
    ];

    /// The name under which files have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Sessions => "sessions",
            Self::Networks => "networks",
            Self::Invitations => "invitations",
            Self::ApiKeys => "api_keys",
            Self::RateLimiting => "rate_limiting",
            Self::AuditLogging => "audit_logging",
            Self::DataProtection => "data_protection",
            Self::Approvals => "approvals",
        }
    }

    /// The section of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.code() == code)
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SignIn => "Sign-in",
            Self::Sessions => "Sessions",
            Self::Networks => "Networks",
            Self::Invitations => "Invitations",
            Self::ApiKeys => "API keys",
            Self::RateLimiting => "Rate limits",
            Self::AuditLogging => "Audit logging",
            Self::DataProtection => "Data protection",
            Self::Approvals => "Owner approval",
        }
    }

    /// What it is for, in a sentence.
    pub const fn lead(self) -> &'static str {
        match self {
            Self::SignIn => "How members show who they are.",
            Self::Sessions => "How long a sign-in is good here, and how many there are at a time.",
            Self::Networks => "From where members come in.",
            Self::Invitations => "Who can be invited, and for how long.",
            Self::ApiKeys => "How long programs come in with the same key.",
            Self::RateLimiting => "How much one member may ask for.",
            Self::AuditLogging => "What is on record besides every change, and how long all of it is kept.",
            Self::DataProtection => "What the organization’s data is worth, and where it may be.",
            Self::Approvals => "What one person does not do alone.",
        }
    }

    /// Its settings, in order.
    pub fn settings(self) -> impl Iterator<Item = &'static Setting> {
        SETTINGS.iter().filter(move |setting| setting.section == self)
    }
}

/// Who needs a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Everybody.
    Basic,
    /// Those who know why.
    Advanced,
}

/// A body of rules that organizations are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framework {
    /// The Sarbanes-Oxley Act of 2002.
    Sox,
    /// Regulation (EU) 2016/679.
    Gdpr,
    /// 45 CFR Part 164, the Security Rule.
    Hipaa,
    /// PCI DSS 4.0.1.
    PciDss,
    /// ISO/IEC 27001:2022, Annex A.
    Iso27001,
}

impl Framework {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sox => "SOX",
            Self::Gdpr => "GDPR",
            Self::Hipaa => "HIPAA",
            Self::PciDss => "PCI DSS",
            Self::Iso27001 => "ISO 27001",
        }
    }
}

/// A clause that a setting serves. That it does makes nobody compliant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Control {
    /// Whose it is.
    pub framework: Framework,
    /// Its number there.
    pub clause: &'static str,
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.framework.label(), self.clause)
    }
}

/// One thing that can be set.
#[derive(Debug)]
pub struct Setting {
    /// Which it is.
    pub key: Key,
    /// The name under which forms, files and the record have it.
    pub code: &'static str,
    /// Where it stands.
    pub section: Section,
    /// Who needs it.
    pub tier: Tier,
    /// What people call it.
    pub label: &'static str,
    /// What it means, in a sentence or two.
    pub help: &'static str,
    /// Why somebody wants it.
    pub why: &'static str,
    /// Which values it has.
    pub kind: Kind,
    /// What it serves.
    pub controls: &'static [Control],
    /// How much it counts for the posture, and what is good enough for it.
    pub weight: u32,
    /// The value from which on it counts in full.
    pub sound: Value,
    pub(super) get: fn(&SecurityPolicy) -> Value,
    pub(super) set: fn(&mut SecurityPolicy, Value),
}

impl Setting {
    /// Its value in a policy.
    pub fn get(&self, policy: &SecurityPolicy) -> Value {
        (self.get)(policy)
    }

    /// Sets it in a policy. A value of another kind is no value of this setting, and changes nothing.
    pub fn set(&self, policy: &mut SecurityPolicy, value: Value) {
        (self.set)(policy, value);
    }

    /// Its value when nobody has set it.
    pub fn default_value(&self) -> Value {
        self.get(&SecurityPolicy::default())
    }

    /// Its value in a policy, in words.
    pub fn describe(&self, policy: &SecurityPolicy) -> String {
        self.kind.describe(&self.get(policy))
    }

    /// Whether it has a say in a policy: some settings count only beside others.
    pub fn counts_in(&self, policy: &SecurityPolicy) -> bool {
        match self.key {
            Key::MfaMethods | Key::MfaGraceDays => policy.mfa,
            Key::PasswordDays => policy.sign_in_methods.password,
            Key::AtTheLimit => policy.sessions_per_person.is_some() || policy.sessions_in_organization.is_some(),
            Key::Burst => policy.requests_per_minute.is_some(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_keys() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert_eq!(setting.key as usize, index, "{}", setting.code);
            assert_eq!(serde_json::to_value(setting.key).unwrap(), setting.code, "one name of each");
        }
    }

    #[test]
    fn every_value_of_the_document_is_in_the_table_and_back() {
        let text = serde_json::to_value(SecurityPolicy::default()).unwrap();
        let fields: Vec<_> = text.as_object().unwrap().keys().cloned().collect();
        let mut codes: Vec<_> = SETTINGS.iter().map(|setting| setting.code.to_owned()).collect();
        codes.sort();
        assert_eq!(fields, codes);
        for setting in &SETTINGS {
            let mut policy = SecurityPolicy::default();
            setting.set(&mut policy, setting.sound.clone());
            assert_eq!(setting.get(&policy), setting.sound, "{}", setting.code);
            for other in SETTINGS.iter().filter(|other| other.key != setting.key) {
                assert_eq!(other.get(&policy), other.default_value(), "{} sets {}", setting.code, other.code);
            }
            assert!(setting.kind.is_as_strict(&setting.sound, &setting.default_value()), "{}", setting.code);
        }
    }

    #[test]
    fn every_setting_says_what_it_is_for() {
        for setting in &SETTINGS {
            for text in [setting.help, setting.why] {
                assert!(text.len() > 20 && text.ends_with('.'), "{}: {text}", setting.code);
            }
            assert!(!setting.controls.is_empty(), "{}", setting.code);
            if let Kind::Number { least, most, marks, .. } = setting.kind {
                assert!(
                    marks.is_sorted() && marks.iter().all(|mark| (least..=most).contains(mark)),
                    "{}",
                    setting.code
                );
            }
        }
    }
}
