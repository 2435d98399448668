//! The log as a table to be read, in CSV (RFC 4180). It holds no hashes and no proofs.
//!
//! People open such files in spreadsheets, which take a cell that begins with certain characters for a formula: those
//! get an apostrophe in front (OWASP, "CSV Injection").

use csv::{Terminator, WriterBuilder};
use domain::audit::{ActorKind, Outcome};
use time::format_description::well_known::Rfc3339;

use super::{Damage, EntryView};
use crate::error::Error;

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
/// What a spreadsheet takes for the beginning of a formula, also in the wide forms of East Asian scripts.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The line with the columns' names.
pub(super) fn head() -> Result<String, Error> {
    write([COLUMNS.map(str::to_owned)])
}

/// A line for each entry.
pub(super) fn rows(entries: impl IntoIterator<Item = EntryView>) -> Result<String, Error> {
    write(entries.into_iter().map(|entry| cells(entry).map(|cell| harmless(&cell))))
}

fn write<const N: usize>(records: impl IntoIterator<Item = [String; N]>) -> Result<String, Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

fn cells(entry: EntryView) -> [String; COLUMNS.len()] {
    let kind = match entry.actor_kind {
        ActorKind::Person => "person",
        ActorKind::System => "system",
        ActorKind::Operator => "operator",
    };
    let outcome = match entry.outcome {
        Outcome::Done => "done",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    };
    let damage = match entry.damage {
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

/// A cell in which nothing begins a formula: neither the cell nor what a spreadsheet makes a cell of its own that divides
/// cells by semicolons or tabs, as those of many countries do.
fn harmless(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut begins = true;
    for char in cell.chars() {
        if begins && FORMULA.contains(&char) {
            text.push('\'');
        }
        text.push(char);
        begins = matches!(char, ';' | '\t' | '\n' | '\r');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"] {
            assert_eq!(harmless(cell).replacen('\'', "", 1), cell);
            assert!(harmless(cell).starts_with('\''));
        }
        assert_eq!(harmless("x;=cmd;+1;y"), "x;'=cmd;'+1;y");
        assert_eq!(harmless("x\n=cmd"), "x\n'=cmd");
        for cell in ["", "Ada", "a=b", "'=1", " =1"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn what_divides_cells_and_lines_is_quoted() {
        let line = write([["a,b", "say \"hi\"", "two\nlines", "plain"].map(str::to_owned)]).expect("a line");
        assert_eq!(line, "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",plain\r\n");
    }

    #[test]
    fn a_change_reads_from_left_to_right() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(change(("role".into(), text("member"), text("admin"))), "role: member → admin");
        assert_eq!(change(("role".into(), None, text("admin"))), "role: admin");
        assert_eq!(change(("role".into(), text("member"), None)), "role: member → ");
    }
}
