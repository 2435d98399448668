//! Keys end with the account that was in other hands and with somebody's access; and they are forgotten at last.

use domain::audit::Outcome;
use domain::detections::{Containment, Rule};
use domain::notices::Event;
use domain::problem::Problem;
use domain::roles::Role;
use server::alerts::{self, ContainForm};
use server::api_keys::{self, Issued};
use server::invitations::{self, Joiner};
use server::testing::{PASSWORD, Person, TestPortal, World, secret_of};
use server::{Access, members, notices, sign_in};
use time::Duration;

use crate::api_keys::{calls, form, make, overlap};
use crate::detections::{guess, look, of_rule};
use crate::key_issuers::key_for;
use crate::notices::{elsewhere, secret_about};
use crate::support::{names, refused};

/// Somebody who was let into Globex as an administrator in another's name, and whom Acme has invited by mail.
async fn squatter(t: &TestPortal, w: &World) -> (Person, String) {
    let email = "somebody@person.example";
    let gus = t.enter(&w.gus, &w.globex).await;
    let invitation = t.invite(&gus, email, Role::Member).await;
    let copied = invitations::copy_link(&gus, invitation).await.unwrap();
    let joiner = Joiner::New { name: "Squatter", password: PASSWORD };
    invitations::accept(&t.request(), secret_of(&copied.link), joiner).await.unwrap();
    let squatter = t.sign_in(email).await;
    members::change_role(&gus, squatter.account, Role::Admin).await.unwrap();
    t.invite(&t.enter(&w.ada, &w.acme).await, email, Role::Member).await;
    let secret = t.secret_for(email).await;
    (squatter, secret)
}

/// A key of somebody's own, and one that they have made for a service account for which somebody else stands.
async fn both_kinds(t: &TestPortal, access: &Access, sponsor: &Access) -> [Issued; 2] {
    let form = domain::api_keys::ServiceAccountForm { name: "Build".to_owned(), ..Default::default() };
    let account = api_keys::create_account(sponsor, &form).await.unwrap();
    let keys = [make(access, "90").await, key_for(access, account).await];
    for key in &keys {
        assert_eq!(calls(t, key).await, Ok(()));
    }
    keys
}

/// They open nothing, and their organization knows.
async fn assert_revoked(t: &TestPortal, access: &Access, keys: &[Issued]) {
    for key in keys {
        assert_eq!(calls(t, key).await, Err(Problem::KeyRefused));
        assert!(api_keys::lookup(access, key.id).await.unwrap().revoked_at.is_some());
    }
}

#[tokio::test]
async fn whoever_takes_an_account_over_takes_no_keys_of_a_strangers_over() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (squatter, secret) = squatter(&t, &w).await;
        let gus = t.enter(&w.gus, &w.globex).await;
        let own = make(&gus, "90").await;
        let keys = both_kinds(&t, &t.enter(&squatter, &w.globex).await, &gus).await;
        let before = t.journal().await;
        let joiner = Joiner::New { name: "The real one", password: "another long password" };
        invitations::accept(&t.request(), &secret, joiner).await.unwrap();
        assert_revoked(&t, &gus, &keys).await;
        let told = t.journal().await.since(&before).into_iter().filter(|entry| entry.action == "key.revoked");
        let told: Vec<_> = told.map(|entry| entry.log).collect();
        assert_eq!(told, [w.globex.log(), w.globex.log()]);
        assert_eq!(calls(&t, &own).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn keys_of_an_account_that_was_taken_over_open_nothing_also_where_an_organization_learns_nothing_of_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (squatter, secret) = squatter(&t, &w).await;
        let gus = t.enter(&w.gus, &w.globex).await;
        let keys = both_kinds(&t, &t.enter(&squatter, &w.globex).await, &gus).await;
        let globex = w.globex.id;
        let version = t.number("SELECT max(schema_version) FROM platform.tenants").await;
        t.sql(&format!("UPDATE platform.tenants SET schema_version = 1 WHERE id = '{globex}'")).await;
        let joiner = Joiner::New { name: "The real one", password: "another long password" };
        invitations::accept(&t.request(), &secret, joiner).await.unwrap();
        t.sql(&format!("UPDATE platform.tenants SET schema_version = {version} WHERE id = '{globex}'")).await;
        for key in &keys {
            assert_eq!(calls(&t, key).await, Err(Problem::KeyRefused));
        }
    })
    .await;
}

