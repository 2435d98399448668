//! `portcullis quota`.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use domain::text::printable;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Answered, Api};

#[derive(Subcommand)]
pub enum Command {
    /// Reserve amounts, all of them or none, and print the reservation's id.
    Reserve {
        #[command(flatten)]
        api: Api,
        /// How much of what, as `metric=amount`.
        #[arg(required = true, value_parser = amount)]
        amounts: Vec<(String, String)>,
        /// Sent again with the same key, it is the same reservation.
        #[arg(long)]
        key: Option<String>,
        /// For how many seconds they are held.
        #[arg(long)]
        ttl: Option<u32>,
        /// Who or what uses them.
        #[arg(long)]
        subject: Option<String>,
    },
    /// Say what was used of a reservation: all of it, unless amounts are given.
    Settle {
        #[command(flatten)]
        api: Api,
        /// The reservation's id.
        reservation: Uuid,
        /// How much of what, as `metric=amount`.
        #[arg(value_parser = amount)]
        amounts: Vec<(String, String)>,
    },
    /// Give a reservation back.
    Release {
        #[command(flatten)]
        api: Api,
        /// The reservation's id.
        reservation: Uuid,
    },
    /// Tell what was used: of a metric over time, or how all quotas stand.
    Usage {
        #[command(flatten)]
        api: Api,
        /// The metric.
        metric: Option<String>,
        /// `24h`, `30d` or `12m`.
        #[arg(long, requires = "metric")]
        range: Option<String>,
    },
}

/// Codes of problems that say no: there is not so much, or it is too late.
const NO: &[&str] = &["over_quota", "conflict", "not_found"];

pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Reserve { api, amounts, key, ttl, subject } => {
            let mut body = json!({ "amounts": object(amounts) });
            let more = [
                ("key", key.map(Value::from)),
                ("ttl_seconds", ttl.map(Value::from)),
                ("subject", subject.map(Value::from)),
            ];
            for (name, value) in more {
                if let Some(value) = value {
                    body[name] = value;
                }
            }
            let answered = api.post("/quotas/reservations", Some(&body)).await?;
            api.judge(&answered, NO, |answered| answered.text("id"))
        }
        Command::Settle { api, reservation, amounts } => {
            let body = json!({ "amounts": object(amounts) });
            let answered = api.post(&format!("/quotas/reservations/{reservation}/settle"), Some(&body)).await?;
            api.judge(&answered, NO, |answered| answered.text("state"))
        }
        Command::Release { api, reservation } => {
            let answered = api.post(&format!("/quotas/reservations/{reservation}/release"), None).await?;
            api.judge(&answered, NO, |answered| answered.text("state"))
        }
        Command::Usage { api, metric: None, .. } => {
            let answered = api.get("/quotas", &[]).await?;
            api.judge(&answered, &[], quotas)
        }
        Command::Usage { api, metric: Some(metric), range } => {
            let range = range.map(|range| ("range", range));
            let query: Vec<_> = [("metric", metric)].into_iter().chain(range).collect();
            let answered = api.get("/usage", &query).await?;
            api.judge(&answered, &[], |answered| format!("{} {}", answered.text("total"), answered.text("unit")))
        }
    }
}

/// A line for each quota: what it is, what was used, what is held, and the limit.
fn quotas(answered: &Answered) -> String {
    let items = answered.value["items"].as_array().into_iter().flatten();
    let line = |item: &Value| {
        let text = |name: &str| match &item[name] {
            Value::String(text) => printable(text).into_owned(),
            Value::Null => "-".to_owned(),
            value => value.to_string(),
        };
        ["metric", "used", "held", "limit", "unit"].map(text).join("\t")
    };
    items.map(line).collect::<Vec<_>>().join("\n")
}

fn object(amounts: Vec<(String, String)>) -> Map<String, Value> {
    amounts.into_iter().map(|(metric, amount)| (metric, amount.into())).collect()
}

/// An amount of a metric. How much there may be is the API's to judge.
fn amount(text: &str) -> anyhow::Result<(String, String)> {
    let (metric, amount) = text.split_once('=').context("write metric=amount")?;
    Ok((metric.to_owned(), amount.to_owned()))
}
