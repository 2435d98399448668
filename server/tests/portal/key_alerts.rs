//! Keys that come from elsewhere, and what officers do about them.

use domain::audit::Outcome;
use domain::detections::{Containment, Rule};
use domain::problem::Problem;
use domain::roles::Role;
use server::alerts::{self, AlertView, ContainForm};
use server::api_keys::{self, Issued};
use server::callers::write_uses;
use server::testing::{Person, TestPortal, World};
use server::{Access, Error};

use crate::api_keys::{calls, calls_from, make, overlap};
use crate::detections::{look, of_rule};
use crate::support::{field, names, refused};

const HOME: [u8; 4] = [198, 51, 100, 9];
const NEIGHBOUR: [u8; 4] = [198, 51, 100, 200];
const AWAY: [u8; 4] = [203, 0, 113, 9];

/// Uses a key from there, of which the detections learn.
async fn comes_from(t: &TestPortal, key: &Issued, ip: [u8; 4]) {
    assert_eq!(calls_from(t, key, ip).await, Ok(()));
    write_uses(t.portal()).await;
    look(t).await;
}

async fn moved(t: &TestPortal, w: &World) -> Vec<AlertView> {
    of_rule(t, &w.ada, &w.acme, Rule::KeyNewNetwork).await
}

/// An officer, a key of Ben's that has moved, and the alert about it.
async fn alarm(t: &TestPortal, w: &World) -> (Person, Issued, AlertView) {
    let ada = t.enter(&w.ada, &w.acme).await;
    let ola = t.join(&ada, "Ola Officer", "ola@acme.example", Role::SecurityOfficer).await;
    let key = make(&t.enter(&w.ben, &w.acme).await, "90").await;
    comes_from(t, &key, HOME).await;
    comes_from(t, &key, AWAY).await;
    let alert = moved(t, w).await.remove(0);
    (ola, key, alert)
}

fn form() -> ContainForm {
    ContainForm { containment: Containment::DisableKey.code().to_owned() }
}

async fn disable(access: &Access, alert: &AlertView) -> Result<(), Error> {
    alerts::contain(access, alert.id, form()).await
}

async fn enable(access: &Access, alert: &AlertView) -> Result<(), Error> {
    alerts::release(access, alert.id, form()).await
}

#[tokio::test]
async fn a_key_that_comes_from_a_new_network_is_noticed_once() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let key = make(&t.enter(&w.ben, &w.acme).await, "90").await;
        let theirs = make(&t.enter(&w.gus, &w.globex).await, "90").await;
        comes_from(&t, &key, HOME).await;
        comes_from(&t, &key, NEIGHBOUR).await;
        comes_from(&t, &theirs, AWAY).await;
        assert!(moved(&t, &w).await.is_empty(), "it has come from nowhere else");
        comes_from(&t, &key, AWAY).await;
        let found = moved(&t, &w).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key, Some((key.id, Some("Deploy".to_owned()))));
        assert_eq!(found[0].account, Some((w.ben.account, Some(w.ben.name.clone()))));
        assert_eq!(found[0].network, Some("203.0.113.0/24".parse().unwrap()));
        for ip in [HOME, AWAY] {
            comes_from(&t, &key, ip).await;
        }
        let found = moved(&t, &w).await;
        assert_eq!((found.len(), found[0].times), (1, 1), "both are known by now");
        assert!(of_rule(&t, &w.gus, &w.globex, Rule::KeyNewNetwork).await.is_empty());
        let detail = alerts::lookup(&t.enter_to_read(&w.ada, &w.acme).await, found[0].id).await.unwrap();
        assert_eq!(detail.facts.iter().map(|fact| fact.key).collect::<Vec<_>>(), [Some(key.id)]);
    })
    .await;
}

#[tokio::test]
async fn an_officer_disables_a_key_because_of_an_alert_and_has_it_work_again() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, key, alert) = alarm(&t, &w).await;
        let access = t.enter(&ola, &w.acme).await;
        let before = t.journal().await;
        disable(&access, &alert).await.unwrap();
        disable(&access, &alert).await.expect("it is so already");
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        let detail = alerts::lookup(&t.enter_to_read(&ola, &w.acme).await, alert.id).await.unwrap();
        assert!(detail.containments.contains(&(Containment::DisableKey, true, None)), "{:?}", detail.containments);
        enable(&access, &alert).await.unwrap();
        assert_eq!(calls(&t, &key).await, Ok(()));
        let done = ["key.disabled", "alert.contained", "key.enabled", "alert.released"];
        let entries = t.journal().await.since(&before);
        let entries: Vec<_> = names(&entries).into_iter().filter(|(action, _)| *action != "alerts.viewed").collect();
        assert_eq!(entries, done.map(|action| (action, Outcome::Done)));
        assert_eq!(refused(enable(&access, &alert).await), Problem::Changed);
    })
    .await;
}

#[tokio::test]
async fn nobody_lets_their_own_key_work_again_nor_touches_one_without_the_right_to() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ola, key, alert) = alarm(&t, &w).await;
        assert_eq!(refused(disable(&t.enter(&w.mia, &w.acme).await, &alert).await), Problem::Forbidden);
        assert_eq!(refused(disable(&t.enter(&w.gus, &w.globex).await, &alert).await), Problem::NotFound);
        disable(&t.enter(&ola, &w.acme).await, &alert).await.unwrap();
        assert_eq!(refused(enable(&t.enter(&w.ben, &w.acme).await, &alert).await), Problem::Yourself);
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        // Whoever rotates it has seen what it is about, and gets a secret that nobody else has.
        let ada = t.enter(&w.ada, &w.acme).await;
        let rotated = api_keys::rotate(&ada, key.id, &overlap("24h")).await.unwrap();
        assert_eq!((calls(&t, &key).await, calls(&t, &rotated).await), (Err(Problem::KeyRefused), Ok(())));
        assert_eq!(refused(enable(&t.enter(&ola, &w.acme).await, &alert).await), Problem::Changed);
        api_keys::revoke(&ada, key.id).await.unwrap();
        let answer = disable(&t.enter(&ola, &w.acme).await, &alert).await;
        assert_eq!(field(answer, "containment"), domain::fields::FieldProblem::Unchanged);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_written_of_a_keys_use_is_written_later() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let key = make(&t.enter(&w.ben, &w.acme).await, "90").await;
        comes_from(&t, &key, HOME).await;
        let table = format!("{}.api_keys", w.acme.schema());
        t.sql(&format!("ALTER TABLE {table} RENAME TO api_keys_elsewhere")).await;
        assert_eq!(calls_from(&t, &key, AWAY).await, Ok(()), "what it may do is known");
        write_uses(t.portal()).await;
        t.sql(&format!("ALTER TABLE {table}_elsewhere RENAME TO api_keys")).await;
        write_uses(t.portal()).await;
        look(&t).await;
        let shown = api_keys::lookup(&t.enter(&w.ada, &w.acme).await, key.id).await.unwrap();
        assert_eq!(shown.last_used_ip.as_deref(), Some("203.0.113.9"));
        assert_eq!(moved(&t, &w).await.len(), 1, "nor is anything missed");
    })
    .await;
}
