//! What else there is about what an entry is about.

use std::net::IpAddr;

use domain::audit::{Act, Action, AuditQuery};
use domain::text::isolated;
use leptos::prelude::*;
use server::audit::EntryView;

use super::address::address;
use super::words::actor;
use crate::context::Organization;
use crate::ui::Card;

/// Links to the lists that an entry belongs to.
#[component]
pub(super) fn Related(org: Organization, entry: EntryView) -> impl IntoView {
    let lines = related(&entry).into_iter().map(|(label, query)| {
        let href = address(&org, &query);
        view! { <li class="wrap-anywhere"><a class="link" href=href>{label}</a></li> }
    });
    let lines = lines.collect_view();
    view! {
        <Card title="Everything about this">
            <ul class="grid gap-1.5 text-md">{lines}</ul>
        </Card>
    }
}

/// The lists, by what they are of.
fn related(entry: &EntryView) -> Vec<(String, AuditQuery)> {
    let all = AuditQuery::default;
    let named = entry.target_name.as_deref().map(|name| isolated(name).into_owned());
    let act = Act::from_code(&entry.action).map_or(entry.action.as_str(), |act| act.name);
    let by = entry.actor.map(|id| {
        let query = AuditQuery { actor: Some(id), ..all() };
        (format!("What {} did", isolated(&actor(entry))), query)
    });
    let to = (!entry.target.is_empty()).then(|| {
        let target = named.unwrap_or_else(|| format!("this {}", entry.target_kind.replace('_', " ")));
        (format!("What happened to {target}"), AuditQuery { target: Some(entry.target.clone()), ..all() })
    });
    let alike = Action::try_from(entry.action.clone())
        .ok()
        .map(|action| (format!("Acts of the same kind: {act}"), AuditQuery { action: Some(action), ..all() }));
    let request = entry
        .request_id
        .clone()
        .map(|id| ("What came with the same request".to_owned(), AuditQuery { text: Some(id), ..all() }));
    let address = entry
        .ip
        .as_deref()
        .and_then(|ip| ip.parse::<IpAddr>().ok())
        .map(|ip| (format!("What came from {ip}"), AuditQuery { address: Some(ip), ..all() }));
    [by, to, alike, request, address].into_iter().flatten().collect()
}
