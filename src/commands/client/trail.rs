//! `portcullis audit query` and `portcullis audit ingest`.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;
use domain::text::printable;
use serde_json::{Value, json};

use super::Api;

/// The most events that the API takes at once.
const BATCH: usize = 500;

#[derive(Args)]
pub struct Query {
    #[command(flatten)]
    api: Api,
    /// What is asked for, as in the address of the audit page, such as `outcome=denied&range=7d`.
    #[arg(default_value = "")]
    filter: String,
    /// So many entries at most.
    #[arg(long, default_value_t = 100)]
    most: usize,
}

#[derive(Args)]
pub struct Ingest {
    #[command(flatten)]
    api: Api,
}

/// Prints entries, the newest first: a line for each.
pub async fn query(options: Query) -> anyhow::Result<ExitCode> {
    let Query { api, filter, most } = options;
    let filter: Vec<_> = url::form_urlencoded::parse(filter.as_bytes()).into_owned().collect();
    let (mut next, mut left) = (None::<String>, most);
    while left > 0 {
        let mut pairs: Vec<_> = filter.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        pairs.push(("limit", left.min(100).to_string()));
        pairs.extend(next.take().map(|next| ("next", next)));
        let answered = api.get("/audit/events", &pairs).await?;
        if !answered.status.is_success() {
            return api.judge(&answered, &[], |_| String::new());
        }
        for item in answered.value["items"].as_array().into_iter().flatten() {
            left = left.saturating_sub(1);
            println!("{}", if api.json { item.to_string() } else { line(item) });
        }
        match answered.value["next"].as_str() {
            Some(further) => next = Some(further.to_owned()),
            None => break,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(item: &Value) -> String {
    let text = |value: &Value| printable(value.as_str().unwrap_or("-")).into_owned();
    let (actor, target) = (&item["actor"]["name"], &item["target"]["name"]);
    let parts = [&item["at"], &item["action"], &item["outcome"], actor, target].map(text);
    format!("{}\t{}", item["index"], parts.join("\t"))
}

/// Adds events to the trail that stand on the standard input, a line of JSON each.
pub async fn ingest(options: Ingest) -> anyhow::Result<ExitCode> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("the standard input cannot be read")?;
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    let events = lines
        .map(|(number, line)| serde_json::from_str(line).with_context(|| format!("line {} is not JSON", number + 1)));
    let events = events.collect::<anyhow::Result<Vec<Value>>>()?;
    ensure!(!events.is_empty(), "there are no events on the standard input");
    for batch in events.chunks(BATCH) {
        let answered = options.api.post("/audit/events", Some(&json!({ "events": batch }))).await?;
        let words = |answered: &super::Answered| {
            format!("{} added, {} there already", answered.text("recorded"), answered.text("duplicates"))
        };
        let code = options.api.judge(&answered, &[], words)?;
        if !answered.status.is_success() {
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
