//! An organization that is to be deleted: nobody uses it, its owners can keep it, and then nothing of it is left.

use domain::audit::Outcome;
use domain::fields::FieldProblem;
use domain::members::MemberQuery;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::roles::Role;
use futures::future::join_all;
use server::housekeeping::Housekeeping;
use server::invitations::{self, Joiner};
use server::organizations::{self, Start};
use server::testing::{Organization, PASSWORD, Person, TestPortal, World};
use server::{Error, accounts, members, organizations::TenantRow};
use sqlx::Row;
use time::Duration;

use crate::api_keys;
use crate::support::{DENIED, NEW, assert_sound, field, names, refused, sqlstate, substance};

/// Has an organization deleted, and lets housekeeping see that.
async fn delete(t: &TestPortal, owner: &Person, organization: &Organization) {
    let access = t.enter(owner, organization).await;
    organizations::schedule_deletion(&access, "Acme").await.expect("it is to be deleted");
    assert_eq!(sweep(t).await, 0);
}

/// As [`delete`], by the operator.
async fn delete_by_slug(t: &TestPortal, slug: &str) {
    organizations::schedule_deletion_by_slug(&t.request(), slug, None).await.expect("it is to be deleted");
    assert_eq!(sweep(t).await, 0);
}

async fn sweep(t: &TestPortal) -> u64 {
    Housekeeping::new(t.portal()).sweep().await.expect("the database answers").organizations
}

async fn listed(t: &TestPortal, slug: &str) -> Option<TenantRow> {
    organizations::list(&t.request()).await.unwrap().into_iter().find(|row| row.slug == slug)
}

/// Whatever the platform's tables hold of an organization, by every column that says whose a row is.
async fn traces(t: &TestPortal, of: &Organization) -> Vec<String> {
    let columns = t
        .sql(
            "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c
             JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = 'platform' AND c.data_type = 'uuid' AND t.table_type = 'BASE TABLE'",
        )
        .await;
    assert!(columns.iter().any(|row| row.get::<String, _>(1) == "tenant_id"));
    let mut found = Vec::new();
    for row in columns {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        if t.number(&format!("SELECT count(*) FROM platform.{table} WHERE {column} = '{}'", of.id)).await > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

/// Everything of an organization, and what of it is in the catalog.
async fn remains(t: &TestPortal, of: &Organization) -> (Vec<String>, i64) {
    let role = t.role(of.id).await;
    let catalog = format!(
        "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = '{}') + (SELECT count(*) FROM pg_roles WHERE rolname = '{role}')",
        of.schema()
    );
    (traces(t, of).await, t.number(&catalog).await)
}

#[tokio::test]
async fn nobody_comes_in_any_more_but_owners_who_may_keep_it() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, ben, mia, gus } = t.world().await;
        let (secret, key) = {
            let access = t.enter(&ada, &acme).await;
            t.invite(&access, NEW, Role::Member).await;
            (t.secret_for(NEW).await, api_keys::make(&access, "90").await)
        };
        let (journal, before) = (t.journal().await, substance(&t, &globex).await);
        delete(&t, &ada, &acme).await;
        assert_eq!(names(&t.journal().await.since(&journal)), [("organization.deletion_scheduled", Outcome::Done)]);

        for person in [&ada, &ben, &mia] {
            assert_eq!(refused(t.try_enter(person, "acme").await), Problem::OrganizationDeleting);
        }
        for person in [&ben, &mia] {
            assert_eq!(refused(t.enter_doomed(person, "acme").await), Problem::OrganizationDeleting);
        }
        assert_eq!(refused(t.enter_doomed(&gus, "acme").await), Problem::NotFound);
        assert_eq!(api_keys::calls(&t, &key).await, Err(Problem::KeyRefused));
        let visitor = t.returning(&mia).await;
        assert_eq!(organizations::start_of(&t.request(), &visitor).await.unwrap(), Start::Outside);
        let joiner = || Joiner::New { name: "New", password: PASSWORD };
        assert_eq!(refused(invitations::lookup(&t.request(), &secret).await), Problem::OrganizationDeleting);
        assert_eq!(refused(invitations::accept(&t.request(), &secret, joiner()).await), Problem::OrganizationDeleting);
        assert_eq!(refused(invitations::decline(&t.request(), &secret).await), Problem::OrganizationDeleting);

        let doomed = t.enter_doomed(&ada, "acme").await.unwrap();
        let at = organizations::deleted_at(&doomed).await.unwrap();
        assert!((at - t.request().now - Duration::days(30)).abs() < Duration::minutes(1));
        organizations::keep(&doomed).await.unwrap();
        assert_eq!(refused(organizations::keep(&doomed).await), Problem::Changed);
        for person in [&ada, &ben, &mia] {
            t.enter(person, &acme).await;
        }
        assert_eq!(api_keys::calls(&t, &key).await, Ok(()));
        invitations::accept(&t.request(), &secret, joiner()).await.expect("the invitation is as it was");
        assert_sound(&t, &acme).await;
        assert_eq!(substance(&t, &globex).await, before);
    })
    .await;
}

