//! What every command stands on: logging, the database, the portal.

use std::io::IsTerminal as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::time::Duration;

use anyhow::Context as _;
use portcullis::config::Data;
use secrecy::{ExposeSecret as _, SecretString};
use server::cluster::{self, Cluster};
use server::edges::{Clock as _, RandomnessExt as _, SystemClock, SystemRandomness};
use server::keys::{KeyRing, MasterKey};
use server::passwords::{BreachedPasswords, PasswordHasher};
use server::store::{AT_A_TIME, MigrationFailure, MigrationProgress, Rehearsal, Upgrade};
use server::{Portal, Settings, Store};
use tracing_subscriber::EnvFilter;

/// Logs as people read them on a terminal, and as JSON elsewhere; `PORTCULLIS_LOG` filters. Commands
/// that end by themselves keep quiet about what goes well.
pub fn start_logging(is_service: bool) {
    let quiet = if is_service { "info,sqlx=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("PORTCULLIS_LOG").unwrap_or_else(|_| EnvFilter::new(quiet));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() { log.compact().init() } else { log.json().flatten_event(true).init() }
}

/// How long a thread may take to end that waits for the system: for a file on a share that is gone, say.
const THREADS: Duration = Duration::from_secs(5);

/// Runs until the future is done.
pub fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(future);
    runtime.shutdown_timeout(THREADS);
    result
}

/// The database: a given one, or the private cluster that this program runs.
pub struct Database {
    cluster: Option<Cluster>,
    url: SecretString,
    direct_url: SecretString,
}

impl Database {
    /// Finds or starts the database.
    pub async fn start(data: &Data) -> anyhow::Result<Self> {
        // Others may pass through, as Postgres' own user has to, and see nothing.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o711)
            .create(&data.data_dir)
            .with_context(|| format!("cannot make the data directory {}", data.data_dir.display()))?;
        if let Some(url) = data.database_url.clone() {
            let direct_url = data.direct_database_url.clone().unwrap_or_else(|| url.clone());
            return Ok(Self { cluster: None, url, direct_url });
        }
        let options = cluster::Options { data_dir: data.data_dir.clone(), throwaway: false };
        let cluster = Cluster::start(&options).await?;
        let url = cluster.url().clone();
        Ok(Self { cluster: Some(cluster), direct_url: url.clone(), url })
    }

    /// Starts the private cluster again whenever it ends by itself. Returns only when that cannot be done.
    pub async fn keep(&mut self) -> anyhow::Error {
        match &mut self.cluster {
            Some(cluster) => cluster.keep().await.into(),
            None => std::future::pending().await,
        }
    }

    /// Whether this program runs it, and so keeps it up to date, too.
    pub fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    /// The administrator's URL.
    pub fn direct_url(&self) -> &SecretString {
        &self.direct_url
    }

    /// Brings it up to date, so many organizations at a time: those of which nothing came.
    pub async fn migrate(
        &self,
        data: &Data,
        at_a_time: usize,
        progress: impl FnMut(MigrationProgress),
    ) -> anyhow::Result<Vec<MigrationFailure>> {
        let keys = KeyRing::new(master_key(data)?);
        Ok(self.upgrade(&keys).at_a_time(at_a_time).run(progress).await?)
    }

    /// Brings it up to date on the way to something else. Organizations of which nothing comes keep no others.
    pub async fn renew(&self, data: &Data) -> anyhow::Result<()> {
        for MigrationFailure { slug, version, code, message, .. } in self.migrate(data, AT_A_TIME, |_| {}).await? {
            tracing::error!(organization = slug, version, code, why = message, "an organization could not be upgraded");
        }
        Ok(())
    }

    /// Measures how long a typical migration takes.
    pub async fn rehearse(
        &self,
        data: &Data,
        at_a_time: usize,
        progress: impl FnMut(MigrationProgress),
    ) -> anyhow::Result<Rehearsal> {
        let keys = KeyRing::new(master_key(data)?);
        Ok(self.upgrade(&keys).at_a_time(at_a_time).rehearse(progress).await?)
    }

    fn upgrade<'a>(&'a self, keys: &'a KeyRing) -> Upgrade<'a> {
        Upgrade::new(&self.direct_url, keys, &SystemRandomness, SystemClock.now())
    }

    /// The portal on this database, which is brought up to date first if it is ours.
    pub async fn portal(&self, data: &Data) -> anyhow::Result<Portal> {
        if self.is_private() {
            self.renew(data).await?;
        }
        let master = master_key(data)?;
        let store = Store::open(&self.url, &master).await?;
        let settings = Settings {
            base_url: data.base_url.clone(),
            sends_mail: data.smtp_url.is_some(),
            region: data.region.clone(),
            api_requests_per_minute: data.api_requests_per_minute,
            webhook_allow: data.webhook_allow.clone(),
        };
        let hasher = PasswordHasher::new(SystemRandomness.bytes(), breached_passwords(data)?)?;
        Ok(Portal::new(store, KeyRing::new(master), SystemClock, SystemRandomness, settings, hasher))
    }

    /// Stops the private cluster, unless another program uses it, too.
    pub async fn stop(self) -> anyhow::Result<()> {
        match self.cluster {
            Some(cluster) => Ok(cluster.stop().await?),
            None => Ok(()),
        }
    }
}

fn master_key(data: &Data) -> anyhow::Result<MasterKey> {
    let file = data.master_key_file();
    MasterKey::open_or_create(&file, &SystemRandomness).context("the master key cannot be used")
}

fn breached_passwords(data: &Data) -> anyhow::Result<BreachedPasswords> {
    let Some(path) = &data.breached_passwords else { return Ok(BreachedPasswords::common()) };
    BreachedPasswords::with_file(path)
        .with_context(|| format!("the list of breached passwords, {}, cannot be used", path.display()))
}

/// Runs a command on a portal of its own, on a database that is up to date if it is ours.
pub async fn with_portal<T>(data: &Data, command: impl AsyncFnOnce(Portal) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let database = Database::start(data).await?;
    let result = async {
        let portal = database.portal(data).await?;
        let result = command(portal.clone()).await;
        portal.close().await;
        result
    }
    .await;
    database.stop().await?;
    result
}

/// The mailer that is set, if one is.
pub fn mailer(data: &Data) -> anyhow::Result<Option<server::mail::Mailer>> {
    let make = |url: &SecretString| server::mail::Mailer::new(url.expose_secret(), &data.mail_from());
    Ok(data.smtp_url.as_ref().map(make).transpose()?)
}
