//! Sending what waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::audit::LogId;
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::webhooks::{ATTEMPTS, SendProblem};
use futures::future::join_all;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::sender::{Sender, Sent, Signed};
use super::sql::queue::{self, Taken};
use super::sql::sending::{self as sql, Claimed};
use super::{BODY_KEPT, record};
use crate::Portal;
use crate::error::Error;
use crate::keys::SealingKey;
use crate::store::{Store, TenantRef};

/// How often the queue is looked at. One indexed query on a small table.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);
/// How long a turn may take before somebody else goes on with the organization.
const PATIENCE: Duration = Duration::minutes(2);
/// How long an organization waits that is suspended or being upgraded, or whose turn came to nothing.
const POSTPONED: Duration = Duration::minutes(10);
const AFTER_FAILURE: Duration = Duration::seconds(30);
/// How many organizations are served at a time: one whose endpoints take their time keeps few others waiting.
const AT_ONCE: usize = 8;
/// How many messages are sent to an endpoint at a time.
const BATCH: i64 = 4;
/// How long messages are kept, and how many of an endpoint's at most.
const KEPT: Duration = Duration::days(30);
const KEPT_MAX: i64 = 5_000;
/// How many are taken away of an endpoint's at a time.
const FORGOTTEN: i64 = 500;
/// How often it is tried to note what came of messages while the organization is asked for much.
const TRIES: u32 = 10;
/// How often an organization's are looked through for what is over.
const FORGETTING: Duration = Duration::HOUR;

/// Sends webhooks until it is told to stop. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    portal: Portal,
    sender: Sender,
    /// When what is over was taken away last.
    forgotten: Arc<Mutex<HashMap<TenantId, OffsetDateTime>>>,
}

/// A message that was sent, and what came of it.
pub(super) struct Outcome {
    pub(super) claimed: Claimed,
    pub(super) at: OffsetDateTime,
    pub(super) sent: Sent,
}

/// What becomes of a message that was taken.
enum Done {
    Sent(Outcome),
    /// It was never its turn.
    Unsent(Claimed),
}

impl Worker {
    /// A worker of this portal's.
    ///
    /// # Errors
    /// There is no TLS.
    pub fn new(portal: &Portal) -> Result<Self, Error> {
        let sender = Sender::new(&portal.settings().webhook_allow)?;
        Ok(Self { portal: portal.clone(), sender, forgotten: Arc::default() })
    }

