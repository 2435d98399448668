//! Exceptions from the policy: for one member and one rule, until a time, and never for oneself.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::policy::{ExceptionForm, Networks, Rule, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Role, RoleBook};
use server::policy;
use server::testing::{Person, TestPortal};
use server::{Access, members};
use time::Duration;

use crate::session_limits::comes;
use crate::support::{field, names, put_policy, refused};

fn form(person: &Person, rule: &str, days: u32) -> ExceptionForm {
    ExceptionForm {
        email: person.email.clone(),
        rule: rule.to_owned(),
        days: days.to_string(),
        reason: "Works from Oslo".to_owned(),
    }
}

async fn counting(access: &Access) -> Vec<(Rule, String)> {
    let now = access.request().now;
    let all = policy::exceptions(access).await.expect("exceptions");
    all.into_iter().filter(|one| one.counts(now)).map(|one| (one.rule, one.name)).collect()
}

#[tokio::test]
async fn somebody_is_let_in_for_some_days() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let away = SecurityPolicy {
            networks: Networks::parse("10.0.0.0/8 for Member", &RoleBook::default()).unwrap(),
            ..SecurityPolicy::default()
        };
        put_policy(&ada, &away).await.unwrap();
        assert_eq!(comes(&t, &w.mia, "acme").await, Err(Problem::KeptOut(Rule::Networks)));
        let before = t.journal().await;
        policy::except(&ada, &form(&w.mia, "networks", 2)).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&before)), [("policy.exception_made", Outcome::Done)]);
        assert_eq!(comes(&t, &w.mia, "acme").await, Ok(()));
        assert_eq!(counting(&ada).await, [(Rule::Networks, w.mia.name.clone())]);
        t.pass(Duration::days(2));
        assert_eq!(comes(&t, &w.mia, "acme").await, Err(Problem::KeptOut(Rule::Networks)), "it ends by itself");
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        assert_eq!(counting(&ada).await, []);
        policy::except(&ada, &form(&w.mia, "networks", 2)).await.unwrap();
        assert_eq!(comes(&t, &w.mia, "acme").await, Ok(()));
        let gus = t.enter(&w.gus, &w.globex).await;
        let id = policy::exceptions(&ada).await.unwrap()[0].id;
        assert_eq!(policy::exceptions(&gus).await.unwrap(), []);
        assert_eq!(refused(policy::end_exception(&gus, id).await), Problem::NotFound);
        policy::end_exception(&ada, id).await.unwrap();
        assert_eq!(comes(&t, &w.mia, "acme").await, Err(Problem::KeptOut(Rule::Networks)));
        assert_eq!(refused(policy::end_exception(&ada, id).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn nobody_excepts_themselves_or_those_above_them() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await);
        assert_eq!(refused(policy::except(&ben, &form(&w.ben, "mfa", 1)).await), Problem::Yourself);
        assert_eq!(refused(policy::except(&ben, &form(&w.ada, "mfa", 1)).await), Problem::Forbidden);
        assert_eq!(field(policy::except(&ben, &form(&w.gus, "mfa", 1)).await, "email"), FieldProblem::NoSuchMember);
        assert_eq!(field(policy::except(&ben, &form(&w.mia, "regions", 1)).await, "rule"), FieldProblem::UnknownChoice);
        policy::except(&ben, &form(&w.mia, "mfa", 1)).await.unwrap();
        policy::except(&ben, &form(&w.mia, "mfa", 2)).await.unwrap();
        assert_eq!(counting(&ada).await.len(), 1, "a new one takes the place of the one before");
        // An owner's is ended by owners alone.
        let olga = t.join(&ada, "Olga", "olga@acme.example", Role::Owner).await;
        policy::except(&ada, &form(&olga, "networks", 1)).await.unwrap();
        let all = policy::exceptions(&ada).await.unwrap();
        let hers = all.iter().find(|one| one.account == olga.account).unwrap().id;
        assert_eq!(refused(policy::end_exception(&ben, hers).await), Problem::Forbidden);
        policy::end_exception(&ada, hers).await.unwrap();
        for role in [Role::Member, Role::Auditor, Role::SecurityOfficer] {
            members::change_role(&ada, w.mia.account, role).await.unwrap();
            let mia = t.enter(&w.mia, &w.acme).await;
            assert_eq!(refused(policy::except(&mia, &form(&w.ben, "mfa", 1)).await), Problem::Forbidden, "{role:?}");
            assert_eq!(policy::exceptions(&mia).await.is_ok(), role != Role::Member, "{role:?}");
        }
        // Who was demoted meanwhile makes none with what they have opened before.
        members::change_role(&ada, w.ben.account, Role::Member).await.unwrap();
        assert_eq!(refused(policy::except(&ben, &form(&w.mia, "mfa", 1)).await), Problem::Forbidden);
        t.pass(Duration::minutes(10));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(policy::except(&ada, &form(&w.mia, "mfa", 1)).await), Problem::StepUpFirst);
    })
    .await;
}
