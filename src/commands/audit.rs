//! `portcullis audit`. It needs no database, no key file and no network.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use domain::audit::{VerifierKey, verify_export};

#[derive(Subcommand)]
pub enum Command {
    /// Check an export: every entry, the tree, and the signature.
    Verify {
        /// The export, as NDJSON.
        file: PathBuf,
        /// The key that has to have signed it, as text or as a file. Without, the export's own word is taken for it.
        #[arg(long)]
        key: Option<String>,
        /// A checkpoint that was kept earlier: the export has to continue it.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Verify { file, key, checkpoint, json } = command;
    let key = key.map(|key| read_key(&key)).transpose()?;
    let checkpoint = checkpoint
        .map(|path| std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display())))
        .transpose()?;
    let lines = BufReader::new(File::open(&file).with_context(|| format!("cannot open {}", file.display()))?);
    match verify_export(lines, key.as_ref(), checkpoint.as_deref()) {
        Ok(report) if json => println!("{}", serde_json::to_string_pretty(&report)?),
        Ok(report) => {
            println!("The log {} verifies: {} entries, root {}.", report.log, report.size, report.root);
            if report.entries < report.size {
                let filter =
                    report.filter.map_or_else(String::new, |filter| format!(", as the filter '{filter}' has it"));
                println!(
                    "Only {} of them are there to read: it begins at index {}, and {} are left out{filter}.",
                    report.entries, report.from, report.withheld
                );
            }
            if report.erased > 0 {
                println!("{} personal values are not disclosed: erased, or left out.", report.erased);
            }
            if !report.key_expected {
                println!(
                    "Its key was not checked. To check it, pass the one that you know: --key '{}'",
                    report.verifier
                );
            }
        }
        Err(error) => {
            let index = error.index();
            if json {
                println!("{}", serde_json::json!({ "error": error.to_string(), "index": index }));
            }
            let place = index.map_or_else(String::new, |index| format!(" at index {index}"));
            eprintln!("portcullis: the export does not verify{place}: {error}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A verifier key, from the command line or from a file.
fn read_key(text: &str) -> anyhow::Result<VerifierKey> {
    let text = std::fs::read_to_string(text).unwrap_or_else(|_| text.to_owned());
    text.trim().parse().context("the key is no verifier key")
}