    /// Sends what is due, of several organizations at a time, and looks again, until `stop` turns true. A turn that has
    /// begun is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut turns = JoinSet::new();
        let mut busy: HashMap<tokio::task::Id, TenantId> = HashMap::new();
        while !*stop.borrow() {
            if turns.len() < AT_ONCE {
                let others: Vec<_> = busy.values().copied().collect();
                match self.take(&others).await {
                    Ok(Some(taken)) => {
                        let worker = self.clone();
                        let turn = turns.spawn(async move { worker.turn(taken).await });
                        busy.insert(turn.id(), taken.tenant);
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "the queue of webhooks could not be read"),
                }
            }
            tokio::select! {
                Some(ended) = turns.join_next_with_id() => {
                    let id = ended.as_ref().map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
                    busy.remove(&id);
                    if let Ok((_, Err(error))) = ended {
                        tracing::warn!(%error, "webhooks could not be sent");
                    }
                }
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
        while turns.join_next().await.is_some() {}
    }

    /// Sends some of what is due in the organization that has waited for the longest time; false when there is none.
    ///
    /// # Errors
    /// The database does not answer. A message that is not taken is no error: it waits.
    pub async fn work_next(&self) -> Result<bool, Error> {
        let Some(taken) = self.take(&[]).await? else { return Ok(false) };
        self.turn(taken).await?;
        Ok(true)
    }

    /// Takes an organization for some time.
    async fn take(&self, busy: &[TenantId]) -> Result<Option<Taken>, Error> {
        let now = self.portal.now();
        let until = now + PATIENCE;
        let busy: Vec<_> = busy.iter().map(|tenant| tenant.0).collect();
        let mut tx = self.portal.store().platform().await?;
        let taken = queue::take(tx.conn(), &busy, now, until).await?;
        tx.end().await?;
        Ok(taken)
    }

    async fn turn(&self, taken: Taken) -> Result<(), Error> {
        let outcome = self.serve(taken.tenant, taken.until).await;
        let now = self.portal.now();
        let (next, failed) = match outcome {
            Ok(next) => (next, None),
            Err(Error::Refused(problem)) if problem == Problem::OrganizationSuspended || problem.is_behind() => {
                (Some(now + POSTPONED), None)
            }
            Err(error) => (Some(now + AFTER_FAILURE), Some(error)),
        };
        let mut tx = self.portal.store().platform().await?;
        queue::put_back(tx.conn(), taken, next).await?;
        tx.end().await?;
        failed.map_or(Ok(()), Err)
    }

    /// Sends some of what is due in an organization: when somebody has to look again.
    async fn serve(&self, id: TenantId, until: OffsetDateTime) -> Result<Option<OffsetDateTime>, Error> {
        let mut tx = self.portal.store().platform().await?;
        let tenant = Store::lookup_tenant(tx.conn(), id).await?;
        tx.end().await?;
        let Some(tenant) = tenant else { return Ok(None) };
        if tenant.status != TenantStatus::Active {
            return Err(Problem::OrganizationSuspended.into());
        }
        let now = self.portal.now();
        let forgotten = self.forget(&tenant, now).await?;
        let mut tx = self.portal.store().tenant_at_work(&tenant).await?;
        sql::give_up(tx.conn(), ATTEMPTS, now).await?;
        let claimed = sql::claim(tx.conn(), BATCH, now, until).await?;
        let log = tx.log();
        let key = self.portal.keys().data(tx.conn(), log).await?;
        tx.keep().await?;
        let sending = claimed.into_iter().map(|claimed| self.send(&tenant, claimed, log, &key));
        let (mut outcomes, mut unsent) = (Vec::new(), Vec::new());
        for done in join_all(sending).await {
            match done {
                Done::Sent(outcome) => outcomes.push(outcome),
                Done::Unsent(claimed) => unsent.push(claimed),
            }
        }
        if !outcomes.is_empty() {
            self.note(&tenant, &outcomes).await?;
        }
        if !unsent.is_empty() {
            let mut tx = self.portal.store().tenant_at_work(&tenant).await?;
            sql::put_back(tx.conn(), &unsent, self.portal.now() + AFTER_FAILURE).await?;
            tx.keep().await?;
        }
        let mut tx = self.portal.store().tenant_at_work(&tenant).await?;
        let times = sql::times(tx.conn()).await?;
        tx.close();
        let over = [times.oldest.map(|at| at + KEPT), times.ended.map(|at| at + BODY_KEPT)].into_iter().flatten().min();
        // What was sent just now may be one more than is kept.
        let more = (!outcomes.is_empty()).then_some(now);
        let over = over.into_iter().chain(more).min().map(|at| at.max(forgotten + FORGETTING));
        Ok(times.due.into_iter().chain(over).min())
    }

    /// Keeps what came of messages. What was sent and not noted is sent again: so a turn is waited for several times.
    async fn note(&self, tenant: &TenantRef, outcomes: &[Outcome]) -> Result<(), Error> {
        let mut tries = 1;
        loop {
            match record::note(&self.portal, tenant, outcomes).await {
                Err(Error::Busy) if tries < TRIES => tries += 1,
                noted => return noted,
            }
        }
    }

    /// Takes away what is over, unless that was done within the hour: when it was done last.
    async fn forget(&self, tenant: &TenantRef, now: OffsetDateTime) -> Result<OffsetDateTime, Error> {
        let last = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant.id).copied();
        if let Some(last) = last.filter(|last| now - *last < FORGETTING) {
            return Ok(last);
        }
        let mut more = true;
        while more {
            let mut tx = self.portal.store().tenant_at_work(tenant).await?;
            more = sql::forget(tx.conn(), now - KEPT, KEPT_MAX, FORGOTTEN).await?;
            more |= sql::empty(tx.conn(), now - BODY_KEPT, FORGOTTEN).await?;
            tx.keep().await?;
        }
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.id, now);
        Ok(now)
    }

    /// Signs a message and sends it once.
    async fn send(&self, tenant: &TenantRef, claimed: Claimed, log: LogId, key: &SealingKey) -> Done {
        let at = self.portal.now();
        let sent = match sign(&claimed, log, key, at) {
            Ok(signature) => {
                let id = claimed.message.to_string();
                let (url, body) = (claimed.url.clone(), claimed.body.clone());
                let message = Signed { url, id, timestamp: at.unix_timestamp(), signature, body };
                let Some(sent) = self.sender.send(tenant.id, message).await else { return Done::Unsent(claimed) };
                sent
            }
            // What is damaged at one endpoint keeps no other waiting.
            Err(error) => {
                tracing::error!(%error, webhook = %claimed.endpoint, "a webhook's secret cannot be used");
                Sent { milliseconds: 0, outcome: Err(SendProblem::Broken), answer: String::new() }
            }
        };
        let outcome =
            if is_taken(&sent) { "portcullis_webhooks_sent_total" } else { "portcullis_webhooks_failed_total" };
        metrics::counter!(outcome).increment(1);
        metrics::histogram!("portcullis_webhook_seconds").record(f64::from(sent.milliseconds) / 1000.0);
        Done::Sent(Outcome { claimed, at, sent })
    }
}

/// The signature of a message, and for a day after a rotation the one of before beside it.
fn sign(claimed: &Claimed, log: LogId, key: &SealingKey, at: OffsetDateTime) -> Result<String, Error> {
    let Claimed { endpoint, message, body, secrets, .. } = claimed;
    let id = message.to_string();
    let mut signature = secrets.secret.open(key, log, endpoint)?.signer()?.sign(&id, at, body.as_bytes());
    if let Some((former, _)) = secrets.former.as_ref().filter(|(_, until)| at < *until) {
        signature.push(' ');
        signature.push_str(&former.open(key, log, endpoint)?.signer()?.sign(&id, at, body.as_bytes()));
    }
    Ok(signature)
}

/// Whether the endpoint has taken it.
pub(super) fn is_taken(sent: &Sent) -> bool {
    matches!(sent.outcome, Ok(200..=299))
}
