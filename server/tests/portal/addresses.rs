//! An account gets another address when both have agreed, and nobody learns on the way who has an account.

use domain::fields::FieldProblem;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::accounts::address::{self, Agreed, Side};
use server::sessions::Visitor;
use server::testing::{PASSWORD, Person, TestPortal};
use server::{Error, invitations, sign_in};
use time::Duration;

use crate::support::{NEW, assert_sound, field, refused};

/// Asks for another address; gives the secrets of the mails to the present and to the new one.
async fn asked(t: &TestPortal, person: &Person, email: &str) -> (String, String) {
    address::request_change(&t.request(), &t.returning(person).await, email).await.unwrap();
    (t.secret_for(&person.email).await, t.secret_for(&email.to_lowercase()).await)
}

async fn agree(t: &TestPortal, secret: &str) -> Result<Agreed, Error> {
    address::agree(&t.request(), None, secret).await
}

async fn email_of(t: &TestPortal, person: &Person) -> String {
    t.text(&format!("SELECT email FROM platform.accounts WHERE id = '{}'", person.account)).await
}

async fn resend(t: &TestPortal, visitor: &Visitor) -> Result<(), Error> {
    address::resend(&t.request(), visitor).await
}

async fn is_pending(t: &TestPortal, person: &Person) -> bool {
    let rows = format!("SELECT count(*) FROM platform.address_changes WHERE account_id = '{}'", person.account);
    t.number(&rows).await == 1
}

#[tokio::test]
async fn an_address_changes_when_both_have_agreed() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        t.invite(&gus, NEW, Role::Member).await;
        sign_in::request_reset(&t.request(), &world.mia.email).await.unwrap();
        let reset = t.secret_for(&world.mia.email).await;
        let (present, new) = asked(&t, &world.mia, &NEW.to_uppercase()).await;
        let journal = t.journal().await;
        for (secret, side) in [(&present, Side::Present), (&new, Side::New)] {
            // Programs that look for harm in mail open links, too.
            let question = address::lookup(&t.request(), secret).await.unwrap();
            assert_eq!((question.side, question.email.as_str(), question.is_own), (side, NEW, false));
        }
        assert!(t.journal().await.since(&journal).is_empty());

        assert_eq!(agree(&t, &new).await.unwrap(), Agreed::Waiting);
        assert_eq!(email_of(&t, &world.mia).await, world.mia.email);
        assert_eq!(refused(agree(&t, &new).await), Problem::LinkUsed);
        sign_in::check_reset(&t.request(), &reset).await.unwrap();
        assert_eq!(agree(&t, &present).await.unwrap(), Agreed::Changed(NEW.to_owned()));

        assert_eq!(email_of(&t, &world.mia).await, NEW);
        assert!(!is_pending(&t, &world.mia).await);
        let copy = format!("SELECT email FROM {}.members WHERE name = 'Mia Member'", world.acme.schema());
        assert_eq!(t.text(&copy).await, NEW);
        let entries = t.journal().await.since(&journal);
        let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
        for action in ["account.address_change_agreed", "account.address_changed", "member.address_changed"] {
            assert!(actions.contains(&action), "{actions:?}");
        }
        assert_eq!(refused(sign_in::check_reset(&t.request(), &reset).await), Problem::LinkUsed);
        assert!(sign_in::sign_in(&t.request(), &world.mia.email, PASSWORD).await.is_err());
        let mia = t.sign_in(NEW).await;
        assert_eq!(mia.account, world.mia.account);
        assert_eq!(invitations::list_mine(&t.request(), &mia.visitor).await.unwrap().len(), 1);
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn a_taken_address_is_answered_like_a_free_one() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let answer = async |email: &str| {
            let visitor = t.returning(&world.mia).await;
            let asked = address::request_change(&t.request(), &visitor, email).await;
            let waiting = address::pending(&t.request(), &visitor).await.unwrap().unwrap();
            format!("{asked:?} {} {} {}", waiting.email == email, waiting.present_agreed, waiting.new_agreed)
        };
        assert_eq!(answer(&world.gus.email).await, answer(NEW).await);
        assert_eq!(answer(&world.gus.email).await, "Ok(()) true false false");
        let mail = t.mail_to(&world.gus.email).await.unwrap();
        assert!(!mail.text.contains("://") && !mail.text.contains("Mia"), "{}", mail.text);
        let present = t.secret_for(&world.mia.email).await;
        assert_eq!(agree(&t, &present).await.unwrap(), Agreed::Waiting);
        assert!(is_pending(&t, &world.mia).await);
        assert_eq!(email_of(&t, &world.mia).await, world.mia.email);
    })
    .await;
}

