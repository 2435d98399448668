//! The audit trail.

mod denied;
mod entry;
mod export;
mod list;
mod words;

pub use entry::entry_page;
pub use export::{checkpoint, export, export_table, key};
pub use list::page;

pub(crate) use list::Timeline;
