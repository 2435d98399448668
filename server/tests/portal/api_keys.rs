//! API keys: what they open, from the next request on and no longer than whoever answers for them may.

use std::net::IpAddr;

use domain::api_keys::{KeyFilter, KeyForm, KeyQuery, RotateForm, ServiceAccountForm};
use domain::audit::{Action, Outcome};
use domain::fields::FieldProblem;
use domain::ids::ApiKeyId;
use domain::organizations::TenantStatus;
use domain::policy::{Networks, Rule, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Permission, Role, RoleBook};
use server::api_keys::{self, Issued};
use server::callers::{Caller, authenticate, authenticate_again, write_uses};
use server::testing::TestPortal;
use server::{Access, Error, housekeeping::Housekeeping, members, organizations};
use time::Duration;

use crate::support::{field, names, put_policy, refused};

const HOME: [u8; 4] = [198, 51, 100, 9];
const AWAY: [u8; 4] = [203, 0, 113, 9];
const VIEWED: Action = Action::new("members.viewed");

/// A form for a key that ends after so many days.
pub fn form(days: &str) -> KeyForm {
    let scopes = vec!["members.view".to_owned(), "audit.view".to_owned()];
    KeyForm { name: "Deploy".to_owned(), scopes, expiry: days.to_owned(), ..KeyForm::default() }
}

/// The form "Rotate".
pub fn overlap(code: &str) -> RotateForm {
    RotateForm { overlap: code.to_owned() }
}

/// Makes a key that ends after so many days.
pub async fn make(access: &Access, days: &str) -> Issued {
    api_keys::create(access, &form(days)).await.expect("a key")
}

async fn call(t: &TestPortal, key: &Issued) -> Result<Caller, Error> {
    authenticate(&t.request(), key.secret.expose()).await
}

/// Whether a key opens anything now.
pub async fn calls(t: &TestPortal, key: &Issued) -> Result<(), Problem> {
    match call(t, key).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused::<()>(Err(error))),
    }
}

/// The same, from there.
pub async fn calls_from(t: &TestPortal, key: &Issued, ip: impl Into<IpAddr>) -> Result<(), Problem> {
    match authenticate(&t.request_from(ip.into()), key.secret.expose()).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused::<()>(Err(error))),
    }
}

#[tokio::test]
async fn a_key_opens_its_organization_and_is_nowhere_in_clear() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let before = t.journal().await;
        let key = make(&ada, "90").await;
        assert_eq!(names(&t.journal().await.since(&before)), [("key.created", Outcome::Done)]);
        let caller = call(&t, &key).await.unwrap();
        assert_eq!((caller.tenant(), caller.slug(), caller.key()), (w.acme.id, "acme", key.id));
        assert!(caller.may(Permission::ViewMembers) && !caller.may(Permission::ManageMembers));
        caller.require(Permission::ViewMembers, VIEWED).await.unwrap();
        let before = t.journal().await;
        for _ in 0..3 {
            let denied = caller.require(Permission::ManageMembers, Action::new("member.suspended")).await;
            assert_eq!(refused(denied), Problem::Forbidden);
        }
        let entries = t.journal().await.since(&before);
        assert_eq!(names(&entries), [("member.suspended", Outcome::Denied)], "once for many times");
        assert_eq!(entries[0].log, w.acme.log());
        let secret = key.secret.expose();
        for schema in t.schemas().await {
            let dump = t.dump(&schema, "").await;
            assert!(!dump.contains(secret) && !dump.contains(&secret[8..]), "{schema}");
        }
        for presented in ["", "ptc_", "Bearer", &secret[..40], &secret.to_lowercase(), &format!("{secret}x")] {
            assert_eq!(refused(authenticate(&t.request(), presented).await), Problem::KeyRefused, "{presented}");
        }
        let unknown = domain::api_keys::KeySecret::new([9; 24]);
        assert_eq!(refused(authenticate(&t.request(), unknown.expose()).await), Problem::KeyRefused);
    })
    .await;
}

