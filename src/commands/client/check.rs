//! `portcullis check`.

use std::process::ExitCode;

use clap::Args;
use domain::text::printable;
use serde_json::{Map, Value, json};

use super::Api;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    api: Api,
    /// Who wants to do it: a member's id or address.
    subject: String,
    /// What they want to do, such as `members.invite`.
    permission: String,
    /// What they want to do it to, as `kind:id`.
    #[arg(long)]
    resource: Option<String>,
    /// The address that they come from.
    #[arg(long)]
    address: Option<String>,
    /// What they have proven themselves with besides a password: `passkey` or `authenticator`. May be given several times.
    #[arg(long)]
    factor: Vec<String>,
    /// Where the data is that they ask for.
    #[arg(long)]
    region: Option<String>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let Options { api, subject, permission, resource, address, factor, region } = options;
    let mut facts = Map::new();
    facts.extend(address.map(|address| ("address".to_owned(), address.into())));
    facts.extend(region.map(|region| ("region".to_owned(), region.into())));
    if !factor.is_empty() {
        facts.insert("factors".to_owned(), factor.into());
    }
    let mut check = json!({ "subject": subject, "permission": permission, "facts": facts });
    if let Some(resource) = resource {
        let (kind, id) = resource.split_once(':').unwrap_or(("resource", &resource));
        check["resource"] = json!({ "kind": kind, "id": id });
    }
    let answered = api.post("/check", Some(&check)).await?;
    let words = |value: &Value| {
        let list = |name: &str, field: &dyn Fn(&Value) -> String| {
            let items = value[name].as_array().into_iter().flatten();
            items.map(field).collect::<Vec<_>>().join(", ")
        };
        let reasons = list("reasons", &|reason| printable(reason.as_str().unwrap_or_default()).into_owned());
        let grounds = list("decided_by", &|ground| printable(ground["name"].as_str().unwrap_or_default()).into_owned());
        let by = if grounds.is_empty() { String::new() } else { format!(" by {grounds}") };
        if value["allowed"] == true { format!("allowed{by}") } else { format!("denied: {reasons}{by}") }
    };
    let code = api.judge(&answered, &[], |answered| words(&answered.value))?;
    Ok(if answered.value["allowed"] == true { code } else { ExitCode::from(super::NO) })
}
