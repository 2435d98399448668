//! What several of the pages show.

use domain::approvals::{Risk, Standing};
use leptos::prelude::*;

use super::words;
use crate::ui::Badge;

/// What a change may do, where nothing else says that this is its risk.
#[component]
pub(super) fn RiskBadge(
    risk: Risk,
    /// Whether it stands below a heading that says so.
    #[prop(optional)]
    headed: bool,
) -> impl IntoView {
    let label = if headed { risk.name().to_owned() } else { format!("{} risk", risk.name()) };
    view! { <Badge tone=words::risk(risk) label /> }
}

/// How a request stands.
#[component]
pub(super) fn StandingBadge(standing: Standing) -> impl IntoView {
    view! { <Badge tone=words::standing(standing) label=standing.name() /> }
}
