use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::secret::crc32;
use super::*;
use crate::fields::FieldProblem;
use crate::ids::{AccountId, AlertId, ApiKeyId};
use crate::paging::Cursor;
use crate::policy::{Author, Key, LineProblem, Networks, SecurityPolicy};
use crate::roles::{Permission, Permissions, Role};
use crate::text::KeyName;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn permissions() -> impl Strategy<Value = Permissions> {
    any::<u32>().prop_map(Permissions::from_bits)
}

fn key() -> ApiKey {
    ApiKey {
        id: ApiKeyId(Uuid::from_u128(1)),
        name: KeyName::stored("Deploy"),
        hint: "AbCd".into(),
        holder: Holder {
            account: None,
            member: Author { id: AccountId(Uuid::from_u128(2)), name: Some("Ada".into()) },
            held: Some(Role::Owner.permissions()),
        },
        issuer: Issuer {
            member: Author { id: AccountId(Uuid::from_u128(2)), name: Some("Ada".into()) },
            held: Some(Role::Owner.permissions()),
        },
        scopes: Permissions::of(&[Permission::ViewMembers, Permission::ViewAudit]),
        networks: Networks::default(),
        requests_per_minute: None,
        created_by: Author { id: AccountId(Uuid::from_u128(2)), name: Some("Ada".into()) },
        created_at: NOW,
        issued_at: NOW,
        expires_at: NOW + Duration::days(90),
        former_until: None,
        revoked_at: None,
        disabled_by: None,
        last_used_at: None,
        last_used_ip: None,
        used: Permissions::default(),
    }
}

fn form() -> KeyForm {
    KeyForm { name: "Deploy".into(), scopes: vec!["members.view".into()], expiry: "90".into(), ..KeyForm::default() }
}

#[test]
fn the_checksum_is_the_usual_one() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
}

