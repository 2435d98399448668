//! `portcullis operator`.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use domain::fields::FieldProblem;
use domain::operators::OperatorForm;
use domain::problem::Problem;
use portcullis::config::Data;
use server::operators::{Added, OperatorRow, add, has_account, list_operators, remove};
use server::{Error, Portal, RequestContext};

use super::tenant::explain;
use crate::runtime::with_portal;

#[derive(Subcommand)]
pub enum Command {
    /// Let somebody into the operator's console, at `/operator`. They need a second factor there. An account of this address
    /// has to have proven it; without one an account is made: its password is read from the first line of the standard input.
    Add {
        /// Their address.
        email: String,
        /// Their full name, for a new account.
        #[arg(long)]
        name: Option<String>,
    },
    /// Close the console to somebody, from their next request on. Their account stays.
    Remove {
        /// Their address.
        email: String,
    },
    /// List the operators.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(data: Data, command: Command) -> anyhow::Result<ExitCode> {
    with_portal(&data, async |portal| act(&portal, command).await).await?;
    Ok(ExitCode::SUCCESS)
}

async fn act(portal: &Portal, command: Command) -> anyhow::Result<()> {
    let request = RequestContext::internal(portal);
    match command {
        Command::Add { email, name } => add_operator(&request, email, name).await,
        Command::Remove { email } => match remove(&request, &email).await {
            Err(Error::Refused(Problem::NotFound)) => bail!("{email} is no operator"),
            done => done.map_err(explain),
        },
        Command::List { json } => show(&list_operators(&request).await?, json),
    }
}

async fn add_operator(request: &RequestContext, email: String, name: Option<String>) -> anyhow::Result<()> {
    let mut form = OperatorForm { email, ..OperatorForm::default() };
    if !has_account(request, &form.email).await.map_err(explain)? {
        let Some(name) = name else {
            bail!("{} has no account: pass --name, and a password on the standard input", form.email)
        };
        form.name = name;
        std::io::stdin().read_line(&mut form.password)?;
        form.password.truncate(form.password.trim_end_matches(['\r', '\n']).len());
    }
    match add(request, &form).await {
        Ok(Added { name, is_new: true }) => println!("made an account, and {name} an operator"),
        Ok(Added { name, is_new: false }) => println!("made {}, the account of {name}, an operator", form.email),
        Err(Error::Refused(Problem::Changed)) => bail!("{} is an operator already", form.email),
        Err(Error::Invalid(errors)) if errors.of("email") == Some(FieldProblem::Taken) => {
            bail!(
                "the account of {} may be somebody else’s: its address is proven by “Forgot password” first",
                form.email
            )
        }
        Err(error) => return Err(explain(error)),
    }
    Ok(())
}

fn show(operators: &[OperatorRow], json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(operators)?);
        return Ok(());
    }
    for OperatorRow { email, name, second_factor, added_at, .. } in operators {
        let missing = if *second_factor { "" } else { "  (no second factor yet)" };
        println!("{email:<40}  since {}  {name}{missing}", added_at.date());
    }
    Ok(())
}
