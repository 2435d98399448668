//! What the time of an answer tells.

use std::time::{Duration, Instant};

use domain::accounts::SignUpForm;
use server::testing::{PASSWORD, TestPortal};
use server::{RequestContext, sign_in, sign_up};

/// How many times each is tried. The times alternate, so that whatever else the machine does falls on both.
const ROUNDS: usize = 15;

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
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            known.push(tried("mia@acme.example").await);
            unknown.push(tried("nobody@acme.example").await);
            t.pass(time::Duration::minutes(15));
        }
        let ratio = median(known).as_secs_f64() / median(unknown).as_secs_f64();
        // Without a hash to compare, an answer would come ten times as fast.
        assert!((0.67..1.5).contains(&ratio), "the one takes {ratio:.2} times as long as the other");
    })
    .await;
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
