//! When and from where keys were used last, and what for: noted in memory by each request, and written down by the first
//! request of a minute for all that was noted since.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::detections::{FactKind, SecurityFact, network_of};
use domain::ids::{ApiKeyId, TenantId};
use domain::roles::Permissions;
use time::{Duration, OffsetDateTime};

use super::sql::Before;
use super::{Caller, Standing, sql};
use crate::Portal;
use crate::error::Error;
use crate::organizations::sql as organizations;
use crate::store::TenantTx;

/// To how much it is known when a key was used last.
const EXACTNESS: Duration = Duration::MINUTE;
/// How many keys are noted at a time, at most: of others it is noted when these are written.
const NOTED_MAX: usize = 10_000;
/// From how many networks a key's use is noted at a time, at most.
const NETWORKS_MAX: usize = 32;
/// How many of a key's networks are known, at most: the latest.
const KNOWN_MAX: usize = 64;
/// When so many in a row cannot be written, the database does not answer: the others wait for the next round, too.
const FAILURES_MAX: usize = 3;

/// What is noted and not written yet.
#[derive(Default)]
pub(super) struct Uses {
    noted: Mutex<Noted>,
    /// One at a time writes: whoever waits for it knows that all that was noted before is written.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Noted {
    uses: HashMap<(TenantId, ApiKeyId), Use>,
    written_at: Option<OffsetDateTime>,
    /// Whether somebody is going to write.
    is_planned: bool,
}

/// The use of a key.
struct Use {
    standing: Arc<Standing>,
    at: OffsetDateTime,
    ip: Option<IpAddr>,
    used: Permissions,
    /// The first address of each network, and when it came.
    from: Vec<(OffsetDateTime, IpAddr)>,
}

impl Uses {
    /// Notes that a key is used, and which permissions it needs.
    pub(super) fn note(&self, caller: &Caller, needed: Permissions) {
        let (portal, at, ip) = (caller.request.portal(), caller.request.now, caller.request.ip);
        let pause = {
            let mut noted = self.lock();
            noted.add(Use {
                standing: caller.standing.clone(),
                at,
                ip,
                used: needed,
                from: ip.map(|ip| (at, ip)).into_iter().collect(),
            });
            noted.plan(at)
        };
        if let Some(pause) = pause {
            tokio::spawn(write_later(portal.clone(), pause));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    /// Adds a use to what is noted of its key, if there is room.
    fn add(&mut self, new: Use) {
        let key = (new.standing.tenant.id, new.standing.key);
        if let Some(noted) = self.uses.get_mut(&key) {
            noted.join(new);
        } else if self.uses.len() < NOTED_MAX {
            self.uses.insert(key, new);
        }
    }

    /// In how long it is to be written, unless somebody is going to.
    fn plan(&mut self, now: OffsetDateTime) -> Option<std::time::Duration> {
        if std::mem::replace(&mut self.is_planned, true) {
            return None;
        }
        let rest = self.written_at.map_or(Duration::ZERO, |at| EXACTNESS - (now - at));
        Some(rest.clamp(Duration::ZERO, EXACTNESS).try_into().unwrap_or_default())
    }
}

impl Use {
    /// Both as one: the later of them is the last, and of each network the first address counts that is known.
    fn join(&mut self, other: Self) {
        if other.at >= self.at {
            (self.at, self.ip, self.standing) = (other.at, other.ip, other.standing);
        }
        self.used = self.used | other.used;
        for (at, ip) in other.from {
            let is_known = self.from.iter().any(|(_, known)| network_of(*known) == network_of(ip));
            if !is_known && self.from.len() < NETWORKS_MAX {
                self.from.push((at, ip));
            }
        }
    }
}

async fn write_later(portal: Portal, pause: std::time::Duration) {
    tokio::time::sleep(pause).await;
    write_uses(&portal).await;
}

/// Writes down what is noted. What cannot be written because the database does not answer, or has no room for the
/// organization, is noted again, for the next round.
pub async fn write_uses(portal: &Portal) {
    let uses = &portal.callers().uses;
    let _turn = uses.writing.lock().await;
    let noted = {
        let mut noted = uses.lock();
        (noted.is_planned, noted.written_at) = (false, Some(portal.now()));
        std::mem::take(&mut noted.uses)
    };
    let (mut left, mut failures, mut busy) = (Vec::new(), 0, HashSet::new());
    for noted_use in noted.into_values() {
        let tenant = noted_use.standing.tenant.id;
        if failures >= FAILURES_MAX || busy.contains(&tenant) {
            left.push(noted_use);
            continue;
        }
        match write(portal, &noted_use).await {
            Ok(()) => failures = 0,
            Err(Error::Unavailable(error)) => {
                tracing::warn!(%error, "the last use of a key could not be written");
                failures += 1;
                left.push(noted_use);
            }
            // Its other keys would wait as long, and those of other organizations behind them.
            Err(Error::Busy) => {
                busy.insert(tenant);
                left.push(noted_use);
            }
            // The organization is deleted, or being upgraded.
            Err(error) => tracing::debug!(%error, "the last use of a key could not be written"),
        }
    }
    let mut noted = uses.lock();
    for noted_use in left {
        noted.add(noted_use);
    }
}

async fn write(portal: &Portal, noted: &Use) -> Result<(), Error> {
    let Use { standing, at, ip, used, from } = noted;
    let mut tx = portal.store().tenant_at_work(&standing.tenant).await?;
    if let Some(before) = sql::note_use(tx.conn(), standing.key, *at, *ip, *used).await? {
        note_networks(&mut tx, standing.key, before, from).await?;
    }
    tx.keep().await?;
    let mut tx = portal.store().platform().await?;
    organizations::note_active(tx.conn(), &[standing.tenant.id], *at).await?;
    tx.end().await
}

/// Notes from where else a key comes now. A key that was never used before comes from nowhere new.
async fn note_networks(
    tx: &mut TenantTx,
    key: ApiKeyId,
    Before { mut networks, account }: Before,
    from: &[(OffsetDateTime, IpAddr)],
) -> Result<(), Error> {
    let mut from = from.to_vec();
    from.sort_unstable();
    let mut is_longer = false;
    for (at, ip) in from {
        let network = network_of(ip);
        if networks.contains(&network) {
            continue;
        }
        if !networks.is_empty() {
            let fact = SecurityFact::new(at, FactKind::KeyUsed, account, Some(ip));
            tx.record([SecurityFact { key: Some(key), new_network: true, ..fact }.into()]);
        }
        networks.push(network);
        is_longer = true;
    }
    if is_longer {
        let first = networks.len().saturating_sub(KNOWN_MAX);
        sql::note_networks(tx.conn(), key, &networks[first..]).await?;
    }
    Ok(())
}
