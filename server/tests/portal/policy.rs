//! Who changes the policy, and what keeps them from a mistake.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::policy::{Key, Methods, PolicyForm, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::Role;
use server::policy::{Lockout, Saved};
use server::testing::TestPortal;
use server::{members, policy};
use time::Duration;

use crate::support::{
    asking_mfa, draft_policy, enforce_version, field, give_passkey, names, put_policy, refused, require_mfa,
};

#[tokio::test]
async fn nobody_asks_for_what_they_do_not_have_themselves() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let draft = draft_policy(&ada, &asking_mfa(7)).await.unwrap();
        let review = policy::review(&ada).await.unwrap().unwrap();
        assert_eq!((review.version, review.lockouts), (draft, vec![Lockout::Yourself(Key::MfaMethods)]));
        assert_eq!(field(enforce_version(&ada, draft).await, "mfa_methods"), FieldProblem::LocksYouOut);
        give_passkey(&t, &world.ada).await;
        let ada = t.enter(&world.ada, &world.acme).await;
        let apps = Methods { passkey: false, authenticator: true };
        let apps = SecurityPolicy { mfa_methods: apps, ..asking_mfa(7) };
        assert_eq!(field(put_policy(&ada, &apps).await, "mfa_methods"), FieldProblem::LocksYouOut);
        assert!(policy::view(&ada).await.unwrap().sign_in.mfa.is_none());
        put_policy(&ada, &asking_mfa(7)).await.unwrap();
        let ada = t.enter(&world.ada, &world.acme).await;
        let view = policy::view(&ada).await.unwrap();
        assert_eq!((view.sign_in.mfa.unwrap().grace_days, view.enforced, view.draft, view.missing()), (7, 3, None, 2));
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
        let policy = SecurityPolicy { idle_minutes: 480, sessions_per_person: Some(3), ..SecurityPolicy::default() };
        let draft = draft_policy(&ada, &policy).await.unwrap();
        let drafted = t.enter(&world.ada, &world.acme).await;
        assert_eq!(drafted.enforced().document(), &SecurityPolicy::default(), "a draft holds for nobody");
        enforce_version(&ada, draft).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("policy.drafted", Outcome::Done), ("policy.changed", Outcome::Done)]);
        assert!(entries.iter().all(|entry| entry.log == world.acme.log()));
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
        let form = PolicyForm::of(&policy, &**ada.book());
        let again = policy::save_draft(&ada, &draft.to_string(), &form).await.unwrap();
        assert!(matches!(again, Saved::Unchanged), "{again:?}");
        assert_eq!(t.journal().await.since(&journal).len(), 2);
        assert_eq!(policy::view(&gus).await.unwrap().enforced, 0, "nobody else's");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_save_at_once_the_second_sees_both() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let (ada, ben) = (t.enter(&world.ada, &world.acme).await, t.enter(&world.ben, &world.acme).await);
        let form = |policy: &SecurityPolicy| PolicyForm::of(policy, &**ada.book());
        let two = SecurityPolicy { sessions_per_person: Some(2), invitation_days: 3, ..SecurityPolicy::default() };
        let three = SecurityPolicy { sessions_per_person: Some(3), idle_minutes: 60, ..SecurityPolicy::default() };
        let (two_form, three_form) = (form(&two), form(&three));
        let (first, second) =
            tokio::join!(policy::save_draft(&ada, "0", &two_form), policy::save_draft(&ben, "0", &three_form));
        let (first, second) = (first.unwrap(), second.unwrap());
        let (lost, mine, theirs) = match (first, second) {
            (Saved::Draft(1), Saved::Overtaken(lost)) => (lost, three, two),
            (Saved::Overtaken(lost), Saved::Draft(1)) => (lost, two, three),
            both => panic!("{both:?}"),
        };
        assert_eq!(lost.base, 1);
        let kept: Vec<_> = lost.kept.iter().map(|(setting, _)| setting.key).collect();
        assert_eq!((kept, lost.taken.len()), (vec![Key::SessionsPerPerson], 1));
        let Saved::Draft(2) = policy::save_draft(&ben, "1", &lost.form).await.unwrap() else { panic!("not saved") };
        let now = policy::edit(&ada).await.unwrap().policy;
        assert_eq!(now.sessions_per_person, mine.sessions_per_person);
        assert_eq!((now.idle_minutes, now.invitation_days), (60, 3), "of {theirs:?}, too");
        // What was looked at is what is put into force.
        for version in [0, 1, 3] {
            assert_eq!(refused(enforce_version(&ada, version).await), Problem::Changed, "{version}");
        }
        for base in ["", "x", "9"] {
            assert_eq!(refused(policy::save_draft(&ada, base, &two_form).await), Problem::Changed, "{base}");
        }
        enforce_version(&ada, 2).await.unwrap();
        assert_eq!(refused(enforce_version(&ada, 2).await), Problem::Changed, "once");
    })
    .await;
}