#[test]
fn a_key_has_the_form_that_scanners_look_for() {
    let key = KeySecret::new([7; 24]);
    assert_eq!(key.expose().len(), KEY_LENGTH);
    assert!(key.expose().starts_with("ptc_"));
    assert!(key.expose()[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(key.expose()[4..].starts_with(key.hint()));
    assert!(!format!("{key:?}").contains(&key.expose()[8..]), "a key is not printed by mistake");
    for none in ["", "ptc_", "ptc_é", &"ptc_".repeat(20), &key.expose()[1..], &format!("{} ", key.expose())] {
        assert!(KeySecret::parse(none).is_none(), "{none}");
    }
}

proptest! {
    #[test]
    fn keys_are_read_again_and_differ(one in any::<[u8; 24]>(), other in any::<[u8; 24]>()) {
        let key = KeySecret::new(one);
        prop_assert_eq!(KeySecret::parse(key.expose()), Some(key.clone()));
        prop_assert_eq!(key.hash() == KeySecret::new(other).hash(), one == other);
    }

    #[test]
    fn any_other_letter_is_noticed(bytes in any::<[u8; 24]>(), at in 0..KEY_LENGTH, letter in "[0-9A-Za-z_]") {
        let key = KeySecret::new(bytes);
        let mut text = key.expose().to_owned();
        text.replace_range(at..=at, &letter);
        prop_assert_eq!(KeySecret::parse(&text).is_some(), text == key.expose());
    }

    #[test]
    fn strange_texts_are_none_and_never_a_panic(text in any::<String>()) {
        prop_assert!(KeySecret::parse(&text).is_none());
    }

    #[test]
    fn a_key_may_do_no_more_than_its_scopes_and_whoever_answers_for_it(
        scopes in permissions(),
        held in permissions(),
        lost in permissions(),
    ) {
        let may = effective(scopes, Some(held));
        prop_assert!(scopes.cover(may) && held.cover(may));
        prop_assert!(may.iter().all(Permission::is_for_keys));
        prop_assert!(may.cover(effective(scopes, Some(held.without(lost)))), "it shrinks with them");
        prop_assert!(effective(scopes, None).is_empty());
    }
}

#[test]
fn a_key_ends_at_the_first_of_its_ends() {
    let policy = SecurityPolicy::default();
    assert_eq!(key().end(&policy), (NOW + Duration::days(90), KeyEnd::Expiry));
    let shorter = SecurityPolicy { api_key_max_days: 30, ..policy.clone() };
    assert_eq!(key().end(&shorter), (NOW + Duration::days(30), KeyEnd::Age));
    let rotating = SecurityPolicy { key_rotation_days: Some(20), ..shorter };
    assert_eq!(key().end(&rotating), (NOW + Duration::days(20), KeyEnd::Rotation));
    let rotated = ApiKey { issued_at: NOW + Duration::days(15), ..key() };
    assert_eq!(rotated.end(&rotating).1, KeyEnd::Age, "a new secret makes it no younger");
}

#[test]
fn how_a_key_stands_is_told() {
    let policy = SecurityPolicy::default();
    let state = |key: &ApiKey, days| key.state(&policy, NOW + Duration::days(days));
    assert_eq!(
        [0, 75, 76, 90].map(|days| state(&key(), days)),
        [KeyState::Active, KeyState::Active, KeyState::Expiring, KeyState::Expired]
    );
    let mut stopped = key();
    stopped.holder.held = None;
    assert_eq!(state(&stopped, 0), KeyState::Stopped);
    assert!(stopped.effective().is_empty());
    assert_eq!(stopped.lost(), stopped.scopes);
    assert_eq!(state(&ApiKey { revoked_at: Some(NOW), ..stopped }, 90), KeyState::Revoked);
}

#[test]
fn a_key_shrinks_with_whoever_of_the_two_has_less() {
    let held = |holder: Option<Role>, issuer: Option<Role>| {
        let mut key = key();
        (key.holder.held, key.issuer.held) = (holder.map(Role::permissions), issuer.map(Role::permissions));
        key
    };
    let reads = Permissions::of(&[Permission::ViewMembers]);
    assert_eq!(held(Some(Role::Owner), Some(Role::Owner)).effective(), key().scopes);
    assert_eq!(held(Some(Role::Owner), Some(Role::Member)).effective(), reads);
    assert_eq!(held(Some(Role::Member), Some(Role::Owner)).effective(), reads);
    assert_eq!(held(Some(Role::Owner), None).stopped(), Some(KeyStop::IssuerSuspended));
    assert_eq!(held(None, Some(Role::Owner)).stopped(), Some(KeyStop::Holder));
    let mut left = held(Some(Role::Owner), None);
    left.issuer.member.name = None;
    assert_eq!((left.stopped(), left.effective().is_empty()), (Some(KeyStop::IssuerGone), true));
    assert_eq!(left.state(&SecurityPolicy::default(), NOW), KeyState::Stopped);
    let disabled = ApiKey { disabled_by: Some(AlertId(Uuid::from_u128(9))), ..key() };
    assert_eq!((disabled.stopped(), disabled.effective().is_empty()), (Some(KeyStop::Disabled), true));
}

#[test]
fn what_nobody_needs_is_told_once_it_is_known() {
    let after = |days| NOW + Duration::days(days);
    assert_eq!([29, 30].map(|days| key().is_unused(after(days))), [false, true]);
    assert!(key().unneeded(after(60)).is_empty(), "of a key that nobody uses no scope is the odd one");
    let used = Permissions::of(&[Permission::ViewMembers]);
    let key = ApiKey { last_used_at: Some(after(1)), used, ..key() };
    assert_eq!([90, 91].map(|days| key.is_unused(after(days))), [false, true]);
    assert!(key.unneeded(after(29)).is_empty());
    assert_eq!(key.unneeded(after(30)), Permissions::of(&[Permission::ViewAudit]));
}

#[test]
fn a_new_key_ends_within_what_the_policy_allows() {
    let policy = SecurityPolicy { api_key_max_days: 90, ..SecurityPolicy::default() };
    let parse = |form: &KeyForm| form.parse(&policy, NOW);
    assert_eq!(parse(&form()).unwrap().expires_at, NOW + Duration::days(90));
    let on = |until: &str| KeyForm { expiry: "date".into(), until: until.into(), ..form() };
    assert_eq!(parse(&on(" 2026-11-21 ")).unwrap().expires_at, datetime!(2026-11-22 00:00 UTC));
    let too_long = FieldProblem::Exceeds(Key::ApiKeyMaxDays);
    for (form, field, problem) in [
        (KeyForm { expiry: "365".into(), ..form() }, "expiry", too_long),
        (KeyForm { expiry: "7".into(), ..form() }, "expiry", FieldProblem::UnknownChoice),
        (KeyForm { expiry: String::new(), ..form() }, "expiry", FieldProblem::UnknownChoice),
        (on("2027-02-19"), "until", too_long),
        (on("2026-11-20"), "until", FieldProblem::Malformed),
        (on("tomorrow"), "until", FieldProblem::Malformed),
        (on("9999-12-31"), "until", FieldProblem::Malformed),
        (KeyForm { account: "x".into(), ..form() }, "account", FieldProblem::UnknownChoice),
    ] {
        assert_eq!(parse(&form).unwrap_err().of(field), Some(problem), "{form:?}");
    }
}

#[test]
fn every_other_field_has_its_bounds() {
    let many = "10.0.0.1\n".repeat(101);
    for (form, field, problem) in [
        (KeyForm { name: " ".into(), ..form() }, "name", FieldProblem::Required),
        (KeyForm { scopes: Vec::new(), ..form() }, "scope", FieldProblem::Required),
        (KeyForm { scopes: vec!["members.paint".into()], ..form() }, "scope", FieldProblem::UnknownChoice),
        (KeyForm { scopes: vec!["owners.manage".into()], ..form() }, "scope", FieldProblem::UnknownChoice),
        (KeyForm { scopes: vec!["keys.manage".into()], ..form() }, "scope", FieldProblem::UnknownChoice),
        (
            KeyForm { networks: "10.0.0.0/8\nthe office".into(), ..form() },
            "networks",
            FieldProblem::BadLine(2, LineProblem::NoNetwork),
        ),
        (
            KeyForm { networks: "10.0.0.0/8 for owner".into(), ..form() },
            "networks",
            FieldProblem::BadLine(1, LineProblem::NoRole),
        ),
        (KeyForm { networks: many, ..form() }, "networks", FieldProblem::TooManyOfThem(100)),
        (
            KeyForm { requests_per_minute: "0".into(), ..form() },
            "requests_per_minute",
            FieldProblem::OutOfRange(1, 60_000),
        ),
    ] {
        assert_eq!(form.parse_change().unwrap_err().of(field), Some(problem), "{field}");
    }
    let change = KeyForm { networks: "10.0.0.0/8 # VPN".into(), requests_per_minute: " 60 ".into(), ..form() };
    let change = change.parse_change().unwrap();
    assert_eq!((networks_text(&change.networks).as_str(), change.requests_per_minute), ("10.0.0.0/8 # VPN", Some(60)));
}

#[test]
fn a_form_is_read_from_its_fields() {
    let pairs = [("name", "Deploy"), ("scope", "members.view"), ("scope", "audit.view"), ("expiry", "30"), ("x", "y")];
    let form = KeyForm::from_pairs(pairs);
    assert_eq!((form.name.as_str(), form.scopes.len(), form.expiry.as_str()), ("Deploy", 2, "30"));
    assert_eq!(RotateForm { overlap: "7d".into() }.parse().unwrap().duration(), Duration::WEEK);
    assert!(RotateForm { overlap: "1y".into() }.parse().is_err());
}

#[test]
fn the_address_holds_the_whole_state_of_the_list() {
    let cursor = Some(Cursor::After("x".into(), "y".into()));
    let member = Some(AccountId(Uuid::from_u128(7)));
    let unused = KeyQuery { filter: KeyFilter::Unused, member, cursor, ..KeyQuery::default() };
    for query in [KeyQuery::default(), unused] {
        let pairs = query.to_pairs();
        assert_eq!(KeyQuery::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_str()))), query);
    }
    let pairs = [("state", "gone"), ("member", "'; --"), ("account", "1"), ("page", "%%%")];
    assert_eq!(KeyQuery::from_pairs(pairs), KeyQuery::default());
}

