//! What an installation is made of besides tables: its id, its roles and their rights.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::audit::LogId;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use time::OffsetDateTime;

use super::StoreError;
use super::names::{InstallationId, LANES, RoleName};
use crate::audit;
use crate::edges::{Randomness, RandomnessExt};
use crate::keys::{KeyRing, MasterKey};
use crate::scram;

/// What the identity login may do in the platform's schema, and in no other.
const IDENTITY_RIGHTS: &[&str] = &[
    "SELECT ON platform.installation, platform.tenants, platform.slugs, platform.memberships, platform.pending_invitations, platform._sqlx_migrations",
    "SELECT, INSERT, UPDATE, DELETE ON platform.accounts, platform.passwords, platform.address_changes",
    "SELECT, INSERT, UPDATE, DELETE ON platform.sessions, platform.tokens, platform.registrations, platform.outbox, platform.authenticators, platform.code_tries, platform.recovery_codes, platform.passkeys, platform.passkey_challenges, platform.notices, platform.known_devices, platform.notifications, platform.sign_in_failures",
    "SELECT, INSERT, DELETE ON platform.domains",
    "UPDATE (deletion_seen_at) ON platform.tenants",
    "SELECT ON platform.plans, platform.migration_failures",
    "SELECT, UPDATE, DELETE ON platform.job_queue, platform.detection_queue",
    "SELECT, UPDATE (ends_at), DELETE ON platform.api_keys",
    "SELECT ON platform.key_epochs",
    "SELECT, UPDATE, DELETE ON platform.webhook_queue",
    "SELECT, UPDATE (due_at, wanted_at) ON platform.quota_queue",
    "SELECT, INSERT ON platform.keys, platform.audit_entries",
    "SELECT, UPDATE ON platform.audit_head",
    "SELECT ON platform.operators",
    "SELECT, INSERT, UPDATE (last_at) ON platform.tenant_activity",
    "SELECT, INSERT, DELETE ON platform.capacity_readings",
];

/// What the operator's login may read: which organizations there are, how large they are and what waits, column by column.
/// It has no right to write, none in an organization's schema, and is in no other role.
const OPERATOR_RIGHTS: &[&str] = &[
    "SELECT (id, name, slug, status, schema_version, plan, created_at, suspended_at, delete_at) ON platform.tenants",
    "SELECT (tenant_id) ON platform.memberships, platform.migration_failures",
    "SELECT ON platform.tenant_activity, platform.capacity_readings",
    "SELECT (tenant_id, due_at) ON platform.job_queue, platform.webhook_queue, platform.quota_queue",
    "SELECT (tenant_id, at, set_aside_at) ON platform.detection_queue",
];

/// What a tenant's transaction may do to the platform's tables once it has entered `act`. It can
/// make an account and its first password, but can neither read nor change a password.
const ACT_RIGHTS: &[&str] = &[
    "SELECT, UPDATE (name, slug, status, epoch, suspended_at, delete_at, time_zone) ON platform.tenants",
    "SELECT, INSERT ON platform.slugs",
    "SELECT, INSERT, UPDATE (last_tenant_id, email_proven_at) ON platform.accounts",
    "INSERT ON platform.passwords",
    "SELECT, INSERT, DELETE ON platform.memberships",
    "INSERT ON platform.notifications",
    "SELECT, INSERT, UPDATE (used_at) ON platform.tokens",
    "SELECT, INSERT, UPDATE, DELETE ON platform.pending_invitations",
    "SELECT (id, tenant_id, subject, state, created_at), INSERT, UPDATE (state, details) ON platform.outbox",
    "SELECT (former_email, at) ON platform.notices",
    "INSERT ON platform.job_queue, platform.detection_queue",
    "SELECT, INSERT, UPDATE (ends_at, told_at, look_at), DELETE ON platform.api_keys",
    "SELECT, INSERT, UPDATE (epoch) ON platform.key_epochs",
    "SELECT, INSERT, UPDATE (due_at, wakes) ON platform.webhook_queue",
    "SELECT, INSERT, UPDATE (due_at, wanted_at) ON platform.quota_queue",
];

/// A login's password: derived from the master key, so that nothing has to store it.
pub(super) fn password(master: &MasterKey, role: &RoleName) -> String {
    URL_SAFE_NO_PAD.encode(*master.derive("database login", role.as_str().as_bytes()))
}

/// The installation that the database belongs to.
pub(super) async fn lookup(conn: &mut PgConnection) -> Result<InstallationId, StoreError> {
    let id = sqlx::query_scalar!("SELECT id FROM platform.installation").fetch_optional(conn).await?;
    id.and_then(InstallationId::from_row).ok_or(StoreError::Installation)
}

