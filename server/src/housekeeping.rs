//! Taking away what is over: sessions, secrets, sign-ups and mail that nobody can use any more, and organizations whose
//! owners have let the days pass in which they could keep them.
//!
//! All but the last is the platform's and dead already: every statement that reads such a row asks whether
//! it is still good. So this changes nothing that anybody could notice, but that mail which has waited too
//! long is called expired, and leaves no audit entry. An organization's end does, in the platform's trail.

use std::ops::AddAssign;

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use time::Duration;
use tokio::sync::watch;

use crate::Portal;
use crate::api_keys;
use crate::error::Error;
use crate::factors::TRIES_REMEMBERED;
use crate::factors::passkeys::CHALLENGE_LIFETIME;
use crate::notices::KEPT as NOTICES_KEPT;
use crate::notifications::KEPT as NOTIFICATIONS_KEPT;
use crate::operators;
use crate::request::RequestContext;
use crate::sessions::IDLE_LIFETIME;

/// How often somebody looks whether there is something to take away.
const PAUSE: std::time::Duration = std::time::Duration::from_hours(1);
/// The most rows that one statement deletes, so that none holds its locks for long.
const BATCH: i64 = 1000;
/// The most organizations that are deleted before the rest is looked at.
const ORGANIZATIONS: i64 = 20;
/// How long an expired secret or sign-up is kept, for whoever asks what became of a link.
const GRACE: Duration = Duration::days(7);
/// After so long nobody copies wrong passwords and codes any more, because nobody has for a day.
const FAILURES_KEPT: Duration = Duration::DAY;
/// How long mail is kept that was sent, given up, cancelled or expired.
const MAIL_KEPT: Duration = Duration::days(30);

/// Takes away what is over until it is told to stop.
pub struct Housekeeping {
    portal: Portal,
}

/// How many rows were taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that have expired, or that nobody has used for too long.
    pub sessions: u64,
    /// Secrets of links, used or not, that expired a while ago.
    pub tokens: u64,
    /// Mail that does not wait any more.
    pub mails: u64,
    /// Sign-ups that nobody has confirmed.
    pub registrations: u64,
    /// Changes of addresses that nobody has agreed to in time.
    pub addresses: u64,
    /// Codes that somebody has tried, longer ago than they count.
    pub tries: u64,
    /// What passkeys were asked to sign, and have not in time.
    pub challenges: u64,
    /// What people were told by mail, longer ago than the link in it is good.
    pub notices: u64,
    /// What people were told inside of the portal, longer ago than that is kept.
    pub notifications: u64,
    /// Secrets of API keys that are over.
    pub keys: u64,
    /// Wrong passwords and codes that nobody has passed on in time.
    pub failures: u64,
    /// Organizations that nobody has kept in time.
    pub organizations: u64,
}

impl Swept {
    /// Whether a batch was full, so that there may be more of it.
    fn is_full(self) -> bool {
        let batch = BATCH.unsigned_abs();
        [
            self.sessions,
            self.tokens,
            self.mails,
            self.registrations,
            self.addresses,
            self.tries,
            self.challenges,
            self.notices,
            self.notifications,
            self.keys,
            self.failures,
        ]
        .contains(&batch)
            || self.organizations == ORGANIZATIONS.unsigned_abs()
    }
}

impl AddAssign for Swept {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.tokens += other.tokens;
        self.mails += other.mails;
        self.registrations += other.registrations;
        self.addresses += other.addresses;
        self.tries += other.tries;
        self.challenges += other.challenges;
        self.notices += other.notices;
        self.notifications += other.notifications;
        self.keys += other.keys;
        self.failures += other.failures;
        self.organizations += other.organizations;
    }
}

impl Housekeeping {
    /// The housekeeping of this portal.
    pub fn new(portal: &Portal) -> Self {
        Self { portal: portal.clone() }
    }

    /// Takes away what is over, and looks again every hour, until `stop` turns true. A batch that
    /// has begun is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut total = Swept::default();
        while !*stop.borrow() {
            if let Err(error) = self.measure().await {
                tracing::warn!(%error, "how large the platform is could not be noted");
            }
            match self.sweep().await {
                Ok(swept) => {
                    total += swept;
                    if swept.is_full() {
                        continue;
                    }
                }
                Err(error) => tracing::warn!(%error, "what is over could not be taken away"),
            }
            if total != Swept::default() {
                let Swept {
                    sessions,
                    tokens,
                    mails,
                    registrations,
                    addresses,
                    tries,
                    challenges,
                    notices,
                    notifications,
                    keys,
                    failures,
                    organizations,
                } = std::mem::take(&mut total);
                tracing::info!(
                    sessions,
                    tokens,
                    mails,
                    registrations,
                    addresses,
                    tries,
                    challenges,
                    notices,
                    notifications,
                    keys,
                    failures,
                    organizations,
                    "took away what was over"
                );
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Notes how large the platform is, once a day, for the operator's console.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn measure(&self) -> Result<(), Error> {
        operators::measure(&self.portal).await
    }

    /// Takes away a batch of each kind at most.
    ///
    /// # Errors
    /// The database does not answer; what was taken away before stays so.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        self.expire_mails().await?;
        self.note_deletions().await?;
        api_keys::tell(&self.portal).await?;
        Ok(Swept {
            sessions: self.sessions().await?,
            tokens: self.tokens().await?,
            mails: self.mails().await?,
            registrations: self.registrations().await?,
            addresses: self.addresses().await?,
            tries: self.tries().await?,
            challenges: self.challenges().await?,
            notices: self.notices().await?,
            notifications: self.notifications().await?,
            keys: api_keys::sweep(&self.portal).await?,
            failures: self.failures().await?,
            organizations: self.organizations().await?,
        })
    }

