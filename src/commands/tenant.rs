//! `portcullis tenant`.

use std::process::ExitCode;

use anyhow::bail;
use app::texts;
use clap::Subcommand;
use domain::accounts::SignUpForm;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use portcullis::config::Data;
use server::organizations::{
    NotUpgraded, add_domain, keep_by_slug, list, list_domains, remove_domain, schedule_deletion_by_slug, set_status,
};
use server::{Error, Portal, RequestContext, sign_up};

use crate::commands::carrying;
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
    /// The domains that are shown to be an organization's: it manages the accounts with addresses there.
    Domain {
        /// The organization's name in addresses.
        slug: String,
        #[command(subcommand)]
        command: DomainCommand,
    },
    /// Let people into a suspended organization again.
    Resume {
        /// The organization's name in addresses.
        slug: String,
        /// Why; the organization reads it in its audit trail.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Delete an organization: everybody is kept out at once, and after 30 days it is gone. Until then its owners can keep it,
    /// unless it is suspended.
    Delete {
        /// The organization's name in addresses.
        slug: String,
        /// Why; the organization reads it in its audit trail.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Write all of an organization into a file, sealed with a passphrase.
    Export(carrying::Export),
    /// Make an organization of such a file, under the id that it had.
    Import(carrying::Import),
    /// Compare two organizations table by table, such as one and what was restored beside it. The exit status is 0 if they
    /// are the same.
    Compare(carrying::Compare),
    /// Keep an organization that is to be deleted.
    Keep {
        /// The organization's name in addresses.
        slug: String,
        /// Why; the organization reads it in its audit trail.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum DomainCommand {
    /// Note a domain as the organization's.
    Add {
        /// Such as `acme.example`.
        domain: String,
    },
    /// Take it back.
    Remove {
        /// Such as `acme.example`.
        domain: String,
    },
    /// List them.
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
        Command::List { json } => show(&list(&request).await?, json)?,
        Command::Create { name, email, owner } => {
            let mut password = String::new();
            std::io::stdin().read_line(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let form = SignUpForm { name: owner, email, password, organization: name };
            let slug = sign_up::provision(&request, &form).await.map_err(explain)?;
            println!("{slug}");
        }
        Command::Domain { slug, command } => act_on_domains(&request, &slug, command).await?,
        Command::Export(options) => carrying::export(&request, options).await?,
        Command::Import(options) => carrying::import(&request, options).await?,
        Command::Compare(options) => carrying::compare(&request, options).await?,
        Command::Suspend { slug, reason } => change(&request, &slug, TenantStatus::Suspended, reason).await?,
        Command::Resume { slug, reason } => change(&request, &slug, TenantStatus::Active, reason).await?,
        Command::Delete { slug, reason } => {
            let done = schedule_deletion_by_slug(&request, &slug, reason.as_deref()).await;
            let at = unless_changed(done, &slug, "is being deleted already")?;
            println!("{}", at.date());
        }
        Command::Keep { slug, reason } => {
            unless_changed(keep_by_slug(&request, &slug, reason.as_deref()).await, &slug, "is not being deleted")?;
        }
    }
    Ok(())
}

async fn change(
    request: &RequestContext,
    slug: &str,
    status: TenantStatus,
    reason: Option<String>,
) -> anyhow::Result<()> {
    let state = if status == TenantStatus::Suspended { "is suspended already" } else { "is not suspended" };
    unless_changed(set_status(request, slug, status, reason.as_deref()).await, slug, state)
}

/// What was done, or that the organization is in this state.
fn unless_changed<T>(done: Result<T, Error>, slug: &str, state: &str) -> anyhow::Result<T> {
    match done {
        Err(Error::Refused(Problem::Changed)) => bail!("the organization {slug} {state}"),
        done => done.map_err(|error| unknown(error, slug)),
    }
}

async fn act_on_domains(request: &RequestContext, slug: &str, command: DomainCommand) -> anyhow::Result<()> {
    let (done, what) = match command {
        DomainCommand::List { json } => {
            let domains = list_domains(request, slug).await.map_err(|error| unknown(error, slug))?;
            if json {
                println!("{}", serde_json::to_string_pretty(&domains)?);
            } else {
                for domain in domains {
                    println!("{domain}");
                }
            }
            return Ok(());
        }
        DomainCommand::Add { domain } => (
            add_domain(request, slug, &domain).await,
            format!("{domain} is noted already, for this organization or another"),
        ),
        DomainCommand::Remove { domain } => {
            (remove_domain(request, slug, &domain).await, format!("{domain} is no domain of this organization"))
        }
    };
    match done {
        Err(Error::Refused(Problem::Changed)) => bail!(what),
        Err(Error::Invalid(_)) => bail!("a domain looks like acme.example"),
        done => done.map_err(|error| unknown(error, slug)),
    }
}

fn unknown(error: Error, slug: &str) -> anyhow::Error {
    match error {
        Error::Refused(Problem::NotFound) => anyhow::anyhow!("there is no organization {slug}"),
        error => error.into(),
    }
}

pub(super) fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(errors) => {
            let fields: Vec<String> =
                errors.iter().map(|(field, problem)| format!("{field}: {}", texts::field(field, problem))).collect();
            anyhow::anyhow!("not made. {}", fields.join(" "))
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
        let until = tenant.delete_at.map_or_else(String::new, |at| format!("  (deleted for good on {})", at.date()));
        let stuck = tenant.not_upgraded.as_ref().map_or_else(
            String::new,
            |NotUpgraded { version, why, attempts, failed_at }| {
                format!("  (not upgraded: migration {version}, tried {attempts}×, last on {}: {why})", failed_at.date())
            },
        );
        println!(
            "{:<40}  {:<9}  {:>6} members  {}{until}{stuck}",
            tenant.slug, tenant.status, tenant.members, tenant.name
        );
    }
    Ok(())
}
