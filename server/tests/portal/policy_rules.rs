//! Ways of signing in and passwords: what is noted of them, who would be locked out, and who comes in by what.

use domain::fields::FieldProblem;
use domain::password::Strength;
use domain::policy::{ExceptionForm, Key, SecurityPolicy, SignInMethod, SignInMethods, Staleness};
use domain::problem::Problem;
use domain::roles::Role;
use server::policy::{self, Subject};
use server::testing::{PASSWORD, Person, TestPortal};
use server::{accounts, members, step_up};
use time::Duration;

use crate::factors::enrol;
use crate::policy_replay::{answer, comes_from, put};
use crate::session_limits::comes;
use crate::support::{NEW, accept_as_new, draft_policy, enforce_version, field, give_passkey, put_policy, refused};

const PASSKEYS: SignInMethods = SignInMethods { password: false, two_steps: false, passkey: true };
const TWO_STEPS: SignInMethods = SignInMethods { password: false, two_steps: true, passkey: false };

fn accepting(sign_in_methods: SignInMethods) -> SecurityPolicy {
    SecurityPolicy { sign_in_methods, ..SecurityPolicy::default() }
}

/// What is noted of somebody's password: how long it is, and its score.
async fn noted(t: &TestPortal, person: &Person) -> (i64, i64) {
    let of = |column: &str| {
        format!("SELECT coalesce({column}, 0)::bigint FROM platform.passwords WHERE account_id = '{}'", person.account)
    };
    (t.number(&of("length")).await, t.number(&of("score")).await)
}

#[tokio::test]
async fn every_way_to_a_password_notes_what_it_is_like() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let length = i64::try_from(PASSWORD.chars().count()).expect("a length");
        assert_eq!(noted(&t, &w.ada).await, (length, 4), "signing up");
        let ada = t.enter(&w.ada, &w.acme).await;
        t.invite(&ada, NEW, Role::Member).await;
        let accepted = accept_as_new(&t, &t.secret_for(NEW).await).await.expect("a member");
        let new = t.sign_in(NEW).await;
        assert_eq!((new.account, noted(&t, &new).await), (accepted.account, (length, 4)), "accepting an invitation");
        let grant = accounts::change_password(&t.request(), &new.visitor, PASSWORD, "seven odd hats in a row").await;
        let new = t.person(grant.expect("another password")).await;
        assert_eq!(noted(&t, &new).await, (23, 4), "changing it");
        let note = new.visitor.password.expect("a password");
        assert_eq!((note.length, note.strength), (Some(23), Some(Strength::Strong)));
    })
    .await;
}

#[tokio::test]
async fn a_proof_in_an_accepted_way_lets_in() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        give_passkey(&t, &w.ada).await;
        let (app, mut visitor) = enrol(&t, &w.mia).await;
        assert_eq!(visitor.method, SignInMethod::Code, "who sets an app up has shown it");
        t.sql("UPDATE platform.sessions SET method = 'password'").await;
        visitor.method = SignInMethod::Password;
        put_policy(&t.enter(&w.ada, &w.acme).await, &accepting(TWO_STEPS)).await.expect("a policy");
        let proof = policy::proof(&t.request(), &visitor, "acme").await.unwrap().expect("a member");
        assert_eq!((proof.stale, proof.ways), (Some(Staleness::Method), TWO_STEPS));
        let grant = step_up::by_code(&t.request(), &visitor, &app.code(&t)).await.expect("a proof");
        let mia = t.person(grant).await;
        assert_eq!(mia.visitor.method, SignInMethod::Code);
        assert_eq!(comes(&t, &mia, "acme").await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_leaves_owners_no_way_in_is_not_enforced() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let draft = draft_policy(&ada, &accepting(PASSKEYS)).await.expect("a draft");
        let code = Key::SignInMethods.setting().code;
        assert_eq!(field(enforce_version(&ada, draft).await, code), FieldProblem::LocksYouOut);
        give_passkey(&t, &w.ada).await;
        let olga = t.join(&ada, "Olga", "olga@acme.example", Role::Owner).await;
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(field(enforce_version(&ada, draft).await, code), FieldProblem::LocksOwnersOut(1, 2));
        give_passkey(&t, &olga).await;
        t.enter(&olga, &w.acme).await;
        enforce_version(&ada, draft).await.expect("a policy");
    })
    .await;
}

