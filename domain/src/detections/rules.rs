//! The rules, with what they look for as long as nobody tunes them.

use super::{Rule, RuleInfo, Severity, Tunable};

#[expect(clippy::unnecessary_wraps, reason = "as the table has it")]
const fn of(default: u32, min: u32, max: u32, unit: &'static str) -> Option<Tunable> {
    Some(Tunable { default, min, max, unit })
}

/// Within so many minutes.
const fn within(default: u32, max: u32) -> Option<Tunable> {
    of(default, 1, max, "minutes")
}

/// So many wrong passwords for one account are looked at within a quarter of an hour, and no more: none of the rules may
/// wait for what never comes.
pub const WRONG_PASSWORDS: u32 = 10;
/// As [`WRONG_PASSWORDS`], of second factors.
pub const WRONG_CODES: u32 = 5;

/// All of them, in the order of [`Rule`].
pub static RULES: [RuleInfo; Rule::ALL.len()] = [
    RuleInfo {
        rule: Rule::Spraying,
        code: Rule::Spraying.code(),
        name: "Password spraying",
        what: "Failed sign-ins to many accounts from one network.",
        why: "Somebody may be trying a few common passwords on everybody.",
        severity: Severity::High,
        threshold: of(8, 3, 500, "accounts"),
        window: within(10, 1_440),
    },
    RuleInfo {
        rule: Rule::Guessing,
        code: Rule::Guessing.code(),
        name: "Password guessing",
        what: "Many failed sign-ins to one account.",
        why: "Somebody may be after this account, or have found an old password of it.",
        severity: Severity::Medium,
        threshold: of(WRONG_PASSWORDS, 3, WRONG_PASSWORDS, "failures"),
        window: within(15, 1_440),
    },
    RuleInfo {
        rule: Rule::SharedAddress,
        code: Rule::SharedAddress.code(),
        name: "Many accounts from one address",
        what: "Successful sign-ins to many accounts from one address that is new for at least half of them.",
        why: "Somebody may be using passwords that were stolen elsewhere.",
        severity: Severity::High,
        threshold: of(10, 3, 500, "accounts"),
        window: within(60, 1_440),
    },
    RuleInfo {
        rule: Rule::NewDevice,
        code: Rule::NewDevice.code(),
        name: "Administrator on a new device",
        what: "Somebody who administers the organization came with a new device from a new network.",
        why: "It may not have been them.",
        severity: Severity::Medium,
        threshold: None,
        window: None,
    },
    RuleInfo {
        rule: Rule::ImpossiblePace,
        code: Rule::ImpossiblePace.code(),
        name: "Two places at once",
        what: "Sign-ins of one person from two unrelated networks, shortly one after the other.",
        why: "Nobody travels that fast: one of the two may be somebody else.",
        severity: Severity::Medium,
        threshold: None,
        window: within(10, 120),
    },
    RuleInfo {
        rule: Rule::MfaFatigue,
        code: Rule::MfaFatigue.code(),
        name: "Repeated wrong codes",
        what: "Many wrong second factors of one account, after the right password.",
        why: "Somebody may have the password already.",
        severity: Severity::High,
        threshold: of(WRONG_CODES, 2, WRONG_CODES, "wrong codes"),
        window: within(10, 1_440),
    },
    RuleInfo {
        rule: Rule::MassChange,
        code: Rule::MassChange.code(),
        name: "Mass change",
        what: "Very many changes of members, roles or settings by one person.",
        why: "An account that was taken over does its damage quickly.",
        severity: Severity::High,
        threshold: of(100, 10, 10_000, "changes"),
        window: within(10, 1_440),
    },
    RuleInfo {
        rule: Rule::PrivilegeJump,
        code: Rule::PrivilegeJump.code(),
        name: "Jump in privileges",
        what: "A member came to administer members, roles, the policy or owners within a short time, by another role, a group, or a change of one that they hold.",
        why: "Whoever breaks in makes sure to stay.",
        severity: Severity::Medium,
        threshold: of(2, 1, 4, "administrative rights"),
        window: within(60, 1_440),
    },
    RuleInfo {
        rule: Rule::DormantAdmin,
        code: Rule::DormantAdmin.code(),
        name: "Dormant administrator returns",
        what: "Somebody who administers the organization came back after a long time.",
        why: "Nobody notices when an account is taken over that its person has forgotten.",
        severity: Severity::Medium,
        threshold: of(60, 7, 730, "days"),
        window: None,
    },
    RuleInfo {
        rule: Rule::ExportSpike,
        code: Rule::ExportSpike.code(),
        name: "Many exports",
        what: "Many exports by one person.",
        why: "Data may be leaving the organization.",
        severity: Severity::High,
        threshold: of(5, 2, 100, "exports"),
        window: within(60, 1_440),
    },
    RuleInfo {
        rule: Rule::KeyNewNetwork,
        code: Rule::KeyNewNetwork.code(),
        name: "Key from a new network",
        what: "A key for programs was used from a network where it was never used before.",
        why: "Programs seldom move: somebody may have copied the key.",
        severity: Severity::High,
        threshold: None,
        window: None,
    },
    RuleInfo {
        rule: Rule::DeniedSpike,
        code: Rule::DeniedSpike.code(),
        name: "Many denials",
        what: "Many attempts of one person to do what they may not.",
        why: "Somebody may be finding out how far an account gets.",
        severity: Severity::Low,
        threshold: of(10, 3, 500, "denials"),
        window: within(10, 1_440),
    },
    RuleInfo {
        rule: Rule::PolicyWeakened,
        code: Rule::PolicyWeakened.code(),
        name: "Policy weakened",
        what: "The security policy asks for less than before.",
        why: "Whoever breaks in opens the doors for later.",
        severity: Severity::Medium,
        threshold: None,
        window: None,
    },
    RuleInfo {
        rule: Rule::LogBroken,
        code: Rule::LogBroken.code(),
        name: "Audit trail damaged",
        what: "The audit trail does not match its signed checkpoints.",
        why: "Somebody may have changed the database to hide what they did.",
        severity: Severity::Critical,
        threshold: None,
        window: None,
    },
];
