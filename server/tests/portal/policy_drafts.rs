//! Drafts of the policy: from templates, from text, and what cannot be put into force because it would lock somebody out.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::policy::{
    Classification, Key, LineProblem, Names, Networks, PolicyForm, Rule, Section, SecurityPolicy, Template,
};
use domain::problem::Problem;
use domain::roles::{GroupForm, Role, RoleBook, RoleForm};
use server::policy::{self, Lockout, RollBackForm, Saved};
use server::testing::{Person, TestPortal, World};
use server::{access, members, roles};
use time::Duration;

use crate::support::{draft_policy, enforce_version, field, give_passkey, names, put_policy, refused};

fn networks(text: &str) -> SecurityPolicy {
    let networks = Networks::parse(text, &RoleBook::default()).expect("networks");
    SecurityPolicy { networks, ..SecurityPolicy::default() }
}

async fn lockouts(t: &TestPortal, w: &World, policy: &SecurityPolicy) -> Vec<Lockout> {
    let ada = t.enter(&w.ada, &w.acme).await;
    let draft = draft_policy(&ada, policy).await.unwrap();
    let found = policy::review(&ada).await.unwrap().unwrap().lockouts;
    assert_eq!(enforce_version(&ada, draft).await.is_err(), !found.is_empty(), "what is shown is what is refused");
    found
}

/// Comes by from an address, so that it is known.
async fn comes_from(t: &TestPortal, person: &Person, ip: [u8; 4]) {
    t.pass(Duration::minutes(6));
    let visitor = t.visitor(&person.session).await.expect("a session that is alive");
    let request = t.request_from(ip.into());
    access::enter(&request, &visitor, "acme", access::Purpose::Change).await.map(|_| ()).expect("a way in");
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let yourself = |key| vec![Lockout::Yourself(key)];
        assert_eq!(lockouts(&t, &w, &networks("10.0.0.0/8")).await, yourself(Key::Networks));
        assert_eq!(lockouts(&t, &w, &networks("192.0.2.7 for Member")).await, []);
        assert_eq!(lockouts(&t, &w, &networks("0.0.0.0/0\n10.0.0.0/8 for Owner")).await, yourself(Key::Networks));
        let regions = Names::parse("eu-central", |_| true).unwrap();
        let regions = SecurityPolicy { regions, ..SecurityPolicy::default() };
        assert_eq!(lockouts(&t, &w, &regions).await, yourself(Key::Regions));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(ada.enforced().document(), &networks("192.0.2.7 for Member"));
        // Ben is no owner, and may not lock himself out either.
        let ben = t.enter(&w.ben, &w.acme).await;
        let others = networks("192.0.2.0/24\n198.51.100.0/24 for Admin");
        assert_eq!(field(put_policy(&ben, &others).await, "networks"), FieldProblem::LocksYouOut);
        assert_eq!(t.enter(&w.ada, &w.acme).await.enforced().document(), &networks("192.0.2.7 for Member"));
    })
    .await;
}

