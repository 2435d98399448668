//! `portcullis migrate`.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use portcullis::config::Data;
use server::store::{AT_A_TIME, MigrationFailure, MigrationProgress};

use crate::runtime::Database;

/// How often a terminal shows how far it is, and how often a log says so.
const ON_TERMINAL: Duration = Duration::from_millis(100);
const IN_LOG: Duration = Duration::from_secs(10);
/// The characters of a whole bar.
const BAR: usize = 24;

#[derive(Args)]
pub struct Options {
    /// How many organizations are worked on at a time; each takes a connection.
    #[arg(long, default_value_t = AT_A_TIME, value_parser = at_a_time)]
    at_a_time: usize,
}

fn at_a_time(typed: &str) -> Result<usize, String> {
    typed.parse().ok().filter(|number| (1..=64).contains(number)).ok_or_else(|| "from 1 to 64".to_owned())
}

pub async fn run(data: Data, Options { at_a_time }: Options) -> anyhow::Result<ExitCode> {
    let database = Database::start(&data).await?;
    let mut meter = Meter::default();
    let migrated = database.migrate(&data, at_a_time, |progress| meter.show(progress)).await;
    meter.end();
    database.stop().await?;
    let failed = migrated?;
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("\nNot brought up to date; the others are. `portcullis migrate` tries again.");
    for failure in &failed {
        eprintln!("{}", row(failure));
    }
    Ok(ExitCode::FAILURE)
}

fn row(MigrationFailure { slug, version, code, message, attempts, .. }: &MigrationFailure) -> String {
    format!("  {slug:<40}  migration {version}, tried {attempts}×: {code} {message}")
}

/// Shows how far the organizations are: on a terminal in one line, elsewhere in a line now and then.
pub struct Meter {
    is_terminal: bool,
    began: Instant,
    shown: Option<Instant>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), began: Instant::now(), shown: None }
    }
}

impl Meter {
    /// Shows it, unless that was done just now.
    pub fn show(&mut self, progress: MigrationProgress) {
        let pause = if self.is_terminal { ON_TERMINAL } else { IN_LOG };
        let Some(shown) = self.shown else {
            // The platform's own tables took their time before.
            self.began = Instant::now();
            return self.print(progress);
        };
        if progress.is_over() || shown.elapsed() >= pause {
            self.print(progress);
        }
    }

    /// Whatever comes next begins on a line of its own.
    pub fn end(&self) {
        if self.is_terminal && self.shown.is_some() {
            eprintln!();
        }
    }

    fn print(&mut self, progress: MigrationProgress) {
        let line = line(progress, self.began.elapsed());
        if self.is_terminal {
            eprint!("\r{line}\x1b[K");
        } else {
            eprintln!("{line}");
        }
        self.shown = Some(Instant::now());
    }
}

/// How far it is, and how long the rest takes at this rate.
fn line(progress: MigrationProgress, passed: Duration) -> String {
    let MigrationProgress { done, failed, behind } = progress;
    let over = (done + failed).min(behind);
    let full = (BAR * over).checked_div(behind).unwrap_or(BAR);
    let bar = "=".repeat(full) + &" ".repeat(BAR - full);
    let failed = if failed == 0 { String::new() } else { format!(", {failed} failed") };
    let rest = match (u32::try_from(over), u32::try_from(behind - over)) {
        (Ok(1..), Ok(0)) => format!(", took {}", clock(passed)),
        (Ok(over @ 1..), Ok(left)) => format!(", {} left", clock(passed / over * left)),
        _ => String::new(),
    };
    format!("[{bar}] {done} of {behind} organizations{failed}{rest}")
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_how_long_the_rest_takes() {
        let at = |done, failed, seconds| {
            line(MigrationProgress { done, failed, behind: 10_000 }, Duration::from_secs(seconds))
        };
        assert_eq!(at(0, 0, 0), "[                        ] 0 of 10000 organizations");
        assert_eq!(at(2_500, 0, 30), "[======                  ] 2500 of 10000 organizations, 1:30 left");
        assert_eq!(at(4_999, 1, 30), "[============            ] 4999 of 10000 organizations, 1 failed, 0:30 left");
        assert_eq!(at(10_000, 0, 100), "[========================] 10000 of 10000 organizations, took 1:40");
    }
}
