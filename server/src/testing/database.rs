//! A database of a test's own.

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// A database that is there for one test.
#[derive(Clone, Debug)]
pub struct Database {
    server: PgConnectOptions,
    name: String,
    url: SecretString,
}

impl Database {
    /// Makes an empty one on the server that `DATABASE_URL` names.
    pub async fn create(suffix: &str) -> Self {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres for tests");
        Self::create_on(&url.into(), suffix).await
    }

    /// Makes an empty one on this server.
    pub async fn create_on(server: &SecretString, suffix: &str) -> Self {
        let server: PgConnectOptions = server.expose_secret().parse().expect("a Postgres URL");
        let name = format!("pc_test_{suffix}");
        let url = server.clone().database(&name).to_url_lossy().to_string().into();
        let database = Self { server, name, url };
        // Nobody can be connected to template0, which would keep it from being copied.
        database.on_server(&format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", database.name)).await;
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
        self.on_server(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        if !roles.is_empty() {
            self.on_server(&format!("DROP ROLE {}", roles.join(", "))).await;
        }
    }

    async fn on_server(&self, statement: &str) {
        let mut conn = PgConnection::connect_with(&self.server).await.expect("the server of DATABASE_URL answers");
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut conn)
            .await
            .expect("a database can be made and dropped");
        conn.close().await.ok();
    }
}