#[tokio::test]
async fn a_key_shrinks_with_whoever_has_made_it_at_once_in_every_process() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await);
        let key = make(&ben, "90").await;
        let other = t.another(TestPortal::settings(false)).await;
        let elsewhere = || server::RequestContext::new(&other, Some([192, 0, 2, 7].into()), None, None);
        for request in [t.request(), elsewhere()] {
            assert!(authenticate(&request, key.secret.expose()).await.unwrap().may(Permission::ViewAudit));
        }
        for (role, audit) in [(Role::Member, false), (Role::Auditor, true), (Role::Member, false)] {
            members::change_role(&ada, w.ben.account, role).await.unwrap();
            for request in [t.request(), elsewhere()] {
                let caller = authenticate(&request, key.secret.expose()).await.unwrap();
                assert_eq!(caller.may(Permission::ViewAudit), audit, "{role:?}");
                assert!(caller.may(Permission::ViewMembers));
            }
        }
        members::suspend(&ada, w.ben.account).await.unwrap();
        assert_eq!(refused(authenticate(&elsewhere(), key.secret.expose()).await), Problem::KeyRefused);
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        members::resume(&ada, w.ben.account).await.unwrap();
        assert_eq!(calls(&t, &key).await, Ok(()));
        organizations::set_status(&t.request(), "acme", TenantStatus::Suspended, None).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        organizations::set_status(&t.request(), "acme", TenantStatus::Active, None).await.unwrap();
        assert_eq!(calls(&t, &key).await, Ok(()));
        let before = t.journal().await;
        members::remove(&ada, w.ben.account, |_| Ok(())).await.unwrap();
        let entries = t.journal().await.since(&before);
        assert_eq!(names(&entries), [("member.removed", Outcome::Done), ("key.revoked", Outcome::Done)]);
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        assert_eq!(refused(authenticate(&elsewhere(), key.secret.expose()).await), Problem::KeyRefused);
        assert_eq!(t.number("SELECT count(*) FROM platform.api_keys").await, 0);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_ends_on_its_day_and_when_it_is_revoked() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let (short, key) = (make(&ada, "30").await, make(&ada, "60").await);
        t.pass(Duration::days(30) - Duration::MINUTE);
        assert_eq!(calls(&t, &short).await, Ok(()));
        t.pass(Duration::MINUTE);
        assert_eq!(calls(&t, &short).await, Err(Problem::KeyRefused));
        assert_eq!(calls(&t, &key).await, Ok(()));
        let ben = t.enter(&t.sign_in(&w.ben.email).await, &w.acme).await;
        api_keys::revoke(&ben, key.id).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused), "whoever may manage keys revokes any");
        assert_eq!(refused(api_keys::revoke(&ben, key.id).await), Problem::Changed);
        assert_eq!(refused(api_keys::rotate(&ben, key.id, &overlap("1h")).await), Problem::Changed);
        assert_eq!(refused(api_keys::rotate(&ben, short.id, &overlap("1h")).await), Problem::Changed);
        t.pass(Duration::days(2));
        assert_eq!(Housekeeping::new(t.portal()).sweep().await.unwrap().keys, 1, "what is over is taken away");
    })
    .await;
}

