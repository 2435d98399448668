//! What the time of an answer tells.

use std::time::{Duration, Instant};

use domain::accounts::SignUpForm;
use server::testing::{PASSWORD, TestPortal};
use server::{RequestContext, sign_in, sign_up};

/// How many times each is tried, at least and at most.
const ROUNDS: std::ops::Range<usize> = 10..200;

#[tokio::test]
async fn an_address_that_is_known_takes_no_longer_than_one_that_is_not() {
    TestPortal::run(async |t| {
        let portal = t.with_real_passwords().await;
        let request = || RequestContext::new(&portal, None, None, None);
        let form = SignUpForm {
            name: "Mia Member".to_owned(),
            email: "mia@acme.example".to_owned(),
            password: PASSWORD.to_owned(),
            organization: "Acme".to_owned(),
        };
        sign_up::sign_up(&request(), &form).await.expect("a sign-up");
        let tried = async |email: &str| {
            let began = Instant::now();
            let answer = sign_in::sign_in(&request(), email, "a wrong password").await;
            let took = began.elapsed();
            assert!(matches!(answer, Err(server::Error::Invalid(_))), "it was looked at");
            took
        };
        // Whatever else the machine does makes a try longer, never shorter: the shortest of each come closer to what
        // they take, and to each other, the longer one looks. Without a hash to compare they would stay ten times apart.
        let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
        for round in 1..ROUNDS.end {
            known = known.min(tried("mia@acme.example").await);
            unknown = unknown.min(tried("nobody@acme.example").await);
            t.pass(time::Duration::minutes(15));
            if round >= ROUNDS.start && (0.85..1.15).contains(&(known.as_secs_f64() / unknown.as_secs_f64())) {
                return;
            }
        }
        panic!("a known address takes {known:?}, and an unknown one {unknown:?}");
    })
    .await;
}
