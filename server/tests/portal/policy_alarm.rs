//! A policy that keeps more members out than was expected goes back by itself.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::policy::{Networks, Rule, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Role, RoleBook};
use server::policy::{self, EnforceForm};
use server::testing::{TestPortal, World};
use server::{Access, Error, notifications};
use time::Duration;

use crate::approvals::ALL;
use crate::session_limits::comes;
use crate::support::{draft_policy, field, names};

async fn enforce(access: &Access, alarm: &str) -> Result<(), Error> {
    let networks = Networks::parse("10.0.0.0/8 for Member", &RoleBook::default()).expect("networks");
    let version = draft_policy(access, &SecurityPolicy { networks, ..SecurityPolicy::default() }).await?;
    let form = EnforceForm { version: version.to_string(), alarm: alarm.to_owned(), ..EnforceForm::default() };
    policy::enforce(access, &form).await
}

async fn told(t: &TestPortal, w: &World) -> Vec<String> {
    let visitor = t.returning(&w.ada).await;
    let page = notifications::list(&t.request(), &visitor, None).await.expect("notifications");
    page.rows.into_iter().map(|row| row.news.describe(str::to_owned)).collect()
}

#[tokio::test]
async fn what_keeps_too_many_out_goes_back_and_the_owners_are_told() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let lea = t.join(&ada, "Lea", "lea@acme.example", Role::Member).await;
        for wrong in ["0", "-1", "many", "10001"] {
            assert_eq!(field(enforce(&ada, wrong).await, "alarm"), FieldProblem::OutOfRange(1, 10_000), "{wrong}");
        }
        enforce(&ada, "2").await.unwrap();
        let before = t.journal().await;
        let kept_out = Err(Problem::KeptOut(Rule::Networks));
        let second = t.sign_in(&w.mia.email).await;
        for person in [&w.mia, &w.mia, &second] {
            assert_eq!(comes(&t, person, "acme").await, kept_out, "one member is one");
        }
        assert_eq!(comes(&t, &lea, "acme").await, kept_out);
        for person in [&w.mia, &lea] {
            assert_eq!(comes(&t, person, "acme").await, Ok(()), "it is what it was before");
        }
        let entries = t.journal().await.since(&before);
        let policies: Vec<_> = names(&entries).into_iter().filter(|(name, _)| *name == "policy.changed").collect();
        assert_eq!(policies, [("policy.changed", Outcome::Done)]);
        let ada = t.enter(&w.ada, &w.acme).await;
        let view = policy::view(&ada).await.unwrap();
        assert_eq!((view.enforced, view.draft), (2, Some(1)), "and what went wrong can be worked on");
        assert_eq!(policy::version(&ada, 2).await.unwrap().0.restores, Some(0));
        let said = "Version 1 of the security policy of Acme kept out 2 members: the version before is in force again.";
        assert_eq!(told(&t, &w).await[0], said);
    })
    .await;
}

#[tokio::test]
async fn an_alarm_takes_no_approvals_away() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let networks = Networks::parse("10.0.0.0/8 for Member", &RoleBook::default()).expect("networks");
        let policy = SecurityPolicy { networks, approval_needed: ALL, ..SecurityPolicy::default() };
        let version = draft_policy(&ada, &policy).await.unwrap().to_string();
        policy::enforce(&ada, &EnforceForm { version, alarm: "1".to_owned(), ..EnforceForm::default() }).await.unwrap();
        assert_eq!(comes(&t, &w.mia, "acme").await, Err(Problem::KeptOut(Rule::Networks)));
        assert_eq!(comes(&t, &w.mia, "acme").await, Ok(()), "it is what it was before");
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(ada.enforced().document().approval_needed, ALL);
    })
    .await;
}

#[tokio::test]
async fn after_a_day_and_without_an_alarm_it_stays() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        enforce(&ada, "1").await.unwrap();
        t.pass(Duration::hours(24));
        for _ in 0..2 {
            assert_eq!(comes(&t, &w.mia, "acme").await, Err(Problem::KeptOut(Rule::Networks)));
        }
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let view = policy::view(&ada).await.unwrap();
        assert_eq!(view.enforced, 1);
        policy::use_template(&ada, "baseline", Some(domain::policy::Section::Invitations)).await.unwrap();
        assert!(told(&t, &w).await.iter().all(|said| !said.contains("in force again")));
    })
    .await;
}
