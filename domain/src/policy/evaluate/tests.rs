use proptest::prelude::*;
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::factors::Factors;
use crate::password::{PASSWORD_ASKED_MAX, PasswordNote, Strength};
use crate::policy::{Methods, MfaRequirement, Networks, SETTINGS, SignInMethods, names};
use crate::roles::{Role, RoleBook};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const ROLES: [&[RoleId]; 3] = [
    &[RoleId::Builtin(Role::Owner)],
    &[RoleId::Builtin(Role::Member)],
    &[RoleId::Builtin(Role::Admin), RoleId::Builtin(Role::Member)],
];

fn ago(minutes: u32) -> OffsetDateTime {
    NOW - Duration::minutes(minutes.into())
}

fn factors() -> impl Strategy<Value = Factors> {
    any::<(bool, bool)>().prop_map(|(authenticator, passkey)| Factors { authenticator, passkey })
}

fn strength() -> impl Strategy<Value = Strength> {
    prop_oneof![Just(Strength::Fair), Just(Strength::Strong)]
}

fn password() -> impl Strategy<Value = PasswordNote> {
    let length = proptest::option::of(PASSWORD_MIN..=PASSWORD_ASKED_MAX);
    (length, proptest::option::of(strength()), 0..600_000_u32).prop_map(|(length, strength, minutes)| PasswordNote {
        length,
        strength,
        changed_at: ago(minutes),
    })
}

fn ways() -> impl Strategy<Value = SignInMethods> {
    (1..8_u8).prop_map(|bits| SignInMethods {
        password: bits & 1 != 0,
        two_steps: bits & 2 != 0,
        passkey: bits & 4 != 0,
    })
}

fn facts() -> impl Strategy<Value = Facts<'static>> {
    let minutes = 0..60_000_u32;
    let time = (minutes.clone(), minutes.clone(), 0..12_000_u32, proptest::option::of(minutes));
    let sessions = (0..6_u32, 0..6_u32, proptest::option::of(0..6_u32));
    let place = (0..3_usize, proptest::option::of(0..24_u8), proptest::option::of(prop_oneof![Just("eu"), Just("us")]));
    let shown = (factors(), proptest::sample::select(&SignInMethod::ALL[..]), proptest::option::of(password()));
    (shown, time, sessions, place).prop_map(
        |(
            (factors, method, password),
            (joined, authenticated, pause, ended),
            (newer, older, inside),
            (role, ip, region),
        )| Facts {
            factors,
            method,
            password,
            joined_at: ago(joined),
            authenticated_at: ago(authenticated),
            pause: Duration::minutes(pause.into()),
            newer_sessions: newer,
            older_sessions: older,
            sessions_inside: inside,
            access_ended_at: ended.map(ago),
            roles: ROLES[role],
            ip: ip.map(|last| std::net::Ipv4Addr::new(10, 0, 0, last).into()),
            region,
            excepted: Rules::default(),
        },
    )
}

fn policy() -> impl Strategy<Value = SecurityPolicy> {
    let methods = prop_oneof![
        Just(Methods::ALL),
        Just(Methods { passkey: true, authenticator: false }),
        Just(Methods { passkey: false, authenticator: true }),
    ];
    let networks = proptest::sample::subsequence(
        vec!["10.0.0.0/28", "10.0.0.4/30 for Owner", "10.0.0.8/29 for Member", "10.0.0.16/28", "10.0.0.2"],
        0..=3,
    );
    let regions = proptest::sample::subsequence(vec!["eu", "us", "ap"], 0..=2);
    let sessions = (proptest::option::of(1..=5_u32), proptest::option::of(2..=5_u32), any::<bool>());
    let mfa = (any::<bool>(), methods, 0..=30_u32);
    let passwords = (10..=64_u32, strength(), proptest::option::of(30..=730_u32));
    (mfa, ways(), passwords, 15..=10_080_u32, 60..=43_200_u32, sessions, networks, regions).prop_map(
        |(mfa, sign_in_methods, passwords, idle_minutes, absolute_minutes, sessions, networks, regions)| {
            SecurityPolicy {
                mfa: mfa.0,
                mfa_methods: mfa.1,
                mfa_grace_days: mfa.2,
                sign_in_methods,
                password_length: passwords.0,
                password_strength: passwords.1,
                password_days: passwords.2,
                idle_minutes,
                absolute_minutes,
                sessions_per_person: sessions.0,
                sessions_in_organization: sessions.1,
                at_the_limit: if sessions.2 { AtTheLimit::RefuseNewest } else { AtTheLimit::EndOldest },
                networks: Networks::parse(&networks.join("\n"), &RoleBook::default()).unwrap(),
                regions: names::Names::parse(&regions.join(","), names::is_region).unwrap(),
                ..SecurityPolicy::default()
            }
        },
    )
}

