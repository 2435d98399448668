//! `portcullis tenant`.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use domain::accounts::SignUpForm;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use portcullis::config::Data;
use server::organizations::{list, set_status};
use server::{Error, Portal, RequestContext, sign_up};

use crate::runtime::with_portal;

#[derive(Subcommand)]
pub enum Command {
    /// List every organization.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make an organization and the account of its owner. The password is read from the first line of the standard input.
    Create {
        /// The organization's name.
        name: String,
        /// The owner's address.
        #[arg(long)]
        email: String,
        /// The owner's full name.
        #[arg(long)]
        owner: String,
    },
    /// Keep everybody out of an organization.
    Suspend {
        /// The organization's name in addresses.
        slug: String,
        /// Why; the organization reads it in its audit trail.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let people into a suspended organization again.
    Resume {
        /// The organization's name in addresses.
        slug: String,
        /// Why; the organization reads it in its audit trail.
        #[arg(long)]
        reason: Option<String>,
    },
}

pub async fn run(data: Data, command: Command) -> anyhow::Result<ExitCode> {
    with_portal(&data, async |portal| act(&portal, command).await).await?;
    Ok(ExitCode::SUCCESS)
}

async fn act(portal: &Portal, command: Command) -> anyhow::Result<()> {
    let request = RequestContext::internal(portal);
    match command {
        Command::List { json } => show(&list(&request).await?, json)?,
        Command::Create { name, email, owner } => {
            let mut password = String::new();
            std::io::stdin().read_line(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let form = SignUpForm { name: owner, email, password, organization: name };
            let slug = sign_up::provision(&request, &form).await.map_err(explain)?;
            println!("{slug}");
        }
        Command::Suspend { slug, reason } => change(&request, &slug, TenantStatus::Suspended, reason).await?,
        Command::Resume { slug, reason } => change(&request, &slug, TenantStatus::Active, reason).await?,
    }
    Ok(())
}

async fn change(
    request: &RequestContext,
    slug: &str,
    status: TenantStatus,
    reason: Option<String>,
) -> anyhow::Result<()> {
    match set_status(request, slug, status, reason.as_deref()).await {
        Ok(()) => Ok(()),
        Err(Error::Refused(Problem::NotFound)) => bail!("there is no organization {slug}"),
        Err(Error::Refused(Problem::Changed)) => bail!("the organization {slug} is {} already", status.code()),
        Err(error) => Err(error.into()),
    }
}

fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(errors) => {
            let fields: Vec<String> = errors.iter().map(|(field, problem)| format!("{field}: {problem:?}")).collect();
            anyhow::anyhow!("not made: {}", fields.join(", "))
        }
        error => error.into(),
    }
}

fn show(tenants: &[server::organizations::TenantRow], json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(tenants)?);
        return Ok(());
    }
    for tenant in tenants {
        println!("{:<40}  {:<9}  {:>6} members  {}", tenant.slug, tenant.status, tenant.members, tenant.name);
    }
    Ok(())
}
