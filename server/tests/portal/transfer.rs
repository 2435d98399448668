//! Handing an organization over.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::roles::Role;
use server::members::{self, Successors, TransferForm};
use server::testing::{Person, TestPortal, World};
use server::{Access, Error};
use time::Duration;

use crate::support::{active_owners, assert_sound, field, names, refused, substance};

fn to(person: &Person) -> TransferForm {
    TransferForm { member: person.account.to_string(), confirmation: "Acme".to_owned(), ..TransferForm::default() }
}

async fn hand_over(access: &Access, person: &Person) -> Result<(), Error> {
    members::transfer(access, &to(person)).await.map(drop)
}

async fn role(t: &TestPortal, world: &World, person: &Person) -> String {
    let schema = world.acme.schema();
    t.text(&format!("SELECT role FROM {schema}.members WHERE account_id = '{}'", person.account)).await
}

#[tokio::test]
async fn one_becomes_owner_and_the_other_admin_with_one_entry_and_a_mail_to_both() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let World { acme, globex, ada, mia, .. } = &world;
        let access = t.enter(ada, acme).await;
        t.sql("DELETE FROM platform.outbox").await;
        let (journal, before) = (t.journal().await, substance(&t, globex).await);
        let form = TransferForm { member: String::new(), email: format!(" {} ", mia.email.to_uppercase()), ..to(mia) };
        assert_eq!(members::transfer(&access, &form).await.unwrap().role, Role::Owner);
        assert_eq!(names(&t.journal().await.since(&journal)), [("organization.transferred", Outcome::Done)]);
        assert_eq!((role(&t, &world, mia).await, role(&t, &world, ada).await), ("owner".into(), "admin".into()));
        for person in [ada, mia] {
            let mail = t.mail_to(&person.email).await.expect("a mail");
            assert_eq!(mail.subject, "Acme is handed over");
            assert!(mail.text.contains("Ada Lovelace has handed Acme over to Mia Member"), "{}", mail.text);
        }
        assert_eq!(refused(hand_over(&t.enter(ada, acme).await, mia).await), Problem::Forbidden);
        assert_eq!(refused(hand_over(&access, ada).await), Problem::Forbidden, "judged by the rows");
        hand_over(&t.enter(mia, acme).await, ada).await.expect("it is hers to give back");
        assert_sound(&t, acme).await;
        assert_eq!(substance(&t, globex).await, before);
    })
    .await;
}

#[tokio::test]
async fn only_owners_hand_over_and_only_to_an_active_member_who_is_none() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let World { acme, ada, ben, mia, gus, .. } = &world;
        for person in [ben, mia] {
            let access = t.enter(person, acme).await;
            assert_eq!(refused(hand_over(&access, mia).await), Problem::Forbidden);
            assert_eq!(refused(members::transfer(&access, &TransferForm::default()).await), Problem::Forbidden);
            assert_eq!(refused(members::list_successors(&access).await), Problem::Forbidden);
        }
        let access = t.enter(ada, acme).await;
        members::suspend(&access, ben.account).await.unwrap();
        let before = substance(&t, acme).await;
        let wrong = async |form: TransferForm, name: &str| field(members::transfer(&access, &form).await, name);
        assert_eq!(wrong(to(gus), "member").await, FieldProblem::NoMember);
        assert_eq!(wrong(to(ben), "member").await, FieldProblem::NoMember);
        assert_eq!(wrong(to(ada), "member").await, FieldProblem::AlreadyOwner);
        let typed = |member: &str, email: &str| TransferForm { member: member.into(), email: email.into(), ..to(mia) };
        assert_eq!(wrong(typed("", ""), "member").await, FieldProblem::Required);
        assert_eq!(wrong(typed("'; --", ""), "member").await, FieldProblem::UnknownChoice);
        assert_eq!(wrong(typed("", "mia"), "email").await, FieldProblem::Malformed);
        assert_eq!(wrong(typed("", &gus.email), "email").await, FieldProblem::NoMember);
        assert_eq!(wrong(typed("", &ben.email), "email").await, FieldProblem::NoMember);
        let unconfirmed = TransferForm { confirmation: "Globex".into(), ..to(mia) };
        assert_eq!(wrong(unconfirmed, "confirmation").await, FieldProblem::DoesNotMatch);
        t.pass(Duration::minutes(11));
        let stale = t.enter(ada, acme).await;
        assert_eq!(refused(hand_over(&stale, mia).await), Problem::StepUpFirst);
        assert_eq!(substance(&t, acme).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_short_list_is_shown_and_a_long_one_is_not() {
    TestPortal::run(async |t| {
        let World { acme, ada, mia, .. } = t.world().await;
        let access = t.enter(&ada, &acme).await;
        let Successors::Few(few) = members::list_successors(&access).await.unwrap() else { panic!("two are few") };
        assert_eq!(few.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["Ben Bitdiddle", "Mia Member"]);
        members::suspend(&access, mia.account).await.unwrap();
        let add = |count| {
            format!(
                "INSERT INTO {}.members (account_id, name, email, role, source, status, joined_at)
                 SELECT gen_random_uuid(), 'M', n || '@acme.example', 'member', 'invitation', 'active', now() FROM generate_series(1, {count}) n",
                acme.schema()
            )
        };
        t.sql(&add(24)).await;
        assert!(matches!(members::list_successors(&access).await.unwrap(), Successors::Few(few) if few.len() == 25));
        t.sql(&add(1)).await;
        assert!(matches!(members::list_successors(&access).await.unwrap(), Successors::Many));
    })
    .await;
}

/// Hands over to Mia while something else happens to her or to the owner, many times.
async fn race(
    other: impl AsyncFn(&TestPortal, &World, Access) -> Result<(), Error>,
    kept: impl Fn(&str, &str) -> bool,
) {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let World { acme, ada, mia, .. } = &world;
        for round in 0..20 {
            t.sql(&format!(
                "UPDATE {0}.members SET status = 'active', role = 'member';
                 UPDATE {0}.members SET role = 'owner' WHERE account_id = '{1}'",
                acme.schema(),
                ada.account
            ))
            .await;
            let (one, two) = (t.enter(ada, acme).await, t.enter(ada, acme).await);
            let (handed, done) = if round % 2 == 0 {
                tokio::join!(hand_over(&one, mia), other(&t, &world, two))
            } else {
                let (done, handed) = tokio::join!(other(&t, &world, two), hand_over(&one, mia));
                (handed, done)
            };
            for answer in [&handed, &done] {
                let civil = matches!(answer, Ok(()) | Err(Error::Refused(_) | Error::Invalid(_)));
                assert!(civil, "round {round}: {answer:?}");
            }
            assert!(active_owners(&t, acme).await >= 1, "round {round}");
            assert_sound(&t, acme).await;
            let roles = (role(&t, &world, ada).await, role(&t, &world, mia).await);
            assert!(kept(&roles.0, &roles.1), "round {round}: {roles:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn two_transfers_at_once_leave_one_owner() {
    let other = async |_: &TestPortal, world: &World, access: Access| hand_over(&access, &world.ben).await;
    race(other, |ada, _| ada == "admin").await;
}

#[tokio::test]
async fn whoever_is_suspended_meanwhile_becomes_no_owner_or_stays_one() {
    let other = async |_: &TestPortal, world: &World, access: Access| {
        members::suspend(&access, world.mia.account).await.map(drop)
    };
    race(other, |ada, mia| (ada == "owner" && mia == "member") || (ada == "admin" && mia == "owner")).await;
}