#[tokio::test]
async fn what_is_replayed_of_ways_and_passwords_is_what_the_gate_then_does() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let mut version = 1;
        for method in ["password", "code", "passkey"] {
            t.pass(Duration::minutes(10));
            t.sql(&format!("UPDATE platform.sessions SET method = '{method}'")).await;
            put(&t, &w, version, &SecurityPolicy::default(), "enforced").await;
            assert_eq!(comes_from(&t, &w.mia, [192, 0, 2, 7]).await, Ok(()));
            let reader = t.enter(&w.ada, &w.acme).await;
            for policy in [
                accepting(PASSKEYS),
                accepting(TWO_STEPS),
                SecurityPolicy { password_length: 64, ..SecurityPolicy::default() },
                SecurityPolicy { password_length: 12, ..SecurityPolicy::default() },
                SecurityPolicy { password_strength: Strength::Strong, ..SecurityPolicy::default() },
            ] {
                put(&t, &w, version + 1, &policy, "draft").await;
                let (_, visits) = policy::replay_of(&reader, Subject::Draft, w.mia.account).await.expect("visits");
                put(&t, &w, version + 2, &policy, "enforced").await;
                let replayed = answer(visits[0].decision.outcome);
                assert_eq!(comes_from(&t, &w.mia, [192, 0, 2, 7]).await, replayed, "{method} {policy:?}");
                version += 2;
            }
            version += 1;
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_kept_is_not_told_when_somebody_has_come_by_since() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        assert_eq!(comes_from(&t, &w.mia, [192, 0, 2, 7]).await, Ok(()));
        let reader = t.enter(&w.ada, &w.acme).await;
        let told = async || policy::replay(&reader, Subject::Draft).await.expect("an answer").expect("one").replayed;
        let before = told().await.fates.sum();
        assert_eq!(told().await.fates.sum(), before);
        t.pass(Duration::minutes(6));
        assert_eq!(comes_from(&t, &w.mia, [192, 0, 2, 7]).await, Ok(()));
        assert_eq!(told().await.fates.sum(), before + 1);
    })
    .await;
}

#[tokio::test]
async fn an_exception_ends_when_its_member_is_promoted() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let form = ExceptionForm {
            email: w.mia.email.clone(),
            rule: "sign_in_methods".to_owned(),
            days: "7".to_owned(),
            reason: "Lost her key".to_owned(),
        };
        policy::except(&ada, &form).await.expect("an exception");
        give_passkey(&t, &w.ada).await;
        put_policy(&t.enter(&w.ada, &w.acme).await, &accepting(PASSKEYS)).await.expect("a policy");
        assert_eq!(comes(&t, &w.mia, "acme").await, Ok(()));
        let before = t.journal().await;
        members::change_role(&ada, w.mia.account, Role::Admin).await.expect("another role");
        let acts: Vec<_> = t.journal().await.since(&before).iter().map(|entry| entry.action.clone()).collect();
        assert_eq!(acts, ["member.role_changed", "policy.exception_ended"]);
        assert_eq!(comes(&t, &w.mia, "acme").await, Err(Problem::EnrolFirst));
        let gone = policy::exceptions(&ada).await.expect("exceptions")[0].id;
        assert_eq!(refused(policy::end_exception(&ada, gone).await), Problem::NotFound);
        assert_eq!(comes(&t, &w.ada, "acme").await, Err(Problem::SignInAgain(Staleness::Method)));
    })
    .await;
}