#[tokio::test]
async fn only_owners_delete_and_only_with_a_fresh_proof_and_the_name() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, mia, .. } = t.world().await;
        let before = substance(&t, &acme).await;
        for person in [&ben, &mia] {
            let access = t.enter(person, &acme).await;
            let journal = t.journal().await;
            assert_eq!(refused(organizations::schedule_deletion(&access, "Acme").await), Problem::Forbidden);
            let denied = [("organization.deletion_scheduled", Outcome::Denied)];
            assert_eq!(names(&t.journal().await.since(&journal)), denied);
        }
        let access = t.enter(&ada, &acme).await;
        for typed in ["", "acme", "Globex", "Acme!"] {
            let answer = organizations::schedule_deletion(&access, typed).await;
            assert_eq!(field(answer, "confirmation"), FieldProblem::DoesNotMatch);
        }
        t.pass(Duration::minutes(11));
        let access = t.enter(&ada, &acme).await;
        assert_eq!(refused(organizations::schedule_deletion(&access, "Acme").await), Problem::StepUpFirst);
        assert_eq!(substance(&t, &acme).await, before);
    })
    .await;
}

#[tokio::test]
async fn who_is_no_owner_any_more_neither_deletes_nor_keeps() {
    TestPortal::run(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let zoe = t.join(&t.enter(&ada, &acme).await, "Zoe Zenith", "zoe@acme.example", Role::Owner).await;
        let (early, owner) = (t.enter(&zoe, &acme).await, t.enter(&ada, &acme).await);
        members::change_role(&owner, zoe.account, Role::Admin).await.unwrap();
        assert_eq!(refused(organizations::schedule_deletion(&early, "Acme").await), Problem::Forbidden);
        members::change_role(&owner, zoe.account, Role::Owner).await.unwrap();
        delete(&t, &ada, &acme).await;
        let early = t.enter_doomed(&zoe, "acme").await.unwrap();
        t.sql(&format!("UPDATE {}.members SET role = 'admin' WHERE account_id = '{}'", acme.schema(), zoe.account))
            .await;
        assert_eq!(refused(organizations::keep(&early).await), Problem::Forbidden);
        assert_eq!(refused(t.enter_doomed(&zoe, "acme").await), Problem::OrganizationDeleting);
    })
    .await;
}

#[tokio::test]
async fn every_owner_is_told_by_mail() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, ada, ben, .. } = t.world().await;
        let zoe = t.join(&t.enter(&ada, &acme).await, "Zoe Zenith", "zoe@acme.example", Role::Owner).await;
        t.sql("DELETE FROM platform.outbox").await;
        delete(&t, &ada, &acme).await;
        for owner in [&ada, &zoe] {
            let mail = t.mail_to(&owner.email).await.expect("a mail");
            assert_eq!(mail.subject, "Acme is being deleted");
            assert!(mail.text.contains("Ada Lovelace is having Acme deleted"), "{}", mail.text);
            assert!(mail.text.contains("/o/acme/delete/cancel"), "{}", mail.text);
        }
        let other = t.mail_to(&ben.email).await.expect("members have one of another kind");
        assert_eq!((other.kind.as_str(), other.subject.as_str()), ("news", "Ada Lovelace is having Acme deleted"));
        organizations::keep(&t.enter_doomed(&zoe, "acme").await.unwrap()).await.unwrap();
        for owner in [&ada, &zoe] {
            let mail = t.mail_to(&owner.email).await.expect("a mail");
            assert_eq!(mail.subject, "Acme is kept");
            assert!(mail.text.contains("Zoe Zenith keeps Acme"), "{}", mail.text);
        }
    })
    .await;
}

