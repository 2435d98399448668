//! `portcullis completions` and `portcullis man`: what shells and `man` can tell of the command line.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use portcullis::config::Data;

#[derive(Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Args)]
pub struct Pages {
    /// Where to write the pages; made when it is missing. Without, the first page is printed.
    directory: Option<PathBuf>,
}

/// Prints what a shell reads to complete the command line.
pub fn completions(command_line: &Command, Completions { shell }: &Completions) -> anyhow::Result<ExitCode> {
    print(&script(command_line, *shell))
}

/// Writes the manual.
pub fn pages(command_line: &Command, Pages { directory }: &Pages) -> anyhow::Result<ExitCode> {
    let shown = shown(command_line);
    let Some(directory) = directory else {
        let mut page = Vec::new();
        Man::new(shown).render(&mut page)?;
        return print(&page);
    };
    fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(shown, directory))
        .with_context(|| format!("cannot write to {}", directory.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn script(command_line: &Command, shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown(command_line), "portcullis", &mut script);
    script
}

/// The command line without what only the project's own scripts call: a shell would offer that, too.
fn shown(command_line: &Command) -> Command {
    let shown = command_line.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Data::augment_args(Command::new("portcullis"))
        .version(env!("CARGO_PKG_VERSION"))
        .about(command_line.get_about().cloned().unwrap_or_default())
        .subcommand_required(true)
        .subcommands(shown)
}

fn print(text: &[u8]) -> anyhow::Result<ExitCode> {
    io::stdout().write_all(text).context("cannot print")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, ValueEnum as _};

    use super::*;
    use crate::Cli;

    /// The commands that the help shows, or those that it does not.
    fn names(hidden: bool) -> Vec<String> {
        let commands = Cli::command();
        let names = commands.get_subcommands().filter(|command| command.is_hide_set() == hidden);
        names.map(|command| command.get_name().to_owned()).collect()
    }

    #[test]
    fn every_shell_completes_what_the_help_shows_and_nothing_else() {
        assert!(names(false).len() > 10 && names(true).len() > 3);
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(&Cli::command(), *shell)).unwrap();
            for name in names(false).iter().map(String::as_str).chain(["suspend", "trusted-proxies"]) {
                assert!(script.contains(name), "{shell}: {name}");
            }
            for name in names(true) {
                assert!(!script.contains(&name), "{shell}: {name}");
            }
        }
    }

    #[test]
    fn the_manual_has_a_page_for_every_command_that_the_help_shows() {
        let directory = std::env::temp_dir().join(format!("portcullis-manual-{}", std::process::id()));
        pages(&Cli::command(), &Pages { directory: Some(directory.join("man1")) }).unwrap();
        let read = |name: &str| fs::read_to_string(directory.join("man1").join(format!("portcullis{name}.1")));
        for name in names(false) {
            assert!(read(&format!("-{name}")).is_ok(), "{name}");
        }
        for name in names(true) {
            assert!(read(&format!("-{name}")).is_err(), "{name}");
        }
        assert!(read("").unwrap().contains("DATABASE_URL"));
        assert!(read("-serve").unwrap().contains("PORTCULLIS_LISTEN"));
        assert!(read("-tenant-suspend").is_ok());
        fs::remove_dir_all(directory).unwrap();
    }
}
