//! What an attacker or an auditor would look at behind the portal's back.

use domain::audit::{Entry, LogId, Outcome};
use domain::ids::TenantId;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::{Organization, TestPortal};
use crate::carrying;
use crate::error::Error;
use crate::keys::Passphrase;
use crate::store::{Store, TenantTx};

/// Every entry of every log at one time.
#[derive(Clone, Debug)]
pub struct Journal(Vec<JournalEntry>);

/// An entry of some log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The log.
    pub log: LogId,
    /// The entry's place in it.
    pub index: u64,
    /// What was done.
    pub action: String,
    /// What came of it.
    pub outcome: Outcome,
}

impl Journal {
    /// The entries that are in this journal and not in an earlier one, log by log.
    pub fn since(&self, earlier: &Self) -> Vec<JournalEntry> {
        self.0.iter().filter(|entry| !earlier.0.contains(entry)).cloned().collect()
    }

    /// The entries of one log, in order.
    pub fn of(&self, log: LogId) -> Vec<JournalEntry> {
        self.0.iter().filter(|entry| entry.log == log).cloned().collect()
    }
}

impl TestPortal {
    /// Runs statements as the administrator, whom nothing is denied.
    pub async fn sql(&self, statements: &str) -> Vec<PgRow> {
        let mut conn = self.0.observer.lock().await;
        let rows = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).fetch_all(&mut *conn).await;
        rows.unwrap_or_else(|error| panic!("{statements}: {error}"))
    }

    /// One number.
    pub async fn number(&self, query: &str) -> i64 {
        self.sql(query).await[0].get(0)
    }

    /// One text.
    pub async fn text(&self, query: &str) -> String {
        self.sql(query).await[0].get(0)
    }

    /// Begins a transaction of the portal's own in an organization.
    async fn begin(&self, tenant: TenantId) -> TenantTx {
        self.try_begin(tenant).await.expect("the organization's tables")
    }

    async fn try_begin(&self, tenant: TenantId) -> Result<TenantTx, Error> {
        let store = self.portal().store();
        let mut tx = store.platform().await?;
        let tenant = Store::lookup_tenant(tx.conn(), tenant).await?.expect("an organization");
        tx.end().await?;
        store.tenant(&tenant).await
    }

    /// Runs statements as if they had got into a request of an organization's, and keeps what they
    /// did.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn as_tenant(&self, tenant: TenantId, statements: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        let mut tx = self.begin(tenant).await;
        let rows = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).fetch_all(tx.conn()).await?;
        tx.keep().await.expect("a commit");
        Ok(rows)
    }

    /// As [`TestPortal::as_tenant`], in an organization of which more may be asked than there is room for.
    ///
    /// # Errors
    /// What the portal says.
    pub async fn try_as_tenant(&self, tenant: TenantId, statements: &str) -> Result<(), Error> {
        let mut tx = self.try_begin(tenant).await?;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(tx.conn()).await?;
        tx.keep().await
    }

    /// Has an organization use the lane of another.
    pub async fn share_lane(&self, organization: &Organization, other: &Organization) {
        let (role, id, other) = (self.role(organization.id).await, organization.id, other.id);
        let lane = "SELECT 'pc_' || i.id || '_lane_' || lane FROM platform.installation i, platform.tenants t";
        let lane = self.text(&format!("{lane} WHERE t.id = '{other}'")).await;
        self.sql(&format!(
            "GRANT {role} TO {lane};
             UPDATE platform.tenants SET lane = (SELECT lane FROM platform.tenants WHERE id = '{other}') WHERE id = '{id}'"
        ))
        .await;
    }

    /// As [`TestPortal::as_tenant`], in the part of a request that changes the platform's tables.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn as_act(&self, tenant: TenantId, statements: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        let mut tx = self.begin(tenant).await;
        let conn = tx.enter_platform().await.expect("the platform's part");
        let rows = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).fetch_all(conn).await?;
        tx.keep().await.expect("a commit");
        Ok(rows)
    }

    /// A connection with the login of the organization's lane, as if it had been stolen.
    pub async fn lane(&self, tenant: TenantId) -> PgConnection {
        let lane: i16 = self.sql(&format!("SELECT lane FROM platform.tenants WHERE id = '{tenant}'")).await[0].get(0);
        let lane = usize::try_from(lane).expect("a lane");
        PgConnection::connect_with(&self.portal().store().lane_options(lane)).await.expect("the lane's login")
    }

    /// A connection with the identity login, as if it had been stolen.
    pub async fn identity(&self) -> PgConnection {
        let options = self.portal().store().identity_pool().connect_options();
        PgConnection::connect_with(&options).await.expect("the identity login")
    }

    /// A connection with the operator's login, as if it had been stolen.
    pub async fn operator(&self) -> PgConnection {
        let options = self.portal().store().operator_pool().connect_options();
        PgConnection::connect_with(&options).await.expect("the operator's login")
    }

    /// The name of an organization's role.
    pub async fn role(&self, tenant: TenantId) -> String {
        self.text(&format!("SELECT 'pc_' || id || '_t_{}' FROM platform.installation", tenant.0.simple())).await
    }

    /// Waits until every connection is back in its pool, as it is between two requests.
    pub async fn settle(&self) {
        loop {
            let (open, idle) = self.portal().connections();
            if usize::try_from(open).is_ok_and(|open| open == idle) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    /// Every table of a schema as one text, but for those whose name begins so. Bytes are in
    /// hexadecimal.
    pub async fn dump(&self, schema: &str, without: &str) -> String {
        let tables =
            self.sql(&format!("SELECT tablename::text FROM pg_tables WHERE schemaname = '{schema}' ORDER BY 1")).await;
        let mut dump = String::new();
        for table in tables {
            let table: String = table.get(0);
            if without.is_empty() || !table.starts_with(without) {
                dump += &[table.clone(), self.rows(&format!("{schema}.{table}"), "true").await].join("\n");
            }
        }
        dump
    }

    /// The rows of a table that fulfil a condition, as text and in an order of their own.
    pub async fn rows(&self, table: &str, condition: &str) -> String {
        let rows = "coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')";
        self.text(&format!("SELECT {rows} FROM {table} t WHERE {condition}")).await
    }

    /// All that an export of an organization holds, one part behind the other.
    pub async fn open_export(&self, file: &[u8], passphrase: &Passphrase) -> Vec<u8> {
        carrying::open_all(file, passphrase).await.expect("an export")
    }

    /// An export with this header and these rows of tables, whoever might have written it.
    pub async fn write_export(
        &self,
        passphrase: &Passphrase,
        header: &serde_json::Value,
        tables: &[(&str, String)],
    ) -> Vec<u8> {
        carrying::write_all(passphrase, self.portal().randomness(), header, tables).await.expect("an export")
    }

    /// Every schema of the installation: the platform's and every organization's.
    pub async fn schemas(&self) -> Vec<String> {
        let rows = self
            .sql("SELECT nspname::text FROM pg_namespace WHERE nspname = 'platform' OR nspname ~ '^t_' ORDER BY 1")
            .await;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Every entry of every log, but for those that retention has taken away.
    pub async fn journal(&self) -> Journal {
        let logs = self
            .schemas()
            .await
            .into_iter()
            .map(|schema| format!("SELECT canonical FROM {schema}.audit_entries WHERE canonical <> ''"));
        let rows = self.sql(&logs.collect::<Vec<_>>().join(" UNION ALL ")).await;
        let mut entries: Vec<_> = rows
            .iter()
            .map(|row| Entry::parse(row.get::<String, _>(0).as_bytes()).expect("a canonical entry"))
            .map(|Entry { log, index, action, outcome, .. }| JournalEntry {
                log,
                index,
                action: action.to_string(),
                outcome,
            })
            .collect();
        entries.sort_by_key(|entry| (entry.log.to_string(), entry.index));
        Journal(entries)
    }
}
