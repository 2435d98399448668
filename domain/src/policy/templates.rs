//! Policies to begin with.

use super::settings::Framework::{self, Gdpr, Hipaa, Iso27001, PciDss, Sox};
use super::{Control, Key, Section, SecurityPolicy, Value};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// Days, of what is kept for years.
const YEAR: u32 = 365;
const SIX_YEARS: u32 = 6 * YEAR;
const SEVEN_YEARS: u32 = 7 * YEAR;

/// What one template sets: to what, and why.
type Set = (Key, Value, &'static str);

/// A policy to begin with: some settings, and why they are as they are. The others stay as they were.
#[derive(Debug)]
pub struct Template {
    /// The name under which addresses have it.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// For whom it is, in a sentence.
    pub lead: &'static str,
    /// The body of rules that it is written for.
    pub framework: Option<Framework>,
    /// What it sets.
    pub sets: &'static [Set],
}

const fn number(number: u32) -> Value {
    Value::Number(Some(number))
}

const REQUIRED: Value = Value::Choice(1);
const ALL_METHODS: Value = Value::Several(3);
const PASSKEYS: Value = Value::Several(1);
/// The password alone is not enough.
const NEVER_ALONE: Value = Value::Several(6);
const CONFIDENTIAL: Value = Value::Choice(2);
const RESTRICTED: Value = Value::Choice(3);

/// All templates.
pub static TEMPLATES: [Template; 7] = [
    Template {
        code: "baseline",
        name: "Baseline",
        lead: "What nobody should go without, and nobody will notice much.",
        framework: None,
        sets: &[
            (Key::Mfa, REQUIRED, "With it a stolen password alone opens nothing here."),
            (Key::MfaMethods, ALL_METHODS, "Everybody has one of them at hand."),
            (Key::MfaGraceDays, number(14), "Time for holidays and new phones."),
            (Key::IdleMinutes, number(DAY), "Whoever was here today need not sign in again today."),
            (Key::AbsoluteMinutes, number(14 * DAY), "A proof every two weeks."),
            (Key::InvitationDays, number(7), "A week is enough to answer."),
            (Key::LogReads, Value::Switch(true), "It costs nothing, and cannot be made up for later."),
        ],
    },
    Template {
        code: "strict",
        name: "Strict",
        lead: "For those whose keys open other people’s doors.",
        framework: None,
        sets: &[
            (Key::Mfa, REQUIRED, "Once the days are over, nobody comes in with a password alone."),
            (Key::MfaMethods, PASSKEYS, "A false page can ask for a code, and gets nothing from a passkey."),
            (Key::MfaGraceDays, number(3), "Long enough to order a key for those without a device."),
            (Key::SignInMethods, NEVER_ALONE, "A password alone shows too little, whoever has a device or not."),
            (Key::PasswordLength, number(14), "Where a password is still part of it, it is a long one."),
            (Key::PasswordStrength, Value::Choice(1), "And one that nobody would try."),
            (Key::IdleMinutes, number(15), "An unattended browser asks for a proof before it shows the next page."),
            (Key::AbsoluteMinutes, number(8 * HOUR), "One proof for each working day."),
            (Key::StepUpMinutes, number(5), "What changes much asks again soon."),
            (Key::SessionsPerPerson, number(2), "A desk and a phone."),
            (Key::InvitationDays, number(3), "Whoever is to join expects it."),
            (Key::RequestsPerMinute, number(300), "More than a person asks for, and less than a program would like."),
            (Key::RequestsPerHour, number(3_000), "A day’s work does not fit into a minute’s copy."),
            (Key::LogReads, Value::Switch(true), "Who has looked is as much a question as who has changed."),
            (Key::Classification, RESTRICTED, "Files that leave are owners’ business."),
            (Key::ApiKeyMaxDays, number(90), "What a program may do is looked at every quarter."),
            (Key::KeyRotationDays, number(30), "A leaked secret is worth a month at most."),
        ],
    },
    Template {
        code: "sox",
        name: "SOX",
        lead: "Access controls for systems that feed financial reports.",
        framework: Some(Sox),
        sets: &[
            (Key::Mfa, REQUIRED, "That a change was made by who it says is what the control over it rests on."),
            (Key::MfaGraceDays, number(7), "A quarter is longer than a week: nobody is still without when it ends."),
            (Key::PasswordLength, number(12), "Access to what is reported is not guessed (404)."),
            (Key::StepUpMinutes, number(5), "Privileged changes are made on purpose, and by who signed in."),
            (Key::AbsoluteMinutes, number(DAY), "A proof for every day’s entries."),
            (Key::IdleMinutes, number(8 * HOUR), "Sessions that nobody uses do not last overnight."),
            (Key::SessionsPerPerson, number(3), "Shared accounts cannot be attributed to a person."),
            (Key::InvitationDays, number(7), "Access that was approved is taken up soon, or approved again."),
            (Key::LogReads, Value::Switch(true), "Evidence is collected as things happen."),
            (Key::RetainSecurityDays, number(SEVEN_YEARS), "Records of an audit are kept for seven years (802)."),
            (Key::RetainAdministrationDays, number(SEVEN_YEARS), "Who could change what is asked long after."),
            (Key::ApiKeyMaxDays, number(180), "Access of programs is reviewed twice a year, like that of people."),
            (Key::KeyRotationDays, number(90), "Secrets of interfaces to the books change every quarter."),
        ],
    },
    Template {
        code: "gdpr",
        name: "GDPR",
        lead: "Measures for those who process personal data in the European Union.",
        framework: Some(Gdpr),
        sets: &[
            (Key::Mfa, REQUIRED, "A measure that fits the risk, by the state of the art (Art. 32)."),
            (Key::MfaGraceDays, number(14), "Short enough to be a measure, long enough to be followed."),
            (Key::AbsoluteMinutes, number(7 * DAY), "Access is shown anew every week."),
            (Key::IdleMinutes, number(8 * HOUR), "Sessions that nobody uses do not last overnight."),
            (Key::InvitationDays, number(7), "An address that does not answer is not waited for long."),
            (Key::LogReads, Value::Switch(true), "Who is responsible has to be able to show it (Art. 5(2))."),
            (Key::RetainSecurityDays, number(2 * YEAR), "Long enough for incidents, and no longer (Art. 5(1)(e))."),
            (Key::RetainReadsDays, number(YEAR), "Storage limitation: what people looked at is personal, too."),
            (Key::Classification, CONFIDENTIAL, "Exports of personal data are deliberate."),
        ],
    },
    Template {
        code: "hipaa",
        name: "HIPAA",
        lead: "Technical safeguards for electronic protected health information.",
        framework: Some(Hipaa),
        sets: &[
            (Key::Mfa, REQUIRED, "Person or entity authentication."),
            (Key::MfaMethods, ALL_METHODS, "Codes for those who wear gloves, passkeys for the others."),
            (Key::MfaGraceDays, number(7), "Clinics work in shifts: a week reaches everybody."),
            (Key::PasswordLength, number(12), "Procedures for passwords (164.308(a)(5)(ii)(D))."),
            (Key::IdleMinutes, number(15), "Automatic logoff: after a pause the next page asks for a proof."),
            (Key::AbsoluteMinutes, number(12 * HOUR), "One proof for each shift."),
            (Key::StepUpMinutes, number(5), "Changes of access are made by the person themselves."),
            (Key::SessionsPerPerson, number(3), "Unique user identification: nobody lends a sign-in."),
            (Key::InvitationDays, number(7), "Access authorization does not lie about in mailboxes."),
            (Key::LogReads, Value::Switch(true), "Audit controls record and examine activity, also reading."),
            (Key::RetainSecurityDays, number(SIX_YEARS), "Documentation is kept for six years (164.316(b)(2)(i))."),
            (Key::RetainAdministrationDays, number(SIX_YEARS), "Authorizations of access are documentation, too."),
            (Key::RetainReadsDays, number(SIX_YEARS), "Patients ask who has read their records, years later."),
            (Key::Classification, RESTRICTED, "Health data leaves by an owner’s hand alone."),
            (
                Key::ApiKeyMaxDays,
                number(180),
                "Access that was established is modified and reviewed, also that of programs.",
            ),
            (Key::KeyRotationDays, number(90), "A secret in somebody’s old notes opens no records."),
        ],
    },
    Template {
        code: "pci-dss",
        name: "PCI DSS",
        lead: "For systems beside cardholder data, by version 4.0.1.",
        framework: Some(PciDss),
        sets: &[
            (
                Key::Mfa,
                REQUIRED,
                "More than one factor for all access into the cardholder data environment that is not by console (8.4.2).",
            ),
            (Key::MfaGraceDays, number(0), "The requirement knows no grace."),
            (Key::PasswordLength, number(12), "At least twelve characters (8.3.6)."),
            (Key::PasswordDays, number(90), "A password that is the only factor is changed every 90 days (8.3.9)."),
            (Key::IdleMinutes, number(15), "Idle for more than 15 minutes means signing in again (8.2.8)."),
            (Key::AbsoluteMinutes, number(12 * HOUR), "One proof for each shift."),
            (Key::StepUpMinutes, number(5), "Privileges are used on purpose."),
            (Key::SessionsPerPerson, number(3), "Shared accounts are the exception (8.2.2)."),
            (Key::InvitationDays, number(3), "Access is given when it is needed."),
            (Key::RequestsPerMinute, number(600), "What copies everything is slowed down."),
            (Key::LogReads, Value::Switch(true), "Access to audit logs is itself on record (10.2.1.3)."),
            (Key::RetainSecurityDays, number(YEAR), "Audit logs are there for at least a year (10.5.1)."),
            (Key::RetainAdministrationDays, number(YEAR), "Changes are in the same logs, for as long."),
            (Key::RetainReadsDays, number(YEAR), "So is access to the data and to the logs."),
            (Key::Classification, RESTRICTED, "Media with cardholder data is classified (9.4.2)."),
            (Key::ApiKeyMaxDays, number(180), "Access by application accounts is reviewed every six months (7.2.5.1)."),
            (Key::KeyRotationDays, number(90), "Secrets of application accounts are changed periodically (8.6.3)."),
        ],
    },
    Template {
        code: "iso-27001",
        name: "ISO 27001",
        lead: "Annex A’s controls of access, as far as they are settings here.",
        framework: Some(Iso27001),
        sets: &[
            (Key::Mfa, REQUIRED, "Secure authentication (A.8.5)."),
            (Key::MfaGraceDays, number(7), "Authentication information is handed out in order (A.5.17)."),
            (Key::PasswordLength, number(12), "Authentication information is of a quality that was decided (A.5.17)."),
            (Key::IdleMinutes, number(8 * HOUR), "Sessions end when nobody uses them (A.8.5)."),
            (Key::AbsoluteMinutes, number(7 * DAY), "And in any case (A.8.5)."),
            (Key::StepUpMinutes, number(10), "Privileged access rights are used by who has them (A.8.2)."),
            (Key::SessionsPerPerson, number(5), "Identities are managed, and are one person’s (A.5.16)."),
            (Key::InvitationDays, number(7), "Access rights are provided when they are wanted (A.5.18)."),
            (Key::RequestsPerMinute, number(600), "Capacity is managed (A.8.6)."),
            (Key::LogReads, Value::Switch(true), "Logs are produced, kept and looked at (A.8.15)."),
            (Key::Classification, CONFIDENTIAL, "Information is classified and labelled (A.5.12, A.5.13)."),
            (Key::ApiKeyMaxDays, number(365), "Access rights are reviewed, those of programs every year (A.5.18)."),
            (Key::KeyRotationDays, number(180), "Authentication information is renewed (A.5.17)."),
        ],
    },
];

/// What comes of two templates together, for one setting.
#[derive(Clone, Debug)]
pub struct Combination {
    /// Which setting.
    pub key: Key,
    /// What the first says, if it says anything, in words.
    pub first: Option<String>,
    /// What the second says.
    pub second: Option<String>,
    /// What is asked by both together: the stricter of them; none, where nothing meets both.
    pub both: Option<Value>,
}

impl Combination {
    /// Whether they pull apart.
    pub fn differs(&self) -> bool {
        self.first.is_some() && self.second.is_some() && self.first != self.second
    }
}

impl Template {
    /// The template of this code.
    pub fn from_code(code: &str) -> Option<&'static Self> {
        TEMPLATES.iter().find(|template| template.code == code)
    }

    /// A policy with what it sets, or with that of one section.
    pub fn apply(&self, policy: &SecurityPolicy, section: Option<Section>) -> SecurityPolicy {
        let mut policy = policy.clone();
        for (key, value, _) in self.sets {
            let setting = key.setting();
            if section.is_none_or(|section| setting.section == section) {
                setting.set(&mut policy, value.clone());
            }
        }
        policy
    }

    /// Why it sets a setting, and the clauses of its own rules that the setting serves.
    pub fn controls(&self, key: Key) -> impl Iterator<Item = &'static Control> {
        let framework = self.framework;
        key.setting().controls.iter().filter(move |control| framework.is_none_or(|own| control.framework == own))
    }

    /// What both ask for together, setting by setting.
    pub fn combine(&self, other: &Self) -> Vec<Combination> {
        let value = |template: &Self, key: Key| {
            template.sets.iter().find(|(of, ..)| *of == key).map(|(_, value, _)| value.clone())
        };
        super::SETTINGS
            .iter()
            .filter_map(|setting| {
                let (first, second) = (value(self, setting.key), value(other, setting.key));
                let both = match (&first, &second) {
                    (None, None) => return None,
                    (Some(one), None) | (None, Some(one)) => Some(one.clone()),
                    (Some(first), Some(second)) => setting.kind.stricter(first, second),
                };
                let words = |value: Option<Value>| value.map(|value| setting.kind.describe(&value));
                Some(Combination { key: setting.key, first: words(first), second: words(second), both })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyForm;
    use crate::roles::RoleBook;

    #[test]
    fn every_template_is_a_policy_that_can_be_saved() {
        let book = RoleBook::default();
        let before = SecurityPolicy::default();
        for template in &TEMPLATES {
            let policy = template.apply(&before, None);
            let parsed = PolicyForm::of(&policy, &book).parse(&before, &book).unwrap();
            assert_eq!(parsed, policy, "{}", template.code);
            for (key, value, why) in template.sets {
                assert_eq!(key.setting().get(&policy), *value, "{} {key:?}", template.code);
                assert!(why.len() > 10 && why.ends_with('.'), "{} {key:?}", template.code);
                if template.framework.is_some() && template.controls(*key).count() == 0 {
                    // What serves no clause of its own says so by its reason alone.
                    assert!(!key.setting().controls.is_empty());
                }
            }
            let mut keys: Vec<_> = template.sets.iter().map(|(key, ..)| *key).collect();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), template.sets.len(), "{}: one value of each", template.code);
        }
    }

    #[test]
    fn two_together_ask_for_what_the_stricter_one_asks_for_whichever_comes_first() {
        for one in &TEMPLATES {
            for other in &TEMPLATES {
                let (there, back) = (one.combine(other), other.combine(one));
                assert_eq!(there.len(), back.len());
                for (there, back) in there.iter().zip(&back) {
                    assert_eq!((there.key, &there.both), (back.key, &back.both));
                    let kind = there.key.setting().kind;
                    let both = there.both.as_ref().expect("templates never exclude each other");
                    for template in [one, other] {
                        if let Some((_, value, _)) = template.sets.iter().find(|(key, ..)| *key == there.key) {
                            assert!(kind.is_as_strict(both, value), "{:?}", there.key);
                        }
                    }
                }
            }
        }
        let hipaa = Template::from_code("hipaa").unwrap();
        let gdpr = Template::from_code("gdpr").unwrap();
        let idle = hipaa.combine(gdpr).into_iter().find(|both| both.key == Key::IdleMinutes).unwrap();
        assert!(idle.differs());
        assert_eq!(idle.both, Some(Value::Number(Some(15))));
    }

    #[test]
    fn who_is_to_forget_and_who_is_to_remember_pull_apart() {
        let kept = |one: &str, other: &str, key| {
            let [one, other] = [one, other].map(|code| Template::from_code(code).unwrap());
            let both = one.combine(other).into_iter().find(|both| both.key == key).unwrap();
            (both.differs(), both.first.unwrap(), both.both.unwrap())
        };
        let security = kept("gdpr", "sox", Key::RetainSecurityDays);
        assert_eq!(security, (true, "2 years".to_owned(), Value::Number(Some(SEVEN_YEARS))));
        let reads = kept("gdpr", "hipaa", Key::RetainReadsDays);
        assert_eq!(reads, (true, "1 year".to_owned(), Value::Number(Some(SIX_YEARS))));
    }
}
