//! Alerts: what somebody should look at, and what officers do about it.
//!
//! [`crate::detections`] raises them. Here they are read, acknowledged, assigned, resolved and contained; every step leaves
//! an entry whose target is the alert, and these entries are its history. What an officer does to a member because of an
//! alert is theirs to undo as long as nobody else has ([`release`]).

mod act;
mod contain;
mod key;
pub(crate) mod sql;
mod tune;

use domain::audit::Action;
use domain::detections::{
    AlertQuery, AlertState, Containment, Resolution, Rule, RuleInfo, SecurityFact, Severity, Tuning,
};
use domain::ids::{AccountId, AlertId, ApiKeyId};
use domain::paging::Page;
use domain::problem::Problem;
use domain::roles::Permission;
use ipnet::IpNet;
use time::OffsetDateTime;

pub use act::{AssignForm, NoteForm, ResolveForm, acknowledge, assign, note, reopen, resolve};
pub use contain::{ContainForm, contain, release};
pub use tune::{RulesView, TuneForm, rules, tune};

use crate::access::Access;
use crate::api_keys;
use crate::audit::{self, EntryView};
use crate::detections::sql::{self as detections, About};
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;

const VIEWED: Action = Action::new("alerts.viewed");

/// The most facts of an alert that are shown, and how many are looked at for them.
const FACTS: (usize, i64) = (50, 500);
/// The most entries of an alert's history that are shown.
const HISTORY: u8 = 50;

/// Somebody's account and name; no name, when they are in the organization no more.
pub type Whom = (AccountId, Option<String>);

/// An alert, as it is shown.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// Its id.
    pub id: AlertId,
    /// The rule that has raised it.
    pub rule: &'static RuleInfo,
    /// How far somebody has come with it.
    pub state: AlertState,
    /// How bad it may be.
    pub severity: Severity,
    /// The member that it is about.
    pub account: Option<Whom>,
    /// The API key that it is about, and its name; no name, when there is no such key any more.
    pub key: Option<(ApiKeyId, Option<String>)>,
    /// The network that it is about, or from which it came last.
    pub network: Option<IpNet>,
    /// When it began.
    pub first_at: OffsetDateTime,
    /// The latest that belongs to it.
    pub last_at: OffsetDateTime,
    /// How many facts belong to it.
    pub times: u64,
    /// How many others there were of its rule within that hour, at least, that have none of their own.
    pub more: u64,
    /// Who looks after it.
    pub assigned_to: Option<Whom>,
    /// Whether it has suspended the member, whom nobody has resumed since.
    pub suspended: bool,
    /// Whether it has disabled the key, which nobody has had work again since.
    pub key_disabled: bool,
    /// When it has ended the member's sessions.
    pub sessions_ended_at: Option<OffsetDateTime>,
    /// What it has turned out to be.
    pub resolution: Option<Resolution>,
    /// When it was resolved.
    pub resolved_at: Option<OffsetDateTime>,
}

impl AlertView {
    /// What its facts are found by.
    fn about(&self) -> About {
        let account = self.account.as_ref().map(|(id, _)| *id);
        let key = self.key.as_ref().map(|(id, _)| *id);
        // The network of somebody's facts, or of a key's, is one of several.
        let network = self.network.filter(|_| account.is_none() && key.is_none());
        // Whoever answers for a key may be another by now.
        let account = account.filter(|_| key.is_none());
        About { rule: self.rule.rule, account, key, network, first_at: self.first_at, last_at: self.last_at }
    }
}

/// An alert with all that is known of it.
#[derive(Clone, Debug)]
pub struct AlertDetail {
    /// The alert.
    pub alert: AlertView,
    /// The newest facts that belong to it.
    pub facts: Vec<SecurityFact>,
    /// What was done about it, the newest first.
    pub history: Vec<EntryView>,
    /// What can be done about the member or the key: whether it is done and can be undone, and why it cannot be done.
    pub containments: Vec<(Containment, bool, Option<&'static str>)>,
    /// Who can look after it.
    pub officers: Vec<(AccountId, String)>,
}

/// One page of the alerts that the query asks for, the latest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access, query: &AlertQuery) -> Result<Page<AlertView>, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let total = sql::count(tx.conn(), query).await?;
    let rows = sql::list(tx.conn(), query).await?;
    tx.close();
    let key = |alert: &AlertView| (crate::paging::time_value(alert.last_at), alert.id.to_string());
    Ok(Page::assemble(rows, query.cursor.as_ref(), total, key))
}

/// One alert.
///
/// # Errors
/// Forbidden; not found.
pub async fn lookup(access: &Access, id: AlertId) -> Result<AlertDetail, Error> {
    access.require(Permission::ViewAudit, VIEWED).await?;
    access.note_read(VIEWED, "alert", id).await?;
    let mut tx = access.begin().await?;
    let alert = sql::lookup(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    let (tuning, _) = detections::tuning(tx.conn()).await?;
    let facts = detections::facts_about(tx.conn(), &alert.about(), FACTS.1).await?;
    let history = audit::history(access, tx.conn(), &id.to_string(), HISTORY).await?;
    let member = match &alert.account {
        Some((account, _)) => members::sql::lookup(&mut tx, *account).await?,
        None => None,
    };
    let key = match &alert.key {
        Some((key, _)) => api_keys::sql::lookup(&mut tx, *key).await?,
        None => None,
    };
    let officers = detections::responders(&mut tx).await?;
    tx.close();
    let containments = contain::choices(access, &alert, (member.as_ref(), key.as_ref()));
    Ok(AlertDetail { facts: belonging(facts, alert.rule.rule, &tuning), alert, history, containments, officers })
}

/// The alerts that are not resolved, the worst first: at most so many, and how many there are.
pub(crate) async fn worst(tx: &mut TenantTx, most: i64) -> Result<(Vec<AlertView>, u64), Error> {
    let total = sql::count(tx.conn(), &AlertQuery::default()).await?;
    Ok((sql::worst(tx.conn(), most).await?, total))
}

/// Those that the rule looks at.
fn belonging(facts: Vec<SecurityFact>, rule: Rule, tuning: &Tuning) -> Vec<SecurityFact> {
    let threshold = tuning.threshold(rule);
    facts.into_iter().filter(|fact| rule.counts(fact, threshold)).take(FACTS.0).collect()
}
