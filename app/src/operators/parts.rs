//! How an organization stands, in a word each.

use domain::operators::{Condition, Health};
use domain::organizations::TenantStatus;
use leptos::prelude::*;

use crate::ui::{Badge, Tone, number};

/// Whether an organization can be used.
#[component]
pub(super) fn StatusBadge(status: TenantStatus) -> impl IntoView {
    let tone = match status {
        TenantStatus::Active => Tone::Ok,
        TenantStatus::Suspended => Tone::Bad,
        TenantStatus::Deleting => Tone::Warn,
    };
    view! { <Badge tone label=status.name() /> }
}

/// Whether an organization is as it should be.
#[component]
pub(super) fn HealthBadge(health: Health) -> impl IntoView {
    let tone = match health {
        Health::Ok => Tone::Ok,
        Health::Quarantined => Tone::Warn,
        Health::Behind | Health::NotUpgraded => Tone::Bad,
        Health::Deleting => Tone::Idle,
    };
    view! { <Badge tone label=health.name() /> }
}

/// The version of an organization's tables, and of this program's where that is another.
pub(super) fn version(condition: Condition) -> String {
    let Condition { version, needed, .. } = condition;
    if version == needed { version.to_string() } else { format!("{version}, needs {needed}") }
}

/// How many people are in it.
pub(super) fn people(count: u64) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{} members", number(count)) }
}
