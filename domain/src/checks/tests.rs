use std::sync::Arc;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::*;
use crate::ids::GroupId;
use crate::members::MemberStatus;
use crate::policy::{EnforcedPolicy, Rule, SecurityPolicy};
use crate::roles::{Group, Role, RoleBook, RoleId};
use crate::text::GroupName;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn group() -> GroupId {
    GroupId(Uuid::from_u128(7))
}

/// An organization with a group whose members read the audit trail, and this policy.
fn rulebook(policy: &str) -> Rulebook {
    let auditors = Group {
        id: group(),
        name: GroupName::stored("Auditors"),
        description: String::new(),
        roles: vec![Role::Auditor.into()],
        revision: 1,
    };
    let policy: SecurityPolicy = serde_json::from_str(policy).unwrap();
    Rulebook {
        book: Arc::new(RoleBook::new(Vec::new(), vec![auditors]).unwrap()),
        policy: Arc::new(EnforcedPolicy::new(policy)),
        mfa_since: Some(NOW - Duration::days(30)),
    }
}

fn person(rulebook: &Rulebook, role: Role, groups: &[GroupId]) -> Person {
    Person {
        status: MemberStatus::Active,
        role: role.into(),
        groups: groups.to_vec(),
        permissions: rulebook.book.effective(role.into(), groups),
        bound_by: vec![RoleId::Builtin(role)],
        joined_at: NOW - Duration::days(30),
        access_ended_at: None,
        excepted: Vec::new(),
    }
}

fn check(permission: &str, facts: &str) -> Question {
    let text = format!(r#"{{"subject":"ada@acme.example","permission":"{permission}","facts":{facts}}}"#);
    serde_json::from_str::<Check>(&text).unwrap().parse("").unwrap()
}

fn reasons(answer: &Answer) -> Vec<&'static str> {
    answer.reasons.iter().map(|reason| reason.code()).collect()
}

#[test]
fn whoever_holds_it_may_and_is_told_by_what() {
    let rules = rulebook("{}");
    let mia = person(&rules, Role::Member, &[group()]);
    let answer = rules.answer(&check("audit.view", "{}"), Some(&mia), NOW);
    assert!(answer.allowed);
    assert_eq!(reasons(&answer), ["held"]);
    let grounds: Vec<_> = answer.decided_by.iter().map(|ground| (ground.kind, ground.name.as_str())).collect();
    assert_eq!(grounds, [(GroundKind::Group, "Auditors")]);
    let answer = rules.answer(&check("members.view", "{}"), Some(&mia), NOW);
    assert_eq!(answer.decided_by.len(), 2, "her own role, and the group's");
}