#[tokio::test]
async fn after_a_rotation_the_former_secret_has_its_time() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let first = make(&ada, "90").await;
        let second = api_keys::rotate(&ada, first.id, &overlap("1h")).await.unwrap();
        assert_eq!((calls(&t, &first).await, calls(&t, &second).await), (Ok(()), Ok(())));
        let third = api_keys::rotate(&ada, first.id, &overlap("1h")).await.unwrap();
        assert_eq!(calls(&t, &first).await, Err(Problem::KeyRefused), "one before the present one, and no more");
        assert_eq!((calls(&t, &second).await, calls(&t, &third).await), (Ok(()), Ok(())));
        t.pass(Duration::HOUR);
        assert_eq!((calls(&t, &second).await, calls(&t, &third).await), (Err(Problem::KeyRefused), Ok(())));
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let fourth = api_keys::rotate(&ada, first.id, &overlap("0h")).await.unwrap();
        assert_eq!((calls(&t, &third).await, calls(&t, &fourth).await), (Err(Problem::KeyRefused), Ok(())));
        assert_eq!(
            field(api_keys::rotate(&ada, first.id, &overlap("1y")).await, "overlap"),
            FieldProblem::UnknownChoice
        );
        t.pass(Duration::minutes(10));
        let ada = t.enter(&w.ada, &w.acme).await;
        assert_eq!(refused(api_keys::rotate(&ada, first.id, &overlap("1h")).await), Problem::StepUpFirst);
        assert_eq!(refused(api_keys::create(&ada, &form("30")).await), Problem::StepUpFirst);
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_or_gets_what_they_do_not_hold() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben, mia) =
            (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await, t.enter(&w.mia, &w.acme).await);
        assert_eq!(refused(api_keys::create(&mia, &form("30")).await), Problem::Forbidden);
        assert_eq!(refused(api_keys::list(&mia, &KeyQuery::default()).await), Problem::Forbidden);
        for code in ["owners.manage", "keys.manage", "nothing.at_all"] {
            let form = KeyForm { scopes: vec![code.to_owned()], ..form("30") };
            assert_eq!(field(api_keys::create(&ada, &form).await, "scope"), FieldProblem::UnknownChoice, "{code}");
        }
        // Somebody who manages keys and reads no trail.
        let keeper = domain::roles::RoleForm {
            name: "Key keeper".to_owned(),
            permissions: vec!["keys.manage".to_owned(), "members.view".to_owned()],
            ..domain::roles::RoleForm::default()
        };
        let keeper = server::roles::create(&ada, &keeper).await.unwrap();
        members::change_role(&t.enter(&w.ada, &w.acme).await, w.mia.account, keeper).await.unwrap();
        let mia = t.enter(&w.mia, &w.acme).await;
        assert_eq!(refused(api_keys::create(&mia, &form("30")).await), Problem::Forbidden);
        let narrow = KeyForm { scopes: vec!["members.view".to_owned()], ..form("30") };
        api_keys::create(&mia, &narrow).await.unwrap();
        let key = make(&ben, "30").await;
        let rotated = api_keys::rotate(&mia, key.id, &overlap("1h")).await;
        assert_eq!(refused(rotated), Problem::Forbidden, "its secret would open more than she may");
        api_keys::change(&mia, key.id, &narrow).await.unwrap();
        assert!(!call(&t, &key).await.unwrap().may(Permission::ViewAudit));
        assert_eq!(refused(api_keys::change(&mia, key.id, &form("30")).await), Problem::Forbidden);
        api_keys::change(&ben, key.id, &form("30")).await.unwrap();
        assert!(call(&t, &key).await.unwrap().may(Permission::ViewAudit));
        // Who was demoted meanwhile changes nothing with what they have opened before.
        members::change_role(&t.enter(&w.ada, &w.acme).await, w.ben.account, Role::Member).await.unwrap();
        assert_eq!(refused(api_keys::create(&ben, &narrow).await), Problem::Forbidden);
        assert_eq!(refused(api_keys::revoke(&ben, key.id).await), Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn a_foreign_key_is_one_that_there_is_not() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        let (key, theirs) = (make(&ada, "30").await, make(&gus, "30").await);
        assert_eq!(call(&t, &theirs).await.unwrap().tenant(), w.globex.id);
        let account = ServiceAccountForm { name: "Build".to_owned(), ..ServiceAccountForm::default() };
        let account = api_keys::create_account(&ada, &account).await.unwrap();
        assert_eq!(refused(api_keys::account(&gus, account).await), Problem::NotFound);
        assert_eq!(refused(api_keys::disable_account(&gus, account).await), Problem::NotFound);
        assert_eq!(refused(api_keys::take_over(&gus, account).await), Problem::NotFound);
        let nobody = ApiKeyId(uuid::Uuid::nil());
        for id in [key.id, nobody] {
            assert_eq!(refused(api_keys::lookup(&gus, id).await), Problem::NotFound);
            assert_eq!(refused(api_keys::revoke(&gus, id).await), Problem::NotFound);
            assert_eq!(refused(api_keys::rotate(&gus, id, &overlap("1h")).await), Problem::NotFound);
            assert_eq!(refused(api_keys::change(&gus, id, &form("30")).await), Problem::NotFound);
        }
        let form = KeyForm { account: account.to_string(), ..form("30") };
        assert_eq!(field(api_keys::create(&gus, &form).await, "account"), FieldProblem::UnknownChoice);
        assert_eq!(api_keys::list(&gus, &KeyQuery::default()).await.unwrap().total, 1);
        // A row in the platform's table alone, as who has stolen a lane's login could write it, opens nothing.
        let forged = domain::api_keys::KeySecret::new([1; 24]);
        t.sql(&format!(
            "INSERT INTO platform.api_keys (hash, tenant_id, key_id, ends_at) VALUES ('\\x{}', '{}', '{}', '2100-01-01')",
            hex::encode(forged.hash()),
            w.acme.id,
            key.id
        ))
        .await;
        assert_eq!(refused(authenticate(&t.request(), forged.expose()).await), Problem::KeyRefused);
    })
    .await;
}

