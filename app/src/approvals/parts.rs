//! What several of the pages show.

use domain::approvals::{Risk, Standing};
use leptos::prelude::*;

use super::words;
use crate::ui::Badge;

/// What a change may do.
#[component]
pub(super) fn RiskBadge(risk: Risk) -> impl IntoView {
    view! { <Badge tone=words::risk(risk) label=risk.name() /> }
}

/// How a request stands.
#[component]
pub(super) fn StandingBadge(standing: Standing) -> impl IntoView {
    view! { <Badge tone=words::standing(standing) label=standing.name() /> }
}