#[test]
fn whoever_has_a_key_work_from_elsewhere_gives_all_that_it_may_do() {
    let before = form().parse_change().unwrap();
    let change = |change: fn(&mut KeyForm)| {
        let mut form = form();
        change(&mut form);
        form.parse_change().unwrap().gives(&before)
    };
    let [view, audit] = [Permission::ViewMembers, Permission::ViewAudit].map(|scope| Permissions::of(&[scope]));
    assert_eq!(change(|form| form.name = "Other".into()), Permissions::default());
    assert_eq!(change(|form| form.scopes = vec!["audit.view".into()]), audit);
    assert_eq!(change(|form| form.scopes.push("audit.view".into())), audit);
    assert_eq!(change(|form| form.networks = "203.0.113.0/24".into()), view);
    assert_eq!(change(|form| form.requests_per_minute = "60".into()), view);
}

#[test]
fn a_key_is_widened_by_scopes_places_and_a_higher_limit() {
    let networks = "203.0.113.0/24\n2001:db8::/32".to_owned();
    let form = KeyForm { networks, requests_per_minute: "60".into(), ..form() };
    let before = form.parse_change().unwrap();
    let view = Permissions::of(&[Permission::ViewMembers]);
    for (networks, limit, widened) in [
        ("203.0.113.0/24\n2001:db8::/32", "60", false),
        ("203.0.113.7\n2001:db8:1::/48", "30", false),
        ("203.0.113.0/24", "60", false),
        ("", "60", true),
        ("203.0.112.0/23", "60", true),
        ("203.0.113.0/24\n198.51.100.0/24", "60", true),
        ("203.0.113.0/24", "61", true),
        ("203.0.113.0/24", "", true),
    ] {
        let after = KeyForm { networks: networks.into(), requests_per_minute: limit.into(), ..form.clone() };
        let after = after.parse_change().unwrap();
        assert_eq!(after.widens(&before), if widened { view } else { Permissions::default() }, "{networks} {limit}");
    }
    let mut more = form.clone();
    more.scopes.push("audit.view".into());
    assert_eq!(more.parse_change().unwrap().widens(&before), Permissions::of(&[Permission::ViewAudit]));
    let anywhere = KeyForm { networks: String::new(), requests_per_minute: String::new(), ..form };
    assert_eq!(before.widens(&anywhere.parse_change().unwrap()), Permissions::default());
}

#[test]
fn a_key_that_was_asked_for_ends_as_the_policy_of_then_has_it() {
    let key = form().parse(&SecurityPolicy::default(), NOW).unwrap();
    let stricter = SecurityPolicy { api_key_max_days: 60, ..SecurityPolicy::default() };
    assert_eq!(key.require_end(&SecurityPolicy::default(), NOW), Ok(()));
    let errors = key.require_end(&stricter, NOW + Duration::days(29)).unwrap_err();
    assert_eq!(errors.of("expiry"), Some(FieldProblem::Exceeds(Key::ApiKeyMaxDays)));
    assert_eq!(key.require_end(&stricter, NOW + Duration::days(30)), Ok(()));
}
