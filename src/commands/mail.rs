//! `portcullis mail`.

use std::process::ExitCode;

use clap::Subcommand;
use portcullis::config::Data;
use server::{RequestContext, outbox};

use crate::runtime::with_portal;

#[derive(Subcommand)]
pub enum Command {
    /// Show the mail that waits to be sent, with links that work. Each mail that is shown leaves an entry in the
    /// platform's audit trail.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(data: Data, command: Command) -> anyhow::Result<ExitCode> {
    let Command::List { json } = command;
    let mails = with_portal(&data, async |portal| Ok(outbox::read(&RequestContext::internal(&portal)).await?)).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&mails)?);
        return Ok(ExitCode::SUCCESS);
    }
    if mails.is_empty() {
        println!("No mail waits.");
    }
    for mail in mails {
        println!("To: {}\nSubject: {}\nState: {}, {} attempts\n", mail.to, mail.subject, mail.state, mail.attempts);
        println!("{}\n", mail.text.trim_end());
    }
    Ok(ExitCode::SUCCESS)
}
