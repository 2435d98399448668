//! The operator's console: who comes in, what its login can read, and what is on record of what is done there.

use domain::audit::LogId;
use domain::fields::FieldProblem;
use domain::ids::TenantId;
use domain::operators::{Health, OperatorForm, OrganizationQuery, ProvisionForm};
use domain::organizations::TenantStatus;
use domain::paging::Cursor;
use domain::problem::Problem;
use domain::quotas::Plan;
use domain::roles::Role;
use server::housekeeping::Housekeeping;
use server::operators::{self, OperatorAccess, Work};
use server::sessions::Visitor;
use server::testing::{JournalEntry, PASSWORD, Person, TestPortal, World, secret_of};
use server::{RequestContext, accounts, invitations, members, organizations, sign_in};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use time::Duration;
use uuid::Uuid;

use crate::factors::enrol;
use crate::support::{DENIED, NEW, accept_as_new, field, give_passkey, refused, sqlstate, substance};

const OPAL: &str = "opal@platform.example";
/// As if Ada had followed a link that was mailed to her.
const PROVEN: &str = "UPDATE platform.accounts SET email_proven_at = now() WHERE email = 'ada@acme.example'";

/// Makes the account of an address an operator's, with an account like everybody's where there is none.
async fn add(t: &TestPortal, email: &str) {
    let form = OperatorForm { email: email.into(), name: "Opal Operator".into(), password: PASSWORD.into() };
    operators::add(&RequestContext::internal(t.portal()), &form).await.expect("an operator");
}

/// An operator who is in no organization, and has just shown a second factor.
async fn opal(t: &TestPortal) -> (Person, OperatorAccess) {
    add(t, OPAL).await;
    let person = t.sign_in(OPAL).await;
    let (_, visitor) = enrol(t, &person).await;
    (person, operators::enter(&t.request(), &visitor).await.expect("she comes in"))
}

/// The acts that one log has new entries of.
fn acts(entries: &[JournalEntry], log: LogId) -> Vec<&str> {
    entries.iter().filter(|entry| entry.log == log).map(|entry| entry.action.as_str()).collect()
}

async fn run(conn: &mut PgConnection, statement: &str) -> Result<u64, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(conn).await.map(|done| done.rows_affected())
}

