//! What a verdict is in words.

use domain::audit::{ConsistencyReport, EntryReport, FileError, Report, Verdict as Proved};
use domain::text::printable;

use crate::ui::number;

/// What is shown of a file that was read.
pub(super) struct Verdict {
    /// Which of the page's panels.
    pub panel: &'static str,
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub text: String,
    /// What else there is to say: terms and values.
    pub facts: Vec<(&'static str, String)>,
}

impl Verdict {
    /// Nothing was verified.
    pub fn refused(why: &str) -> Self {
        Self { panel: "bad", title: "Nothing was verified".into(), text: why.into(), facts: Vec::new() }
    }

    /// Something is wrong with the file.
    pub fn wrong(error: &FileError) -> Self {
        let title = match error.what() {
            "file" => "This file proves nothing".into(),
            what => format!("This {what} does not verify"),
        };
        let index = error.index().map(|index| ("Index", number(index)));
        let line = error.line().map(|line| ("Line", number(line)));
        let facts = index.into_iter().chain(line).collect();
        Self { panel: "bad", title, text: sentence(&printable(&error.to_string())), facts }
    }

    /// The file is good.
    pub fn right(proved: &Proved) -> Self {
        let (title, mut facts) = match proved {
            Proved::Export(report) => ("This export verifies", of_export(report)),
            Proved::Entry(report) => ("This entry is in the trail", of_entry(report)),
            Proved::Consistency(report) => ("The trail has only grown", of_growth(report)),
        };
        if proved.erased() > 0 {
            facts.push(("Erased", format!("{} personal values are not disclosed", number(proved.erased()))));
        }
        facts.push(("Signed by", proved.verifier().to_owned()));
        let key = if proved.key_expected() {
            "It is the one that you gave"
        } else {
            "Not checked: compare it with the one that you know, or give it above"
        };
        facts.push(("Key", key.to_owned()));
        if !proved.continues().is_empty() {
            facts.push(("Continues", format!("The kept checkpoints of {} entries", list(proved.continues()))));
        }
        let unchecked = proved.unchecked();
        let (panel, text) = if unchecked.is_empty() {
            ("good", "Nothing in it was changed since it was signed.")
        } else {
            facts.push(("Not compared", format!("The kept checkpoints of {} entries", list(unchecked))));
            (
                "partly",
                "It is good by itself, but it does not show the trail as it was at some of the kept checkpoints.",
            )
        };
        Self { panel, title: title.into(), text: text.into(), facts }
    }
}

fn of_export(report: &Report) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Log", report.log.to_string()),
        ("Size", entries(report.size)),
        ("Root", report.root.to_string()),
        ("In clear", entries(report.entries)),
    ];
    if report.from > 0 {
        facts.push(("Begins at", format!("index {}", number(report.from))));
    }
    if let Some(filter) = &report.filter {
        let withheld = format!("{}, by the filter {}", entries(report.withheld), quoted(filter));
        facts.push(("Left out", withheld));
    }
    if report.removed > 0 {
        facts.push(("Removed", format!("{} by retention", entries(report.removed))));
    }
    facts
}

fn of_entry(report: &EntryReport) -> Vec<(&'static str, String)> {
    let canonical = String::from_utf8_lossy(&report.entry.canonical()).into_owned();
    let mut facts = vec![
        ("Log", report.log.to_string()),
        ("Index", number(report.index)),
        ("Size", entries(report.size)),
        ("Root", report.root.to_string()),
        ("Entry", printable(&canonical).into_owned()),
    ];
    if !report.openings.is_empty() {
        let values: Vec<String> = report.openings.iter().map(|opening| quoted(&opening.value)).collect();
        facts.push(("Disclosed", values.join(", ")));
    }
    facts
}

fn of_growth(report: &ConsistencyReport) -> Vec<(&'static str, String)> {
    vec![
        ("Log", report.log.to_string()),
        ("Earlier", format!("{}, root {}", entries(report.from), report.from_root)),
        ("Later", format!("{}, root {}", entries(report.to), report.to_root)),
    ]
}

fn entries(count: u64) -> String {
    format!("{} {}", number(count), if count == 1 { "entry" } else { "entries" })
}

fn list(sizes: &[u64]) -> String {
    sizes.iter().map(|size| number(*size)).collect::<Vec<_>>().join("; ")
}

/// A text from a file, set apart from what stands around it.
pub(super) fn quoted(text: &str) -> String {
    format!("“\u{2068}{}\u{2069}”", printable(text))
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