#[tokio::test]
async fn it_can_be_kept_for_thirty_days_and_then_nothing_is_left_but_the_accounts() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, globex, ada, mia, gus, .. } = t.world().await;
        let owner = t.enter(&ada, &acme).await;
        t.invite(&owner, NEW, Role::Member).await;
        let secret = t.secret_for(NEW).await;
        let key = api_keys::make(&owner, "365").await;
        organizations::move_to(&owner, "acme-corp").await.unwrap();
        organizations::add_domain(&t.request(), "acme-corp", "acme.example").await.unwrap();
        t.invite(&t.enter(&gus, &globex).await, NEW, Role::Member).await;
        let acme = Organization { slug: "acme-corp".to_owned(), ..acme };
        let before = substance(&t, &globex).await;

        delete(&t, &ada, &acme).await;
        t.pass(Duration::days(29));
        assert_eq!(sweep(&t).await, 0);
        organizations::keep(&t.enter_doomed(&ada, "acme-corp").await.unwrap()).await.unwrap();
        t.pass(Duration::days(2));
        assert_eq!(sweep(&t).await, 0, "it is kept");
        let ada = t.sign_in(&ada.email).await;
        t.enter(&mia, &acme).await;

        delete(&t, &ada, &acme).await;
        // A mail that the worker has just minted a link for, and somebody who was there last.
        t.sql(&format!("UPDATE platform.accounts SET last_tenant_id = '{}'", acme.id)).await;
        t.pass(Duration::days(30) - Duration::minutes(1));
        assert_eq!(sweep(&t).await, 0);
        assert_ne!(remains(&t, &acme).await, (vec![], 0));
        t.pass(Duration::minutes(2));
        let journal = t.journal().await;
        assert_eq!(sweep(&t).await, 1);
        assert_eq!(sweep(&t).await, 0);
        assert_eq!(remains(&t, &acme).await, (vec![], 0));
        assert_eq!(names(&t.journal().await.since(&journal)), [("organization.deleted", Outcome::Done)]);

        assert_eq!(api_keys::calls(&t, &key).await, Err(Problem::KeyRefused));
        assert_eq!(refused(t.try_enter(&ada, "acme-corp").await), Problem::NotFound);
        assert_eq!(refused(t.try_enter(&ada, "acme").await), Problem::NotFound);
        assert_eq!(refused(invitations::lookup(&t.request(), &secret).await), Problem::NotFound);
        let visitor = t.sign_in(&mia.email).await.visitor;
        assert_eq!(organizations::start_of(&t.request(), &visitor).await.unwrap(), Start::Nowhere);
        let gus = t.sign_in(&gus.email).await;
        t.enter(&gus, &globex).await;
        let spared = |dump: &str| dump.lines().filter(|line| !line.contains(NEW)).collect::<Vec<_>>().join("\n");
        assert_eq!(spared(&substance(&t, &globex).await), spared(&before), "but for mail that is over");
        // Name and address are free again.
        let (_, again) = t.sign_up("Ada Again", "again@acme.example", "Acme").await;
        assert_eq!(again.slug, "acme");
    })
    .await;
}

#[tokio::test]
async fn the_operator_deletes_and_keeps_also_what_is_suspended() {
    TestPortal::run(async |t| {
        let World { acme, ada, ben, .. } = t.world().await;
        let status = async || listed(&t, "acme").await.map(|row| (row.status, row.delete_at.is_some()));
        let state = |status: &str, doomed| Some((status.to_owned(), doomed));
        let (request, set_status) =
            (t.request(), async |status| organizations::set_status(&t.request(), "acme", status, None).await);
        organizations::schedule_deletion_by_slug(&request, "acme", Some("As agreed")).await.unwrap();
        assert_eq!(status().await, state("deleting", true));
        let again = organizations::schedule_deletion_by_slug(&request, "acme", None).await;
        assert_eq!(refused(again), Problem::Changed);
        t.enter_doomed(&ada, "acme").await.unwrap();

        set_status(TenantStatus::Suspended).await.unwrap();
        assert_eq!(status().await, state("suspended", true));
        for person in [&ada, &ben] {
            assert_eq!(refused(t.enter_doomed(person, "acme").await), Problem::OrganizationSuspended);
        }
        set_status(TenantStatus::Active).await.unwrap();
        assert_eq!(status().await, state("deleting", true));
        assert_eq!(refused(set_status(TenantStatus::Active).await), Problem::Changed);
        set_status(TenantStatus::Suspended).await.unwrap();
        organizations::keep_by_slug(&request, "acme", None).await.unwrap();
        assert_eq!(status().await, state("suspended", false));
        assert_eq!(refused(organizations::keep_by_slug(&request, "acme", None).await), Problem::Changed);
        assert_eq!(refused(organizations::keep_by_slug(&request, "nowhere", None).await), Problem::NotFound);

        delete_by_slug(&t, "acme").await;
        assert_eq!(status().await, state("suspended", true));
        t.pass(Duration::days(31));
        assert_eq!(sweep(&t).await, 1);
        assert_eq!(remains(&t, &acme).await, (vec![], 0));
        assert_eq!(status().await, None);
    })
    .await;
}

