//! `portcullis tenant export`, `import` and `compare`.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use domain::problem::Problem;
use server::carrying::{self, CarryError, Compared, Exported, Imported};
use server::keys::{PASSPHRASE_MIN, Passphrase};
use server::{Error, RequestContext};
use tokio::fs::{self, File, OpenOptions};

/// The most of a file that is looked at for a passphrase.
const PASSPHRASE_MAX: u64 = 4096;

#[derive(Args)]
pub struct Export {
    /// The organization's name in addresses.
    slug: String,
    /// The file, which is not there yet; `-` is the standard output.
    #[arg(long)]
    to: PathBuf,
    #[command(flatten)]
    sealed: Sealed,
}

#[derive(Args)]
pub struct Import {
    /// The file; `-` is the standard input.
    file: PathBuf,
    /// Under a new id and name, and suspended, beside the organization that was exported.
    #[arg(long)]
    beside: bool,
    #[command(flatten)]
    sealed: Sealed,
}

#[derive(Args)]
pub struct Compare {
    /// An organization's name in addresses.
    one: String,
    /// Another's.
    other: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Sealed {
    /// A file whose first line is the passphrase that the export is sealed with.
    #[arg(long, env = "PORTCULLIS_PASSPHRASE_FILE")]
    passphrase_file: PathBuf,
}

/// Writes an organization into a file.
pub async fn export(request: &RequestContext, options: Export) -> anyhow::Result<()> {
    let Export { slug, to, sealed } = options;
    let passphrase = sealed.read()?;
    let written = if is_standard(&to) {
        ensure!(!std::io::stdout().is_terminal(), "an export is nothing to look at: write it into a file or a pipe");
        let mut to = open_standard(std::io::stdout().as_fd())?;
        carrying::export(request, &slug, &passphrase, &mut to).await.map_err(|error| explain(error, &slug))?
    } else {
        write(request, &slug, &passphrase, &to).await?
    };
    let Exported { tables, rows, entries } = written;
    eprintln!("{rows} rows of {tables} tables, {entries} entries of the audit trail among them");
    Ok(())
}

/// Writes a file under a name of its own, and gives it its name when all of it is on the disk.
async fn write(request: &RequestContext, slug: &str, passphrase: &Passphrase, to: &Path) -> anyhow::Result<Exported> {
    let name = || to.display();
    ensure!(!fs::try_exists(to).await?, "{} is there already", name());
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)
        .await
        .with_context(|| format!("cannot make {}", part.display()))?;
    // From here on it is this export's own.
    let part = Part(part);
    let written = carrying::export(request, slug, passphrase, &mut file).await.map_err(|error| explain(error, slug))?;
    file.sync_all().await.with_context(|| format!("{} cannot be written", name()))?;
    publish(&part.0, to).await.with_context(|| format!("cannot make {}", name()))?;
    Ok(written)
}

/// Gives a file its name, unless there is one of that name. Where a file system knows no second names, it is moved.
async fn publish(part: &Path, to: &Path) -> io::Result<()> {
    let linked = fs::hard_link(part, to).await;
    if linked.is_ok() || fs::try_exists(to).await? { linked } else { fs::rename(part, to).await }
}

/// A file that is gone in the end.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // What cannot be taken away is in nobody's way, and does not open to its end.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Makes an organization of a file.
pub async fn import(request: &RequestContext, options: Import) -> anyhow::Result<()> {
    let Import { file, beside, sealed } = options;
    let passphrase = sealed.read()?;
    let from = if is_standard(&file) {
        open_standard(std::io::stdin().as_fd())?
    } else {
        File::open(&file).await.with_context(|| format!("cannot open {}", file.display()))?
    };
    let restored = carrying::import(request, &passphrase, beside, from).await.map_err(|error| explain(error, ""))?;
    tell(&restored, beside);
    Ok(())
}

fn tell(restored: &Imported, beside: bool) {
    let Imported { slug, plan, domains, rows, members, made, suspended, has_owner, .. } = restored;
    println!("{}", slug.as_str());
    eprintln!("{rows} rows; {members} members come in; its plan is {plan}");
    if *made > 0 {
        eprintln!("{made} of them had no account here: they choose a password by “Forgot password”");
    }
    if *suspended > 0 {
        eprintln!("{suspended} members have another account or address here and are suspended: remove and invite them");
    }
    if !has_owner {
        eprintln!("no owner can come in");
    }
    for domain in domains {
        let slug = slug.as_str();
        eprintln!("{domain} is not noted again: `portcullis tenant domain {slug} add {domain}` if it is theirs");
    }
    if beside {
        eprintln!("It is suspended: `portcullis tenant resume {}` lets its members in", slug.as_str());
    } else {
        eprintln!("Restart `portcullis serve` where it has served the organization before");
    }
}

/// Compares two organizations. That they are not the same is an error.
pub async fn compare(request: &RequestContext, options: Compare) -> anyhow::Result<()> {
    let Compare { one, other, json } = options;
    let slugs = format!("{one} or {other}");
    let compared = carrying::compare(request, &one, &other).await.map_err(|error| explain(error, &slugs))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&compared)?);
    } else {
        println!("{:<24} {:>10} {:>10} {:>10} {:>10}", "table", "equal", "different", "missing", "added");
        for Compared { table, equal, different, missing, added } in &compared {
            println!("{table:<24} {equal:>10} {different:>10} {missing:>10} {added:>10}");
        }
    }
    let tables: Vec<_> =
        compared.iter().filter(|compared| !compared.is_equal()).map(|compared| compared.table.as_str()).collect();
    if !tables.is_empty() {
        bail!("{one} and {other} are not the same: {}", tables.join(", "));
    }
    Ok(())
}

impl Sealed {
    fn read(&self) -> anyhow::Result<Passphrase> {
        let path = &self.passphrase_file;
        let cannot = || format!("the passphrase’s file {} cannot be read", path.display());
        let file = std::fs::File::open(path).with_context(cannot)?;
        let mut line = String::new();
        BufReader::new(std::io::Read::take(file, PASSPHRASE_MAX)).read_line(&mut line).with_context(cannot)?;
        let passphrase = Passphrase::parse(line.trim_end_matches(['\r', '\n']));
        passphrase.with_context(|| format!("a passphrase has {PASSPHRASE_MIN} characters at least"))
    }
}

fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// The standard input or output as a file, with which nothing else is read or written.
fn open_standard(stream: BorrowedFd<'_>) -> anyhow::Result<File> {
    Ok(File::from_std(stream.try_clone_to_owned()?.into()))
}

fn explain(error: CarryError, slug: &str) -> anyhow::Error {
    match error {
        CarryError::Portal(Error::Refused(Problem::NotFound)) => anyhow::anyhow!("there is no organization {slug}"),
        CarryError::Portal(Error::Refused(Problem::OrganizationBehind)) => {
            anyhow::anyhow!("the organization’s migration is behind: run `portcullis migrate`")
        }
        error => error.into(),
    }
}
