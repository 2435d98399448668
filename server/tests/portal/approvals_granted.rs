//! What is handed to whoever has asked, an export or a key: once, soon, for them alone, and exactly what was approved.

use domain::api_keys::{ApiKey, KeyForm};
use domain::approvals::{ApprovalNeeded, Quorum, Risk, Standing, State};
use domain::audit::{AuditQuery, Outcome};
use domain::fields::FieldProblem;
use domain::ids::ApprovalId;
use domain::policy::{Key, SecurityPolicy};
use domain::problem::Problem;
use domain::roles::{Permission, Permissions, Role};
use futures::TryStreamExt;
use futures::future::join_all;
use server::api_keys::{self, Issued};
use server::approvals::{self, Decided, Handed, hand_over};
use server::audit::{self, Format};
use server::callers::authenticate;
use server::testing::{Organization, Person, TestPortal, World};
use server::{Access, Error, members};
use time::Duration;

use crate::api_keys::{form, overlap};
use crate::approvals::{ALL, acme_needing, approve, standing, told, work};
use crate::support::{export, field, names, put_policy, refused};

/// A policy that needs approval for all but itself, so that a test can put another.
fn needing() -> SecurityPolicy {
    SecurityPolicy { approval_needed: ApprovalNeeded { policy: false, ..ALL }, ..SecurityPolicy::default() }
}

async fn acme_with(t: &TestPortal, owners: usize) -> (World, Vec<Person>) {
    acme_needing(t, owners, &needing()).await
}

/// Somebody's way in, by a session that was proven just now.
async fn fresh(t: &TestPortal, who: &Person, of: &Organization) -> Access {
    t.enter(&t.sign_in(&who.email).await, of).await
}

async fn ask_for_export(t: &TestPortal, w: &World) -> ApprovalId {
    let query = AuditQuery::from_text("outcome=denied");
    let ada = fresh(t, &w.ada, &w.acme).await;
    approvals::ask_to_export(&ada, Format::Ndjson, &query, "The auditors ask for it").await.expect("a request")
}

/// A form for a key that may see members and do this.
fn form_for(scope: Permission) -> KeyForm {
    KeyForm { scopes: vec!["members.view".to_owned(), scope.code().to_owned()], ..form("90") }
}

async fn ask_for_key(t: &TestPortal, w: &World, form: &KeyForm) -> Result<ApprovalId, Error> {
    approvals::ask_to_create_key(&fresh(t, &w.ada, &w.acme).await, form, "To sync members").await
}

async fn ticket(access: &Access, id: ApprovalId) -> Result<String, Error> {
    match hand_over(access, id).await? {
        Handed::Export(ticket) => Ok(ticket),
        Handed::Key(_) => panic!("a key"),
    }
}

async fn issued(access: &Access, id: ApprovalId) -> Result<Issued, Error> {
    match hand_over(access, id).await? {
        Handed::Key(issued) => Ok(issued),
        Handed::Export(_) => panic!("a file"),
    }
}

async fn read(access: &Access, ticket: &str, after: Option<u64>) -> String {
    let export = audit::export(access.clone(), ticket, after).await.expect("a file");
    export.lines.try_collect::<Vec<String>>().await.expect("the whole of it").concat()
}

async fn key_of(t: &TestPortal, w: &World, issued: &Issued) -> ApiKey {
    api_keys::lookup(&fresh(t, &w.ada, &w.acme).await, issued.id).await.expect("a key")
}

fn over(state: State) -> Standing {
    Standing::Over(state)
}

