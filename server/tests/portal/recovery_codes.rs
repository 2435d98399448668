//! Recovery codes: each lets in once, for one account, until new ones replace it.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::problem::Problem;
use futures::future::join_all;
use server::sessions::Stage;
use server::testing::TestPortal;
use server::{factors, sign_in};

use crate::factors::{enrol, halfway};
use crate::support::{field, names, refused};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_code_lets_in_once_however_many_try() {
    TestPortal::run_with_mail(async |t| {
        let world = t.world().await;
        let (_, mia) = enrol(&t, &world.mia).await;
        let codes = factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        assert_eq!(codes.len(), 10);
        let (somebody, code) = (halfway(&t, &world.mia).await, codes[0].to_string());
        let tries = (0..50).map(|_| {
            let (request, somebody, code) = (t.request(), somebody.clone(), code.clone());
            tokio::spawn(async move { sign_in::finish_by_recovery_code(&request, &somebody, &code).await })
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.into_iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count(), 1);
        assert_eq!(factors::recovery_codes_left(&t.request(), &mia).await.unwrap(), 9);
        let mail = t.mail_to(&world.mia.email).await.expect("a mail about it");
        assert_eq!(mail.subject, "A recovery code was used");
        assert!(mail.text.contains("9 codes are left."), "{}", mail.text);
        let mails = t.number("SELECT count(*) FROM platform.outbox WHERE kind = 'recovery_code_used'").await;
        assert_eq!(mails, 1);
    })
    .await;
}

#[tokio::test]
async fn recovery_codes_are_ones_own_and_new_ones_replace_the_old() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        assert_eq!(
            refused(factors::generate_recovery_codes(&t.request(), &world.ada.visitor).await),
            Problem::Changed,
            "who has no app needs none"
        );
        let (_, mia) = enrol(&t, &world.mia).await;
        let (_, ada) = enrol(&t, &world.ada).await;
        let old = factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        let journal = t.journal().await;
        let new = factors::generate_recovery_codes(&t.request(), &mia).await.unwrap();
        assert_eq!(names(&t.journal().await.since(&journal)), [("recovery_codes.generated", Outcome::Done)]);
        let adas = factors::generate_recovery_codes(&t.request(), &ada).await.unwrap();
        let somebody = halfway(&t, &world.mia).await;
        for wrong in [old[0], adas[0]] {
            let answer = sign_in::finish_by_recovery_code(&t.request(), &somebody, &wrong.to_string()).await;
            assert_eq!(field(answer, "recovery_code"), FieldProblem::WrongCode);
        }
        let typed = new[9].to_string().to_lowercase().replace('-', " ");
        let grant = sign_in::finish_by_recovery_code(&t.request(), &somebody, &typed).await.unwrap();
        assert_eq!(grant.stage, Stage::Full);
        let stored = t.text("SELECT string_agg(encode(hash, 'hex'), '') FROM platform.recovery_codes").await;
        assert!(!stored.contains(&hex::encode(new[8].bytes())));

        let app = factors::list(&t.request(), &mia).await.unwrap().remove(0).id;
        let _grant = factors::remove(&t.request(), &mia, app).await.unwrap();
        let left = format!("SELECT count(*) FROM platform.recovery_codes WHERE account_id = '{}'", mia.account.id);
        assert_eq!(t.number(&left).await, 0, "with the last app they go, too");
    })
    .await;
}
