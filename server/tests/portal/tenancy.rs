//! The lock between organizations is Postgres': what a statement could do that got into a request,
//! and what a stolen connection is good for.

use domain::audit::AuditQuery;
use domain::ids::TenantId;
use domain::members::MemberQuery;
use server::testing::{Organization, TestPortal};
use server::{members, sign_in};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::support::{DENIED, FOREIGN_KEY, sqlstate};

async fn run(conn: &mut PgConnection, statements: &str) -> Result<u64, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(conn).await.map(|done| done.rows_affected())
}

/// Statements on every table of an organization, with its schema in front.
fn touches(organization: &Organization) -> Vec<String> {
    let schema = organization.schema();
    let tables = ["members", "invitations", "jobs", "job_rows", "keys", "audit_head", "audit_entries"];
    let security =
        ["api_keys", "service_accounts", "security_events", "security_hours", "alerts", "detection_settings"];
    tables
        .iter()
        .chain(&security)
        .flat_map(|table| {
            [
                format!("SELECT * FROM {schema}.{table}"),
                format!("DELETE FROM {schema}.{table}"),
                format!("INSERT INTO {schema}.{table} DEFAULT VALUES"),
                format!("TRUNCATE {schema}.{table}"),
            ]
        })
        .collect()
}

const PLATFORM: &[&str] = &[
    "SELECT * FROM platform.accounts",
    "SELECT * FROM platform.passwords",
    "SELECT * FROM platform.sessions",
    "SELECT * FROM platform.tokens",
    "SELECT * FROM platform.memberships",
    "SELECT * FROM platform.tenants",
    "SELECT * FROM platform.registrations",
    "SELECT * FROM platform.outbox",
    "SELECT * FROM platform.job_queue",
    "SELECT * FROM platform.api_keys",
    "SELECT * FROM platform.key_epochs",
    "SELECT * FROM platform.sign_in_failures",
    "SELECT * FROM platform.detection_queue",
    "SELECT * FROM platform.quota_queue",
    "SELECT * FROM platform.audit_entries",
    "SELECT * FROM platform.keys",
    "SELECT * FROM platform.installation",
    "SELECT * FROM platform.operators",
    "SELECT * FROM platform.tenant_activity",
    "SELECT * FROM platform.capacity_readings",
];

#[tokio::test]
async fn a_tenants_transaction_that_names_another_schema_is_denied() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let foreign = touches(&world.globex);
        for statement in foreign.iter().map(String::as_str).chain(PLATFORM.iter().copied()) {
            assert_eq!(sqlstate(t.as_tenant(world.acme.id, statement).await), DENIED, "{statement}");
        }
        let own = t.as_tenant(world.acme.id, "SELECT name FROM members ORDER BY name").await.unwrap();
        assert_eq!(
            own.iter().map(|row| row.get(0)).collect::<Vec<String>>(),
            ["Ada Lovelace", "Ben Bitdiddle", "Mia Member"]
        );
    })
    .await;
}

#[tokio::test]
async fn after_reset_role_nothing_is_readable() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for escape in [
            "RESET ROLE",
            "SET ROLE NONE",
            "SET SESSION AUTHORIZATION DEFAULT",
            "RESET ALL",
            "COMMIT; BEGIN",
            "ROLLBACK; BEGIN",
        ] {
            let tables = [&world.acme, &world.globex].map(touches).concat();
            let reset_all_keeps_role = escape == "RESET ALL";
            for statement in tables.iter().map(String::as_str).chain(PLATFORM.iter().copied()) {
                if reset_all_keeps_role && statement.contains(&world.acme.schema()) {
                    continue;
                }
                let refused = sqlstate(t.as_tenant(world.acme.id, &format!("{escape}; {statement}")).await);
                assert_eq!(refused, DENIED, "{escape}; {statement}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_lanes_login_by_itself_reads_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mut lane = t.lane(world.acme.id).await;
        for statement in touches(&world.acme).iter().map(String::as_str).chain(PLATFORM.iter().copied()) {
            assert_eq!(sqlstate(run(&mut lane, statement).await), DENIED, "{statement}");
        }
        for statement in [
            "CREATE SCHEMA mine",
            "CREATE TABLE public.mine ()",
            "CREATE ROLE mine",
            "ALTER ROLE current_user CREATEROLE",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT pg_read_file('/etc/passwd')",
        ] {
            assert_eq!(sqlstate(run(&mut lane, statement).await), DENIED, "{statement}");
        }
    })
    .await;
}

/// An organization of another lane than this one.
async fn in_another_lane(t: &TestPortal, than: TenantId) -> Organization {
    for number in 0.. {
        let (_, organization) = t.sign_up("Lane Walker", &format!("lane{number}@walker.example"), "Walkers").await;
        let same =
            format!("SELECT count(DISTINCT lane) FROM platform.tenants WHERE id IN ('{than}', '{}')", organization.id);
        if t.number(&same).await == 2 {
            return organization;
        }
    }
    unreachable!("there are eight lanes")
}

