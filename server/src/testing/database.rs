//! A database of a test's own.

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::store::migrate;

/// A database that is there for one test.
#[derive(Clone, Debug)]
pub struct Database {
    server: PgConnectOptions,
    name: String,
    url: SecretString,
}

impl Database {
    /// Makes one on the server that `DATABASE_URL` names: the platform's tables are there, and nothing is in them.
    pub async fn create(suffix: &str) -> Self {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres for tests");
        Self::create_on(&url.into(), suffix).await
    }

    /// Makes one on this server.
    pub async fn create_on(server: &SecretString, suffix: &str) -> Self {
        let server: PgConnectOptions = server.expose_secret().parse().expect("a Postgres URL");
        let name = format!("pc_test_{suffix}");
        let url = server.clone().database(&name).to_url_lossy().to_string().into();
        let database = Self { server, name, url };
        let template = template(&database.server).await;
        on(&database.server, &format!("CREATE DATABASE {} TEMPLATE {template}", database.name)).await;
        database
    }

    /// Its URL, with the login of the administrator.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// A connection of the administrator's, whom nothing is denied.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.url.expose_secret()).await.expect("the test's database answers")
    }

    /// Removes it with the roles that were made for it.
    pub(super) async fn remove(&self) {
        let mut conn = self.connect().await;
        let roles: Vec<String> = sqlx::query_scalar(
            "SELECT rolname::text FROM pg_roles, platform.installation WHERE starts_with(rolname, 'pc_' || id || '_')",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap_or_default();
        conn.close().await.ok();
        on(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        if !roles.is_empty() {
            on(&self.server, &format!("DROP ROLE {}", roles.join(", "))).await;
        }
    }
}

/// The database that tests get a copy of, by its name: the platform's migrations are applied once for all of them. It stays
/// for the tests that come later, under a name that other migrations do not have.
async fn template(server: &PgConnectOptions) -> String {
    let name = format!("pc_template_{}", migrate::platform_fingerprint());
    let mut conn = PgConnection::connect_with(server).await.expect("the server of DATABASE_URL answers");
    // Tests are processes of their own: the first makes it, and the others wait. The lock is the connection's.
    sqlx::raw_sql("SELECT pg_advisory_lock(7022346178)").execute(&mut conn).await.expect("a lock");
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut conn)
        .await
        .expect("databases have names");
    if !there {
        // One that was left half made is not taken for whole: it has another name.
        let draft = format!("{name}_draft");
        on(server, &format!("DROP DATABASE IF EXISTS {draft}")).await;
        on(server, &format!("CREATE DATABASE {draft} TEMPLATE template0 ENCODING 'UTF8'")).await;
        let mut inside = PgConnection::connect_with(&server.clone().database(&draft)).await.expect("it is there");
        migrate::platform(&mut inside).await.expect("migrations apply");
        inside.close().await.expect("nobody is connected to it");
        // Whoever is connected to a database keeps it from being copied.
        on(server, &format!("ALTER DATABASE {draft} ALLOW_CONNECTIONS false")).await;
        on(server, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    conn.close().await.ok();
    name
}

async fn on(server: &PgConnectOptions, statement: &str) {
    let mut conn = PgConnection::connect_with(server).await.expect("the server of DATABASE_URL answers");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut conn)
        .await
        .expect("a database can be made and dropped");
    conn.close().await.ok();
}
