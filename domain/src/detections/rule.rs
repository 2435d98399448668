//! What a rule is.

use super::{Containment, RULES};
use crate::codes::codes;

codes! {
    /// When facts are worth somebody's attention. Stored and audited by code.
    #[expect(missing_docs, reason = "the table says what each is")]
    Rule {
        Spraying = "spraying",
        Guessing = "guessing",
        SharedAddress = "shared_address",
        NewDevice = "new_device",
        ImpossiblePace = "impossible_pace",
        MfaFatigue = "mfa_fatigue",
        MassChange = "mass_change",
        PrivilegeJump = "privilege_jump",
        DormantAdmin = "dormant_admin",
        ExportSpike = "export_spike",
        KeyNewNetwork = "key_new_network",
        DeniedSpike = "denied_spike",
        PolicyWeakened = "policy_weakened",
        LogBroken = "log_broken",
    }
}

codes! {
    /// How bad it may be. Stored as a number, which grows with it.
    Severity {
        /// Worth a look some day.
        Low = "low" => "Low",
        /// Worth a look today.
        Medium = "medium" => "Medium",
        /// Worth a look now.
        High = "high" => "High",
        /// Worth leaving everything else for.
        Critical = "critical" => "Critical",
    }
}

/// A rule, with all that is said of it.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Which.
    pub rule: Rule,
    /// Its code.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it looks for, in a sentence.
    pub what: &'static str,
    /// Why that matters, in a sentence.
    pub why: &'static str,
    /// How bad it may be.
    pub severity: Severity,
    /// From how many on, where that can be set.
    pub threshold: Option<Tunable>,
    /// Within how many minutes, where that can be set.
    pub window: Option<Tunable>,
}

/// A number that organizations set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tunable {
    /// What it is as long as nobody sets it.
    pub default: u32,
    /// The least that it may be.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// What it counts: a plural.
    pub unit: &'static str,
}

impl Rule {
    /// All that is said of it.
    pub fn info(self) -> &'static RuleInfo {
        // In the table they stand in the order of the enum: a test says so.
        &RULES[self as usize]
    }

    /// Whether nobody switches it off: what says that the others' evidence is gone.
    pub const fn is_always_on(self) -> bool {
        matches!(self, Self::LogBroken)
    }

    /// What to do about whoever it is about, what helps most first; nothing where it is about nobody.
    pub const fn suggested(self) -> &'static [Containment] {
        match self {
            Self::Spraying | Self::SharedAddress | Self::LogBroken => &[],
            Self::MassChange | Self::PrivilegeJump | Self::ExportSpike | Self::PolicyWeakened => {
                &[Containment::Suspend, Containment::EndAccess, Containment::EndSessions]
            }
            Self::Guessing
            | Self::NewDevice
            | Self::ImpossiblePace
            | Self::MfaFatigue
            | Self::DormantAdmin
            | Self::DeniedSpike => &[Containment::EndSessions, Containment::EndAccess, Containment::Suspend],
            Self::KeyNewNetwork => &[Containment::DisableKey, Containment::EndAccess, Containment::Suspend],
        }
    }
}

impl Severity {
    /// The number under which it is stored.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// The one of this number.
    pub fn from_number(number: i16) -> Option<Self> {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number)).copied()
    }
}
