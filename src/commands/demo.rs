//! `portcullis demo`.

use std::fmt::Display;
use std::process::ExitCode;

use clap::Args;
use portcullis::config::Data;
use server::demo::{self, DemoSummary};

use crate::runtime::with_portal;

#[derive(Args)]
pub struct Options {
    /// How many organizations.
    #[arg(long, default_value_t = 3)]
    tenants: u32,
    /// How many members the first of them has.
    #[arg(long)]
    members: Option<usize>,
    /// Do nothing when there is an organization already.
    #[arg(long)]
    if_empty: bool,
    /// Print the sign-in as JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(data: Data, options: Options) -> anyhow::Result<ExitCode> {
    let base_url = data.base_url.clone();
    with_portal(&data, async |portal| {
        if options.if_empty && !demo::is_empty(&portal).await? {
            eprintln!("There are organizations already: sign in at {base_url} as before.");
            return Ok(());
        }
        let mut wanted = demo::DemoOptions { tenants: options.tenants, ..demo::DemoOptions::default() };
        if let Some(members) = options.members {
            wanted.members_of_first = members;
        }
        let tell = |summary: &DemoSummary| {
            if !options.json {
                tell(summary, &base_url);
            }
        };
        let summary = demo::fill(&portal, &wanted, tell, |progress| {
            if progress.done % 100 == 0 || progress.done == progress.total {
                eprintln!("{} of {} organizations", progress.done, progress.total);
            }
        })
        .await?;
        if options.json {
            println!("{}", serde_json::to_string_pretty(&summary)?);
        } else if summary.password.is_none() {
            tell(&summary);
        }
        Ok(())
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// How to sign in. With a new password as soon as it works, so that it is not lost with what is left undone.
fn tell(summary: &DemoSummary, base_url: &impl Display) {
    println!("{} is at {base_url}/o/{}", summary.organization, summary.slug);
    match &summary.password {
        Some(password) => {
            println!("Sign in as {} with the password {password}\nThe password is not shown again.", summary.email);
        }
        None => println!("Sign in as {} with the password that you have.", summary.email),
    }
}