#[tokio::test]
async fn it_takes_a_fresh_proof_and_a_role_that_may() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let policy = SecurityPolicy { sessions_per_person: Some(5), ..SecurityPolicy::default() };
        let form = PolicyForm::of(&policy, &domain::roles::RoleBook::default());
        let ada = t.enter(&world.ada, &world.acme).await;
        for role in [Role::Member, Role::Auditor, Role::SecurityOfficer] {
            members::change_role(&ada, world.mia.account, role).await.unwrap();
            let mia = t.enter(&world.mia, &world.acme).await;
            let journal = t.journal().await;
            assert_eq!(refused(policy::save_draft(&mia, "0", &form).await), Problem::Forbidden, "{role:?}");
            assert_eq!(refused(policy::use_template(&mia, "hipaa", None).await), Problem::Forbidden, "{role:?}");
            assert_eq!(refused(policy::import(&mia, "0", "version: 1").await), Problem::Forbidden, "{role:?}");
            assert_eq!(refused(policy::discard_draft(&mia).await), Problem::Forbidden, "{role:?}");
            assert_eq!(refused(enforce_version(&mia, 0).await), Problem::Forbidden, "{role:?}");
            assert_eq!(refused(policy::remind(&mia).await), Problem::Forbidden, "{role:?}");
            let sees = policy::view(&mia).await.is_ok();
            assert_eq!(sees, role != Role::Member, "{role:?}");
            assert_eq!(policy::text(&mia, None).await.is_ok(), sees, "{role:?}");
            let missing = domain::members::MemberQuery {
                mfa: Some(domain::members::MfaFilter::Off),
                ..domain::members::MemberQuery::default()
            };
            assert_eq!(members::list(&mia, &missing).await.is_ok(), sees, "{role:?}");
            let denied = t.journal().await.since(&journal);
            assert!(denied.iter().all(|entry| entry.outcome == Outcome::Denied) && denied.len() >= 6, "{role:?}");
        }
        t.pass(Duration::minutes(10));
        let ben = t.enter(&world.ben, &world.acme).await;
        let draft = draft_policy(&ben, &policy).await.unwrap();
        assert_eq!(refused(enforce_version(&ben, draft).await), Problem::StepUpFirst);
        let mut wrong = form.clone();
        wrong.put("sessions_per_person", "0");
        let wrong = policy::save_draft(&ben, &draft.to_string(), &wrong).await;
        assert_eq!(field(wrong, "sessions_per_person"), FieldProblem::OutOfRange(1, 50));
        let ben = t.sign_in(&world.ben.email).await;
        enforce_version(&t.enter(&ben, &world.acme).await, draft).await.unwrap();
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
        assert_eq!(refused(crate::support::export(ada.clone()).await), Problem::StepUpFirst);
        assert_eq!(refused(crate::support::export_table(ada).await), Problem::StepUpFirst);
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
        require_mfa(&t, &world.ada, &world.acme, 0).await;
        assert_eq!(refused(t.try_enter(&world.mia, &world.acme.slug).await), Problem::EnrolFirst);
        assert_eq!(t.enter(&world.mia, &world.globex).await.reminder(), None);
        t.enter(&world.gus, &world.globex).await;
    })
    .await;
}
