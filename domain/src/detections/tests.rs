//! What the rules find, and what they leave alone.

use std::net::IpAddr;

use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::*;
use crate::fields::FieldProblem;
use crate::ids::{AccountId, ApiKeyId};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const HOME: &str = "192.0.2.7";

fn person(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

#[expect(clippy::unnecessary_wraps, reason = "as facts have it")]
fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// Something of somebody's, so many seconds ago.
fn fact(kind: FactKind, who: u128, seconds_ago: i64) -> SecurityFact {
    SecurityFact::new(NOW - Duration::seconds(seconds_ago), kind, Some(person(who)), ip(HOME))
}

/// The same for each of these people, evenly over so many seconds.
fn each(kind: FactKind, people: impl IntoIterator<Item = u128>, over: i64) -> Vec<SecurityFact> {
    let people: Vec<_> = people.into_iter().collect();
    let last = i64::try_from(people.len() - 1).unwrap().max(1);
    let ago = |place: usize| over - over * i64::try_from(place).unwrap() / last;
    people.iter().enumerate().map(|(place, who)| fact(kind, *who, ago(place))).collect()
}

fn found(facts: &[SecurityFact]) -> Vec<Finding> {
    detect(facts, &Tuning::default(), NOW)
}

fn rules(facts: &[SecurityFact]) -> Vec<Rule> {
    found(facts).into_iter().map(|finding| finding.rule).collect()
}

/// These facts fire this rule and no other, unless it is off.
#[track_caller]
fn assert_fires(rule: Rule, facts: &[SecurityFact]) -> Finding {
    let mut findings = found(facts);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let finding = findings.remove(0);
    assert_eq!(finding.rule, rule);
    let off = Tuning::default().with(rule, RuleTuning { enabled: false, ..Tuning::default().of(rule) });
    assert_eq!(detect(facts, &off, NOW).is_empty(), !rule.is_always_on());
    finding
}

#[test]
fn the_table_is_in_the_order_of_the_rules() {
    for rule in Rule::ALL {
        let info = rule.info();
        assert_eq!((info.rule, info.code), (*rule, rule.code()));
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.code());
        for tunable in [info.threshold, info.window].into_iter().flatten() {
            assert!((tunable.min..=tunable.max).contains(&tunable.default), "{rule:?}");
        }
    }
    for severity in Severity::ALL {
        assert_eq!(Severity::from_number(severity.number()), Some(*severity));
    }
    assert_eq!((Severity::from_number(-1), Severity::from_number(4)), (None, None));
}

#[test]
fn one_network_that_fails_at_many_accounts_is_spraying() {
    let finding = assert_fires(Rule::Spraying, &each(FactKind::SignInFailed, 1..=8, 600));
    assert_eq!((finding.subject.as_str(), finding.account, finding.count), ("192.0.2.0/24", None, 8));
    assert_eq!((finding.first_at, finding.last_at), (NOW - Duration::minutes(10), NOW));
    assert_eq!(finding.count_after(NOW - Duration::SECOND), 1);
    let twice = each(FactKind::SignInFailed, (1..=8).flat_map(|who| [who, who]), 600);
    assert_eq!(assert_fires(Rule::Spraying, &twice).count, 8, "accounts, and not tries");
    let mut nobodys = each(FactKind::SignInFailed, 1..=8, 600);
    for fact in &mut nobodys {
        fact.account = None;
    }
    assert_eq!(rules(&nobodys), [Rule::Spraying], "addresses that have no account count, too");
}

#[test]
fn fewer_slower_or_scattered_failures_are_not_spraying() {
    assert_eq!(rules(&each(FactKind::SignInFailed, 1..=7, 600)), []);
    assert_eq!(rules(&each(FactKind::SignInFailed, 1..=8, 606)), []);
    assert_eq!(rules(&each(FactKind::SignInFailed, [1, 2, 3, 4, 5, 6, 7, 7, 7], 600)), []);
    let mut scattered = each(FactKind::SignInFailed, 1..=8, 600);
    scattered[3].ip = ip("198.51.100.1");
    assert_eq!(rules(&scattered), []);
}

