//! What is done to logs by the hour: counting what is new in them, storing hashes of their trees, looking for damage, and
//! signing a checkpoint of every log that has grown. Once a day what is too old is taken away.

use std::path::PathBuf;

use domain::audit::{Action, Actor, Draft, LogId, Public};
use domain::ids::TenantId;
use time::Duration;
use tokio::sync::watch;

use super::damage::{self, Look};
use super::sql::{self, hours, terms, tree};
use super::terms::Terms;
use super::{checkpoints, files, mailing, retention};
use crate::Portal;
use crate::api;
use crate::api_keys;
use crate::detections;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::{Store, TenantRef, TenantTx};

const DAMAGED: Action = Action::new("audit.damaged");

/// How often logs are looked at that have grown.
const PAUSE: std::time::Duration = std::time::Duration::from_hours(1);
/// How long after the start they are looked at first.
const FIRST_PAUSE: std::time::Duration = std::time::Duration::from_mins(1);
/// How often all logs are looked at, whether they are known to have grown or not.
const ROUND: Duration = Duration::days(1);

/// Looks after the logs until it is told to stop.
pub struct Keeper {
    portal: Portal,
    directory: Option<PathBuf>,
    archives: Option<PathBuf>,
}

impl Keeper {
    /// The keeper of this portal's logs. Checkpoints are also written into the directory, if there is one: one file for
    /// each, in a directory for each organization.
    pub fn new(portal: &Portal, directory: Option<PathBuf>) -> Self {
        Self { portal: portal.clone(), directory, archives: None }
    }

    /// The same, which takes away what is older than policies have it kept: into files in this directory, in one for each
    /// organization. Without, nothing is taken away.
    #[must_use]
    pub fn archiving(self, directory: PathBuf) -> Self {
        Self { archives: Some(directory), ..self }
    }

