//! Bringing organizations up to date: many at a time, whatever happens meanwhile.

use std::process::Stdio;

use domain::organizations::TenantStatus;
use domain::problem::Problem;
use server::access::{self, Purpose};
use server::jobs;
use server::organizations::{self, NotUpgraded};
use server::store::TenantHistory;
use server::testing::{Organization, Person, TestPortal, migrate_elsewhere};
use server::{Error, Portal, RequestContext, sign_up};
use tokio::process::{Child, Command};

use crate::support::refused;

/// A migration as there are many.
const TYPICAL: &str = "ALTER TABLE groups ADD COLUMN motto text; CREATE INDEX groups_motto ON groups (motto)";
/// Where the process that is killed finds its database.
const WHEREABOUTS: &str = "PORTCULLIS_TEST_WHEREABOUTS";

/// Two migrations of small organizations. The second one leaves a mark each time that it is applied.
fn small() -> TenantHistory {
    TenantHistory::of(&[
        "CREATE TABLE notes (id uuid PRIMARY KEY); CREATE TABLE marks (version bigint NOT NULL)",
        "ALTER TABLE notes ADD COLUMN motto text; CREATE INDEX notes_motto ON notes (motto);
         INSERT INTO marks VALUES (2)",
    ])
}

/// Makes so many organizations as they are after the first of these.
async fn make_small(t: &TestPortal, count: u32) {
    t.sql(&format!(
        "DO $$ DECLARE id uuid; BEGIN
             FOR number IN 1..{count} LOOP
                 id := gen_random_uuid();
                 INSERT INTO platform.tenants (id, name, slug, status, lane, schema_version, created_at)
                 VALUES (id, 'Small ' || number, 'small-' || number, 'active', 0, 1, now());
                 EXECUTE format('CREATE SCHEMA t_%1$s; CREATE TABLE t_%1$s.notes (id uuid PRIMARY KEY);
                                 CREATE TABLE t_%1$s.marks (version bigint NOT NULL)', replace(id::text, '-', ''));
             END LOOP;
         END $$"
    ))
    .await;
}

/// How many of them say that they are up to date, and how many have what that comes to.
async fn migrated(t: &TestPortal) -> (i64, i64) {
    let both = t
        .text(
            "SELECT (SELECT count(*) FROM platform.tenants WHERE slug LIKE 'small-%' AND schema_version = 2) || ' ' ||
                    (SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                     WHERE c.relname = 'notes' AND c.relkind = 'r' AND a.attname = 'motto')",
        )
        .await;
    let (said, are) = both.split_once(' ').expect("two numbers");
    (said.parse().expect("a number"), are.parse().expect("a number"))
}

/// How often the second migration was applied in each of them, at least and at most.
async fn marks(t: &TestPortal) -> (i64, i64) {
    let schemas = t.schemas().await;
    let small = schemas.iter().filter(|schema| *schema != "platform");
    let counts = small.map(|schema| format!("SELECT count(*) AS times FROM {schema}.marks")).collect::<Vec<_>>();
    let counts = counts.join(" UNION ALL ");
    let least = t.number(&format!("SELECT min(times) FROM ({counts}) AS all_of_them")).await;
    (least, t.number(&format!("SELECT max(times) FROM ({counts}) AS all_of_them")).await)
}

/// A process of its own that migrates the database.
fn somebody_else(t: &TestPortal) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "migrations::somebody_who_may_be_killed", "--ignored"])
        .env(WHEREABOUTS, t.whereabouts())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("a process")
}

#[tokio::test]
#[ignore = "a process of other tests"]
async fn somebody_who_may_be_killed() {
    let Ok(whereabouts) = std::env::var(WHEREABOUTS) else { return };
    let failed = migrate_elsewhere(&whereabouts, small()).await.expect("it is migrated");
    assert!(failed.is_empty());
}