#[test]
fn many_failures_at_one_account_are_guessing() {
    let finding = assert_fires(Rule::Guessing, &each(FactKind::SignInFailed, [1; 10], 900));
    assert_eq!((finding.subject, finding.account), (person(1).to_string(), Some(person(1))));
    assert_eq!(finding.network, Some("192.0.2.0/24".parse().unwrap()));
    assert_eq!(rules(&each(FactKind::SignInFailed, [1; 9], 900)), []);
    assert_eq!(rules(&each(FactKind::SignInFailed, [1; 10], 909)), []);
}

#[test]
fn many_accounts_that_come_from_one_new_address_are_found_and_an_office_is_not() {
    let mut facts = each(FactKind::SignIn, 1..=10, 3600);
    assert_eq!(rules(&facts), [], "an office");
    facts.iter_mut().take(5).for_each(|fact| fact.new_network = true);
    let finding = assert_fires(Rule::SharedAddress, &facts);
    assert_eq!(finding.subject, "192.0.2.7/32");
    facts[0].new_network = false;
    assert_eq!(rules(&facts), [], "most of them are at home there");
    facts[0].new_network = true;
    facts[9].ip = ip("192.0.2.8");
    assert_eq!(rules(&facts), [], "an address is not its network");
}

#[test]
fn an_administrator_with_a_new_device_in_a_new_network_is_found() {
    let strange =
        SecurityFact { new_network: true, new_device: true, privileged: true, ..fact(FactKind::SignIn, 1, 5) };
    assert_fires(Rule::NewDevice, std::slice::from_ref(&strange));
    for usual in [
        SecurityFact { new_network: false, ..strange.clone() },
        SecurityFact { new_device: false, ..strange.clone() },
        SecurityFact { privileged: false, ..strange },
    ] {
        assert_eq!(rules(&[usual]), []);
    }
}

#[test]
fn nobody_is_in_two_places_at_once() {
    let pair = |far: &str, seconds: i64| {
        [fact(FactKind::SignIn, 1, seconds), SecurityFact { ip: ip(far), ..fact(FactKind::SignIn, 1, 0) }]
    };
    let finding = assert_fires(Rule::ImpossiblePace, &pair("198.51.100.7", 600));
    assert_eq!(finding.network, Some("198.51.100.0/24".parse().unwrap()));
    assert_eq!(rules(&pair("198.51.100.7", 601)), []);
    assert_eq!(rules(&pair("192.0.99.7", 600)), [], "a neighbour");
    assert_eq!(rules(&pair("2001:db8::7", 600)), [], "both kinds of addresses");
    let mut two = pair("198.51.100.7", 600);
    two[0].account = Some(person(2));
    assert_eq!(rules(&two), [], "two people");
}

#[test]
fn many_wrong_codes_are_found() {
    assert_fires(Rule::MfaFatigue, &each(FactKind::CodeFailed, [1; 5], 600));
    assert_eq!(rules(&each(FactKind::CodeFailed, [1; 4], 600)), []);
    assert_eq!(rules(&each(FactKind::CodeFailed, [1; 5], 604)), []);
    assert_eq!(rules(&each(FactKind::CodeFailed, 1..=5, 600)), [], "five people");
}

#[test]
fn very_many_changes_are_found_by_what_they_come_to() {
    let change = |amount, ago| SecurityFact { amount, ..fact(FactKind::Change, 1, ago) };
    let finding = assert_fires(Rule::MassChange, &[change(60, 600), change(40, 0)]);
    assert_eq!(finding.count, 100);
    assert_eq!(rules(&[change(60, 600), change(39, 0)]), []);
    assert_eq!(rules(&[change(60, 601), change(40, 0)]), []);
}