/// Makes the installation's row and roles where they are missing, and renews their rights and
/// passwords.
pub(super) async fn ensure(
    conn: &mut PgConnection,
    keys: &KeyRing,
    randomness: &dyn Randomness,
    now: OffsetDateTime,
) -> Result<InstallationId, StoreError> {
    let fresh = InstallationId::new(randomness.bytes());
    sqlx::query!(
        "INSERT INTO platform.installation (id, created_at)
         SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM platform.installation)",
        fresh.as_str(),
        now
    )
    .execute(&mut *conn)
    .await?;
    let mut tx = conn.begin_with("BEGIN; SET LOCAL search_path = platform").await?;
    if !audit::has_begun(&mut tx).await? {
        audit::begin_with(&mut tx, keys, randomness, LogId::Platform, now).await?;
    }
    keys.ensure_secrets(&mut tx, randomness, now).await?;
    tx.commit().await?;
    let installation = lookup(conn).await?;

    let identity = installation.identity();
    let operator = installation.operator();
    let act = installation.act();
    let mut statements = vec!["BEGIN".to_owned()];
    statements.extend(make_role(conn, &act, "NOLOGIN NOINHERIT").await?);
    let mut logins = vec![identity.clone(), operator.clone()];
    logins.extend((0..LANES).map(|lane| installation.lane(lane)));
    for login in &logins {
        statements.extend(make_role(conn, login, "LOGIN NOINHERIT").await?);
        // As Postgres keeps it, and not in clear: statements get into servers' logs.
        let verifier = scram::verifier(&password(keys.master(), login), randomness.bytes());
        statements.push(format!("ALTER ROLE {login} PASSWORD '{verifier}'"));
        statements.push(format!("ALTER ROLE {login} SET search_path = ''"));
    }
    for lane in 0..LANES {
        statements.push(format!("GRANT {act} TO {}", installation.lane(lane)));
    }
    statements.push(format!("GRANT USAGE ON SCHEMA platform TO {identity}, {operator}, {act}"));
    for (role, rights) in [(&identity, IDENTITY_RIGHTS), (&operator, OPERATOR_RIGHTS), (&act, ACT_RIGHTS)] {
        // A right that is not in the list any more goes, too: of a column as well.
        statements.push(format!("REVOKE ALL ON ALL TABLES IN SCHEMA platform FROM {role}"));
        statements.extend(rights.iter().map(|right| format!("GRANT {right} TO {role}")));
    }
    for (table, of_act) in [
        ("tokens", "purpose = 'invitation'"),
        (
            "outbox",
            "kind IN ('invitation', 'mfa_reminder', 'organization_deletion', 'ownership_transferred', 'news', 'checkpoint')",
        ),
    ] {
        let policies = policies(table, &identity, &act, of_act);
        let mark = hex::encode(Sha256::digest(policies.concat()));
        if !are_marked(conn, table, &mark).await? {
            statements.extend(policies);
            statements.extend(
                ["identity", "act"].map(|name| format!("COMMENT ON POLICY {name} ON platform.{table} IS '{mark}'")),
            );
        }
    }
    statements.push("COMMIT".to_owned());
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *conn).await?;
    }
    Ok(installation)
}

/// An organization's transaction gives out invitations and no other secret, and has no other mail
/// sent but reminders without one: a mail to choose a new password would be a way into anybody's account. (There is no `CREATE
/// OR REPLACE POLICY`.)
fn policies(table: &str, identity: &RoleName, act: &RoleName, of_act: &str) -> [String; 5] {
    [
        format!("ALTER TABLE platform.{table} ENABLE ROW LEVEL SECURITY"),
        format!("DROP POLICY IF EXISTS identity ON platform.{table}"),
        format!("CREATE POLICY identity ON platform.{table} TO {identity} USING (true)"),
        format!("DROP POLICY IF EXISTS act ON platform.{table}"),
        format!("CREATE POLICY act ON platform.{table} TO {act} USING ({of_act})"),
    ]
}

/// Whether a table has its two policies already, as they are made now. To make them anew keeps everybody waiting who uses
/// the table, and waits for everybody: programs start while others serve.
async fn are_marked(conn: &mut PgConnection, table: &str, mark: &str) -> Result<bool, StoreError> {
    let marked = sqlx::query_scalar!(
        r#"SELECT count(*) = 2 AS "marked!" FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
           WHERE c.oid = to_regclass('platform.' || $1) AND c.relrowsecurity
             AND obj_description(p.oid, 'pg_policy') = $2"#,
        table,
        mark
    )
    .fetch_one(conn)
    .await?;
    Ok(marked)
}

/// The statement that makes a role, unless it is there. (There is no `CREATE ROLE IF NOT EXISTS`.)
async fn make_role(conn: &mut PgConnection, role: &RoleName, options: &str) -> Result<Option<String>, StoreError> {
    let exists = sqlx::query_scalar!(r#"SELECT true AS "exists!" FROM pg_roles WHERE rolname = $1"#, role.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(if exists.is_some() { None } else { Some(format!("CREATE ROLE {role} {options}")) })
}