#[tokio::test]
async fn two_owners_can_still_come_in_or_the_only_one() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let mut owners = Vec::new();
        for number in [1, 2] {
            let email = format!("owner{number}@acme.example");
            owners.push(t.join(&ada, "Owner", &email, Role::Owner).await);
        }
        let office = networks("192.0.2.0/24\n198.51.100.1");
        let few = |able| vec![Lockout::Owners { able, all: 3, key: Key::Networks }];
        // Of two it is not known from where they come.
        assert_eq!(lockouts(&t, &w, &office).await, few(1));
        comes_from(&t, &owners[0], [203, 0, 113, 1]).await;
        assert_eq!(lockouts(&t, &w, &office).await, few(1));
        comes_from(&t, &owners[1], [198, 51, 100, 1]).await;
        // Somebody who is suspended is none of them.
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        members::suspend(&ada, owners[1].account).await.unwrap();
        let draft = draft_policy(&ada, &office).await.unwrap();
        let refused = enforce_version(&ada, draft).await;
        assert_eq!(field(refused, "networks"), FieldProblem::LocksOwnersOut(1, 2));
        members::resume(&ada, owners[1].account).await.unwrap();
        enforce_version(&ada, draft).await.unwrap();
        // Rolling back to what would lock out is refused like anything else.
        comes_from(&t, &owners[1], [198, 51, 100, 1]).await;
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        put_policy(&ada, &SecurityPolicy::default()).await.unwrap();
        comes_from(&t, &owners[1], [203, 0, 113, 2]).await;
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let in_force = policy::view(&ada).await.unwrap().enforced;
        let back = RollBackForm { revision: in_force.to_string(), reason: String::new() };
        assert_eq!(field(policy::roll_back(&ada, draft, &back).await, "networks"), FieldProblem::LocksOwnersOut(1, 3));
        assert_eq!(policy::view(&ada).await.unwrap().enforced, in_force);
    })
    .await;
}