#[tokio::test]
async fn a_service_account_goes_on_with_whoever_stands_for_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.ben, &w.acme).await);
        let named = ServiceAccountForm { name: "Build".to_owned(), description: "Builds".to_owned() };
        let account = api_keys::create_account(&ben, &named).await.unwrap();
        assert_eq!(field(api_keys::create_account(&ada, &named).await, "name"), FieldProblem::Taken);
        let form = KeyForm { account: account.to_string(), ..form("90") };
        let key = api_keys::create(&ada, &form).await.unwrap();
        assert!(call(&t, &key).await.unwrap().may(Permission::ViewAudit));
        members::change_role(&ada, w.ben.account, Role::Member).await.unwrap();
        assert!(!call(&t, &key).await.unwrap().may(Permission::ViewAudit), "it may what Ben may, not Ada");
        assert_eq!(field(api_keys::create(&ada, &form).await, "scope"), FieldProblem::HoldsLess);
        members::remove(&ada, w.ben.account, |_| Ok(())).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        api_keys::take_over(&ada, account).await.unwrap();
        assert!(call(&t, &key).await.unwrap().may(Permission::ViewAudit));
        assert_eq!(refused(api_keys::take_over(&ada, account).await), Problem::Changed);
        api_keys::disable_account(&ada, account).await.unwrap();
        assert_eq!(calls(&t, &key).await, Err(Problem::KeyRefused));
        assert_eq!(field(api_keys::create(&ada, &form).await, "account"), FieldProblem::UnknownChoice);
        api_keys::enable_account(&ada, account).await.unwrap();
        assert_eq!(calls(&t, &key).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_key_comes_from_where_it_may_and_as_often_as_it_may() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let bound = KeyForm { networks: "198.51.100.0/24".to_owned(), ..form("30") };
        let bound = api_keys::create(&ada, &bound).await.unwrap();
        let free = make(&ada, "30").await;
        let before = t.journal().await;
        assert_eq!(calls_from(&t, &bound, HOME).await, Ok(()));
        for _ in 0..3 {
            assert_eq!(calls_from(&t, &bound, AWAY).await, Err(Problem::KeptOut(Rule::Networks)));
        }
        assert_eq!(names(&t.journal().await.since(&before)), [("organization.entered", Outcome::Denied)]);
        assert_eq!(calls_from(&t, &free, AWAY).await, Ok(()));
        let networks = Networks::parse("192.0.2.0/24\n198.51.100.0/25", &RoleBook::default()).unwrap();
        put_policy(&ada, &SecurityPolicy { networks, ..SecurityPolicy::default() }).await.unwrap();
        assert_eq!(calls_from(&t, &free, AWAY).await, Err(Problem::KeptOut(Rule::Networks)));
        assert_eq!(calls_from(&t, &bound, [198_u8, 51, 100, 200]).await, Err(Problem::KeptOut(Rule::Networks)));
        assert_eq!(calls_from(&t, &bound, HOME).await, Ok(()), "both lists hold");
        let ada = t.enter(&w.ada, &w.acme).await;
        let slow = KeyForm { requests_per_minute: "2".to_owned(), ..form("30") };
        let slow = api_keys::create(&ada, &slow).await.unwrap();
        assert_eq!(call(&t, &slow).await.unwrap().allowance().map(|left| (left.limit, left.remaining)), Some((2, 1)));
        assert_eq!(calls(&t, &slow).await, Ok(()));
        assert!(matches!(calls(&t, &slow).await, Err(Problem::Throttled { .. })));
        let again = authenticate_again(&t.request(), slow.secret.expose()).await;
        assert!(again.is_ok(), "a request whose body came late was counted before");
        assert_eq!(calls(&t, &free).await, Ok(()), "each has its own");
    })
    .await;
}