#[test]
fn whoever_comes_to_administer_in_one_step_or_in_several_is_found() {
    let gain = |amount, ago| SecurityFact { amount, ..fact(FactKind::Privilege, 1, ago) };
    let finding = assert_fires(Rule::PrivilegeJump, &[gain(3, 5)]);
    assert_eq!((finding.account, finding.count), (Some(person(1)), 3));
    assert_fires(Rule::PrivilegeJump, &[gain(1, 3_600), gain(1, 0)]);
}

#[test]
fn one_right_more_or_a_slow_climb_is_no_jump() {
    let gain = |who, ago| fact(FactKind::Privilege, who, ago);
    assert_eq!(rules(&[gain(1, 5)]), [], "an administrator who becomes an owner");
    assert_eq!(rules(&[gain(1, 3_601), gain(1, 0)]), [], "one right after the other");
    assert_eq!(rules(&[gain(1, 5), gain(2, 5)]), [], "two people");
    assert_eq!(rules(&[fact(FactKind::Change, 1, 5)]), []);
}

#[test]
fn no_rule_waits_for_what_the_limits_never_let_come() {
    for (rule, most) in [(Rule::Guessing, WRONG_PASSWORDS), (Rule::MfaFatigue, WRONG_CODES)] {
        let threshold = rule.info().threshold.unwrap();
        assert!(threshold.default <= most && threshold.max <= most, "{rule:?}");
        let most = usize::try_from(most).unwrap();
        let strictest = RuleTuning { threshold: threshold.max, ..Tuning::default().of(rule) };
        let facts = each(rule.kinds()[0], vec![1; most], 60);
        assert_eq!(detect(&facts, &Tuning::default().with(rule, strictest), NOW).len(), 1, "{rule:?}");
    }
}

#[test]
fn what_nobody_has_looked_at_is_found_however_long_that_is_ago() {
    let old = each(FactKind::SignInFailed, 1..=8, 600).into_iter();
    let old: Vec<_> = old.map(|fact| SecurityFact { at: fact.at - Duration::DAY, ..fact }).collect();
    assert_eq!(detect(&old, &Tuning::default(), NOW), []);
    assert_eq!(detect(&old, &Tuning::default(), NOW - Duration::DAY).len(), 1);
}

#[test]
fn an_administrator_who_returns_after_long_is_found() {
    let back = |days, privileged| SecurityFact { amount: days, privileged, ..fact(FactKind::SignIn, 1, 5) };
    assert_fires(Rule::DormantAdmin, &[back(60, true)]);
    assert_eq!(rules(&[back(59, true)]), []);
    assert_eq!(rules(&[back(60, false)]), []);
}

#[test]
fn many_exports_are_found() {
    assert_fires(Rule::ExportSpike, &each(FactKind::Export, [1; 5], 3600));
    assert_eq!(rules(&each(FactKind::Export, [1; 4], 3600)), []);
    assert_eq!(rules(&each(FactKind::Export, 1..=5, 3600)), [], "five people");
}

#[test]
fn a_key_that_has_moved_is_found() {
    let used = fact(FactKind::KeyUsed, 1, 5);
    assert_eq!(rules(std::slice::from_ref(&used)), []);
    let moved = SecurityFact { new_network: true, ..used };
    assert_fires(Rule::KeyNewNetwork, std::slice::from_ref(&moved));
    let key = |number| Some(ApiKeyId(Uuid::from_u128(number)));
    let facts = [8, 9].map(|number| SecurityFact { key: key(number), ..moved.clone() });
    let of_each = found(&facts);
    assert_eq!(of_each.iter().map(|finding| finding.key).collect::<Vec<_>>(), [key(8), key(9)]);
    assert!(of_each.iter().all(|finding| finding.account == moved.account && finding.network.is_some()));
    assert_eq!(Rule::KeyNewNetwork.suggested().first(), Some(&Containment::DisableKey));
}