    /// Calls mail expired that has waited too long. Where there is a mail server, its worker does.
    async fn expire_mails(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "UPDATE platform.outbox SET state = 'expired', details = '{}' WHERE id IN
                 (SELECT id FROM platform.outbox WHERE state = 'waiting' AND expires_at <= $1
                  LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now(),
            BATCH
        ))
        .await
    }

    /// Notes which organizations are to be deleted, and which are not any more.
    async fn note_deletions(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "UPDATE platform.tenants SET deletion_seen_at = CASE WHEN delete_at IS NOT NULL THEN $1::timestamptz END
             WHERE (delete_at IS NULL) <> (deletion_seen_at IS NULL)",
            self.portal.now()
        ))
        .await
    }

    async fn sessions(&self) -> Result<u64, Error> {
        let now = self.portal.now();
        self.change(sqlx::query!(
            "DELETE FROM platform.sessions WHERE id_hash IN
                 (SELECT id_hash FROM platform.sessions WHERE expires_at <= $1 OR last_seen_at <= $2
                  LIMIT $3 FOR UPDATE SKIP LOCKED)",
            now,
            now - IDLE_LIFETIME,
            BATCH
        ))
        .await
    }

    async fn tokens(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.tokens WHERE hash IN
                 (SELECT hash FROM platform.tokens WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - GRACE,
            BATCH
        ))
        .await
    }

    /// The time of the last attempt is that of the next one, which there will not be, but for minutes.
    async fn mails(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.outbox WHERE id IN
                 (SELECT id FROM platform.outbox WHERE state <> 'waiting' AND next_attempt_at <= $1
                  LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - MAIL_KEPT,
            BATCH
        ))
        .await
    }

    /// A sign-up whose mail still waits, or was given up and can be shown, is not over: each try makes
    /// a link that is good for a day.
    async fn registrations(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.registrations WHERE id IN
                 (SELECT id FROM platform.registrations r WHERE expires_at <= $1 AND NOT EXISTS
                      (SELECT FROM platform.outbox o WHERE o.subject = r.id AND o.state IN ('waiting', 'failed'))
                  LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - GRACE,
            BATCH
        ))
        .await
    }

    async fn addresses(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.address_changes WHERE id IN
                 (SELECT id FROM platform.address_changes WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - GRACE,
            BATCH
        ))
        .await
    }

    async fn tries(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.code_tries WHERE id IN
                 (SELECT id FROM platform.code_tries WHERE at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - TRIES_REMEMBERED,
            BATCH
        ))
        .await
    }

    async fn challenges(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.passkey_challenges WHERE id IN
                 (SELECT id FROM platform.passkey_challenges WHERE created_at <= $1
                  LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - CHALLENGE_LIFETIME,
            BATCH
        ))
        .await
    }

    async fn notices(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.notices WHERE id IN
                 (SELECT id FROM platform.notices WHERE at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - NOTICES_KEPT,
            BATCH
        ))
        .await
    }

    async fn notifications(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.notifications WHERE id IN
                 (SELECT id FROM platform.notifications WHERE created_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - NOTIFICATIONS_KEPT,
            BATCH
        ))
        .await
    }

    async fn failures(&self) -> Result<u64, Error> {
        self.change(sqlx::query!(
            "DELETE FROM platform.sign_in_failures WHERE id IN
                 (SELECT id FROM platform.sign_in_failures WHERE at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            self.portal.now() - FAILURES_KEPT,
            BATCH
        ))
        .await
    }

    /// One after the other. What keeps one of them from going keeps no other, and it is tried again.
    async fn organizations(&self) -> Result<u64, Error> {
        let store = self.portal.store();
        let mut gone = 0;
        for id in store.list_overdue(self.portal.now(), ORGANIZATIONS).await? {
            match store.demolish(&RequestContext::internal(&self.portal), id).await {
                Ok(done) => gone += u64::from(done),
                Err(error) => tracing::error!(%error, organization = %id, "an organization could not be deleted"),
            }
        }
        Ok(gone)
    }

    /// Runs a statement in a transaction of its own; how many rows it was about.
    async fn change(&self, statement: Query<'_, Postgres, PgArguments>) -> Result<u64, Error> {
        let mut tx = self.portal.store().platform().await?;
        let done = statement.execute(tx.conn()).await?;
        tx.end().await?;
        Ok(done.rows_affected())
    }
}
