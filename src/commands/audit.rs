//! `portcullis audit`. To verify needs no database, no key file and no network; to query and to ingest, an API key.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use domain::audit::{
    ConsistencyReport, EntryReport, Expected, FileError, FileVerifier, Report, Verdict, VerifierKey, split_notes,
};
use domain::text::printable;

use super::client::{failing, trail};

/// How much of a file is read at a time.
const SLICE: usize = 1 << 20;

#[derive(Subcommand)]
pub enum Command {
    /// Check an export, the proof of an entry, or a proof that a log has only grown.
    Verify {
        /// The export, as NDJSON, or the proof: which it is, the file says itself.
        file: PathBuf,
        /// The key that has to have signed it, as text or as a file. Without, the file's own word is taken for it.
        #[arg(long)]
        key: Option<String>,
        /// A file of checkpoints that were kept earlier: the log has to continue every one. May be given several times.
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print entries of an organization's trail, by an API key.
    Query(trail::Query),
    /// Add events of a service, a line of JSON each on the standard input, by an API key.
    Ingest(trail::Ingest),
}

pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let (file, key, checkpoint, json) = match command {
        Command::Verify { file, key, checkpoint, json } => (file, key, checkpoint, json),
        Command::Query(options) => return Ok(failing(trail::query(options).await)),
        Command::Ingest(options) => return Ok(failing(trail::ingest(options).await)),
    };
    let key = key.map(|key| read_key(&key)).transpose()?;
    let expected = Expected { key, checkpoints: read_checkpoints(&checkpoint)? };
    let verdict = match verify(&file, expected)? {
        Ok(verdict) => verdict,
        Err(error) => {
            tell_error(&error, json);
            return Ok(ExitCode::FAILURE);
        }
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&verdict)?);
    } else {
        tell(&verdict);
    }
    match verdict.unchecked() {
        [] => Ok(ExitCode::SUCCESS),
        sizes => {
            // It was asked for, and nobody can say that it holds.
            eprintln!(
                "portcullis: not compared with the kept checkpoints of {} entries: the file does not show the log as it was then",
                list(sizes)
            );
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Reads a file to its end, and not further than to what is wrong with it.
fn verify(path: &Path, expected: Expected) -> anyhow::Result<Result<Verdict, FileError>> {
    let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut verifier = FileVerifier::new(expected);
    let mut slice = vec![0; SLICE];
    loop {
        match file.read(&mut slice) {
            Ok(0) => return Ok(verifier.finish()),
            Ok(length) => {
                if let Err(error) = verifier.push(&slice[..length]) {
                    return Ok(Err(error));
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

fn tell(verdict: &Verdict) {
    match verdict {
        Verdict::Export(report) => tell_export(report),
        Verdict::Entry(report) => tell_entry(report),
        Verdict::Consistency(report) => tell_consistency(report),
    }
    if verdict.erased() > 0 {
        println!("{} personal values are not disclosed: erased, or left out.", verdict.erased());
    }
    if !verdict.continues().is_empty() {
        println!("It agrees with the kept checkpoints of {} entries.", list(verdict.continues()));
    }
    if !verdict.key_expected() {
        println!("Its key was not checked. To check it, pass the one that you know: --key '{}'", verdict.verifier());
    }
}

fn tell_export(report: &Report) {
    println!("The log {} verifies: {} entries, root {}.", report.log, report.size, report.root);
    if report.entries < report.size {
        let filter =
            report.filter.as_ref().map_or_else(String::new, |it| format!(", as the filter '{}' has it", printable(it)));
        println!(
            "Only {} of them are there to read: it begins at index {}, and {} are left out{filter}.",
            report.entries, report.from, report.withheld
        );
    }
    if report.removed > 0 {
        println!("{} were taken away by retention: their hashes alone are there.", report.removed);
    }
}

fn tell_entry(report: &EntryReport) {
    let EntryReport { index, log, size, root, entry, openings, .. } = report;
    println!("Entry {index} of the log {log} verifies: it is among its {size} entries, root {root}.");
    println!("{}", printable(&String::from_utf8_lossy(&entry.canonical())));
    for opening in openings {
        println!("{} is '{}'.", opening.commitment().0, printable(&opening.value));
    }
}

fn tell_consistency(report: &ConsistencyReport) {
    let ConsistencyReport { log, from, from_root, to, to_root, .. } = report;
    println!("The log {log} has only grown: its {to} entries, root {to_root},");
    println!("begin with the {from} entries that it had with root {from_root}.");
}

fn tell_error(error: &FileError, json: bool) {
    let (index, line) = (error.index(), error.line());
    if json {
        println!("{}", serde_json::json!({ "error": error.to_string(), "index": index, "line": line }));
    }
    let index = index.map(|index| format!("index {index}"));
    let line = line.map(|line| format!("line {line}"));
    let place: Vec<String> = index.into_iter().chain(line).collect();
    let at = if place.is_empty() { "" } else { " at " };
    let error_text = error.to_string();
    eprintln!("portcullis: the {} does not verify{at}{}: {}", error.what(), place.join(", "), printable(&error_text));
}

fn list(sizes: &[u64]) -> String {
    sizes.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// A verifier key, from the command line or from a file.
fn read_key(text: &str) -> anyhow::Result<VerifierKey> {
    let text = std::fs::read_to_string(text).unwrap_or_else(|_| text.to_owned());
    text.trim().parse().context("the key is no verifier key")
}

/// The signed notes of all these files.
fn read_checkpoints(paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut notes = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let found = split_notes(&text);
        ensure!(!found.is_empty(), "{} holds no checkpoint", path.display());
        notes.extend(found.into_iter().map(str::to_owned));
    }
    Ok(notes)
}