#[tokio::test]
async fn one_that_cannot_go_keeps_no_other_and_goes_later() {
    TestPortal::run(async |t| {
        let World { acme, globex, .. } = t.world().await;
        for slug in ["acme", "globex"] {
            delete_by_slug(&t, slug).await;
        }
        t.pass(Duration::days(31));
        t.sql(&format!(
            "CREATE TABLE platform.in_the_way (tenant_id uuid REFERENCES platform.tenants); INSERT INTO platform.in_the_way VALUES ('{}')",
            acme.id
        ))
        .await;
        assert_eq!(sweep(&t).await, 1);
        assert_eq!(remains(&t, &globex).await, (vec![], 0));
        assert_eq!(remains(&t, &acme).await.1, 2, "nothing of it is gone");
        t.sql("DROP TABLE platform.in_the_way").await;
        assert_eq!(sweep(&t).await, 1);
        assert_eq!(remains(&t, &acme).await, (vec![], 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_delete_at_once_do_it_once() {
    TestPortal::run(async |t| {
        let World { acme, .. } = t.world().await;
        delete_by_slug(&t, "acme").await;
        t.pass(Duration::days(31));
        let journal = t.journal().await;
        let sweeps = (0..4).map(|_| {
            let portal = t.portal().clone();
            tokio::spawn(async move { Housekeeping::new(&portal).sweep().await.unwrap().organizations })
        });
        let done: u64 = join_all(sweeps).await.into_iter().map(|done| done.unwrap()).sum();
        assert_eq!(done, 1);
        assert_eq!(names(&t.journal().await.since(&journal)), [("organization.deleted", Outcome::Done)]);
        assert_eq!(remains(&t, &acme).await, (vec![], 0));
    })
    .await;
}

/// Whether an answer is one that people can be given while an organization goes.
fn is_civil<T>(answer: Result<T, Error>) -> bool {
    matches!(answer, Ok(_) | Err(Error::Refused(_) | Error::Unavailable(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_meets_the_deletion_is_refused_and_no_error() {
    TestPortal::run(async |t| {
        for round in 0..6 {
            let email = format!("owner{round}@acme.example");
            let (owner, acme) = t.sign_up("Ada Lovelace", &email, "Acme").await;
            // Both have come in before it was to be deleted.
            let access = t.enter(&owner, &acme).await;
            delete(&t, &owner, &acme).await;
            let doomed = t.enter_doomed(&owner, &acme.slug).await.unwrap();
            let visitor = t.returning(&owner).await;
            t.pass(Duration::days(31));
            let portal = t.portal().clone();
            let sweeping = tokio::spawn(async move { Housekeeping::new(&portal).sweep().await });
            let (request, query) = (t.request(), MemberQuery::default());
            let (list, kept, entered, obstacles) = tokio::join!(
                members::list(&access, &query),
                organizations::keep(&doomed),
                t.enter_doomed(&owner, &acme.slug),
                accounts::obstacles(&request, &visitor),
            );
            let was_kept = kept.is_ok();
            let civil = [is_civil(list), is_civil(kept), is_civil(entered), is_civil(obstacles)];
            assert_eq!(civil, [true; 4], "round {round}");
            sweeping.await.unwrap().unwrap();
            for answer in [is_civil(organizations::keep(&doomed).await), is_civil(members::leave(&access).await)] {
                assert!(answer, "round {round}");
            }
            assert_eq!(remains(&t, &acme).await.1, if was_kept { 2 } else { 0 });
        }
    })
    .await;
}

#[tokio::test]
async fn an_organizations_transaction_deletes_no_organization() {
    TestPortal::run(async |t| {
        let World { acme, globex, .. } = t.world().await;
        let forged = "UPDATE platform.tenants SET status = 'deleting', delete_at = '2020-01-01'";
        t.as_act(acme.id, forged).await.expect("that is what it may write");
        assert_eq!([sweep(&t).await, sweep(&t).await], [0, 0]);
        t.pass(Duration::days(28));
        assert_eq!(sweep(&t).await, 0, "there is time to see it");
        t.sql("UPDATE platform.tenants SET status = 'active', delete_at = NULL").await;
        for statement in [
            format!("DROP SCHEMA {} CASCADE", globex.schema()),
            format!("DROP SCHEMA {} CASCADE", acme.schema()),
            format!("DELETE FROM platform.tenants WHERE id = '{}'", acme.id),
            "DELETE FROM platform.slugs".to_owned(),
            "UPDATE platform.tenants SET deletion_seen_at = '2020-01-01'".to_owned(),
        ] {
            assert_eq!(sqlstate(t.as_act(acme.id, &statement).await), DENIED, "{statement}");
        }
    })
    .await;
}
