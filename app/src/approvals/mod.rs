//! Owner approval: what was asked for, who has approved it, and asking for more.

mod api;
mod ask;
mod ask_handed;
mod done;
mod list;
mod page;
mod parts;
mod votes;
mod what;
mod words;

pub use api::{approve, ask_to_delete, ask_to_enforce, ask_to_roll_back, ask_to_set_role, cancel, deny};
pub(crate) use ask::{AskForRole, AskNote, AskToDelete, ReasonField, is_alone, is_other_owner, needs_approval};
pub use ask_handed::{ask_to_create_key, ask_to_export, ask_to_widen_key, hand_over};
pub use done::ApprovalDone;
pub use list::list;
pub use page::page;

use axum::extract::Path;
use domain::ids::ApprovalId;
use domain::problem::Problem;
use server::{Error, approvals};

use crate::context::Organization;
use crate::ui::Crumb;

/// The organization's slug and the request's id in an address. What is no id is nobody's.
pub(crate) type ApprovalPath = Path<(String, String)>;

fn approval_id(text: &str) -> Result<ApprovalId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The page of a request, and what is below it.
fn address(org: &Organization, id: ApprovalId, rest: &str) -> String {
    org.path(&format!("/approvals/{id}{rest}"))
}

/// The way back up from a request.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Approvals".into(), href: org.path("/approvals") }]
}

/// How many requests wait for the word of whoever looks. That it cannot be found out keeps no page from being shown.
pub(crate) async fn waiting(org: &Organization) -> u64 {
    if !org.access.enforced().document().approval_needed.any() {
        return 0;
    }
    approvals::count_waiting(&org.access).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "nobody is told how many requests wait");
        0
    })
}