#[tokio::test]
async fn whoever_is_killed_leaves_nothing_half_done_and_the_next_one_goes_on() {
    TestPortal::run(async |t| {
        make_small(&t, 300).await;
        for round in 0..10 {
            let (before, _) = migrated(&t).await;
            let [some] = t.random();
            let until = before + i64::from(some % 8);
            let mut migrator = somebody_else(&t);
            while migrated(&t).await.0 <= until {
                assert!(migrator.try_wait().expect("a process").is_none(), "round {round}: it has ended by itself");
                tokio::task::yield_now().await;
            }
            // SIGKILL.
            migrator.kill().await.expect("it is killed");
            let (said, are) = migrated(&t).await;
            assert_eq!(said, are, "round {round}");
            assert!(said < 300, "round {round}: there is nothing left");
        }
        let failed = t.migrate_knowing(small()).await.expect("it is migrated");
        assert_eq!((failed.len(), migrated(&t).await), (0, (300, 300)));
        assert_eq!(marks(&t).await, (1, 1), "each of them once");
        assert_eq!(t.number("SELECT count(*) FROM platform.migration_failures").await, 0);
    })
    .await;
}

#[tokio::test]
async fn two_who_migrate_share_the_work() {
    TestPortal::run(async |t| {
        make_small(&t, 60).await;
        let mut other = somebody_else(&t);
        let (mine, theirs) = tokio::join!(t.migrate_knowing(small()), other.wait());
        assert!(mine.expect("it is migrated").is_empty());
        assert!(theirs.expect("a process").success());
        assert_eq!((migrated(&t).await, marks(&t).await), ((60, 60), (1, 1)));
    })
    .await;
}

async fn enter(portal: &Portal, t: &TestPortal, person: &Person, slug: &str) -> Result<(), Error> {
    let request = RequestContext::internal(portal);
    access::enter(&request, &t.returning(person).await, slug, Purpose::Change).await.map(|_| ())
}

async fn newest(t: &TestPortal) -> i64 {
    t.number("SELECT max(schema_version) FROM platform.tenants").await
}

async fn not_upgraded(t: &TestPortal, organization: &Organization) -> Option<NotUpgraded> {
    let listed = organizations::list(&t.request()).await.unwrap();
    listed.into_iter().find(|row| row.id == organization.id).and_then(|row| row.not_upgraded)
}

#[tokio::test]
async fn an_organization_that_cannot_be_upgraded_is_kept_out_of_use_alone() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let version = newest(&t).await + 1;
        // Somebody has been at it by hand.
        t.sql(&format!("ALTER TABLE {}.groups ADD COLUMN motto text", world.acme.schema())).await;
        let history = TenantHistory::known().followed_by(TYPICAL);
        let failed = t.migrate_knowing(history.clone()).await.expect("the others are migrated");
        let [failure] = failed.as_slice() else { panic!("one of them: {failed:?}") };
        assert_eq!(
            (failure.slug.as_str(), failure.version, failure.code.as_str(), failure.attempts),
            ("acme", version, "42701", 1)
        );

        let program = t.another_knowing(history.clone()).await;
        assert_eq!(refused(enter(&program, &t, &world.ada, "acme").await), Problem::OrganizationNotUpgraded);
        enter(&program, &t, &world.gus, "globex").await.expect("the other one is in use");
        assert!(program.is_ready().await);
        assert_eq!(program.count_not_upgraded().await.unwrap(), 1);
        let told = not_upgraded(&t, &world.acme).await.expect("the operator is told");
        assert!(told.version == version && told.why.starts_with("42701 column \"motto\""), "{told:?}");
        assert!(not_upgraded(&t, &world.globex).await.is_none());
        let indexes = format!("schemaname = '{}' AND indexname = 'groups_motto'", world.acme.schema());
        let indexes = t.number(&format!("SELECT count(*) FROM pg_indexes WHERE {indexes}")).await;
        assert_eq!(indexes, 0, "nothing of the migration is there");

        assert_eq!(t.migrate_knowing(history.clone()).await.unwrap()[0].attempts, 2);
        t.sql(&format!("ALTER TABLE {}.groups DROP COLUMN motto", world.acme.schema())).await;
        assert!(t.migrate_knowing(history).await.unwrap().is_empty());
        enter(&program, &t, &world.ada, "acme").await.expect("it is in use again");
        assert!(not_upgraded(&t, &world.acme).await.is_none());
        assert_eq!(program.count_not_upgraded().await.unwrap(), 0);
        program.close().await;
    })
    .await;
}

