//! What several of the alerts' pages show.

use domain::detections::{AlertState, Severity};
use leptos::prelude::*;
use server::alerts::AlertView;

use super::words::{network_name, whom};
use crate::context::Organization;
use crate::ui::{Badge, IconName, Tone};

/// How bad something is.
#[component]
pub(crate) fn SeverityBadge(severity: Severity) -> impl IntoView {
    let (tone, icon) = match severity {
        Severity::Critical => (Tone::Bad, Some(IconName::TRIANGLE_ALERT)),
        Severity::High => (Tone::Bad, None),
        Severity::Medium => (Tone::Warn, None),
        Severity::Low => (Tone::Idle, None),
    };
    let label = severity.name();
    match icon {
        Some(icon) => view! { <Badge tone label icon /> }.into_any(),
        None => view! { <Badge tone label /> }.into_any(),
    }
}

/// How far an alert has come.
#[component]
pub(super) fn StateBadge(state: AlertState) -> impl IntoView {
    let tone = match state {
        AlertState::Open => Tone::Warn,
        AlertState::Acknowledged => Tone::Info,
        AlertState::Resolved => Tone::Idle,
    };
    view! { <Badge tone label=state.name() /> }
}

/// Whom or what an alert is about: a member, whose page it leads to, or a network.
#[component]
pub(super) fn About(org: Organization, alert: AlertView) -> impl IntoView {
    let network = alert.network.map(|network| view! { <code class="mono">{network_name(network)}</code> });
    let name = whom(&alert);
    match (alert.account, network) {
        (Some((id, Some(_))), network) => {
            let href = org.path(&format!("/members/{id}"));
            let network = network.map(|network| view! { <span class="text-muted">" · " {network}</span> });
            view! { <span><a class="link-quiet" href=href>{name}</a> {network}</span> }.into_any()
        }
        (Some((_, None)), _) => view! { <span class="text-muted">"Somebody who left"</span> }.into_any(),
        (None, Some(network)) => network.into_any(),
        (None, None) => view! { <span class="text-muted">"The organization"</span> }.into_any(),
    }
}

/// To whom an alert is assigned.
pub(super) fn assignee(alert: &AlertView) -> String {
    match &alert.assigned_to {
        Some((_, Some(name))) => name.clone(),
        Some((_, None)) => "Somebody who left".to_owned(),
        None => "Nobody".to_owned(),
    }
}
