//! The audit trail.

mod address;
mod api;
mod ask;
mod checkpoints;
mod denied;
mod entry;
mod export;
mod filters;
mod histogram;
mod holds;
mod list;
mod mailing;
mod proofs;
mod related;
mod spans;
mod table;
mod verify;
mod views;
mod words;

pub use api::{delete_view, save_view, take_checkpoint};
pub use ask::ask_page;
pub use checkpoints::checkpoints_page;
pub use entry::entry_page;
pub use export::{export, export_file, export_table};
pub use holds::{holds_page, place_hold, release_hold};
pub use list::page;
pub use mailing::{change_checkpoint_mail, checkpoint_mail_page};
pub use proofs::{checkpoint, consistency, kept_checkpoint, key, proof};
pub use verify::verify_page;
pub use views::views_page;

pub(crate) use address::address as list_address;
pub(crate) use ask::{Exported, ask_address};
pub(crate) use table::Timeline;

use domain::problem::Problem;
use server::Error;

use crate::context::Organization;
use crate::ui::Crumb;

/// An index or a size in an address. What is no number, there is not.
fn number_in(text: &str) -> Result<u64, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// The way back to the list.
fn crumbs(org: &Organization) -> Vec<Crumb> {
    vec![Crumb { label: "Audit trail".into(), href: org.path("/audit") }]
}