#[test]
fn denials_and_closed_doors_count_together() {
    let mut facts = each(FactKind::Denied, [1; 10], 600);
    facts[4].kind = FactKind::KeptOut;
    assert_fires(Rule::DeniedSpike, &facts);
    assert_eq!(rules(&facts[1..]), []);
    assert_eq!(rules(&each(FactKind::Denied, [1; 10], 609)), []);
}

#[test]
fn a_weaker_policy_and_a_damaged_trail_are_found_at_once() {
    assert_fires(Rule::PolicyWeakened, &[fact(FactKind::Weakened, 1, 5)]);
    let damaged = SecurityFact::new(NOW, FactKind::LogDamaged, None, None);
    let finding = assert_fires(Rule::LogBroken, &[damaged]);
    assert_eq!((finding.subject.as_str(), finding.account, finding.network), ("log", None, None));
}

#[test]
fn what_is_tuned_counts() {
    let tuned = RuleTuning { enabled: true, threshold: 3, window: 120 };
    let tuning = Tuning::default().with(Rule::Spraying, tuned);
    assert_eq!(longest_window(&tuning), Duration::HOUR * 2);
    let facts = each(FactKind::SignInFailed, 1..=3, 7_200);
    assert_eq!((rules(&facts), detect(&facts, &tuning, NOW).len()), (vec![], 1));
}

#[test]
fn what_was_tuned_is_stored_and_shown_as_it_was_typed() {
    let tuned = RuleTuning { enabled: true, threshold: 3, window: 120 };
    let off = RuleTuning { enabled: false, threshold: 0, window: 0 };
    let tuning = Tuning::default().with(Rule::Spraying, tuned).with(Rule::NewDevice, off);
    let stored = serde_json::to_string(&tuning).unwrap();
    assert_eq!(serde_json::from_str::<Tuning>(&stored).unwrap(), tuning);
    let pairs = tuning.to_pairs();
    let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    assert_eq!(Tuning::parse(pairs().chain([("revision", "7")])).unwrap(), tuning);
    assert_eq!(tuning.changes_since(&Tuning::default()).collect::<Vec<_>>(), [Rule::Spraying, Rule::NewDevice]);
    assert_eq!(tuning.switched_off_since(&Tuning::default()).collect::<Vec<_>>(), [Rule::NewDevice]);
    assert_eq!(Tuning::default().switched_off_since(&tuning).count(), 0);
    let words = |rule| (Tuning::default().describe(rule), tuning.describe(rule));
    assert_eq!(words(Rule::Spraying), ("8 accounts in 10 minutes".into(), "3 accounts in 120 minutes".into()));
    assert_eq!(words(Rule::NewDevice), ("on".into(), "off".into()));
    let wrong = |field: &'static str, value: &'static str| {
        Tuning::parse(pairs().filter(|(name, _)| *name != field).chain([(field, value)])).unwrap_err().of(field)
    };
    assert_eq!(wrong("spraying_threshold", "2"), Some(FieldProblem::OutOfRange(3, 500)));
    assert_eq!(wrong("spraying_window", "soon"), Some(FieldProblem::OutOfRange(1, 1_440)));
    assert_eq!(wrong("dormant_admin_threshold", ""), Some(FieldProblem::OutOfRange(7, 730)));
}

