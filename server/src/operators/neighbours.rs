//! Which organizations ask for most, and where most waits: what one of them may keep from others.

use domain::ids::TenantId;
use time::OffsetDateTime;

use super::{OperatorAccess, sql};
use crate::error::Error;

/// How many organizations are told, by each measure.
const SHOWN: usize = 20;

/// The organizations that ask for most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// What this program was asked for, the busiest first.
    pub pressing: Vec<Pressed>,
    /// Since when that is known: an hour at most.
    pub since: Option<OffsetDateTime>,
    /// Where something waits to be done, where there is most first.
    pub waiting: Vec<Waiting>,
}

/// What an organization has asked this program for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Pages and forms.
    pub pages: u64,
    /// Answers for programs.
    pub calls: u64,
    /// How long all of them took.
    pub milliseconds: u64,
}

/// What waits to be done for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Jobs that are not done.
    pub jobs: u64,
    /// Times that something was noticed at which detections have not looked.
    pub noticed: u64,
    /// Whether its webhooks and its quotas are to be looked after by now.
    pub overdue: u64,
    /// Since when the first of it waits.
    pub since: OffsetDateTime,
}

/// The organizations that ask for most.
///
/// # Errors
/// The database does not answer.
pub async fn neighbours(access: &OperatorAccess) -> Result<Neighbours, Error> {
    let request = access.request();
    let pool = request.portal().store().operator_pool();
    let (most, since) = request.portal().load().most(request.now, SHOWN);
    let ids: Vec<_> = most.iter().map(|(tenant, _)| *tenant).collect();
    let names = sql::names(pool, &ids).await?;
    // One that is gone by now presses on nobody.
    let pressing = most.into_iter().filter_map(|(id, asked)| {
        let (slug, name) = names.get(&id)?.clone();
        Some(Pressed { id, slug, name, pages: asked.pages, calls: asked.calls, milliseconds: asked.milliseconds })
    });
    let waiting = sql::waiting(pool, request.now, i64::try_from(SHOWN).unwrap_or(i64::MAX)).await?;
    Ok(Neighbours { pressing: pressing.collect(), since, waiting })
}