/// One that asks for all that both ask for, setting by setting; none, where nothing does.
fn both(a: &SecurityPolicy, b: &SecurityPolicy) -> Option<SecurityPolicy> {
    let mut policy = a.clone();
    for setting in &SETTINGS {
        setting.set(&mut policy, setting.kind.stricter(&setting.get(a), &setting.get(b))?);
    }
    Some(policy)
}

/// How far somebody is let in, and until when at least.
fn freedom(outcome: Outcome) -> (u8, Option<OffsetDateTime>) {
    match outcome {
        Outcome::Allow => (2, None),
        Outcome::Remind(until) => (1, Some(until)),
        Outcome::EnrolFirst | Outcome::ChoosePassword | Outcome::SignInAgain(_) | Outcome::Deny(_) => (0, None),
    }
}

fn judge(policy: &SecurityPolicy, facts: &Facts<'_>, since: Option<OffsetDateTime>) -> Decision {
    EnforcedPolicy::new(policy.clone()).evaluate(facts, since, NOW)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_stricter_policy_never_allows_more(a in policy(), b in policy(), facts in facts(), since in 0..60_000_u32) {
        // Which session of several goes when there are too many is no question of more or less.
        let b = SecurityPolicy { at_the_limit: a.at_the_limit, ..b };
        if let Some(stricter) = both(&a, &b) {
            let strict = freedom(judge(&stricter, &facts, Some(ago(since))).outcome);
            for lax in [a, b] {
                let lenient = freedom(judge(&lax, &facts, Some(ago(since))).outcome);
                prop_assert!(strict <= lenient, "{stricter:?} {lax:?}");
            }
        }
    }

    #[test]
    fn what_asks_for_nothing_lets_everybody_in_whom_the_platform_lets_in(facts in facts()) {
        let alive = Facts { authenticated_at: NOW, pause: Duration::ZERO, access_ended_at: None, ..facts };
        prop_assert_eq!(judge(&SecurityPolicy::default(), &alive, None).outcome, Outcome::Allow);
    }

    #[test]
    fn a_rule_that_is_named_is_one_that_is_set(policy in policy(), facts in facts()) {
        let decision = judge(&policy, &facts, Some(NOW));
        for rule in decision.rules.iter() {
            let Some(key) = rule.key() else { continue };
            let set = key.setting().get(&policy) != key.setting().default_value();
            let bounds = matches!(rule, Rule::AbsoluteMinutes | Rule::IdleMinutes);
            prop_assert!(set || bounds, "{rule:?}");
        }
        prop_assert_eq!(freedom(decision.outcome).0 > 0, decision.rules.is_empty());
    }

    #[test]
    fn what_is_not_known_lets_nobody_in_where_it_is_asked_for(policy in policy(), facts in facts()) {
        let unknown = Facts { ip: None, region: None, ..facts };
        let decision = judge(&policy, &unknown, None);
        let bound = policy.networks.scopes().any(|scope| scope.is_none_or(|role| facts.roles.contains(&role)));
        prop_assert_eq!(decision.rules.contain(Rule::Networks), bound);
        prop_assert_eq!(decision.rules.contain(Rule::Regions), !policy.regions.is_empty());
        if bound || !policy.regions.is_empty() {
            prop_assert!(matches!(decision.outcome, Outcome::Deny(_)));
        }
    }

    #[test]
    fn whoever_cannot_show_enough_is_led_to_what_they_have_or_to_set_it_up(ways in ways(), facts in facts()) {
        let policy = SecurityPolicy { sign_in_methods: ways, ..SecurityPolicy::default() };
        let alive = Facts { authenticated_at: NOW, pause: Duration::ZERO, access_ended_at: None, ..facts };
        let decision = judge(&policy, &alive, None);
        let expected = match (ways.accept(facts.method), ways.are_open_to(facts.factors)) {
            (true, _) => Outcome::Allow,
            (false, true) => Outcome::SignInAgain(Staleness::Method),
            (false, false) => Outcome::EnrolFirst,
        };
        prop_assert_eq!(decision.outcome, expected);
        let excepted = Facts { excepted: Rules::default().with(Rule::SignInMethods), ..alive };
        prop_assert_eq!(judge(&policy, &excepted, None).outcome, Outcome::Allow);
    }

    #[test]
    fn a_password_of_which_nothing_is_known_is_the_least_that_the_portal_takes(policy in policy(), facts in facts(), at in 0..600_000_u32) {
        let note = PasswordNote { length: None, strength: None, changed_at: ago(at) };
        let least = PasswordNote { length: Some(PASSWORD_MIN), strength: Some(Strength::Fair), ..note };
        let of = |note| judge(&policy, &Facts { password: Some(note), ..facts }, None);
        prop_assert_eq!(of(note), of(least));
        let asks = policy.password_length > 10 || policy.password_strength > Strength::Fair;
        let judged = facts.method.has_password() && asks;
        let is_named = Rule::OF_PASSWORDS[..2].iter().any(|rule| of(note).rules.contain(*rule));
        prop_assert_eq!(is_named, judged);
        if judged {
            prop_assert_eq!(freedom(of(note).outcome).0, 0);
        }
    }

    #[test]
    fn nobody_is_let_in_without_a_factor_when_the_grace_is_over(policy in policy(), facts in facts(), since in 0..60_000_u32) {
        let without = Facts { factors: Factors::default(), ..facts };
        let due = policy.sign_in(ago(since)).mfa.map(|mfa| mfa.due(facts.joined_at));
        if due.is_some_and(|due| due <= NOW) {
            prop_assert_eq!(freedom(judge(&policy, &without, Some(ago(since))).outcome).0, 0);
        }
    }
}