#[test]
fn what_is_stored_is_kept_within_bounds_and_strange_fields_are_refused() {
    assert_eq!(serde_json::from_str::<Tuning>("{}").unwrap(), Tuning::default());
    let wild: Tuning = serde_json::from_str(r#"{"spraying":{"threshold":0,"window":99999}}"#).unwrap();
    assert!(wild.is_enabled(Rule::Spraying));
    assert_eq!((wild.threshold(Rule::Spraying), wild.window(Rule::Spraying)), (3, Duration::DAY));
    for strange in [r#"{"spray":{}}"#, r#"{"spraying":{"treshold":1}}"#] {
        serde_json::from_str::<Tuning>(strange).unwrap_err();
    }
}

#[test]
fn nobody_switches_off_what_says_that_the_trail_is_damaged() {
    let off = RuleTuning { enabled: false, threshold: 0, window: 0 };
    assert_eq!(Tuning::default().with(Rule::LogBroken, off), Tuning::default());
    let stored: Tuning = serde_json::from_str(r#"{"log_broken":{"enabled":false}}"#).unwrap();
    assert!(stored.is_enabled(Rule::LogBroken));
    let unticked = Tuning::default().to_pairs().into_iter().filter(|(name, _)| name != "log_broken_enabled");
    let unticked: Vec<_> = unticked.collect();
    let parsed = Tuning::parse(unticked.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    assert_eq!(parsed.unwrap(), Tuning::default());
}

fn facts() -> impl Strategy<Value = Vec<SecurityFact>> {
    let kind = proptest::sample::select(FactKind::ALL);
    let ip = proptest::option::of(proptest::sample::select(vec![HOME, "192.0.2.8", "198.51.100.1", "2001:db8::1"]));
    let account = proptest::option::of(0..6_u128);
    // Few instants, so that some are the same.
    let one = (0..40_i64, kind, account, ip, 1..70_u32, any::<[bool; 3]>());
    let one = one.prop_map(|(ago, kind, account, ip, amount, [new_network, new_device, privileged])| SecurityFact {
        at: NOW - Duration::minutes(ago),
        kind,
        account: account.map(person),
        key: None,
        ip: ip.map(|ip| ip.parse().unwrap()),
        amount,
        new_network,
        new_device,
        privileged,
    });
    prop::collection::vec(one, 0..120).prop_map(|mut facts| {
        facts.sort_by_key(|fact| fact.at);
        facts
    })
}

/// A tuning under which a few facts are enough.
fn touchy() -> Tuning {
    Rule::ALL.iter().fold(Tuning::default(), |tuning, rule| {
        let threshold = rule.info().threshold.map_or(0, |tunable| tunable.min);
        tuning.with(*rule, RuleTuning { threshold, ..Tuning::default().of(*rule) })
    })
}

proptest! {
    #[test]
    fn fewer_facts_never_give_more_findings(facts in facts(), kept in prop::collection::vec(any::<bool>(), 120)) {
        let fewer: Vec<_> = facts.iter().zip(kept).filter(|(_, kept)| *kept).map(|(fact, _)| fact.clone()).collect();
        let all = detect(&facts, &touchy(), NOW);
        // Somebody who is at home at an address speaks against it.
        let rest = detect(&fewer, &touchy(), NOW).into_iter().filter(|finding| finding.rule != Rule::SharedAddress);
        for finding in rest {
            let within = |one: &&Finding| one.rule == finding.rule && one.subject == finding.subject;
            let more = all.iter().find(within).expect("it was found before");
            prop_assert!(more.count >= finding.count && more.first_at <= finding.first_at);
            prop_assert!(more.last_at >= finding.last_at);
        }
    }

    #[test]
    fn the_order_within_an_instant_does_not_matter(facts in facts()) {
        let mut other = facts.clone();
        other.reverse();
        other.sort_by_key(|fact| fact.at);
        prop_assert_eq!(detect(&facts, &touchy(), NOW), detect(&other, &touchy(), NOW));
    }

    #[test]
    fn a_finding_says_what_belongs_to_it(facts in facts()) {
        for finding in detect(&facts, &touchy(), NOW) {
            prop_assert!(finding.first_at <= finding.last_at && finding.count > 0);
            prop_assert_eq!(finding.count_after(finding.last_at), 0);
            prop_assert_eq!(finding.count_after(finding.first_at - Duration::SECOND), finding.count);
        }
    }
}
