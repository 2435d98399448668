//! A portal on a database of its own, for tests that want the real thing.
//!
//! ```no_run
//! use server::testing::TestPortal;
//!
//! #[tokio::test]
//! async fn an_owner_sees_the_members() {
//!     TestPortal::run(async |t| {
//!         let world = t.world().await;
//!         let ada = t.enter(&world.ada, &world.acme).await;
//!         let page = server::members::list(&ada, &Default::default()).await.unwrap();
//!         assert_eq!(page.total, 3);
//!     })
//!     .await;
//! }
//! ```
//!
//! `DATABASE_URL` names a server where databases and roles may be made. Both are gone when the test
//! ends, however it ends. Time stands still but for a millisecond at each look, until the test
//! passes some ([`TestPortal::pass`]).

#![expect(clippy::missing_panics_doc, reason = "a test has no better way to say that its portal does not work")]

mod database;
mod edges;
mod migrations;
mod people;
mod probes;
mod quotas;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures::FutureExt;
use secrecy::SecretString;
use sqlx::PgConnection;
use time::Duration;
use tokio::sync::Mutex;

use crate::audit::Keeper;
use crate::edges::{Clock, Randomness, RandomnessExt, SystemRandomness};
use crate::keys::{KeyRing, MasterKey};
use crate::passwords::{BreachedPasswords, PasswordHasher};
use crate::store::{TenantHistory, Upgrade};
use crate::{Portal, RequestContext, Settings, Store};

pub use database::Database;
pub use edges::{SeededRandomness, TestClock};
pub use migrations::migrate_elsewhere;
pub use people::{Organization, PASSWORD, Person, World, first_link, secret_of};
pub use probes::{Journal, JournalEntry};

/// The address under which test portals believe to be reached.
pub const BASE_URL: &str = "http://localhost:3000";

/// A portal and everything behind it that a test wants to hold. Cheap to clone.
#[derive(Clone)]
pub struct TestPortal(Arc<Inner>);

struct Inner {
    database: Database,
    master: [u8; 32],
    clock: TestClock,
    randomness: SeededRandomness,
    portal: Portal,
    /// The administrator's connection of the test itself.
    observer: Mutex<PgConnection>,
}

impl TestPortal {
    /// Runs a test on a portal that sends no mail: a sign-up is done at once.
    pub async fn run(test: impl AsyncFnOnce(Self)) {
        Self::run_with(Self::settings(false), test).await;
    }

    /// Runs a test on a portal with mail: a sign-up waits for its confirmation. Nothing is sent
    /// until the test does it, with a [`Worker`](crate::outbox::Worker).
    pub async fn run_with_mail(test: impl AsyncFnOnce(Self)) {
        Self::run_with(Self::settings(true), test).await;
    }

    /// Runs a test on a portal with these settings.
    pub async fn run_with(settings: Settings, test: impl AsyncFnOnce(Self)) {
        let seed: [u8; 32] = SystemRandomness.bytes();
        let database = Database::create(&hex::encode(&seed[..6])).await;
        Self::run_in(database, seed, settings, test).await;
    }

    /// Runs a test on a server of its own, with which it may do what it likes, as long as that answers
    /// in the end. No mail is sent.
    pub async fn run_on(server: &SecretString, test: impl AsyncFnOnce(Self)) {
        let seed: [u8; 32] = SystemRandomness.bytes();
        let database = Database::create_on(server, &hex::encode(&seed[..6])).await;
        Self::run_in(database, seed, Self::settings(false), test).await;
    }

    async fn run_in(database: Database, seed: [u8; 32], settings: Settings, test: impl AsyncFnOnce(Self)) {
        let run = async {
            let portal = Self::open(database.clone(), seed, settings).await;
            test(portal.clone()).await;
            portal.portal().close().await;
        };
        let outcome = AssertUnwindSafe(Box::pin(run)).catch_unwind().await;
        database.remove().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    }

    async fn open(database: Database, seed: [u8; 32], settings: Settings) -> Self {
        let clock = TestClock::default();
        let randomness = SeededRandomness::new(seed);
        let master: [u8; 32] = randomness.bytes();
        let keys = KeyRing::new(MasterKey::of(master));
        let upgrade = Upgrade::new(database.url(), &keys, &randomness, clock.now());
        upgrade.run(|_| ()).await.expect("migrations apply");
        let hasher = PasswordHasher::cheap(randomness.bytes()).expect("a hasher");
        let edges = (clock.clone(), randomness.clone());
        let portal = build(&database, master, edges, TenantHistory::known(), settings, hasher).await;
        let observer = Mutex::new(database.connect().await);
        Self(Arc::new(Inner { database, master, clock, randomness, portal, observer }))
    }

    /// The settings of a portal at [`BASE_URL`].
    pub fn settings(sends_mail: bool) -> Settings {
        Settings {
            base_url: BASE_URL.to_owned(),
            sends_mail,
            region: None,
            api_requests_per_minute: 6_000,
            webhook_allow: Vec::new(),
        }
    }

    /// The portal.
    pub fn portal(&self) -> &Portal {
        &self.0.portal
    }

    /// Another process of the same installation: same database, keys and clock, nothing remembered.
    pub async fn another(&self, settings: Settings) -> Portal {
        let hasher = PasswordHasher::cheap(self.random()).expect("a hasher");
        self.build(TenantHistory::known(), settings, hasher).await
    }

    /// As [`TestPortal::another`] without mail, with hashes of passwords that take their time.
    pub async fn with_real_passwords(&self) -> Portal {
        let hasher = PasswordHasher::new(self.random(), BreachedPasswords::common()).expect("a hasher");
        self.build(TenantHistory::known(), Self::settings(false), hasher).await
    }

    /// As [`TestPortal::another`] without mail: a program that knows this history of organizations' tables.
    pub async fn another_knowing(&self, history: TenantHistory) -> Portal {
        let hasher = PasswordHasher::cheap(self.random()).expect("a hasher");
        self.build(history, Self::settings(false), hasher).await
    }

    async fn build(&self, history: TenantHistory, settings: Settings, hasher: PasswordHasher) -> Portal {
        let Inner { database, master, clock, randomness, .. } = &*self.0;
        build(database, *master, (clock.clone(), randomness.clone()), history, settings, hasher).await
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The clock.
    pub fn clock(&self) -> &TestClock {
        &self.0.clock
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.0.clock.pass(time);
    }

    /// Does to an organization's audit log what is done to it by the hour.
    pub async fn look_after(&self, organization: &Organization) {
        Keeper::new(self.portal(), None).tend(organization.id).await.expect("the log is looked after");
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let randomness: &dyn Randomness = &self.0.randomness;
        randomness.bytes()
    }

    /// From now on, whatever draws random bytes panics.
    pub fn run_dry(&self) {
        self.0.randomness.run_dry();
    }

    /// A request that comes now, from an address of the documentation's.
    pub fn request(&self) -> RequestContext {
        self.request_from([192, 0, 2, 7].into())
    }

    /// A request that comes now from this address.
    pub fn request_from(&self, ip: IpAddr) -> RequestContext {
        RequestContext::new(self.portal(), Some(ip), Some("A browser (test)"), Some("test".to_owned()))
    }
}

async fn build(
    database: &Database,
    master: [u8; 32],
    (clock, randomness): (TestClock, SeededRandomness),
    history: TenantHistory,
    settings: Settings,
    hasher: PasswordHasher,
) -> Portal {
    let master = MasterKey::of(master);
    let store = Store::open_knowing(database.url(), &master, history).await.expect("a migrated database opens");
    Portal::new(store, KeyRing::new(master), clock, randomness, settings, hasher)
}
