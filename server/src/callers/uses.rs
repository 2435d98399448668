//! When and from where keys were used last, and what for: noted in memory by each request, and written down by the first
//! request of a minute for all that was noted since.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::{ApiKeyId, TenantId};
use domain::roles::Permissions;
use time::{Duration, OffsetDateTime};

use super::{Caller, Standing, sql};
use crate::Portal;
use crate::error::Error;

/// To how much it is known when a key was used last.
const EXACTNESS: Duration = Duration::MINUTE;
/// How many keys are noted at a time, at most: of others it is noted when these are written.
const NOTED_MAX: usize = 10_000;

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
}

impl Uses {
    /// Notes that a key is used, and which permissions it needs.
    pub(super) fn note(&self, caller: &Caller, needed: Permissions) {
        let (portal, at, ip) = (caller.request.portal(), caller.request.now, caller.request.ip);
        let pause = {
            let mut noted = self.lock();
            let key = (caller.tenant(), caller.key());
            if noted.uses.len() >= NOTED_MAX && !noted.uses.contains_key(&key) {
                return;
            }
            let standing = &caller.standing;
            let noted_use = noted.uses.entry(key).or_insert_with(|| Use {
                standing: standing.clone(),
                at,
                ip,
                used: Permissions::default(),
            });
            if at >= noted_use.at {
                (noted_use.at, noted_use.ip) = (at, ip);
            }
            noted_use.used = noted_use.used | needed;
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
    /// In how long it is to be written, unless somebody is going to.
    fn plan(&mut self, now: OffsetDateTime) -> Option<std::time::Duration> {
        if std::mem::replace(&mut self.is_planned, true) {
            return None;
        }
        let rest = self.written_at.map_or(Duration::ZERO, |at| EXACTNESS - (now - at));
        Some(rest.clamp(Duration::ZERO, EXACTNESS).try_into().unwrap_or_default())
    }
}

async fn write_later(portal: Portal, pause: std::time::Duration) {
    tokio::time::sleep(pause).await;
    write_uses(&portal).await;
}

/// Writes down what is noted. What cannot be written is lost: it is worth no more.
pub async fn write_uses(portal: &Portal) {
    let uses = &portal.callers().uses;
    let _turn = uses.writing.lock().await;
    let noted = {
        let mut noted = uses.lock();
        (noted.is_planned, noted.written_at) = (false, Some(portal.now()));
        std::mem::take(&mut noted.uses)
    };
    for noted_use in noted.into_values() {
        match write(portal, &noted_use).await {
            Ok(()) => {}
            Err(Error::Unavailable(error)) => {
                tracing::warn!(%error, "the last use of keys could not be written");
                return;
            }
            // The organization is deleted, or being upgraded.
            Err(error) => tracing::debug!(%error, "the last use of a key could not be written"),
        }
    }
}

async fn write(portal: &Portal, Use { standing, at, ip, used }: &Use) -> Result<(), Error> {
    let mut tx = portal.store().tenant(&standing.tenant).await?;
    sql::note_use(tx.conn(), standing.key, *at, *ip, *used).await?;
    tx.keep().await
}