#[tokio::test]
async fn this_was_not_me_ends_keys_in_every_organization() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ben, ada) = (t.enter(&w.ben, &w.acme).await, t.enter(&w.ada, &w.acme).await);
        let (keys, own) = (both_kinds(&t, &ben, &ada).await, make(&ada, "90").await);
        let _ = sign_in::sign_in(&elsewhere(&t), &w.ben.email, PASSWORD).await.unwrap();
        let secret = secret_about(&t, &w.ben, Event::NewDevice).await;
        let before = t.journal().await;
        notices::disown(&t.request(), &secret).await.unwrap();
        assert_revoked(&t, &ada, &keys).await;
        let entries = t.journal().await.since(&before);
        assert_eq!(entries.iter().filter(|entry| entry.action == "key.revoked").count(), 2);
        assert_eq!(calls(&t, &own).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn who_came_in_before_this_was_not_me_makes_no_secret_after_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let adas = make(&t.enter(&w.ada, &w.acme).await, "90").await;
        let ben = t.enter(&w.ben, &w.acme).await;
        let _ = sign_in::sign_in(&elsewhere(&t), &w.ben.email, PASSWORD).await.unwrap();
        let secret = secret_about(&t, &w.ben, Event::NewDevice).await;
        notices::disown(&t.request(), &secret).await.unwrap();
        let before = t.journal().await;

        assert_eq!(refused(api_keys::create(&ben, &form("90")).await), Problem::Changed);
        assert_eq!(refused(api_keys::rotate(&ben, adas.id, &overlap("0h")).await), Problem::Changed);

        assert!(t.journal().await.since(&before).is_empty(), "nothing was done");
        let made = format!("SELECT count(*) FROM platform.api_keys WHERE issued_by = '{}'", w.ben.account);
        assert_eq!(t.number(&made).await, 0);
        assert_eq!(calls(&t, &adas).await, Ok(()), "what was not his goes on");
    })
    .await;
}

#[tokio::test]
async fn who_has_no_access_any_more_has_no_keys_either() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ben, ada) = (t.enter(&w.ben, &w.acme).await, t.enter(&w.ada, &w.acme).await);
        let (keys, other) = (both_kinds(&t, &ben, &ada).await, make(&ada, "90").await);
        let before = t.journal().await;
        members::end_access(&ada, w.ben.account).await.unwrap();
        let done = ["member.access_ended", "key.revoked", "key.revoked"].map(|action| (action, Outcome::Done));
        assert_eq!(names(&t.journal().await.since(&before)), done);
        assert_revoked(&t, &ada, &keys).await;
        assert_eq!(calls(&t, &other).await, Ok(()), "Ben has not seen that one");
    })
    .await;
}

#[tokio::test]
async fn an_officer_ends_sessions_without_keys_or_with_them() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ola =
            t.join(&t.enter(&w.ada, &w.acme).await, "Ola Officer", "ola@acme.example", Role::SecurityOfficer).await;
        let key = make(&t.enter(&w.ben, &w.acme).await, "90").await;
        for email in [&w.ben.email, &w.ada.email] {
            for _ in 0..10 {
                guess(&t, email).await;
            }
        }
        look(&t).await;
        let found = of_rule(&t, &ola, &w.acme, Rule::Guessing).await;
        let about = |who: &Person| {
            let is_theirs = |alert: &&alerts::AlertView| alert.account.as_ref().is_some_and(|it| it.0 == who.account);
            found.iter().find(is_theirs).expect("an alert").id
        };
        let access = t.enter(&ola, &w.acme).await;
        let contain = async |id, containment: Containment| {
            alerts::contain(&access, id, ContainForm { containment: containment.code().to_owned() }).await
        };
        contain(about(&w.ben), Containment::EndSessions).await.unwrap();
        assert_eq!(calls(&t, &key).await, Ok(()), "these are sessions alone");
        contain(about(&w.ben), Containment::EndAccess).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        assert_eq!(refused(contain(about(&w.ada), Containment::EndAccess).await), Problem::Forbidden);
        contain(about(&w.ada), Containment::EndSessions).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_programs_were_answered_is_forgotten_without_anybody_asking() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (acme, globex, now) = (w.acme.schema(), w.globex.schema(), t.request().now.unix_timestamp());
        for schema in [&acme, &globex] {
            t.sql(&format!(
                "INSERT INTO {schema}.api_answers VALUES (gen_random_uuid(), '1', '2', 200, '{{}}', to_timestamp({now}));
                 INSERT INTO {schema}.service_events VALUES ('1', '2', to_timestamp({now}))"
            ))
            .await;
        }
        let kept = async |schema: &str| {
            let both = ["api_answers", "service_events"].map(|table| format!("SELECT count(*) FROM {schema}.{table}"));
            (t.number(&both[0]).await, t.number(&both[1]).await)
        };
        t.look_after(&w.acme).await;
        assert_eq!(kept(&acme).await, (1, 1));
        t.pass(Duration::days(2));
        t.look_after(&w.acme).await;
        assert_eq!(kept(&acme).await, (0, 1));
        t.pass(Duration::days(30));
        t.look_after(&w.acme).await;
        assert_eq!((kept(&acme).await, kept(&globex).await), ((0, 0), (1, 1)));
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_over_for_long_is_forgotten_and_its_entries_are_not() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let (revoked, expired) = (make(&ada, "90").await, make(&ada, "30").await);
        api_keys::revoke(&ada, revoked.id).await.unwrap();
        t.pass(Duration::days(401));
        t.look_after(&w.acme).await;
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        assert_eq!(refused(api_keys::lookup(&ada, revoked.id).await), Problem::NotFound);
        assert!(api_keys::lookup(&ada, expired.id).await.is_ok(), "it is over for 371 days");
        let entries = t.journal().await.of(w.acme.log());
        assert!(entries.iter().any(|entry| entry.action == "key.revoked"));
    })
    .await;
}
