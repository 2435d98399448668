//! Commands for the project's own scripts.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use portcullis::config::Data;
use portcullis::serve::stop_signal;
use secrecy::ExposeSecret as _;
use serde_json::json;
use server::cluster::{Cluster, Options};
use server::demo::{
    SignInTimes, lengthen_trail, measure_appends, measure_provisioning, measure_reservations, measure_sign_in,
};
use server::store::{AT_A_TIME, Rehearsal, SampleSchema};
use tokio::time::timeout;

use super::migrate::Meter;
use crate::runtime::{Database, with_portal};

#[derive(Args)]
pub struct WithPostgres {
    /// The command and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// How long a command may take to end once this program is asked to. Ctrl-C reaches it, too.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a command with a throwaway Postgres, or with the one that is given. Postgres ends with it, also when this
/// program is asked to.
pub async fn with_postgres(data: Data, WithPostgres { command }: WithPostgres) -> anyhow::Result<ExitCode> {
    let [program, arguments @ ..] = command.as_slice() else { anyhow::bail!("no command was given") };
    let mut child = tokio::process::Command::new(program);
    child.args(arguments);
    let mut stop = stop_signal()?.subscribe();
    let cluster = match data.database_url {
        Some(_) => None,
        None => Some(Cluster::start(&Options::throwaway()).await?),
    };
    if let Some(cluster) = &cluster {
        // Both: with only one of them the child would migrate the database that the other one names.
        child.env("DATABASE_URL", cluster.url().expose_secret()).env_remove("PORTCULLIS_DIRECT_DATABASE_URL");
    }
    let status = match child.spawn() {
        Ok(mut child) => tokio::select! {
            status = child.wait() => status,
            _ = stop.changed() => {
                if timeout(PATIENCE, child.wait()).await.is_err() {
                    // It may have ended just now.
                    let _ = child.start_kill();
                }
                child.wait().await
            }
        },
        Err(error) => Err(error),
    };
    let status = status.with_context(|| format!("cannot run {program}"));
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    let code = status?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[derive(Args)]
pub struct Bench {
    /// How many times.
    #[arg(long, default_value_t = 200)]
    count: u32,
}

/// Measures how long it takes to make an organization. Prints how many milliseconds each took, as JSON.
pub async fn bench_provision(data: Data, Bench { count }: Bench) -> anyhow::Result<ExitCode> {
    let times = with_portal(&data, async |portal| Ok(measure_provisioning(&portal, count).await?)).await?;
    println!("{}", json!(milliseconds(&times)));
    Ok(ExitCode::SUCCESS)
}

/// Measures parts of signing in. Prints how many milliseconds each took, as JSON.
pub async fn bench_sign_in(data: Data, Bench { count }: Bench) -> anyhow::Result<ExitCode> {
    let SignInTimes { hashing, lookup } =
        with_portal(&data, async |portal| Ok(measure_sign_in(&portal, count).await?)).await?;
    println!("{}", json!({ "hashing": milliseconds(&hashing), "lookup": milliseconds(&lookup) }));
    Ok(ExitCode::SUCCESS)
}

#[derive(Args)]
pub struct Trail {
    /// How many entries the oldest organization's trail gets.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// For how many seconds entries are appended one by one, before that.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// To how many organizations' trails they are appended by turns.
    #[arg(long, default_value_t = 100)]
    tenants: usize,
}

/// Measures how fast audit trails grow, and makes that of the oldest organization long. Prints how many entries a second
/// there were, as JSON.
pub async fn bench_audit(data: Data, Trail { entries, seconds, tenants }: Trail) -> anyhow::Result<ExitCode> {
    let lasting = Duration::from_secs(seconds.max(1));
    let rates = with_portal(&data, async |portal| {
        let one = measure_appends(&portal, 1, lasting).await?;
        let many = measure_appends(&portal, tenants, lasting).await?;
        let took = lengthen_trail(&portal, entries, |done| {
            if done % 500_000 == 0 {
                eprintln!("{done} of {entries} entries");
            }
        })
        .await?;
        let rate = |number: u64, time: Duration| u32::try_from(number).map_or(f64::NAN, f64::from) / time.as_secs_f64();
        Ok(json!({ "one": rate(one, lasting), "many": rate(many, lasting), "batches": rate(entries, took) }))
    })
    .await?;
    println!("{rates}");
    Ok(ExitCode::SUCCESS)
}

#[derive(Args)]
pub struct Reservations {
    /// For how many seconds it is reserved and settled.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// In how many organizations by turns, after one alone.
    #[arg(long, default_value_t = 100)]
    tenants: usize,
    /// How many wait for an answer at a time, in the one organization.
    #[arg(long, default_value_t = 512)]
    callers: usize,
    /// How many wait for an answer at a time, in all of the organizations together.
    #[arg(long, default_value_t = 2048)]
    crowd: usize,
}

/// Measures how many reservations are made and settled. Prints how many of both a second there were, as JSON.
pub async fn bench_quotas(data: Data, options: Reservations) -> anyhow::Result<ExitCode> {
    let lasting = Duration::from_secs(options.seconds.max(1));
    let rates = with_portal(&data, async |portal| {
        let one = measure_reservations(&portal, 1, options.callers, lasting).await?;
        let many = measure_reservations(&portal, options.tenants, options.crowd, lasting).await?;
        let rate = |number: u64| u32::try_from(number).map_or(f64::NAN, f64::from) / lasting.as_secs_f64();
        Ok(json!({ "one": rate(one), "many": rate(many) }))
    })
    .await?;
    println!("{rates}");
    Ok(ExitCode::SUCCESS)
}

#[derive(Args)]
pub struct Migrations {
    /// How many organizations are worked on at a time.
    #[arg(long, default_value_t = AT_A_TIME)]
    at_a_time: usize,
}

/// Migrates every organization by a typical migration, and back. Prints how many seconds the way there took, and of how many
/// organizations, as JSON.
pub async fn bench_migrate(data: Data, Migrations { at_a_time }: Migrations) -> anyhow::Result<ExitCode> {
    let database = Database::start(&data).await?;
    let mut meter = Meter::default();
    let rehearsed = database.rehearse(&data, at_a_time, |progress| meter.show(progress)).await;
    meter.end();
    database.stop().await?;
    let Rehearsal { tenants, failed, took } = rehearsed?;
    println!("{}", json!({ "organizations": tenants, "failed": failed, "seconds": took.as_secs_f64() }));
    Ok(ExitCode::SUCCESS)
}

fn milliseconds(times: &[Duration]) -> Vec<f64> {
    times.iter().map(|time| time.as_secs_f64() * 1000.0).collect()
}

/// Makes the sample schema on an up-to-date database.
pub async fn sample_schema(data: Data) -> anyhow::Result<ExitCode> {
    let database = Database::start(&data).await?;
    database.renew(&data).await?;
    SampleSchema::create(database.direct_url()).await?;
    println!("{}", SampleSchema::url(database.direct_url()));
    database.stop().await?;
    Ok(ExitCode::SUCCESS)
}
