//! Who changes what an organization asks of its members' sign-in, and what keeps them from a mistake.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::policy::SignInPolicyForm;
use domain::problem::Problem;
use domain::roles::Role;
use server::testing::TestPortal;
use server::{members, policy};
use time::Duration;

use crate::support::{field, give_passkey, mfa_form, names, policy_form, refused, require_mfa};

#[tokio::test]
async fn nobody_asks_for_what_they_do_not_have_themselves() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let locked_out = policy::change(&ada, &mfa_form("7")).await;
        assert_eq!(field(locked_out, "allow_passkey"), FieldProblem::LocksYouOut);
        give_passkey(&t, &world.ada).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let apps = SignInPolicyForm { allow_passkey: String::new(), ..mfa_form("7") };
        assert_eq!(field(policy::change(&ada, &apps).await, "allow_passkey"), FieldProblem::LocksYouOut);
        assert!(policy::view(&ada).await.unwrap().policy.mfa.is_none());
        policy::change(&ada, &mfa_form("7")).await.unwrap();
        let ada = t.enter(&world.ada, &world.acme).await;
        let view = policy::view(&ada).await.unwrap();
        assert_eq!((view.policy.mfa.unwrap().grace_days, view.revision, view.missing()), (7, 1, 2));
        assert_eq!(ada.reminder(), None, "she has it");
    })
    .await;
}

#[tokio::test]
async fn a_change_says_what_was_before_and_what_is_now() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let (journal, gus) = (t.journal().await, t.enter(&world.gus, &world.globex).await);
        let form = SignInPolicyForm { idle: "480".to_owned(), sessions: "3".to_owned(), ..policy_form() };
        policy::change(&ada, &form).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("policy.changed", Outcome::Done)]);
        assert_eq!(entries[0].log, world.acme.log());
        let canonical = t
            .text(&format!(
                "SELECT canonical FROM {}.audit_entries WHERE action = 'policy.changed'",
                world.acme.schema()
            ))
            .await;
        for change in [
            r#"{"after":{"public":"480"},"before":{"public":"10080"},"field":"idle_minutes"}"#,
            r#"{"after":{"public":"3"},"before":{"public":"none"},"field":"sessions_per_person"}"#,
        ] {
            assert!(canonical.contains(change), "{canonical}");
        }
        assert!(!canonical.contains("absolute_minutes"), "{canonical}");
        // Saving what is there already is no change.
        policy::change(&ada, &SignInPolicyForm { revision: "1".to_owned(), ..form }).await.unwrap();
        assert_eq!(t.journal().await.since(&journal).len(), 1);
        assert_eq!(policy::view(&gus).await.unwrap().revision, 0, "nobody else's");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_save_at_once_the_second_is_told() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (ada, ben) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.ben, &world.acme).await);
        let of = |sessions: &str| SignInPolicyForm { sessions: sessions.to_owned(), ..policy_form() };
        let (two, three) = (of("2"), of("3"));
        let (first, second) = tokio::join!(policy::change(&ada, &two), policy::change(&ben, &three));
        let lost = if first.is_ok() { second } else { first };
        assert_eq!(refused(lost), Problem::Changed);
        for revision in ["0", "", "2", "x"] {
            let form = SignInPolicyForm { revision: revision.to_owned(), ..of("4") };
            assert_eq!(refused(policy::change(&ada, &form).await), Problem::Changed, "{revision}");
        }
        assert_eq!(policy::view(&t.enter(&world.ada, &world.acme).await).await.unwrap().revision, 1);
    })
    .await;
}

#[tokio::test]
async fn it_takes_a_fresh_proof_and_a_role_that_may() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let form = SignInPolicyForm { sessions: "5".to_owned(), ..policy_form() };
        let ada = t.enter(&world.ada, &world.acme).await;
        for role in [Role::Member, Role::Auditor, Role::SecurityOfficer] {
            members::change_role(&ada, world.mia.account, role).await.unwrap();
            let mia = t.enter(&world.mia, &world.acme).await;
            let journal = t.journal().await;
            assert_eq!(refused(policy::change(&mia, &form).await), Problem::Forbidden, "{role:?}");
            assert_eq!(refused(policy::remind(&mia).await), Problem::Forbidden, "{role:?}");
            let sees = policy::view(&mia).await.is_ok();
            assert_eq!(sees, role != Role::Member, "{role:?}");
            let missing = domain::members::MemberQuery {
                mfa: Some(domain::members::MfaFilter::Off),
                ..domain::members::MemberQuery::default()
            };
            assert_eq!(members::list(&mia, &missing).await.is_ok(), sees, "{role:?}");
            let denied = t.journal().await.since(&journal);
            assert!(denied.iter().all(|entry| entry.outcome == Outcome::Denied) && denied.len() >= 2, "{role:?}");
        }
        t.pass(Duration::minutes(10));
        let ben = t.enter(&world.ben, &world.acme).await;
        assert_eq!(refused(policy::change(&ben, &form).await), Problem::StepUpFirst);
        // What is wrong in the form is said before.
        let wrong = SignInPolicyForm { sessions: "0".to_owned(), ..policy_form() };
        assert_eq!(field(policy::change(&ben, &wrong).await, "sessions"), FieldProblem::OutOfRange(1, 50));
        let ben = t.sign_in(&world.ben.email).await;
        policy::change(&t.enter(&ben, &world.acme).await, &form).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_role_that_holds_more_and_an_export_take_a_fresh_proof() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.pass(Duration::minutes(10));
        let ada = t.enter(&world.ada, &world.acme).await;
        let up = members::change_role(&ada, world.mia.account, Role::Auditor).await;
        assert_eq!(refused(up), Problem::StepUpFirst);
        members::change_role(&ada, world.ben.account, Role::Member).await.unwrap();
        members::change_role(&ada, world.ben.account, Role::Member).await.unwrap();
        let journal = t.journal().await;
        assert_eq!(refused(server::audit::export(ada.clone()).await), Problem::StepUpFirst);
        assert_eq!(refused(server::audit::export_table(ada).await), Problem::StepUpFirst);
        assert!(t.journal().await.since(&journal).is_empty());
        let ada = t.sign_in(&world.ada.email).await;
        let ada = t.enter(&ada, &world.acme).await;
        members::change_role(&ada, world.mia.account, Role::Auditor).await.unwrap();
        crate::support::export(ada).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_policy_holds_where_it_was_made() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        t.invite(&gus, &world.mia.email, Role::Member).await;
        let offer = server::invitations::list_mine(&t.request(), &world.mia.visitor).await.unwrap()[0].offer.invitation;
        server::invitations::accept_listed(&t.request(), &world.mia.visitor, world.globex.id, offer).await.unwrap();
        require_mfa(&t, &world.ada, &world.acme, "0").await;
        assert_eq!(refused(t.try_enter(&world.mia, &world.acme.slug).await), Problem::EnrolFirst);
        assert_eq!(t.enter(&world.mia, &world.globex).await.reminder(), None);
        t.enter(&world.gus, &world.globex).await;
    })
    .await;
}