#[tokio::test]
async fn an_export_is_made_once_by_whoever_has_asked_for_it() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        assert_eq!(refused(export(fresh(&t, &w.ada, &w.acme).await).await), Problem::ApprovalFirst);
        let id = ask_for_export(&t, &w).await;
        assert_eq!(ask_for_export(&t, &w).await, id, "the same is not asked for twice");
        let ada = fresh(&t, &w.ada, &w.acme).await;
        let detail = approvals::lookup(&ada, id).await.unwrap();
        assert_eq!((detail.request.risk, detail.quorum, detail.may_use), (Risk::Medium, Quorum::Approvals(1), false));
        assert_eq!(refused(ticket(&ada, id).await), Problem::Changed, "nobody has approved it");
        assert_eq!(approve(&t, &w, &others[0], id).await.unwrap(), Decided::Granted);
        assert_eq!(standing(&t, &w, id).await, Standing::Granted);
        let said = "What you asked for in Acme is approved, and you can do it within 24 hours: Export the audit trail.";
        assert_eq!(told(&t, &w.ada).await[0], said);

        // It is nobody else's.
        assert_eq!(refused(ticket(&fresh(&t, &others[0], &w.acme).await, id).await), Problem::Forbidden);
        assert_eq!(refused(ticket(&fresh(&t, &w.mia, &w.acme).await, id).await), Problem::NotFound);
        assert_eq!(refused(ticket(&fresh(&t, &w.gus, &w.globex).await, id).await), Problem::NotFound);
        let before = t.journal().await;
        let ada = fresh(&t, &w.ada, &w.acme).await;
        assert!(approvals::lookup(&ada, id).await.unwrap().may_use);
        let file = ticket(&ada, id).await.unwrap();
        let whole = read(&ada, &file, None).await;
        assert!(whole.contains(r#""filter":"outcome=denied""#), "what was approved, and nothing else");
        let entries = t.journal().await.since(&before);
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.log == w.acme.log()).collect();
        let done = ["approval.carried_out", "audit.exported", "audit.export_finished"];
        assert_eq!(names(&entries), done.map(|action| (action, Outcome::Done)));

        assert_eq!(refused(ticket(&ada, id).await), Problem::Changed, "once");
        assert_eq!(read(&ada, &file, None).await, whole, "a download that broke off is gone on with");
        assert!(!read(&ada, &file, Some(0)).await.is_empty());
        assert_eq!(refused(export(ada).await), Problem::ApprovalFirst);
        assert_eq!(standing(&t, &w, id).await, over(State::CarriedOut));
        export(t.enter(&w.gus, &w.globex).await).await.expect("another organization has its own policy");
    })
    .await;
}

#[tokio::test]
async fn a_key_is_what_was_approved_and_its_secret_is_shown_to_whoever_has_asked() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let asked = form_for(Permission::ManageMembers);
        let ada = fresh(&t, &w.ada, &w.acme).await;
        assert_eq!(refused(api_keys::create(&ada, &asked).await), Problem::ApprovalFirst);
        api_keys::create(&ada, &form("90")).await.expect("a key with nothing that is sensitive");
        let plain = ask_for_key(&t, &w, &form("90")).await;
        assert_eq!(refused(plain), Problem::Changed, "nobody has to approve that");
        let silent = approvals::ask_to_create_key(&fresh(&t, &w.ada, &w.acme).await, &asked, " ").await;
        assert_eq!(field(silent, "reason"), FieldProblem::Required);

        let asked_at = t.request().now;
        let id = ask_for_key(&t, &w, &asked).await.unwrap();
        t.pass(Duration::hours(5));
        approve(&t, &w, &others[0], id).await.unwrap();
        let before = t.journal().await;
        let key = issued(&fresh(&t, &w.ada, &w.acme).await, id).await.unwrap();
        let entries = t.journal().await.since(&before);
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.log == w.acme.log()).collect();
        let done = ["approval.carried_out", "key.created"].map(|action| (action, Outcome::Done));
        assert_eq!(names(&entries), done);
        let made = key_of(&t, &w, &key).await;
        let scopes = Permissions::of(&[Permission::ViewMembers, Permission::ManageMembers]);
        assert_eq!((made.name.as_str(), made.scopes), ("Deploy", scopes));
        assert!(made.expires_at - asked_at <= Duration::days(90) + Duration::MINUTE, "it is no longer for the waiting");
        let caller = authenticate(&t.request(), key.secret.expose()).await.unwrap();
        assert!(caller.may(Permission::ManageMembers) && caller.tenant() == w.acme.id);
        assert_eq!(refused(issued(&fresh(&t, &w.ada, &w.acme).await, id).await), Problem::Changed, "once");
    })
    .await;
}