#[tokio::test]
async fn it_is_known_when_a_key_was_used_and_what_for() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let used = make(&ada, "90").await;
        let ada = t.enter(&w.ada, &w.acme).await;
        let idle = make(&ada, "90").await;
        let caller = call(&t, &used).await.unwrap();
        caller.require(Permission::ViewMembers, VIEWED).await.unwrap();
        write_uses(t.portal()).await;
        let key = api_keys::lookup(&ada, used.id).await.unwrap();
        assert_eq!(key.last_used_ip.as_deref(), Some("192.0.2.7"));
        assert!(key.last_used_at.is_some() && key.used.allow(Permission::ViewMembers));
        assert_eq!(api_keys::lookup(&ada, idle.id).await.unwrap().last_used_at, None);
        t.pass(Duration::days(31));
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let ids = async |filter| {
            let query = KeyQuery { filter, ..KeyQuery::default() };
            let page = api_keys::list(&ada, &query).await.unwrap();
            assert_eq!(page.total, page.rows.len() as u64);
            page.rows.into_iter().map(|key| key.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(KeyFilter::Unused).await, [idle.id]);
        assert_eq!(ids(KeyFilter::Active).await, [idle.id, used.id]);
        assert_eq!(ids(KeyFilter::Expiring).await, []);
        let key = api_keys::lookup(&ada, used.id).await.unwrap();
        assert_eq!(key.unneeded(ada.request().now).codes(), ["audit.view"]);
        api_keys::revoke(&ada, idle.id).await.unwrap();
        assert_eq!(ids(KeyFilter::Over).await, [idle.id]);
        t.pass(Duration::days(50));
        let ada = t.enter(&t.sign_in(&w.ada.email).await, &w.acme).await;
        let query = KeyQuery { filter: KeyFilter::Expiring, member: Some(w.ada.account), ..KeyQuery::default() };
        assert_eq!(api_keys::list(&ada, &query).await.unwrap().rows[0].id, used.id);
        let nobodys = KeyQuery { member: Some(w.ben.account), ..query };
        assert!(api_keys::list(&ada, &nobodys).await.unwrap().rows.is_empty());
    })
    .await;
}

#[tokio::test]
async fn many_requests_at_once_are_each_as_well_informed_as_one_alone() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, gus) = (t.enter(&w.ada, &w.acme).await, t.enter(&w.gus, &w.globex).await);
        let (key, theirs) = (make(&ada, "30").await, make(&gus, "30").await);
        for round in 0..3 {
            let many = (0..200).map(|number| call(&t, if number % 2 == 0 { &key } else { &theirs }));
            let callers = futures::future::join_all(many).await;
            for (number, caller) in callers.into_iter().enumerate() {
                let expected = if number % 2 == 0 { w.acme.id } else { w.globex.id };
                assert_eq!(caller.unwrap().tenant(), expected, "{round}");
            }
        }
        // Those that begin while it is being revoked see one or the other; those that begin after it see that it is.
        let revoking = async { api_keys::revoke(&ada, key.id).await.unwrap() };
        let during = futures::future::join_all((0..100).map(|_| calls(&t, &key)));
        let (_, during) = futures::future::join(revoking, during).await;
        assert!(during.iter().all(|answer| matches!(answer, Ok(()) | Err(Problem::KeyRefused))));
        let after = futures::future::join_all((0..100).map(|_| calls(&t, &key))).await;
        assert!(after.iter().all(|answer| *answer == Err(Problem::KeyRefused)));
        assert_eq!(calls(&t, &theirs).await, Ok(()));
    })
    .await;
}