#[tokio::test]
async fn somebody_who_reads_for_a_long_time_keeps_one_organization_for_a_while_and_no_other() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mut reader = t.database().connect().await;
        let read = format!("BEGIN; SELECT count(*) FROM {}.groups", world.acme.schema());
        sqlx::raw_sql(sqlx::AssertSqlSafe(read)).execute(&mut reader).await.expect("somebody reads");
        let history = TenantHistory::known().followed_by(TYPICAL);
        let version = newest(&t).await + 1;
        let at = |organization: &Organization| {
            format!("SELECT schema_version FROM platform.tenants WHERE id = '{}'", organization.id)
        };
        let finish = async {
            while t.number(&at(&world.globex)).await < version {
                tokio::task::yield_now().await;
            }
            assert_eq!(t.number(&at(&world.acme)).await, version - 1, "it waits for who reads");
            sqlx::raw_sql("COMMIT").execute(&mut reader).await.expect("they have read");
        };
        let (failed, ()) = tokio::join!(t.migrate_knowing(history), finish);
        assert!(failed.expect("it is migrated").is_empty());
        assert_eq!(t.number(&at(&world.acme)).await, version);
    })
    .await;
}

#[tokio::test]
async fn an_organization_that_is_made_meanwhile_is_current() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let before = newest(&t).await;
        let history = TenantHistory::known().followed_by(TYPICAL);
        // The program of before makes one, and is at it still when somebody begins to migrate.
        let making = async {
            loop {
                let request = RequestContext::internal(t.portal());
                let made = sign_up::create_organization(&request, &world.gus.visitor, "Late").await;
                if let Err(error) = made {
                    return error.problem();
                }
            }
        };
        let (ended, failed) = tokio::join!(making, t.migrate_knowing(history.clone()));
        assert!(failed.expect("it is migrated").is_empty());
        assert_eq!(ended, Problem::OrganizationBehind, "the newer program makes them now");
        assert_eq!(t.number("SELECT min(schema_version) FROM platform.tenants").await, before + 1);

        let program = t.another_knowing(history).await;
        let request = RequestContext::internal(&program);
        let slug = sign_up::create_organization(&request, &world.gus.visitor, "Later still").await.unwrap();
        enter(&program, &t, &world.gus, slug.as_str()).await.expect("it is in use");
        assert_eq!(t.number("SELECT min(schema_version) FROM platform.tenants").await, before + 1);
        program.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_failure_that_somebody_has_mended_since_is_told_of_no_more() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.sql(
            "INSERT INTO platform.migration_failures (tenant_id, version, code, message, first_failed_at, failed_at)
             SELECT id, schema_version, '42701', 'no', now(), now() FROM platform.tenants WHERE slug = 'acme'",
        )
        .await;
        assert!(not_upgraded(&t, &world.acme).await.is_none());
        assert_eq!(t.portal().count_not_upgraded().await.unwrap(), 0);
        t.sql("UPDATE platform.migration_failures SET version = version + 1").await;
        assert!(not_upgraded(&t, &world.acme).await.is_some());
        assert!(not_upgraded(&t, &world.globex).await.is_none());
        assert_eq!(t.portal().count_not_upgraded().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_goes_on_by_itself_leaves_alone_who_is_not_upgraded() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        t.sql(&format!(
            "UPDATE platform.tenants SET schema_version = schema_version - 1 WHERE id = '{acme}';
             INSERT INTO platform.migration_failures (tenant_id, version, code, message, first_failed_at, failed_at)
             VALUES ('{acme}', 1, '42701', 'no', now(), now());
             INSERT INTO platform.job_queue (id, tenant_id, job_id, due_at)
             VALUES (gen_random_uuid(), '{acme}', gen_random_uuid(), '2020-01-01')",
            acme = world.acme.id
        ))
        .await;
        let worker = jobs::Worker::new(t.portal());
        assert!(worker.work_next().await.expect("nothing goes wrong"));
        assert!(!worker.work_next().await.expect("it waits"));
        assert_eq!(t.number("SELECT count(*) FROM platform.job_queue WHERE attempts = 0").await, 1);
        let behind = organizations::set_status(&t.request(), "acme", TenantStatus::Suspended, None).await;
        assert_eq!(refused(behind), Problem::OrganizationNotUpgraded);
    })
    .await;
}