#[tokio::test]
async fn two_at_once_are_handed_it_once() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let key = ask_for_key(&t, &w, &form_for(Permission::ManagePolicy)).await.unwrap();
        let file = ask_for_export(&t, &w).await;
        for id in [key, file] {
            approve(&t, &w, &others[0], id).await.unwrap();
            let before = t.journal().await;
            let mut tabs = Vec::new();
            for _ in 0..3 {
                tabs.push(fresh(&t, &w.ada, &w.acme).await);
            }
            let answers = join_all(tabs.iter().map(|tab| hand_over(tab, id))).await;
            let handed = answers.iter().filter(|answer| answer.is_ok()).count();
            let late = |answer: &&Result<Handed, Error>| matches!(answer, Err(Error::Refused(Problem::Changed)));
            assert_eq!((handed, answers.iter().filter(late).count()), (1, 2));
            let entries = t.journal().await.since(&before);
            assert_eq!(entries.iter().filter(|entry| entry.action == "approval.carried_out").count(), 1);
        }
        assert_eq!(t.number(&format!("SELECT count(*) FROM {}.api_keys", w.acme.schema())).await, 1);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_do_it_any_more_is_handed_nothing_and_it_lapses() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 2).await;
        let key = ask_for_key(&t, &w, &form_for(Permission::ManageMembers)).await.unwrap();
        let file = ask_for_export(&t, &w).await;
        for id in [key, file] {
            assert_eq!(approve(&t, &w, &others[0], id).await.unwrap(), Decided::Granted);
        }
        let ada = fresh(&t, &w.ada, &w.acme).await;
        members::change_role(&ada, w.ada.account, Role::Member).await.unwrap();
        for id in [key, file] {
            assert_eq!(refused(hand_over(&fresh(&t, &w.ada, &w.acme).await, id).await), Problem::Forbidden);
            assert_eq!(standing(&t, &w, id).await, Standing::Granted);
        }
        assert_eq!(t.number(&format!("SELECT count(*) FROM {}.api_keys", w.acme.schema())).await, 0);
        let before = t.journal().await;
        t.pass(Duration::hours(24));
        work(&t).await;
        for id in [key, file] {
            assert_eq!(refused(hand_over(&fresh(&t, &w.ada, &w.acme).await, id).await), Problem::Changed);
            assert_eq!(standing(&t, &w, id).await, over(State::Lapsed));
        }
        let entries = t.journal().await.since(&before);
        assert_eq!(entries.iter().filter(|entry| entry.action == "approval.lapsed").count(), 2);
        assert!(told(&t, &w.ada).await[0].contains("could not be done"));
        work(&t).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_granted_can_be_cancelled_and_a_proof_is_asked_for_when_it_is_used() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let id = ask_for_export(&t, &w).await;
        approve(&t, &w, &others[0], id).await.unwrap();
        let ada = t.sign_in(&w.ada.email).await;
        t.pass(Duration::hours(1));
        assert_eq!(refused(ticket(&t.enter(&ada, &w.acme).await, id).await), Problem::StepUpFirst);
        let other = fresh(&t, &others[0], &w.acme).await;
        assert_eq!(refused(approvals::cancel(&other, id).await), Problem::Forbidden);
        approvals::cancel(&fresh(&t, &w.ada, &w.acme).await, id).await.unwrap();
        assert_eq!(refused(ticket(&fresh(&t, &w.ada, &w.acme).await, id).await), Problem::Changed);
        assert_eq!(standing(&t, &w, id).await, over(State::Cancelled));
    })
    .await;
}