#[tokio::test]
async fn a_lanes_login_cannot_enter_another_lanes_tenant() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let other = in_another_lane(&t, world.acme.id).await;
        let mut lane = t.lane(world.acme.id).await;
        let role = t.role(other.id).await;
        assert_eq!(sqlstate(run(&mut lane, &format!("SET ROLE {role}")).await), DENIED);
        assert_eq!(sqlstate(run(&mut lane, &format!("SET SESSION AUTHORIZATION {role}")).await), DENIED);
        let own = t.role(world.acme.id).await;
        run(&mut lane, &format!("SET ROLE {own}")).await.expect("its own tenant's role");
        assert_eq!(sqlstate(run(&mut lane, &format!("SET ROLE {role}")).await), DENIED);
    })
    .await;
}

#[tokio::test]
async fn the_identity_login_reads_no_organization() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let mut identity = t.identity().await;
        for statement in touches(&world.acme) {
            assert_eq!(sqlstate(run(&mut identity, &statement).await), DENIED, "{statement}");
        }
        let act = t.text("SELECT 'pc_' || id || '_act' FROM platform.installation").await;
        let administrator = t.text("SELECT current_user::text").await;
        for role in [t.role(world.acme.id).await, act, administrator] {
            assert_eq!(sqlstate(run(&mut identity, &format!("SET ROLE {role}")).await), DENIED, "{role}");
        }
        for statement in [
            "UPDATE platform.audit_entries SET action = ''",
            "DELETE FROM platform.audit_entries",
            "TRUNCATE platform.audit_entries",
            "UPDATE platform.tenants SET status = 'active'",
            "INSERT INTO platform.operators SELECT id, now() FROM platform.accounts",
            "DELETE FROM platform.memberships",
            "INSERT INTO platform.memberships DEFAULT VALUES",
        ] {
            assert_eq!(sqlstate(run(&mut identity, statement).await), DENIED, "{statement}");
        }
        // Accounts can be deleted, and none that is in an organization, which it cannot end.
        let statement = "DELETE FROM platform.passwords; DELETE FROM platform.sessions; DELETE FROM platform.accounts";
        assert_eq!(sqlstate(run(&mut identity, statement).await), FOREIGN_KEY, "{statement}");
    })
    .await;
}

#[tokio::test]
async fn the_platforms_part_of_a_tenants_request_reads_no_credentials() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for statement in [
            "SELECT hash FROM platform.passwords",
            "SELECT account_id FROM platform.passwords",
            "UPDATE platform.passwords SET hash = ''",
            "DELETE FROM platform.passwords",
            "SELECT * FROM platform.sessions",
            "INSERT INTO platform.sessions DEFAULT VALUES",
            "SELECT * FROM platform.registrations",
            "SELECT * FROM platform.keys",
            "SELECT * FROM platform.audit_entries",
            "INSERT INTO platform.audit_entries DEFAULT VALUES",
            "UPDATE platform.audit_head SET size = 0",
            "UPDATE platform.accounts SET email = 'evil@example.com'",
            "DELETE FROM platform.accounts",
            "DELETE FROM platform.tenants",
            "UPDATE platform.tokens SET subject = gen_random_uuid()",
            "UPDATE platform.api_keys SET key_id = gen_random_uuid()",
            "UPDATE platform.api_keys SET hash = ''",
            "DELETE FROM platform.key_epochs",
            "SELECT details FROM platform.outbox",
            "SELECT recipient FROM platform.outbox",
            "UPDATE platform.outbox SET recipient = 'evil@example.com'",
        ] {
            assert_eq!(sqlstate(t.as_act(world.acme.id, statement).await), DENIED, "{statement}");
        }
        for statement in touches(&world.acme).iter().chain(&touches(&world.globex)) {
            assert_eq!(sqlstate(t.as_act(world.acme.id, statement).await), DENIED, "{statement}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_platforms_part_of_a_tenants_request_makes_no_way_into_an_account() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        sign_in::request_reset(&t.request(), &world.gus.email).await.unwrap();
        let secret = t.secret_for(&world.gus.email).await;
        let insert = |purpose: &str| {
            let gus = world.gus.account;
            format!("INSERT INTO platform.tokens VALUES (sha256('mine'), '{purpose}', '{gus}', NULL, 'mail', now(), 'infinity', NULL)")
        };
        for purpose in ["reset", "registration"] {
            assert_eq!(sqlstate(t.as_act(world.acme.id, &insert(purpose)).await), DENIED, "{purpose}");
        }
        t.as_act(world.acme.id, &insert("invitation")).await.expect("invitations are what it is for");
        let seen = t.as_act(world.acme.id, "SELECT * FROM platform.tokens WHERE purpose <> 'invitation'").await.unwrap();
        assert!(seen.is_empty());
        t.as_act(world.acme.id, "UPDATE platform.tokens SET used_at = now()").await.unwrap();
        sign_in::reset(&t.request(), &secret, "a password of Gus' own").await.expect("nobody has ended it");
    })
    .await;
}