#[tokio::test]
async fn nobody_comes_in_but_operators_who_have_proven_themselves_twice() {
    TestPortal::run(async |t| {
        let World { ada, gus, .. } = t.world().await;
        let enter = async |visitor: &Visitor| operators::enter(&t.request(), visitor).await;
        assert_eq!(refused(enter(&ada.visitor).await), Problem::NotFound, "an owner is none");
        let (_, gus) = enrol(&t, &gus).await;
        assert_eq!(refused(enter(&gus).await), Problem::NotFound, "nor is who has a second factor");

        t.sql(PROVEN).await;
        add(&t, &ada.email).await;
        assert_eq!(refused(enter(&ada.visitor).await), Problem::EnrolFirst);
        // It is hers, and this session has shown her password alone.
        give_passkey(&t, &ada).await;
        assert_eq!(refused(enter(&t.returning(&ada).await).await), Problem::StepUpFirst);
        t.sql("DELETE FROM platform.passkeys").await;

        let (_, visitor) = enrol(&t, &ada).await;
        assert!(enter(&visitor).await.is_ok());
        t.pass(Duration::hours(12));
        assert_eq!(refused(enter(&visitor).await), Problem::StepUpFirst, "that was long ago");
        operators::remove(&RequestContext::internal(t.portal()), &ada.email).await.unwrap();
        assert_eq!(refused(enter(&visitor).await), Problem::NotFound, "from the next request on");
        assert_eq!(refused(enter(&gus).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn operators_are_added_and_removed_on_record() {
    TestPortal::run(async |t| {
        let World { ada, .. } = t.world().await;
        let (request, journal) = (RequestContext::internal(t.portal()), t.journal().await);
        let form = |email: &str| OperatorForm { email: email.into(), ..OperatorForm::default() };
        assert_eq!(field(operators::add(&request, &form(OPAL)).await, "name"), FieldProblem::Required);
        assert!(!operators::has_account(&request, OPAL).await.unwrap());
        add(&t, OPAL).await;
        t.sql(PROVEN).await;
        operators::add(&request, &form(&ada.email)).await.expect("an account whose address is proven needs nothing");
        assert_eq!(refused(operators::add(&request, &form(&ada.email)).await), Problem::Changed);
        let list = operators::list_operators(&request).await.unwrap();
        assert_eq!(
            list.iter().map(|row| (row.email.as_str(), row.second_factor)).collect::<Vec<_>>(),
            [("ada@acme.example", false), (OPAL, false)]
        );
        operators::remove(&request, OPAL).await.unwrap();
        assert_eq!(refused(operators::remove(&request, OPAL).await), Problem::NotFound);
        let entries = t.journal().await.since(&journal);
        assert_eq!(acts(&entries, LogId::Platform), ["operator.added", "operator.added", "operator.removed"]);
        t.sign_in(OPAL).await;
    })
    .await;
}

/// Proves an address by a link that was mailed to it.
async fn prove(t: &TestPortal, email: &str) {
    t.pass(Duration::minutes(1));
    sign_in::request_reset(&t.request(), email).await.unwrap();
    sign_in::reset(&t.request(), &t.secret_for(email).await, PASSWORD).await.expect("the address is theirs");
}

#[tokio::test]
async fn an_account_whose_address_nobody_has_proven_becomes_no_operators() {
    TestPortal::run_with_mail(async |t| {
        let World { globex, gus, .. } = t.world().await;
        let request = RequestContext::internal(t.portal());
        let form = |email: &str| OperatorForm { email: email.into(), ..OperatorForm::default() };
        // Whoever is given a link has made the account, and chosen its password.
        let owner = t.enter(&gus, &globex).await;
        let copied = invitations::copy_link(&owner, t.invite(&owner, NEW, Role::Member).await).await.unwrap();
        accept_as_new(&t, secret_of(&copied.link)).await.unwrap();
        let journal = t.journal().await;
        assert_eq!(field(operators::add(&request, &form(NEW)).await, "email"), FieldProblem::Taken);
        assert!(operators::list_operators(&request).await.unwrap().is_empty());
        assert_eq!(t.journal().await.since(&journal), []);
        prove(&t, NEW).await;
        let added = operators::add(&request, &form(NEW)).await.expect("it is theirs");
        assert_eq!((added.name.as_str(), added.is_new), ("New Person", false));

        // So it is with an account that was made for an operator.
        add(&t, OPAL).await;
        assert_eq!(refused(operators::add(&request, &form(OPAL)).await), Problem::Changed);
        operators::remove(&request, OPAL).await.unwrap();
        assert_eq!(field(operators::add(&request, &form(OPAL)).await, "email"), FieldProblem::Taken);
        prove(&t, OPAL).await;
        operators::add(&request, &form(OPAL)).await.expect("she is one again");
    })
    .await;
}

#[tokio::test]
async fn no_organization_manages_an_operators_account() {
    TestPortal::run(async |t| {
        let World { acme, ben, mia, .. } = t.world().await;
        organizations::add_domain(&t.request(), &acme.slug, "acme.example").await.unwrap();
        give_passkey(&t, &mia).await;
        add(&t, &mia.email).await;
        let ben = t.enter(&ben, &acme).await;
        let reset = async || members::reset_factors(&ben, mia.account, "Her phone is in the lake").await;
        assert_eq!(refused(reset().await), Problem::NotManaged);
        assert_eq!(t.number("SELECT count(*) FROM platform.passkeys").await, 1);
        operators::remove(&RequestContext::internal(t.portal()), &mia.email).await.unwrap();
        reset().await.expect("an account like any other's");
        assert_eq!(t.number("SELECT count(*) FROM platform.passkeys").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_operator_whose_account_goes_is_removed_on_record() {
    TestPortal::run(async |t| {
        let World { mia, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        let journal = t.journal().await;
        accounts::delete(&t.request(), access.visitor(), OPAL).await.unwrap();
        accounts::delete(&t.request(), &t.returning(&mia).await, &mia.email).await.unwrap();
        let entries = t.journal().await.since(&journal);
        assert_eq!(acts(&entries, LogId::Platform), ["operator.removed", "account.deleted", "account.deleted"]);
        let request = RequestContext::internal(t.portal());
        assert!(operators::list_operators(&request).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_operators_login_reads_metadata_and_nothing_else() {
    TestPortal::run(async |t| {
        let World { acme, globex, .. } = t.world().await;
        let mut conn = t.operator().await;
        for organization in [&acme, &globex] {
            let schema = organization.schema();
            let tables = t.sql(&format!("SELECT tablename::text FROM pg_tables WHERE schemaname = '{schema}'")).await;
            assert!(tables.len() > 10);
            for table in tables {
                let table: String = table.get(0);
                for statement in
                    [format!("SELECT * FROM {schema}.{table}"), format!("SELECT count(*) FROM {schema}.{table}")]
                {
                    assert_eq!(sqlstate(run(&mut conn, &statement).await), DENIED, "{statement}");
                }
            }
            let role = t.role(organization.id).await;
            assert_eq!(sqlstate(run(&mut conn, &format!("SET ROLE {role}")).await), DENIED, "{role}");
        }
        for end in ["act", "identity", "lane_0"] {
            let role = t.text(&format!("SELECT 'pc_' || id || '_{end}' FROM platform.installation")).await;
            assert_eq!(sqlstate(run(&mut conn, &format!("SET ROLE {role}")).await), DENIED, "{role}");
        }
        // A table that comes later is closed until somebody opens columns of it.
        for table in t.sql("SELECT tablename::text FROM pg_tables WHERE schemaname = 'platform'").await {
            let table: String = table.get(0);
            if !["tenant_activity", "capacity_readings"].contains(&table.as_str()) {
                let statement = format!("SELECT * FROM platform.{table}");
                assert_eq!(sqlstate(run(&mut conn, &statement).await), DENIED, "{statement}");
            }
            for statement in
                [format!("DELETE FROM platform.{table}"), format!("INSERT INTO platform.{table} DEFAULT VALUES")]
            {
                assert_eq!(sqlstate(run(&mut conn, &statement).await), DENIED, "{statement}");
            }
        }
        for statement in [
            "SELECT hash FROM platform.passwords",
            "SELECT secret FROM platform.authenticators",
            "SELECT id_hash FROM platform.sessions",
            "SELECT hash FROM platform.tokens",
            "SELECT email FROM platform.accounts",
            "SELECT account_id FROM platform.memberships",
            "SELECT details FROM platform.outbox",
            "SELECT canonical FROM platform.audit_entries",
            "UPDATE platform.tenants SET status = 'active'",
            "UPDATE platform.tenants SET plan = 'enterprise'",
            "CREATE SCHEMA mine",
            "SELECT pg_read_file('/etc/passwd')",
        ] {
            assert_eq!(sqlstate(run(&mut conn, statement).await), DENIED, "{statement}");
        }
        for statement in
            ["SELECT id, name, status FROM platform.tenants", "SELECT count(tenant_id) FROM platform.memberships"]
        {
            run(&mut conn, statement).await.expect("that is what it is for");
        }
    })
    .await;
}

#[tokio::test]
async fn what_operators_do_is_on_record_here_and_there() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let (person, access) = opal(&t).await;
        let (journal, foreign) = (t.journal().await, substance(&t, &globex).await);
        let suspended = TenantStatus::Suspended;
        assert_eq!(
            field(operators::set_status(&access, acme.id, suspended, " ").await, "reason"),
            FieldProblem::Required
        );
        operators::set_status(&access, acme.id, suspended, "The bill is open").await.unwrap();
        assert_eq!(refused(t.try_enter(&ada, "acme").await), Problem::OrganizationSuspended);
        t.enter(&gus, &globex).await;
        let again = operators::set_status(&access, acme.id, suspended, "The bill is open").await;
        assert_eq!(refused(again), Problem::Changed);
        operators::set_status(&access, acme.id, TenantStatus::Active, "It is paid").await.unwrap();
        operators::assign_plan(&access, acme.id, "enterprise").await.unwrap();
        assert_eq!(field(operators::assign_plan(&access, acme.id, "gold").await, "plan"), FieldProblem::UnknownChoice);
        assert_eq!(
            field(operators::assign_plan(&access, acme.id, "enterprise").await, "plan"),
            FieldProblem::Unchanged
        );

        let done = ["organization.suspended", "organization.resumed", "organization.plan_changed"];
        let entries = t.journal().await.since(&journal);
        assert_eq!(acts(&entries, acme.log()), done);
        assert_eq!(acts(&entries, LogId::Platform), done);
        assert_eq!(acts(&entries, globex.log()), [""; 0]);
        assert_eq!(substance(&t, &globex).await, foreign);
        // The organization reads that it was the operator, and the platform knows which of them.
        let by = |table: String, who: String| {
            format!("SELECT count(*) FROM {table} WHERE action LIKE 'organization.%ed' AND {who}")
        };
        let own = format!("{}.audit_entries", acme.schema());
        assert_eq!(t.number(&by(own.clone(), format!("actor_id = '{}'", person.account))).await, 0);
        assert_eq!(t.number(&by(own, "canonical LIKE '%The bill is open%'".into())).await, 1);
        let platform = "platform.audit_entries".to_owned();
        assert_eq!(t.number(&by(platform, format!("actor_id = '{}'", person.account))).await, 3);
        t.enter(&ada, &acme).await;
    })
    .await;
}

#[tokio::test]
async fn a_change_needs_a_fresh_proof() {
    TestPortal::run(async |t| {
        let World { acme, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        let visitor = access.visitor().clone();
        t.pass(Duration::minutes(11));
        let access = operators::enter(&t.request(), &visitor).await.expect("to look, it is fresh enough");
        let (before, journal) = (substance(&t, &acme).await, t.journal().await);
        let form = ProvisionForm { organization: "New".into(), email: "new@new.example".into(), name: "New".into() };
        for answer in [
            operators::set_status(&access, acme.id, TenantStatus::Suspended, "X").await,
            operators::schedule_deletion(&access, acme.id, "Acme", "X").await,
            operators::keep(&access, acme.id).await,
            operators::assign_plan(&access, acme.id, "free").await.map(|_| ()),
            operators::create(&access, &form).await.map(|_| ()),
        ] {
            assert_eq!(refused(answer), Problem::StepUpFirst);
        }
        assert_eq!(substance(&t, &acme).await, before);
        assert_eq!(t.journal().await.since(&journal), []);
        assert_eq!(operators::list(&access, &OrganizationQuery::default()).await.unwrap().total, 2);
    })
    .await;
}

#[tokio::test]
async fn an_organization_is_deleted_by_its_name_and_kept() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, gus, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        let wrong = operators::schedule_deletion(&access, acme.id, "Globex", "As agreed").await;
        assert_eq!(field(wrong, "confirmation"), FieldProblem::DoesNotMatch);
        operators::schedule_deletion(&access, acme.id, "Acme", "As agreed").await.unwrap();
        assert_eq!(refused(t.try_enter(&ada, "acme").await), Problem::OrganizationDeleting);
        assert_eq!(operators::lookup(&access, acme.id).await.unwrap().row.health(), Health::Deleting);
        assert!(t.mail_to("ada@acme.example").await.is_some(), "its owner is told");
        operators::keep(&access, acme.id).await.unwrap();
        assert_eq!(refused(operators::keep(&access, acme.id).await), Problem::Changed);
        t.enter(&ada, &acme).await;
        t.enter(&gus, &globex).await;
        let nobody = TenantId(Uuid::from_u128(7));
        assert_eq!(refused(operators::lookup(&access, nobody).await), Problem::NotFound);
        assert_eq!(refused(operators::keep(&access, nobody).await), Problem::NotFound);
    })
    .await;
}

#[tokio::test]
async fn whom_an_organization_is_made_for_chooses_their_password() {
    TestPortal::run_with_mail(async |t| {
        let World { ada, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        let form = |organization: &str, email: &str| ProvisionForm {
            organization: organization.into(),
            email: email.into(),
            name: "Nia New".into(),
        };
        let nia = "nia@initech.example";
        let id = operators::create(&access, &form("Initech", nia)).await.unwrap();
        let row = operators::lookup(&access, id).await.unwrap().row;
        assert_eq!((row.slug.as_str(), row.members, row.plan), ("initech", 1, Plan::Team));
        // Who has an account goes on with it, if it is theirs for certain.
        operators::create(&access, &form("Initrode", &ada.email)).await.unwrap();
        assert_eq!(*t.try_enter(&ada, "initrode").await.unwrap().role(), Role::Owner);
        assert_eq!(field(operators::create(&access, &form("X", OPAL)).await, "email"), FieldProblem::Taken);
        assert_eq!(field(operators::create(&access, &form("", nia)).await, "organization"), FieldProblem::Required);
        assert!(sign_in::sign_in(&t.request(), nia, PASSWORD).await.is_err(), "nobody knows a password");
        let secret = t.secret_for(nia).await;
        t.pass(Duration::days(6));
        sign_in::reset(&t.request(), &secret, PASSWORD).await.expect("the link is good for a week");
        let person = t.sign_in(nia).await;
        assert_eq!(*t.try_enter(&person, "initech").await.unwrap().role(), Role::Owner);
    })
    .await;
}

#[tokio::test]
async fn the_link_of_a_week_ends_when_its_account_is_taken_over() {
    TestPortal::run_with_mail(async |t| {
        let World { acme, ada, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        let form = ProvisionForm { organization: "Initech".into(), email: NEW.into(), name: "Nia New".into() };
        operators::create(&access, &form).await.unwrap();
        let week = t.secret_for(NEW).await;
        t.pass(Duration::minutes(1));
        t.invite(&t.enter(&ada, &acme).await, NEW, Role::Member).await;
        accept_as_new(&t, &t.secret_for(NEW).await).await.expect("it was mailed to them");
        assert!(sign_in::check_reset(&t.request(), &week).await.is_err());
        t.sign_in(NEW).await;
    })
    .await;
}

#[tokio::test]
async fn organizations_are_found_filtered_and_paged() {
    TestPortal::run(async |t| {
        let World { acme, globex, ada, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        let listed = async |query: OrganizationQuery| {
            let page = operators::list(&access, &query).await.unwrap();
            page.rows.into_iter().map(|row| row.slug).collect::<Vec<_>>()
        };
        let search = |text: &str| OrganizationQuery { search: Some(text.into()), ..OrganizationQuery::default() };
        assert_eq!(listed(OrganizationQuery::default()).await, ["acme", "globex"]);
        assert_eq!(listed(search("ACM")).await, ["acme"]);
        assert_eq!(listed(search(&globex.id.to_string())).await, ["globex"]);
        for none in ["%", "_", "ada@acme.example", "' OR true --"] {
            assert_eq!(listed(search(none)).await, [""; 0], "{none}");
        }
        operators::set_status(&access, globex.id, TenantStatus::Suspended, "X").await.unwrap();
        operators::assign_plan(&access, acme.id, "free").await.unwrap();
        let suspended = OrganizationQuery { status: Some(TenantStatus::Suspended), ..OrganizationQuery::default() };
        assert_eq!(listed(suspended).await, ["globex"]);
        let free = OrganizationQuery { plan: Some(Plan::Free), ..OrganizationQuery::default() };
        assert_eq!(listed(free).await, ["acme"]);

        t.enter(&ada, &acme).await;
        let row = operators::lookup(&access, acme.id).await.unwrap();
        assert_eq!((row.row.members, row.row.health()), (3, Health::Ok));
        assert!(row.row.last_at.is_some() && row.bytes > 100_000);
        t.sql("UPDATE platform.tenants SET schema_version = 1 WHERE slug = 'acme'").await;
        assert_eq!(operators::lookup(&access, acme.id).await.unwrap().row.health(), Health::Behind);

        t.sql(
            "INSERT INTO platform.tenants (id, name, slug, status, lane, schema_version, created_at)
             SELECT gen_random_uuid(), 'Many', 'many-' || lpad(n::text, 3, '0'), 'active', 0, 1, now()
             FROM generate_series(1, 60) n",
        )
        .await;
        let mut query = search("many");
        let mut there = Vec::new();
        loop {
            let page = operators::list(&access, &query).await.unwrap();
            assert_eq!(page.total, 60);
            there.extend(page.rows.into_iter().map(|row| row.slug));
            let Some(next) = page.next else { break };
            query.cursor = Cursor::decode(&next);
        }
        assert_eq!(there.len(), 60);
        assert!(there.is_sorted());
        let last = operators::list(&access, &query).await.unwrap();
        query.cursor = Cursor::decode(&last.previous.expect("a page before"));
        let before = operators::list(&access, &query).await.unwrap();
        assert_eq!(before.rows.iter().map(|row| row.slug.clone()).collect::<Vec<_>>(), there[25..50]);
    })
    .await;
}

#[tokio::test]
async fn capacity_is_measured_once_a_day() {
    TestPortal::run(async |t| {
        t.world().await;
        let (_, access) = opal(&t).await;
        assert_eq!(operators::capacity(&access).await.unwrap().readings, []);
        let housekeeping = Housekeeping::new(t.portal());
        housekeeping.measure().await.unwrap();
        t.sign_up("Ina", "ina@initech.example", "Initech").await;
        housekeeping.measure().await.unwrap();
        let capacity = operators::capacity(&access).await.unwrap();
        let [today] = capacity.readings.as_slice() else { panic!("{capacity:?}") };
        assert_eq!(today.organizations, 2);
        assert!(today.relations > 100 && today.bytes > 1_000_000);
        assert!(capacity.connections > 0 && capacity.connections <= capacity.connections_max);

        t.pass(Duration::DAY);
        housekeeping.measure().await.unwrap();
        assert_eq!(t.number("SELECT sum(organizations)::bigint FROM platform.capacity_readings").await, 5);
    })
    .await;
}

#[tokio::test]
async fn neighbours_are_told_by_what_they_ask_for_and_what_waits() {
    TestPortal::run(async |t| {
        let World { acme, globex, .. } = t.world().await;
        let (_, access) = opal(&t).await;
        for queue in ["detection_queue", "quota_queue", "webhook_queue"] {
            t.sql(&format!("DELETE FROM platform.{queue}")).await;
        }
        let quiet = operators::neighbours(&access).await.unwrap();
        assert_eq!((quiet.pressing.len(), quiet.waiting.len()), (0, 0));
        for (organization, times) in [(&acme, 1), (&globex, 3)] {
            for _ in 0..times {
                operators::note_work(&t.request(), organization.id, Work::Call);
            }
            t.sql(&format!(
                "INSERT INTO platform.job_queue (id, tenant_id, job_id, due_at)
                 SELECT gen_random_uuid(), '{}', gen_random_uuid(), now() FROM generate_series(1, {times})",
                organization.id
            ))
            .await;
        }
        let loud = operators::neighbours(&access).await.unwrap();
        assert_eq!(
            loud.pressing.iter().map(|it| (it.slug.as_str(), it.pages, it.calls)).collect::<Vec<_>>(),
            [("globex", 0, 3), ("acme", 0, 1)]
        );
        assert_eq!(
            loud.waiting.iter().map(|it| (it.name.as_str(), it.jobs)).collect::<Vec<_>>(),
            [("Globex", 3), ("Acme", 1)]
        );
        assert!(loud.since.is_some());
    })
    .await;
}