#[tokio::test]
async fn an_only_owner_is_handed_it_after_a_day() {
    TestPortal::run(async |t| {
        let (w, _) = acme_with(&t, 0).await;
        let id = ask_for_export(&t, &w).await;
        t.pass(Duration::hours(23));
        work(&t).await;
        assert_eq!(refused(ticket(&fresh(&t, &w.ada, &w.acme).await, id).await), Problem::Changed);
        let before = t.journal().await;
        t.pass(Duration::hours(1));
        work(&t).await;
        assert_eq!(standing(&t, &w, id).await, Standing::Granted);
        ticket(&fresh(&t, &w.ada, &w.acme).await, id).await.unwrap();
        let entries = t.journal().await.since(&before);
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.log == w.acme.log()).collect();
        let done = ["approval.granted", "approval.carried_out", "audit.exported"];
        assert_eq!(names(&entries), done.map(|action| (action, Outcome::Done)));
        t.pass(Duration::hours(25));
        work(&t).await;
        assert_eq!(standing(&t, &w, id).await, over(State::CarriedOut), "it was used in time");
    })
    .await;
}

#[tokio::test]
async fn the_policy_of_the_moment_holds() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let before = fresh(&t, &w.ada, &w.acme).await;
        let unasked = approvals::ask_to_export(&before, Format::Csv, &AuditQuery::default(), "For later").await;
        assert_eq!(refused(unasked), Problem::Changed, "nobody has to approve it");
        put_policy(&before, &needing()).await.unwrap();
        assert_eq!(refused(export(before.clone()).await), Problem::ApprovalFirst, "who had come in before");
        let key = api_keys::create(&before, &form_for(Permission::ManageRoles)).await;
        assert_eq!(refused(key), Problem::ApprovalFirst);

        let ada = fresh(&t, &w.ada, &w.acme).await;
        let other = t.join(&ada, "Owner", "owner@acme.example", Role::Member).await;
        t.sql(&format!("UPDATE {}.members SET role = 'owner' WHERE name = 'Owner'", w.acme.schema())).await;
        let id = ask_for_key(&t, &w, &form_for(Permission::ManageRoles)).await.unwrap();
        approve(&t, &w, &other, id).await.unwrap();
        let stricter = SecurityPolicy { api_key_max_days: 30, ..needing() };
        put_policy(&fresh(&t, &w.ada, &w.acme).await, &stricter).await.unwrap();
        let too_long = issued(&fresh(&t, &w.ada, &w.acme).await, id).await;
        assert_eq!(field(too_long, "expiry"), FieldProblem::Exceeds(Key::ApiKeyMaxDays));
        put_policy(&fresh(&t, &w.ada, &w.acme).await, &needing()).await.unwrap();
        issued(&fresh(&t, &w.ada, &w.acme).await, id).await.expect("what came to nothing is not used up");
    })
    .await;
}