#[tokio::test]
async fn migrating_again_and_at_the_same_time_changes_nothing() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let before = t.dump("platform", "").await;
        for answer in futures::future::join_all((0..4).map(|_| t.migrate())).await {
            answer.unwrap();
        }
        assert_eq!(t.dump("platform", "").await, before);
        t.enter(&world.ada, &world.acme).await;
    })
    .await;
}

#[tokio::test]
async fn a_program_that_starts_waits_for_nobody_who_serves() {
    TestPortal::run(async |t| {
        let mut serving = t.database().connect().await;
        run(
            &mut serving,
            "BEGIN; LOCK TABLE platform.tokens, platform.outbox, platform.accounts IN ROW EXCLUSIVE MODE",
        )
        .await
        .unwrap();
        let started = tokio::time::timeout(std::time::Duration::from_secs(20), t.migrate()).await;
        started.expect("it has not waited").expect("nothing to do");
        run(&mut serving, "ROLLBACK").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_organization_cannot_rewrite_its_own_audit_trail() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        for statement in [
            "UPDATE audit_entries SET canonical = '{}'",
            "UPDATE audit_entries SET openings = ''",
            // What searches and proofs go by hides nothing either.
            "UPDATE audit_entries SET terms = '{}'",
            "UPDATE audit_progress SET counted = 1000000",
            "INSERT INTO audit_progress SELECT 2, 0, 0, 0, 0",
            "UPDATE audit_hours SET times = 0",
            "INSERT INTO audit_hours SELECT * FROM audit_hours",
            "INSERT INTO audit_nodes VALUES (8, 0, '')",
            "INSERT INTO audit_checkpoints VALUES (1, now(), '', '', false)",
            "DELETE FROM audit_entries",
            "TRUNCATE audit_entries",
            "DELETE FROM audit_head",
            "DELETE FROM keys",
            "UPDATE keys SET wrapped = ''",
            "DROP TABLE audit_entries",
            "ALTER TABLE audit_entries RENAME TO gone",
            "ALTER TABLE members ADD COLUMN mine text",
            "CREATE TABLE mine ()",
            "CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "CREATE TRIGGER mine AFTER INSERT ON audit_entries EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ] {
            let refused = sqlstate(t.as_tenant(world.acme.id, statement).await);
            assert_eq!(refused, DENIED, "{statement}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_one_request_leaves_on_a_connection_shadows_no_table_of_the_next() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        // Whether temporary tables are refused or only looked at last: members are members.
        let plant = "CREATE TEMPORARY TABLE members AS SELECT * FROM members WHERE false; GRANT ALL ON pg_temp.members TO PUBLIC";
        let _refused_or_not = t.as_tenant(world.acme.id, plant).await;
        t.settle().await;
        let ada = t.try_enter(&world.ada, &world.acme.slug).await.expect("her organization is as it was");
        assert_eq!(members::list(&ada, &MemberQuery::default()).await.unwrap().total, 3);
    })
    .await;
}

#[tokio::test]
async fn the_roles_of_an_installation_can_do_nothing_special() {
    TestPortal::run(async |t| {
        t.world().await;
        let special = "SELECT count(*) FROM pg_roles, platform.installation
             WHERE starts_with(rolname, 'pc_' || id || '_')
               AND (rolsuper OR rolinherit OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
                    OR (rolcanlogin AND rolname ~ '_(act|t_[0-9a-f]+)$'))";
        assert_eq!(t.number(special).await, 0);
        let owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner, platform.installation i
             WHERE starts_with(r.rolname, 'pc_' || i.id || '_')";
        assert_eq!(t.number(owned).await, 0);
    })
    .await;
}

#[tokio::test]
async fn two_organizations_see_nothing_of_each_other() {
    TestPortal::run(async |t| {
        let world = t.world().await;
        let gus = t.enter(&world.gus, &world.globex).await;
        let page = members::list(&gus, &MemberQuery::default()).await.unwrap();
        assert_eq!(page.rows.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["Gus Grissom"]);
        let trail = server::audit::search(&gus, &AuditQuery::default()).await.unwrap().page;
        assert!(trail.rows.iter().all(|entry| !format!("{entry:?}").contains("Ada")));
        assert_eq!(gus.visitor().organizations().len(), 1);
    })
    .await;
}
