//! The log as a table to be read, in CSV (RFC 4180). It holds no hashes and no proofs.

use domain::audit::Outcome;
use time::format_description::well_known::Rfc3339;

use super::{Damage, EntryView};
use crate::error::Error;
use crate::spreadsheet::{harmless, write};

const COLUMNS: [&str; 16] = [
    "index",
    "at",
    "actor",
    "actor_kind",
    "actor_id",
    "action",
    "outcome",
    "target",
    "target_kind",
    "target_id",
    "changes",
    "reason",
    "ip",
    "device",
    "request_id",
    "damage",
];
/// The line with the columns' names.
pub(super) fn head() -> Result<String, Error> {
    write([COLUMNS.map(str::to_owned)])
}

/// A line for each entry.
pub(super) fn rows(entries: impl IntoIterator<Item = EntryView>) -> Result<String, Error> {
    write(entries.into_iter().map(|entry| cells(entry).map(|cell| harmless(&cell))))
}

fn cells(entry: EntryView) -> [String; COLUMNS.len()] {
    let kind = if entry.archived { "" } else { entry.actor_kind.code() };
    let outcome = match entry.outcome {
        Outcome::Done => "done",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    };
    let damage = match entry.damage {
        None if entry.archived => "archived",
        None => "",
        Some(Damage::Entry) => "entry",
        Some(Damage::Values) => "values",
    };
    [
        entry.index.to_string(),
        entry.at.format(&Rfc3339).unwrap_or_default(),
        entry.actor_name.unwrap_or_default(),
        kind.to_owned(),
        entry.actor.map(|id| id.to_string()).unwrap_or_default(),
        entry.action,
        outcome.to_owned(),
        entry.target_name.unwrap_or_default(),
        entry.target_kind,
        entry.target,
        entry.changes.into_iter().map(change).collect::<Vec<_>>().join("; "),
        entry.reason.unwrap_or_default(),
        entry.ip.unwrap_or_default(),
        entry.device.unwrap_or_default(),
        entry.request_id.unwrap_or_default(),
        damage.to_owned(),
    ]
}

fn change((field, before, after): (String, Option<String>, Option<String>)) -> String {
    match (before, after) {
        (Some(before), after) => format!("{field}: {before} → {}", after.unwrap_or_default()),
        (None, after) => format!("{field}: {}", after.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_from_left_to_right() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(change(("role".into(), text("member"), text("admin"))), "role: member → admin");
        assert_eq!(change(("role".into(), None, text("admin"))), "role: admin");
        assert_eq!(change(("role".into(), text("member"), None)), "role: member → ");
    }
}
