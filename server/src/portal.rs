//! Everything that a use case needs and that lives as long as the program.

use std::sync::Arc;

use ipnet::IpNet;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use uuid::Uuid;
use webauthn_rs::Webauthn;

use crate::api::Gauges;
use crate::callers::{self, Callers};
use crate::checks::Desks;
use crate::detections::Watch;
use crate::edges::{Clock, Randomness, RandomnessExt};
use crate::error::Error;
use crate::factors::passkeys;
use crate::keys::{KeyRing, Place, SealingKey};
use crate::limits::Limits;
use crate::members::counts::Counts;
use crate::operators::Load;
use crate::passwords::PasswordHasher;
use crate::policy::{Answers, Noted, Rates};
use crate::quotas::Quotas;
use crate::store::Store;

/// What whoever runs the portal decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address under which people reach it, without a slash at the end: every link begins so.
    pub base_url: String,
    /// Whether mail is sent. Without, a sign-up needs no confirmation.
    pub sends_mail: bool,
    /// What the place is called where the data is, if that is said.
    pub region: Option<String>,
    /// How many requests a program may make in a minute with one key.
    pub api_requests_per_minute: u32,
    /// Networks to which webhooks are sent although they are not the internet's.
    pub webhook_allow: Vec<IpNet>,
}

/// How many go over the visits of an organization at a time: each keeps a processor busy. Others are told to try again.
const REPLAYS_AT_ONCE: usize = 2;
/// How many have entries counted at a time, of all organizations. Others go on without: what they look for may be more.
const COUNTS_AT_ONCE: usize = 2;

/// How long closing may take while the database does not answer.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(5);

/// One running portal. Cheap to clone.
#[derive(Clone)]
pub struct Portal(Arc<Inner>);

struct Inner {
    store: Store,
    keys: KeyRing,
    clock: Box<dyn Clock>,
    randomness: Box<dyn Randomness>,
    settings: Settings,
    hasher: PasswordHasher,
    limits: Limits,
    member_counts: Counts,
    rates: Rates,
    noted: Noted,
    callers: Callers,
    quotas: Quotas,
    desks: Desks,
    gauges: Gauges,
    load: Load,
    replays: Semaphore,
    counting: Semaphore,
    answers: Answers,
    relying_party: Option<Webauthn>,
}

impl Portal {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        keys: KeyRing,
        clock: impl Clock,
        randomness: impl Randomness,
        settings: Settings,
        hasher: PasswordHasher,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            keys,
            clock: Box::new(clock),
            randomness: Box::new(randomness),
            relying_party: passkeys::relying_party(&settings.base_url),
            gauges: Gauges::new(settings.api_requests_per_minute),
            settings,
            hasher,
            limits: Limits::default(),
            member_counts: Counts::default(),
            rates: Rates::default(),
            noted: Noted::default(),
            callers: Callers::default(),
            quotas: Quotas::default(),
            desks: Desks::default(),
            load: Load::default(),
            replays: Semaphore::new(REPLAYS_AT_ONCE),
            counting: Semaphore::new(COUNTS_AT_ONCE),
            answers: Answers::default(),
        }))
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The time.
    pub fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }

    /// Whether requests can be served: the database answers and its migrations are current.
    pub async fn is_ready(&self) -> bool {
        self.0.store.is_ready().await
    }

    /// How many organizations could not be upgraded.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count_not_upgraded(&self) -> Result<u32, Error> {
        self.0.store.count_not_upgraded().await
    }

    /// Writes down what is noted of keys, and hands all connections back: as far as the database lets it, for some seconds.
    pub async fn close(&self) {
        let closing = async {
            callers::write_uses(self).await;
            self.0.store.close().await;
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::warn!("some connections to the database could not be closed in time");
        }
    }

    /// Open connections, and how many of them are idle.
    pub fn connections(&self) -> (u32, usize) {
        self.0.store.connections()
    }

    /// How many wait until their organization has its turn in the database.
    pub fn waiting(&self) -> usize {
        self.0.store.waiting()
    }

    /// Seals a value for a cookie of this name: browsers keep it, and can neither read nor change it.
    pub fn seal_cookie(&self, name: &'static str, value: &[u8]) -> Vec<u8> {
        self.cookie_key().seal(&cookie_place(name), value, self.randomness())
    }

    /// Opens what was sealed for a cookie of this name.
    pub fn open_cookie(&self, name: &'static str, sealed: &[u8]) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        self.cookie_key().open(&cookie_place(name), sealed).ok()
    }

    fn cookie_key(&self) -> SealingKey {
        self.0.keys.derived("cookies")
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Where something was noticed, and who wants to know.
    pub(crate) fn watch(&self) -> &Arc<Watch> {
        self.0.store.watch()
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.0.hasher
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn member_counts(&self) -> &Counts {
        &self.0.member_counts
    }

    /// What members have asked for.
    pub(crate) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// Which denials and reads are on record already.
    pub(crate) fn noted(&self) -> &Noted {
        &self.0.noted
    }

    /// What is kept of programs that call.
    pub(crate) fn callers(&self) -> &Callers {
        &self.0.callers
    }

    /// What is kept of quotas.
    pub(crate) fn quotas(&self) -> &Quotas {
        &self.0.quotas
    }

    /// Where questions about members are answered.
    pub(crate) fn desks(&self) -> &Desks {
        &self.0.desks
    }

    /// What programs have asked for.
    pub(crate) fn gauges(&self) -> &Gauges {
        &self.0.gauges
    }

    /// What organizations have asked of this program.
    pub(crate) fn load(&self) -> &Load {
        &self.0.load
    }

    /// Turns to go over the visits of an organization.
    pub(crate) fn replays(&self) -> &Semaphore {
        &self.0.replays
    }

    /// Turns to have the entries of an audit trail counted.
    pub(crate) fn counting(&self) -> &Semaphore {
        &self.0.counting
    }

    /// What policies would have done, as it was worked out last.
    pub(crate) fn answers(&self) -> &Answers {
        &self.0.answers
    }

    /// What the place is called where the data is, if that is said.
    pub(crate) fn region(&self) -> Option<&str> {
        self.0.settings.region.as_deref()
    }

    /// What checks passkeys; none where the base URL is an address without a name, for which browsers make none.
    pub(crate) fn relying_party(&self) -> Option<&Webauthn> {
        self.0.relying_party.as_ref()
    }

    pub(crate) fn randomness(&self) -> &dyn Randomness {
        &*self.0.randomness
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        self.0.randomness.bytes()
    }

    pub(crate) fn uuid(&self, now: OffsetDateTime) -> Uuid {
        self.0.randomness.uuid(now)
    }

    /// An absolute link to a path that begins with a slash.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.0.settings.base_url)
    }
}

fn cookie_place(name: &'static str) -> Place<'static> {
    Place { tenant: "platform", table: "cookies", column: name, row: "" }
}