#[tokio::test]
async fn of_two_accounts_that_want_one_address_one_gets_it() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (mia_present, mia_new) = asked(&t, &world.mia, NEW).await;
        let (ben_present, ben_new) = asked(&t, &world.ben, NEW).await;
        for secret in [&mia_present, &ben_present] {
            assert_eq!(agree(&t, secret).await.unwrap(), Agreed::Waiting);
        }
        let answers = join_all([agree(&t, &mia_new), agree(&t, &ben_new)]).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1));
        for answer in lost {
            assert_eq!(refused(answer), Problem::AddressTaken);
        }
        let holders = format!("SELECT count(*) FROM platform.accounts WHERE email = '{NEW}'");
        assert_eq!(t.number(&holders).await, 1);
        assert!(!is_pending(&t, &world.mia).await && !is_pending(&t, &world.ben).await);
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn a_link_works_once_however_many_follow_it_at_once() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (present, new) = asked(&t, &world.mia, NEW).await;
        agree(&t, &new).await.unwrap();
        let answers = join_all((0..20).map(|_| agree(&t, &present))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.into_iter().filter(Result::is_err).all(|answer| refused(answer) == Problem::LinkUsed));
        assert_sound(&t, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn both_at_once_change_the_address_too() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (present, new) = asked(&t, &world.mia, NEW).await;
        let answers = join_all([agree(&t, &present), agree(&t, &new)]).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert!(answers.contains(&Agreed::Waiting) && answers.contains(&Agreed::Changed(NEW.to_owned())));
        assert_eq!(email_of(&t, &world.mia).await, NEW);
    })
    .await;
}

#[tokio::test]
async fn only_a_fresh_session_asks_for_another_address() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let mia = &world.mia.visitor;
        for (email, problem) in [
            ("", FieldProblem::Required),
            ("mia", FieldProblem::Malformed),
            (&mia.account.email, FieldProblem::Unchanged),
        ] {
            assert_eq!(field(address::request_change(&t.request(), mia, email).await, "email"), problem);
        }
        t.pass(Duration::minutes(11));
        assert_eq!(refused(address::request_change(&t.request(), mia, NEW).await), Problem::StepUpFirst);
        assert!(!is_pending(&t, &world.mia).await);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_was_cancelled_or_replaced_is_over() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (present, new) = asked(&t, &world.mia, "first@person.example").await;
        asked(&t, &world.mia, NEW).await;
        for secret in [&present, &new] {
            assert_eq!(refused(agree(&t, secret).await), Problem::LinkUsed);
        }
        let (present, new) = asked(&t, &world.mia, NEW).await;
        assert_eq!(address::refuse(&t.request(), &present).await.unwrap(), Side::Present);
        assert!(!is_pending(&t, &world.mia).await);
        assert_eq!(refused(agree(&t, &new).await), Problem::LinkUsed);
        assert_eq!(refused(address::refuse(&t.request(), &present).await), Problem::LinkUsed);

        let (present, _) = asked(&t, &world.mia, NEW).await;
        address::cancel(&t.request(), &world.mia.visitor).await.unwrap();
        assert_eq!(refused(agree(&t, &present).await), Problem::LinkUsed);
        assert!(t.mail_to(NEW).await.is_none(), "its mail does not go out");
        assert_eq!(refused(address::cancel(&t.request(), &world.mia.visitor).await), Problem::Changed);
        assert_eq!(email_of(&t, &world.mia).await, world.mia.email);
    })
    .await;
}

#[tokio::test]
async fn links_last_a_day_and_are_sent_again_some_times() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (present, new) = asked(&t, &world.mia, NEW).await;
        agree(&t, &present).await.unwrap();
        t.pass(Duration::hours(25));
        assert_eq!(refused(agree(&t, &new).await), Problem::LinkExpired);
        let mia = t.returning(&world.mia).await;
        address::resend(&t.request(), &mia).await.unwrap();
        assert!(t.mail_to(&world.mia.email).await.is_none(), "that address has agreed");
        let new = t.secret_for(NEW).await;
        let tries = join_all((0..5).map(|_| resend(&t, &mia))).await;
        assert!(tries.into_iter().any(|answer| matches!(answer, Err(Error::Refused(Problem::TooMany { .. })))));
        assert_eq!(agree(&t, &new).await.unwrap(), Agreed::Changed(NEW.to_owned()));
    })
    .await;
}

#[tokio::test]
async fn an_account_that_changes_hands_loses_its_change_of_address() {
    TestPortal::run(async |t| {
        let (ada, _) = t.sign_up("A squatter", "ada@acme.example", "Acme").await;
        let (present, new) = asked(&t, &ada, NEW).await;
        agree(&t, &new).await.unwrap();
        sign_in::request_reset(&t.request(), &ada.email).await.unwrap();
        sign_in::reset(&t.request(), &t.secret_for(&ada.email).await, "a password of Ada's own").await.unwrap();
        assert!(!is_pending(&t, &ada).await);
        assert_eq!(refused(agree(&t, &present).await), Problem::LinkUsed);
        assert_eq!(email_of(&t, &ada).await, ada.email);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_proven_by_whoever_has_both_the_mail_and_the_account() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let ada = &world.ada.visitor;
        assert!(!ada.account.email_proven);
        address::request_proof(&t.request(), ada).await.unwrap();
        let secret = t.secret_for(&world.ada.email).await;
        assert!(address::lookup(&t.request(), &secret).await.unwrap().is_own);
        for other in [None, Some(&world.gus.visitor)] {
            assert_eq!(refused(address::agree(&t.request(), other, &secret).await), Problem::SignInFirst);
        }
        assert_eq!(address::agree(&t.request(), Some(ada), &secret).await.unwrap(), Agreed::Proven);
        let ada = t.returning(&world.ada).await;
        assert!(ada.account.email_proven);
        assert_eq!(refused(address::request_proof(&t.request(), &ada).await), Problem::Changed);
    })
    .await;
}
