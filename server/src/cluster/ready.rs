//! Waiting for a cluster to answer, and the database in it.

use std::{path::Path, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{ConnectOptions, Connection, PgConnection, error::DatabaseError, postgres::PgConnectOptions};

use super::{ClusterError, binaries::SUPERUSER, files::Files, postmaster::Postmaster};

/// The database that the product lives in; `initdb` makes only the one called `postgres`.
const DATABASE: &str = "portcullis";
/// How long Postgres may take to answer; recovery after a power cut reads up to a gigabyte.
const TIMEOUT: Duration = Duration::from_mins(2);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Waits until the cluster answers and gives its URL, or nothing when it ended in a way that a new start mends.
pub(super) async fn wait(files: &Files, postmaster: &mut Postmaster) -> Result<Option<SecretString>, ClusterError> {
    match tokio::time::timeout(TIMEOUT, poll(files, postmaster)).await {
        Ok(answer) => answer,
        Err(_) => Err(ClusterError::NotReady { log: files.log() }),
    }
}

async fn poll(files: &Files, postmaster: &mut Postmaster) -> Result<Option<SecretString>, ClusterError> {
    let password = files.password()?;
    let mut pause = FIRST_PAUSE;
    loop {
        if postmaster.has_ended(files) {
            return ended(files, postmaster).await;
        }
        if let Some(sockets) = postmaster.listens_in(files)? {
            match ask(&sockets, &password).await {
                Ok(()) => return Ok(Some(url(&sockets, &password))),
                Err(error) if is(&error, "28P01") => {
                    return Err(ClusterError::WrongPassword { path: files.password_file() });
                }
                // Not listening yet, starting up, or about to end: ask again.
                Err(sqlx::Error::Io(_)) => {}
                Err(error) if is(&error, "57P03") => {}
                Err(error) => return Err(error.into()),
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Tells an end that is worth another start from one that is not.
async fn ended(files: &Files, postmaster: &mut Postmaster) -> Result<Option<SecretString>, ClusterError> {
    postmaster.remove_sockets();
    // The children of a Postgres that was killed need a moment to notice; until then a new one refuses to start.
    let orphans = postmaster.words(files).contains("shared memory block");
    if postmaster.is_child() && !orphans {
        return Err(postmaster.refused(files));
    }
    tokio::time::sleep(LONGEST_PAUSE).await;
    Ok(None)
}

/// Asks the product's database a question, and makes it first where there is none.
async fn ask(sockets: &Path, password: &SecretString) -> Result<(), sqlx::Error> {
    match connect(sockets, password, DATABASE).await {
        Err(error) if is(&error, "3D000") => {
            let mut connection = connect(sockets, password, "postgres").await?;
            sqlx::query("CREATE DATABASE portcullis").execute(&mut connection).await?;
            connection.close().await
        }
        answer => {
            let mut connection = answer?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            connection.close().await
        }
    }
}

async fn connect(sockets: &Path, password: &SecretString, database: &str) -> Result<PgConnection, sqlx::Error> {
    url(sockets, password)
        .expose_secret()
        .parse::<PgConnectOptions>()?
        .database(database)
        .disable_statement_logging()
        .connect()
        .await
}

/// The superuser's URL. The port names the socket's file, and would otherwise come from `PGPORT`.
fn url(sockets: &Path, password: &SecretString) -> SecretString {
    let host = sockets.to_string_lossy().replace('/', "%2F");
    format!("postgres://{SUPERUSER}:{}@{host}:5432/{DATABASE}?sslmode=disable", password.expose_secret()).into()
}

/// Whether an error is Postgres' with this SQLSTATE.
fn is(error: &sqlx::Error, state: &str) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == state)
}
