//! `portcullis plan`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use app::texts;
use clap::Subcommand;
use domain::problem::Problem;
use domain::quotas::{CURRENCY, Metric, Plan};
use portcullis::config::Data;
use server::quotas::{PlanLine, assign_plan, list_plans, set_terms};
use server::{Error, Portal, RequestContext};

use crate::runtime::with_portal;

#[derive(Subcommand)]
pub enum Command {
    /// List what every plan allows and costs.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set what a plan allows of a metric, and what it costs.
    Set {
        /// The plan: free, team or enterprise.
        plan: String,
        /// The metric, as `list` has it.
        metric: String,
        /// The limit unless an organization has one of its own, such as `500` or `2 GB`; `unlimited` for none.
        #[arg(long)]
        limit: Option<String>,
        /// The highest limit that an organization may give itself; `unlimited` for any.
        #[arg(long)]
        ceiling: Option<String>,
        /// The price, such as `0.005`, of as much as `list` says.
        #[arg(long)]
        price: Option<String>,
    },
    /// Give an organization a plan.
    Assign {
        /// The organization's name in addresses.
        slug: String,
        /// The plan: free, team or enterprise.
        plan: String,
    },
}

pub async fn run(data: Data, command: Command) -> anyhow::Result<ExitCode> {
    with_portal(&data, async |portal| act(&portal, command).await).await?;
    Ok(ExitCode::SUCCESS)
}

async fn act(portal: &Portal, command: Command) -> anyhow::Result<()> {
    let request = RequestContext::internal(portal);
    match command {
        Command::List { json } => {
            let lines = list_plans(&request).await?;
            if json {
                println!("{}", serde_json::to_string_pretty(&lines)?);
            } else {
                lines.iter().for_each(show);
            }
        }
        Command::Set { plan, metric, limit, ceiling, price } => {
            let of =
                (plan_of(&plan)?, Metric::from_code(&metric).with_context(|| format!("there is no metric {metric}"))?);
            let set = set_terms(&request, of, limit.as_deref(), ceiling.as_deref(), price.as_deref()).await;
            show(&set.map_err(explain)?);
        }
        Command::Assign { slug, plan } => match assign_plan(&request, &slug, plan_of(&plan)?).await {
            Err(Error::Refused(Problem::NotFound)) => bail!("there is no organization {slug}"),
            Err(Error::Refused(Problem::Changed)) => bail!("the organization {slug} has the plan {plan} already"),
            done => done?,
        },
    }
    Ok(())
}

fn plan_of(code: &str) -> anyhow::Result<Plan> {
    Plan::from_code(code).with_context(|| format!("there is no plan {code}: it is free, team or enterprise"))
}

fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(errors) => {
            let fields: Vec<_> =
                errors.iter().map(|(field, problem)| format!("{field}: {}", texts::field(field, problem))).collect();
            anyhow::anyhow!("not set. {}", fields.join(" "))
        }
        error => error.into(),
    }
}

fn show(line: &PlanLine) {
    let PlanLine { plan, metric, limit, ceiling, price, per } = line;
    let price = if price == "0" { String::new() } else { format!("  {price} {CURRENCY} for {per}") };
    println!("{plan:<10}  {metric:<20}  {limit:>14}  up to {ceiling:>14}{price}");
}
