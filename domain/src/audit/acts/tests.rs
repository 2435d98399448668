use std::collections::HashSet;

use super::*;
use crate::audit::Action;
use crate::notifications::Topic;
use crate::policy::SETTINGS;

fn act(code: &str) -> &'static Act {
    Act::from_code(code).unwrap()
}

#[test]
fn every_code_is_one_and_of_one_act() {
    let mut seen = HashSet::new();
    for act in ACTS {
        assert!(Action::try_from(act.code.to_owned()).is_ok(), "{}", act.code);
        assert!(seen.insert(act.code), "{} is there twice", act.code);
        assert!(is_act(act.code));
        assert_eq!(Act::from_code(act.code).map(|found| found.name), Some(act.name));
    }
}

#[test]
fn what_is_almost_a_code_is_none() {
    for code in ["", "member", "member.", "member.suspende", "member.suspendee", "Member.suspended"] {
        assert!(!is_act(code) && Act::from_code(code).is_none(), "{code}");
    }
}

#[test]
fn every_name_is_of_one_act_and_reads_like_one() {
    let mut seen = HashSet::new();
    for Act { code, name, wish, .. } in ACTS {
        assert!(seen.insert(name), "{name} is there twice");
        assert!(name.starts_with(char::is_uppercase) && name.len() > 5, "{code}: {name}");
        for text in [Some(name), wish.as_ref()].into_iter().flatten() {
            assert!(!text.ends_with(['.', ' ']) && !text.contains(['\'', '_']), "{code}: {text}");
        }
        assert!(wish.is_none_or(|wish| wish.starts_with(char::is_lowercase)), "{code}: {wish:?}");
    }
}

#[test]
fn acts_stand_by_what_they_are_about() {
    let of = |act: &Act| Category::ALL.iter().position(|category| *category == act.category).unwrap();
    assert!(ACTS.is_sorted_by_key(of));
    assert_eq!(ACTS.iter().map(of).collect::<HashSet<_>>().len(), Category::ALL.len());
}

#[test]
fn every_field_is_named_once_in_words_joined_by_underscores() {
    for Act { code, records, .. } in ACTS {
        let mut seen = HashSet::new();
        for field in *records {
            assert!(seen.insert(field), "{code} has {field} twice");
            assert!(Action::try_from(format!("field.{field}")).is_ok(), "{code}: {field}");
            assert_ne!(*field, "required", "{code}: any denial has it");
        }
    }
}

#[test]
fn a_change_of_settings_tells_each_of_them() {
    let policy = act("policy.changed").records;
    for setting in &SETTINGS {
        assert!(policy.contains(&setting.code), "{}", setting.code);
    }
    assert_eq!(policy[..4], ["reason", "version", "restores", "kept_out"]);
    let topics: Vec<_> = Topic::ALL.iter().map(|topic| topic.code()).collect();
    assert_eq!(act("account.notifications_changed").records, topics);
}

#[test]
fn what_is_looked_at_or_proven_is_no_change() {
    for act in ACTS.iter().filter(|act| matches!(act.category, Category::Reads | Category::SignIn)) {
        assert_eq!(act.fact, None, "{}", act.code);
    }
    for act in ACTS.iter().filter(|act| act.category == Category::Reads) {
        assert_eq!(act.retention, Retention::Reads, "{}", act.code);
    }
}

#[test]
fn what_anybody_was_is_kept_as_long_as_what_they_may_do() {
    let tells = |code: &str| {
        ["role.", "group.", "member."].iter().any(|prefix| code.starts_with(prefix)) || code == "invitation.accepted"
    };
    for act in ACTS.iter().filter(|act| tells(act.code) && act.category != Category::Reads) {
        assert_eq!(act.retention, Retention::Administration, "{}", act.code);
    }
}

#[test]
fn a_fact_is_told_by_what_came_of_an_act() {
    let of = |code| [Outcome::Done, Outcome::Denied, Outcome::Failed].map(|outcome| act(code).fact_of(outcome));
    assert_eq!(of("member.suspended"), [Some(FactKind::Change), Some(FactKind::Denied), None]);
    assert_eq!(of("members.exported"), [Some(FactKind::Export), Some(FactKind::Denied), None]);
    assert_eq!(of("members.viewed"), [None, Some(FactKind::Denied), None]);
    assert_eq!(of("organization.entered"), [None, Some(FactKind::KeptOut), None]);
    assert_eq!(of("audit.damaged")[0], Some(FactKind::LogDamaged));
}

#[test]
fn codes_are_read_back() {
    for category in Category::ALL {
        assert_eq!(Category::from_code(category.code()), Some(category));
    }
    for kind in FactKind::ALL.iter().copied() {
        assert_eq!(FactKind::from_code(kind.code()), Some(kind));
    }
    assert_eq!(Category::from_code("nothing"), None);
    let names: HashSet<_> = Category::ALL.map(Category::name).into_iter().collect();
    assert_eq!(names.len(), Category::ALL.len());
    for class in Retention::ALL {
        assert!(class.describe().ends_with('.'), "{}", class.name());
        assert!(ACTS.iter().any(|act| act.retention == class), "{}", class.code());
    }
}