#[test]
fn who_is_nobody_is_suspended_or_does_not_hold_it_may_not() {
    let rules = rulebook(r#"{"networks":[{"network":"203.0.113.0/24"}]}"#);
    let question = check("members.invite", "{}");
    assert_eq!(reasons(&rules.answer(&question, None, NOW)), ["unknown_subject"]);
    let mia = person(&rules, Role::Member, &[]);
    assert_eq!(reasons(&rules.answer(&question, Some(&mia), NOW)), ["not_held"]);
    let ada = Person { status: MemberStatus::Suspended, ..person(&rules, Role::Owner, &[]) };
    assert_eq!(reasons(&rules.answer(&question, Some(&ada), NOW)), ["suspended"]);
}

#[test]
fn what_the_policy_asks_for_and_nobody_knows_speaks_against_them() {
    let rules = rulebook(
        r#"{"networks":[{"network":"203.0.113.0/24"}],"regions":["eu-central"],"mfa":true,"mfa_grace_days":0}"#,
    );
    let ada = person(&rules, Role::Owner, &[]);
    let ask = |facts: &str| rules.answer(&check("members.invite", facts), Some(&ada), NOW);
    let answer = ask("{}");
    assert!(!answer.allowed);
    assert_eq!(reasons(&answer), ["regions", "networks", "mfa"]);
    assert!(answer.decided_by.iter().all(|ground| ground.kind == GroundKind::Policy && !ground.name.is_empty()));
    let all = r#"{"address":"203.0.113.9","region":"eu-central","factors":["passkey"]}"#;
    assert!(ask(all).allowed);
    assert_eq!(reasons(&ask(&all.replace("203.0.113.9", "198.51.100.1"))), ["networks"]);
    assert_eq!(reasons(&ask(&all.replace("203.0.113.9", "::ffff:203.0.113.9"))), ["held"]);
    assert_eq!(reasons(&ask(&all.replace("eu-central", "us-east"))), ["regions"]);
    let excepted = Person { excepted: vec![(Rule::Networks, NOW + Duration::SECOND)], ..ada.clone() };
    let elsewhere = check("members.invite", &all.replace("203.0.113.9", "198.51.100.1"));
    assert!(rules.answer(&elsewhere, Some(&excepted), NOW).allowed);
    assert!(!rules.answer(&elsewhere, Some(&excepted), NOW + Duration::SECOND).allowed, "it is over");
}

#[test]
fn the_age_of_a_session_counts_where_it_is_told() {
    let rules = rulebook(r#"{"absolute_minutes":60,"idle_minutes":60}"#);
    let ada = Person { access_ended_at: Some(NOW - Duration::minutes(10)), ..person(&rules, Role::Owner, &[]) };
    let ask = |facts: &str| rules.answer(&check("members.invite", facts), Some(&ada), NOW);
    assert!(ask("{}").allowed);
    assert!(ask(r#"{"authenticated_at":"2026-11-21T11:55:00Z"}"#).allowed);
    assert_eq!(reasons(&ask(r#"{"authenticated_at":"2026-11-21T11:45:00Z"}"#)), ["access_ended"]);
    assert!(!ask(r#"{"authenticated_at":"2026-11-21T10:00:00Z"}"#).allowed);
    assert!(ask(r#"{"authenticated_at":"2030-01-01T00:00:00Z"}"#).allowed, "as of now");
}

#[test]
fn a_question_is_wrong_by_its_fields_and_strange_subjects_are_nobody() {
    let check = |subject: &str, permission: &str| Check {
        subject: subject.to_owned(),
        permission: permission.to_owned(),
        resource: Some(Resource { kind: "invoice".to_owned(), id: "a\u{0}b".to_owned() }),
        facts: GivenFacts::default(),
    };
    let errors = check(" ", "members.paint").parse("checks/3/").unwrap_err();
    assert_eq!(errors.of("checks/3/subject"), Some(FieldProblem::Required));
    assert_eq!(errors.of("checks/3/permission"), Some(FieldProblem::UnknownChoice));
    assert_eq!(errors.of("checks/3/resource/id"), Some(FieldProblem::ForbiddenCharacters));
    for nobody in ["ada", "a\0@b.example", "0199f0c2-6f6e", "' OR 1=1"] {
        assert_eq!(Subject::parse(nobody), Ok(Subject::Nobody), "{nobody:?}");
    }
    let id = "0199f0c2-6f6e-7cc3-9a51-7b5be0f2a6d1";
    assert_eq!(Subject::parse(id), Ok(Subject::Id(id.parse().unwrap())));
    assert!(
        matches!(Subject::parse(" ADA@acme.example"), Ok(Subject::Email(email)) if email.as_str() == "ada@acme.example")
    );
    assert_eq!(Subject::parse(&"x".repeat(300)), Err(FieldProblem::TooLong(254)));
}

#[test]
fn reasons_are_read_back() {
    let all = [Reason::Held, Reason::UnknownSubject, Reason::Suspended, Reason::NotHeld, Reason::Policy(Rule::Mfa)];
    for reason in all {
        assert_eq!(Reason::try_from(reason.code().to_owned()), Ok(reason));
    }
    assert!(Reason::try_from("because".to_owned()).is_err());
}
