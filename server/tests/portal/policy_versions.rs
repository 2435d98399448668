//! What the policy was: every change makes a version, and each can be put back.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::policy::{Author, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::Role;
use server::edges::Clock as _;
use server::policy::{self, EnforceForm, RollBackForm};
use server::testing::TestPortal;
use server::{Access, members};
use time::Duration;

use crate::support::{asking_mfa, draft_policy, field, give_passkey, names, put_policy, refused};

async fn save(access: &Access, sessions: u32, reason: &str) {
    let policy = SecurityPolicy { sessions_per_person: Some(sessions), ..SecurityPolicy::default() };
    let version = draft_policy(access, &policy).await.expect("a draft");
    let form = EnforceForm { version: version.to_string(), reason: reason.to_owned(), ..EnforceForm::default() };
    policy::enforce(access, &form).await.expect("a policy");
}

fn back(revision: u32) -> RollBackForm {
    RollBackForm { revision: revision.to_string(), reason: String::new() }
}

async fn numbers(access: &Access) -> Vec<i64> {
    policy::versions(access, None).await.expect("versions").rows.iter().map(|version| version.number).collect()
}

#[tokio::test]
async fn every_change_is_a_version_and_each_can_be_put_back() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        assert_eq!(numbers(&ada).await, [0]);
        save(&ada, 5, "").await;
        save(&ada, 2, "  Shared   desks ").await;
        assert_eq!((numbers(&ada).await, numbers(&gus).await), (vec![2, 1, 0], vec![0]));
        let (second, newest) = policy::version(&ada, 2).await.unwrap();
        assert_eq!((newest, second.reason.as_deref()), (2, Some("Shared desks")));
        assert_eq!(second.author, Some(Author { id: w.ada.account, name: Some("Ada Lovelace".to_owned()) }));
        assert_eq!(second.enforced_by, second.author);
        let changes = second.policy.changes_since(&second.before.unwrap());
        let words: Vec<_> =
            changes.iter().map(|change| (change.setting.label, &*change.before, &*change.after)).collect();
        assert_eq!(words, [("Sessions per person", "5 sessions", "2 sessions")]);

        let journal = t.journal().await;
        let form = RollBackForm { reason: "Too few".to_owned(), ..back(2) };
        policy::roll_back(&ada, 1, &form).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(names(&entries), [("policy.changed", Outcome::Done)]);
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(ada.policy().sessions, Some(5));
        let (third, _) = policy::version(&ada, 3).await.unwrap();
        assert_eq!((third.restores, third.reason.as_deref()), (Some(1), Some("Too few")));
        policy::roll_back(&ada, 0, &back(3)).await.unwrap();
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(ada.enforced().document(), &SecurityPolicy::default());
        assert_eq!(numbers(&ada).await, [4, 3, 2, 1, 0]);
        assert_eq!(numbers(&gus).await, [0]);

        // Neither a version nor the newest number is taken from another organization, and none can be made up.
        assert_eq!(refused(policy::version(&gus, 3).await), Problem::NotFound);
        assert_eq!(refused(policy::roll_back(&gus, 1, &back(0)).await), Problem::NotFound);
        assert_eq!(refused(policy::roll_back(&ada, 9, &back(4)).await), Problem::NotFound);
        assert_eq!(refused(policy::roll_back(&ada, 1, &back(3)).await), Problem::Changed);
        let long = RollBackForm { reason: "x".repeat(201), ..back(4) };
        assert_eq!(field(policy::roll_back(&ada, 1, &long).await, "reason"), FieldProblem::TooLong(200));
    })
    .await;
}

#[tokio::test]
async fn rolling_back_takes_what_a_change_takes() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        give_passkey(&t, &w.ada).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        put_policy(&ada, &asking_mfa(7)).await.unwrap();
        put_policy(&ada, &SecurityPolicy::default()).await.unwrap();
        for role in [Role::Member, Role::Auditor, Role::SecurityOfficer] {
            members::change_role(&t.enter(&w.ada, &w.acme).await, w.mia.account, role).await.unwrap();
            let mia = t.enter(&w.mia, &w.acme).await;
            assert_eq!(refused(policy::roll_back(&mia, 0, &back(2)).await), Problem::Forbidden, "{role:?}");
            assert_eq!(policy::versions(&mia, None).await.is_ok(), role != Role::Member, "{role:?}");
        }
        // Ben has no second factor himself, and would be kept out by what he puts back.
        let ben = t.enter(&w.ben, &w.acme).await;
        let locked_out = policy::roll_back(&ben, 1, &back(2)).await;
        assert_eq!(field(locked_out, "mfa_methods"), FieldProblem::LocksYouOut);
        t.pass(Duration::minutes(10));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(policy::roll_back(&ada, 1, &back(2)).await), Problem::StepUpFirst);
        let before = t.clock().now();
        t.sql("UPDATE platform.sessions SET elevated_until = '2100-01-01'").await;
        policy::roll_back(&t.enter(&w.ada, &w.acme).await, 1, &back(2)).await.unwrap();
        let mfa = t.enter(&w.ada, &w.acme).await.policy().mfa.unwrap();
        assert!(mfa.since >= before, "people get their days again");
    })
    .await;
}
