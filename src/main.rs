//! The command line: one program that serves, migrates and administers.

mod commands;
mod runtime;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use commands::client::{check, failing, quota};
use commands::{audit, demo, development, mail, manual, migrate, operator, plan, serve, tenant};
use portcullis::config::Data;

/// Gives large blocks back to the system at once. With the C library's allocator the 19 MiB that each
/// password hash takes stay with the thread that computed it, and a few hundred sign-ins hold a gigabyte.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The admin portal of a multi-tenant platform.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal.
    Serve(serve::Options),
    /// Bring the database up to date.
    Migrate(migrate::Options),
    /// Fill the database with organizations that look real.
    Demo(demo::Options),
    /// List, create, suspend and resume organizations.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Add, remove and list those who may use the operator's console.
    #[command(subcommand)]
    Operator(operator::Command),
    /// What plans allow and cost, and which one an organization has.
    #[command(subcommand)]
    Plan(plan::Command),
    /// Look at the mail that waits to be sent.
    #[command(subcommand)]
    Mail(mail::Command),
    /// Check exports of the audit trail; ask for entries of it, and add some.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Ask whether a member may do something, by an API key: the exit status is 0 if so, 1 if not, and 2 without an answer.
    Check(check::Options),
    /// Reserve, settle and release amounts, and tell what was used, by an API key: the exit status is 0 if that was done, 1
    /// if there was not so much, and 2 without an answer.
    #[command(subcommand)]
    Quota(quota::Command),
    /// Print what makes a shell complete these commands and their options.
    Completions(manual::Completions),
    /// Write the manual, a page for each command.
    Man(manual::Pages),
    /// Run a command with a throwaway Postgres in `DATABASE_URL`.
    #[command(hide = true)]
    WithPostgres(development::WithPostgres),
    /// Make the schema that statements are checked against, and print its URL.
    #[command(hide = true)]
    SampleSchema,
    /// Make organizations, and say how long each took.
    #[command(hide = true)]
    BenchProvision(development::Bench),
    /// Sign in, and say how long parts of it took.
    #[command(hide = true)]
    BenchSignIn(development::Bench),
    /// Migrate every organization, and back, and say how long it took.
    #[command(hide = true)]
    BenchMigrate(development::Migrations),
    /// Write audit entries, and say how many a second there were.
    #[command(hide = true)]
    BenchAudit(development::Trail),
    /// Reserve and settle, and say how many of both a second there were.
    #[command(hide = true)]
    BenchQuotas(development::Reservations),
}

fn main() -> ExitCode {
    let Cli { data, command } = Cli::parse();
    runtime::start_logging(matches!(command, Command::Serve(_)));
    let result = runtime::block_on(async move {
        match command {
            Command::Serve(options) => Box::pin(serve::run(data, options)).await,
            Command::Migrate(options) => migrate::run(data, options).await,
            Command::Demo(options) => demo::run(data, options).await,
            Command::Tenant(command) => tenant::run(data, command).await,
            Command::Operator(command) => operator::run(data, command).await,
            Command::Plan(command) => plan::run(data, command).await,
            Command::Mail(command) => mail::run(data, command).await,
            Command::Audit(command) => audit::run(command).await,
            Command::Check(options) => Ok(failing(check::run(options).await)),
            Command::Quota(command) => Ok(failing(quota::run(command).await)),
            Command::Completions(options) => manual::completions(&Cli::command(), &options),
            Command::Man(options) => manual::pages(&Cli::command(), &options),
            Command::WithPostgres(command) => development::with_postgres(data, command).await,
            Command::SampleSchema => development::sample_schema(data).await,
            Command::BenchProvision(options) => development::bench_provision(data, options).await,
            Command::BenchSignIn(options) => development::bench_sign_in(data, options).await,
            Command::BenchMigrate(options) => development::bench_migrate(data, options).await,
            Command::BenchAudit(options) => development::bench_audit(data, options).await,
            Command::BenchQuotas(options) => development::bench_quotas(data, options).await,
        }
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("portcullis: {error:#}");
            ExitCode::FAILURE
        }
    }
}