#[tokio::test]
async fn a_template_is_where_a_draft_begins() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        let before = t.journal().await;
        let base = SecurityPolicy { invitation_days: 30, ..networks("192.0.2.0/24 # Office") };
        draft_policy(&ada, &base).await.unwrap();
        policy::use_template(&ada, "hipaa", Some(Section::Sessions)).await.unwrap();
        let hipaa = Template::from_code("hipaa").unwrap();
        let editing = policy::edit(&ada).await.unwrap();
        assert_eq!((editing.base, editing.is_draft), (2, true));
        assert_eq!(editing.policy, hipaa.apply(&base, Some(Section::Sessions)));
        assert_eq!((editing.policy.idle_minutes, editing.policy.mfa, editing.policy.invitation_days), (15, false, 30));
        policy::use_template(&ada, "hipaa", None).await.unwrap();
        policy::use_template(&ada, "hipaa", None).await.unwrap();
        let editing = policy::edit(&ada).await.unwrap();
        assert_eq!(editing.policy, hipaa.apply(&base, None));
        assert_eq!(editing.policy.networks, base.networks, "what it does not set stays");
        assert_eq!(editing.base, 3, "twice is once");
        let drafted = [("policy.drafted", Outcome::Done); 3];
        assert_eq!(names(&t.journal().await.since(&before)), drafted);
        assert_eq!(refused(policy::use_template(&ada, "hippa", None).await), Problem::NotFound);
        // It is put away, and stays among the versions.
        policy::discard_draft(&ada).await.unwrap();
        policy::discard_draft(&ada).await.unwrap();
        assert!(policy::review(&ada).await.unwrap().is_none());
        assert_eq!(policy::edit(&ada).await.unwrap().base, 0);
        assert!(policy::version(&ada, 3).await.unwrap().0.enforced_at.is_none());
        assert_eq!(refused(enforce_version(&ada, 3).await), Problem::Changed);
        assert!(policy::review(&gus).await.unwrap().is_none());
        assert_eq!(refused(policy::text(&gus, Some(3)).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_text_is_taken_along_and_brought_back() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        let policy = SecurityPolicy {
            sessions_per_person: Some(3),
            ..networks("192.0.2.0/24 for Owner, Admin # Office: north\n2001:db8::/32")
        };
        draft_policy(&ada, &policy).await.unwrap();
        let (base, text) = policy::text(&ada, None).await.unwrap();
        assert!(matches!(policy::import(&ada, &base.to_string(), &text).await.unwrap(), Saved::Unchanged));
        assert!(matches!(policy::import(&gus, "0", &text).await.unwrap(), Saved::Draft(1)));
        assert_eq!(policy::edit(&gus).await.unwrap().policy, policy);
        assert_eq!(
            refused(policy::import(&gus, "0", &text).await),
            Problem::Changed,
            "it was brought for another draft"
        );
        for (text, at, problem) in [
            ("", "yaml", FieldProblem::Required),
            ("version: 1\nsesions: {}\n", "yaml", FieldProblem::BadLine(2, LineProblem::NoText)),
            ("version: 1\nsessions:\n  idle: 3\n", "yaml", FieldProblem::BadLine(3, LineProblem::NoSetting)),
            ("version: 1\nsessions:\n  idle_minutes: 3\n", "idle_minutes", FieldProblem::OutOfRange(15, 10_080)),
        ] {
            assert_eq!(field(policy::import(&gus, "1", text).await, at), problem, "{text}");
        }
        assert_eq!(policy::edit(&gus).await.unwrap().base, 1, "nothing was saved");
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_networks_are_as_good_as_one() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        give_passkey(&t, &w.ada).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let line = |number: u32| format!("10.{}.{}.0/25 # Branch {number}\n", number / 200, number % 200);
        let text: String = (0..9_999).map(line).chain(["192.0.2.0/24".to_owned()]).collect();
        put_policy(&ada, &networks(&text)).await.unwrap();
        assert!(t.try_enter(&w.mia, "acme").await.is_ok());
        let mut form = PolicyForm::of(&SecurityPolicy::default(), &**ada.book());
        form.put("networks", format!("{text}\n10.0.0.1\n"));
        let many = policy::save_draft(&ada, "1", &form).await;
        assert_eq!(field(many, "networks"), FieldProblem::TooManyOfThem(10_000));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_no_owner_binds_none() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await);
        let regions = Names::parse("eu-central", |_| true).unwrap();
        for (policy, field_of) in [
            (networks("192.0.2.0/24"), "networks"),
            (networks("192.0.2.7 for Owner"), "networks"),
            (SecurityPolicy { regions, ..SecurityPolicy::default() }, "regions"),
        ] {
            let refused = put_policy(&ben, &policy).await;
            assert!(matches!(field(refused, field_of), FieldProblem::OwnersOnly | FieldProblem::LocksYouOut));
        }
        put_policy(&ben, &networks("192.0.2.0/24 for Admin, Member")).await.unwrap();
        // What an owner has closed, an owner opens.
        let restricted = SecurityPolicy { classification: Classification::Restricted, ..SecurityPolicy::default() };
        put_policy(&ada, &restricted).await.unwrap();
        let ben = t.enter(&w.ben, &w.acme).await;
        let opened = put_policy(&ben, &SecurityPolicy::default()).await;
        assert_eq!(field(opened, "classification"), FieldProblem::OwnersOnly);
        put_policy(&t.enter(&w.ada, &w.acme).await, &SecurityPolicy::default()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_owner_is_bound_as_an_owner_alone_and_others_by_all_that_they_inherit() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = |name: &str, parent: Role| RoleForm {
            name: name.to_owned(),
            parents: vec![parent.code().to_owned()],
            ..RoleForm::default()
        };
        let deputy = roles::create(&ada, &form("Deputy", Role::Admin)).await.unwrap();
        let ada = t.enter(&w.ada, &w.acme).await;
        put_policy(&ada, &networks("198.51.100.0/24 for Admin")).await.unwrap();
        // An admin under another name is one still.
        members::change_role(&t.enter(&w.ada, &w.acme).await, w.ben.account, deputy).await.unwrap();
        assert_eq!(refused(t.try_enter(&w.ben, "acme").await), Problem::KeptOut(Rule::Networks));
        // Nobody keeps an owner out by what they put them into.
        let group = GroupForm { name: "Desk".to_owned(), roles: vec!["admin".to_owned()], ..GroupForm::default() };
        let group = roles::create_group(&t.enter(&w.ada, &w.acme).await, &group).await.unwrap();
        let joining = roles::Joining::Id(w.ada.account);
        roles::add_member(&t.enter(&w.ada, &w.acme).await, group, joining).await.unwrap();
        assert!(t.try_enter(&w.ada, "acme").await.is_ok());
    })
    .await;
}