#[test]
fn the_grace_counts_from_the_later_of_joining_and_asking() {
    let mfa = MfaRequirement { methods: Methods::ALL, grace_days: 7, since: NOW };
    let (week, day) = (Duration::days(7), Duration::days(1));
    assert_eq!(mfa.due(NOW - day), NOW + week);
    assert_eq!(mfa.due(NOW + day), NOW + day + week);
}

#[test]
fn where_somebody_is_comes_before_who_they_are() {
    let policy = SecurityPolicy {
        networks: Networks::parse("10.0.0.0/8", &RoleBook::default()).unwrap(),
        idle_minutes: 15,
        mfa: true,
        ..SecurityPolicy::default()
    };
    let facts = Facts {
        factors: Factors::default(),
        method: SignInMethod::Password,
        password: None,
        joined_at: ago(100_000),
        authenticated_at: ago(60),
        pause: Duration::minutes(20),
        newer_sessions: 0,
        older_sessions: 0,
        sessions_inside: None,
        access_ended_at: None,
        roles: &[],
        ip: Some("192.0.2.1".parse().unwrap()),
        region: None,
        excepted: Rules::default(),
    };
    let decision = judge(&policy, &facts, Some(ago(50_000)));
    assert_eq!(decision.outcome, Outcome::Deny(Rule::Networks));
    assert_eq!(decision.rules.iter().collect::<Vec<_>>(), [Rule::Networks, Rule::IdleMinutes, Rule::Mfa]);
    let inside = Facts { ip: Some("10.1.2.3".parse().unwrap()), ..facts };
    assert_eq!(judge(&policy, &inside, Some(ago(50_000))).outcome, Outcome::SignInAgain(Staleness::Idle));
}

#[test]
fn a_password_grows_old_where_it_is_all_that_was_shown() {
    let policy = SecurityPolicy { password_days: Some(90), ..SecurityPolicy::default() };
    let day = Duration::days(1);
    let password = PasswordNote { length: Some(20), strength: Some(Strength::Strong), changed_at: NOW - 90 * day };
    let facts = Facts {
        factors: Factors { authenticator: true, passkey: false },
        method: SignInMethod::Password,
        password: Some(password),
        joined_at: NOW - 200 * day,
        authenticated_at: NOW,
        pause: Duration::ZERO,
        newer_sessions: 0,
        older_sessions: 0,
        sessions_inside: None,
        access_ended_at: None,
        roles: &[],
        ip: None,
        region: None,
        excepted: Rules::default(),
    };
    let decision = judge(&policy, &facts, None);
    assert_eq!(decision.outcome, Outcome::ChoosePassword);
    assert_eq!(decision.rules.iter().collect::<Vec<_>>(), [Rule::PasswordDays]);
    let younger = PasswordNote { changed_at: NOW - 90 * day + Duration::SECOND, ..password };
    for facts in [
        Facts { password: Some(younger), ..facts },
        Facts { method: SignInMethod::Code, ..facts },
        Facts { method: SignInMethod::Passkey, ..facts },
        Facts { password: None, ..facts },
    ] {
        assert_eq!(judge(&policy, &facts, None).outcome, Outcome::Allow, "{facts:?}");
    }
}