    /// Looks after the logs that have grown, every hour, and after all of them once a day, until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut last_round = None;
        // Whoever has just started has others to serve first.
        if !*stop.borrow() {
            tokio::select! {
                () = tokio::time::sleep(FIRST_PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
        while !*stop.borrow() {
            let now = self.portal.now();
            let is_round = last_round.is_none_or(|at| now - at >= ROUND);
            let grown = self.portal.store().take_grown();
            let looked_at = match self.tenants(is_round, &grown).await {
                Ok(tenants) => self.tend_all(tenants, &stop).await,
                Err(error) => {
                    tracing::warn!(%error, "the audit logs could not be looked after");
                    0
                }
            };
            if is_round {
                last_round = Some(now);
            }
            tracing::debug!(looked_at, "looked after audit logs");
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn tenants(&self, all: bool, grown: &[TenantId]) -> Result<Vec<TenantRef>, Error> {
        self.portal.store().active_tenants((!all).then_some(grown)).await
    }

    async fn tend_all(&self, tenants: Vec<TenantRef>, stop: &watch::Receiver<bool>) -> u64 {
        let mut looked_at = 0;
        for tenant in tenants {
            if *stop.borrow() {
                break;
            }
            match self.tend_to(&tenant, &|| !*stop.borrow()).await {
                Ok(()) => looked_at += 1,
                Err(error) => {
                    tracing::warn!(%error, organization = %tenant.id, "an audit log could not be looked after");
                }
            }
        }
        looked_at
    }

    /// Looks after one organization's log.
    ///
    /// # Errors
    /// There is no such organization; the database does not answer.
    pub async fn tend(&self, id: TenantId) -> Result<(), Error> {
        let tenant = self.portal.store().active_tenants(Some(&[id])).await?.pop();
        self.tend_to(&tenant.ok_or(domain::problem::Problem::NotFound)?, &|| true).await
    }

    async fn tend_to(&self, tenant: &TenantRef, may_go_on: &(dyn Fn() -> bool + Sync)) -> Result<(), Error> {
        let signed = self.sign(tenant).await?;
        // What cannot be written now is written the next time, and keeps nothing else from being done.
        let written = match &self.directory {
            Some(directory) => files::write_missing(&self.portal, tenant, directory).await,
            None => Ok(()),
        };
        self.forget(tenant, may_go_on).await?;
        derive(self.portal.store(), tenant, &self.portal, may_go_on).await?;
        if let (Some(directory), Some(signed)) = (&self.archives, signed) {
            retention::run(&self.portal, tenant, (directory, signed), may_go_on).await?;
        }
        written
    }

    /// Forgets what was noticed of the organization's security, keys, and what programs were answered, that are too old.
    async fn forget(&self, tenant: &TenantRef, may_go_on: &(dyn Fn() -> bool + Sync)) -> Result<(), Error> {
        while may_go_on() {
            let mut tx = self.portal.store().administer(tenant).await?;
            let now = self.portal.now();
            let more = detections::forget(&mut tx, now).await?
                | api_keys::forget(&mut tx, now).await?
                | api::forget(&mut tx, now).await?;
            tx.keep().await?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// Looks for damage, and signs a checkpoint if there is none, and something is new: up to where the stored hashes are
    /// those that were signed, if they are.
    async fn sign(&self, tenant: &TenantRef) -> Result<Option<u64>, Error> {
        let mut tx = self.portal.store().administer(tenant).await?;
        let log = tx.log();
        let key = self.portal.keys().signer(tx.conn(), log).await?.verifier();
        let Look { head, before, damage, is_as_signed } = damage::look(&mut tx, &key).await?;
        if !damage.is_empty() {
            self.report(tx, &damage).await?;
            return Ok(is_as_signed.then_some(before));
        }
        if sql::damaged(tx.conn()).await?.is_some() {
            // What stayed because of the damage may go now.
            sql::retention::begin_again(tx.conn()).await?;
            sql::set_damaged(tx.conn(), None).await?;
        }
        let request = RequestContext::internal(&self.portal);
        if head.size() > before {
            let note = checkpoints::keep(&mut tx, &self.portal, request.now, (&head, false)).await?;
            mailing::send(&mut tx, &request, tenant, (head.size(), note.as_str())).await?;
        } else {
            mailing::send_again(&mut tx, &request, tenant, &head).await?;
        }
        tx.keep().await?;
        Ok(Some(head.size()))
    }

    /// Puts damage on record, once for each entry, and signs nothing: a checkpoint says that all is well.
    async fn report(&self, mut tx: TenantTx, damage: &[u64]) -> Result<(), Error> {
        let log = tx.log();
        tracing::error!(%log, ?damage, "the stored audit log is damaged");
        let first = damage.first().and_then(|index| i64::try_from(*index).ok());
        sql::set_damaged(tx.conn(), first).await?;
        let mut entries = Vec::new();
        for index in damage {
            if !sql::is_reported(tx.conn(), DAMAGED.as_str(), *index).await? {
                entries.push(
                    Draft::done(DAMAGED, Actor::system())
                        .unnamed_target("entry", index)
                        .added("index", Public(index.to_string())),
                );
            }
        }
        tx.commit_all(&RequestContext::internal(&self.portal), entries).await
    }
}

/// Counts what is new, stores the hashes of the tree, and makes older entries findable: until there is no more of it, or
/// nothing comes of it.
async fn derive(
    store: &Store,
    tenant: &TenantRef,
    portal: &Portal,
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(), Error> {
    let log = LogId::Tenant(tenant.id);
    let mut last = None;
    while may_go_on() {
        let mut tx = store.administer(tenant).await?;
        let size = sql::number(sql::size(tx.conn()).await?)?;
        let counted = hours::count(tx.conn()).await?;
        let more = tree::fill(tx.conn(), size).await?;
        let key = portal.keys().data(tx.conn(), log).await?;
        let words = Terms::new(&key);
        let unindexed = terms::fill(tx.conn(), |row| row.terms(&key, log, &words)).await?;
        tx.keep().await?;
        let is_done = counted >= size && !more && unindexed == 0;
        if is_done || !more && last == Some((counted, unindexed)) {
            break;
        }
        last = Some((counted, unindexed));
    }
    Ok(())
}