#[tokio::test]
async fn rotating_hands_a_key_that_others_approve_to_nobody_but_whoever_has_it() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let id = ask_for_key(&t, &w, &form_for(Permission::ManageMembers)).await.unwrap();
        approve(&t, &w, &others[0], id).await.unwrap();
        let ada = async || fresh(&t, &w.ada, &w.acme).await;
        let other = async || fresh(&t, &others[0], &w.acme).await;
        let key = issued(&ada().await, id).await.unwrap();
        let taken = api_keys::rotate(&other().await, key.id, &overlap("1h")).await;
        assert_eq!(refused(taken), Problem::ApprovalFirst);
        authenticate(&t.request(), key.secret.expose()).await.expect("it is as it was");
        let own = api_keys::rotate(&ada().await, key.id, &overlap("1h")).await.expect("a secret of one's own");
        assert_eq!(own.scopes, key.scopes);
        let plain = api_keys::create(&ada().await, &form("90")).await.unwrap();
        api_keys::rotate(&other().await, plain.id, &overlap("1h")).await.expect("nothing in it is sensitive");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_nobody_has_approved_is_not_gone_on_with_once_that_is_needed() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let ada = fresh(&t, &w.ada, &w.acme).await;
        let gus = fresh(&t, &w.gus, &w.globex).await;
        let file = audit::begin_export(&ada, Format::Ndjson, &AuditQuery::default()).await.unwrap();
        let foreign = audit::begin_export(&gus, Format::Ndjson, &AuditQuery::default()).await.unwrap();
        assert!(!read(&ada, &file, None).await.is_empty());
        put_policy(&ada, &needing()).await.unwrap();
        let ada = fresh(&t, &w.ada, &w.acme).await;
        assert_eq!(refused(audit::export(ada, &file, Some(0)).await), Problem::ApprovalFirst);
        assert!(!read(&gus, &foreign, None).await.is_empty(), "another organization has its own policy");
    })
    .await;
}

#[tokio::test]
async fn a_file_under_way_ends_with_the_right_to_it() {
    TestPortal::run(async |t| {
        let w = t.world().await;
        let (ada, ben) = (fresh(&t, &w.ada, &w.acme).await, fresh(&t, &w.ben, &w.acme).await);
        let ticket = audit::begin_export(&ben, Format::Ndjson, &AuditQuery::default()).await.unwrap();
        let mut lines = audit::export(ben, &ticket, None).await.unwrap().lines;
        assert!(lines.try_next().await.unwrap().is_some(), "what stands before the first entry");
        members::suspend(&ada, w.ben.account).await.unwrap();
        assert_eq!(refused(lines.try_next().await), Problem::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_widened_when_another_owner_approves_as_long_as_it_is_what_it_was() {
    TestPortal::run(async |t| {
        let (w, others) = acme_with(&t, 1).await;
        let ada = async || fresh(&t, &w.ada, &w.acme).await;
        let key = api_keys::create(&ada().await, &form("90")).await.unwrap();
        let wider = form_for(Permission::ManageMembers);
        assert_eq!(refused(api_keys::change(&ada().await, key.id, &wider).await), Problem::ApprovalFirst);
        let ask = async |form: &KeyForm| approvals::ask_to_widen_key(&ada().await, key.id, form, "To sync").await;
        let first = ask(&wider).await.unwrap();
        let second = ask(&form_for(Permission::ManageRoles)).await.unwrap();
        assert_eq!(approve(&t, &w, &others[0], first).await.unwrap(), Decided::CarriedOut);
        let held = key_of(&t, &w, &key).await.scopes;
        assert_eq!(held, Permissions::of(&[Permission::ViewMembers, Permission::ManageMembers]));
        assert_eq!(approve(&t, &w, &others[0], second).await.unwrap(), Decided::Lapsed, "it is another key by now");
        assert_eq!(key_of(&t, &w, &key).await.scopes, held);

        // Fewer places and fewer scopes are nobody's approval; more of them are.
        let narrow = KeyForm { networks: "203.0.113.0/24".to_owned(), ..wider.clone() };
        api_keys::change(&ada().await, key.id, &narrow).await.unwrap();
        let elsewhere = KeyForm { networks: "198.51.100.0/24".to_owned(), ..wider.clone() };
        for form in [&wider, &elsewhere] {
            assert_eq!(refused(api_keys::change(&ada().await, key.id, form).await), Problem::ApprovalFirst);
        }
        let fewer = KeyForm { scopes: vec!["members.view".to_owned()], ..narrow };
        api_keys::change(&ada().await, key.id, &fewer).await.unwrap();

        let gus = fresh(&t, &w.gus, &w.globex).await;
        let foreign = approvals::ask_to_widen_key(&gus, key.id, &wider, "To sync").await;
        assert_eq!(refused(foreign), Problem::NotFound);
    })
    .await;
}
