//! The dashboard tells what has happened in one organization, and to those who may know.

use domain::detections::Span;
use domain::problem::Problem;
use server::security::{self, Dashboard};
use server::testing::{TestPortal, World};
use server::{members, sign_in};
use time::Duration;

use crate::support::{give_passkey, refused};

async fn tries(t: &TestPortal, email: &str, times: usize) {
    for _ in 0..times {
        assert!(sign_in::sign_in(&t.request(), email, "a wrong password").await.is_err());
    }
    while server::detections::Worker::new(t.portal()).work_next().await.expect("failures are passed on") {}
}

fn total(board: &Dashboard) -> (u64, u64, u64) {
    (board.sign_ins.total(), board.failures.total(), board.denials.total())
}

#[tokio::test]
async fn it_counts_what_happened_in_one_organization_and_compares_it_with_the_time_before() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, mia, gus, .. } = t.world().await;
        let (owner, other) = (t.enter(&ada, &acme).await, t.enter(&gus, &globex).await);
        let before = total(&security::dashboard(&owner, Span::Week).await.unwrap());
        let elsewhere = total(&security::dashboard(&other, Span::Week).await.unwrap());
        tries(&t, &mia.email, 3).await;
        let member = t.enter(&mia, &acme).await;
        assert!(members::suspend(&member, ada.account).await.is_err());
        let board = security::dashboard(&owner, Span::Week).await.unwrap();
        assert_eq!(total(&board), (before.0 + 1, before.1 + 3, before.2 + 1), "Mia came in to be denied");
        assert_eq!(total(&security::dashboard(&other, Span::Week).await.unwrap()), elsewhere);
        let heat: u64 = board.heat.iter().flatten().sum();
        assert_eq!(heat, board.sign_ins.total() + board.failures.total());
        assert_eq!(board.sign_ins.now.len(), board.sign_ins.before.len());

        t.pass(Duration::days(7) + Duration::hours(1));
        let ada = t.sign_in(&ada.email).await;
        let later = security::dashboard(&t.enter(&ada, &acme).await, Span::Week).await.unwrap();
        assert_eq!((later.failures.total(), later.failures.comparable), (0, (0, 3)));
        let day = security::dashboard(&t.enter(&ada, &acme).await, Span::Day).await.unwrap();
        assert_eq!((day.sign_ins.now.len(), day.sign_ins.step_hours), (24, 1));
        assert_eq!(day.sign_ins.total(), 1);
    })
    .await;
}

#[tokio::test]
async fn it_tells_who_has_a_second_factor_and_who_needs_a_look() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, ben, mia, gus, .. } = t.world().await;
        give_passkey(&t, &ada).await;
        let owner = t.enter(&ada, &acme).await;
        tries(&t, &mia.email, 4).await;
        let board = security::dashboard(&owner, Span::Month).await.unwrap();
        assert_eq!((board.coverage.members, board.coverage.passkey, board.coverage.none), (3, 1, 2));
        assert_eq!(board.coverage.privileged_without, 1);
        let risky: Vec<_> = board.risky.iter().map(|one| one.account).collect();
        assert!(risky.contains(&ben.account) && risky.contains(&mia.account) && !risky.contains(&ada.account));
        assert!(board.risky.iter().all(|one| one.account != gus.account && !one.reasons.is_empty()));
        assert!(
            board.sessions >= 1 && board.networks.iter().map(|network| network.sessions).sum::<u64>() == board.sessions
        );
        let size = t.number(&format!("SELECT size FROM {}.audit_head", acme.schema())).await;
        assert_eq!(i64::try_from(board.log.size), Ok(size));
        let other = security::dashboard(&t.enter(&gus, &globex).await, Span::Month).await.unwrap();
        assert_eq!((other.coverage.members, other.coverage.passkey), (1, 0));
        let member = t.enter(&mia, &acme).await;
        assert_eq!(refused(security::dashboard(&member, Span::Day).await), Problem::Forbidden);
    })
    .await;
}
