//! What officers do with alerts.

use domain::audit::{Action, Draft, Personal, Public};
use domain::detections::{AlertState, Resolution};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, AlertId};
use domain::members::{Member, MemberStatus, parse_reason};
use domain::notifications::Kind;
use domain::policy::parse_change_reason;
use domain::problem::Problem;
use domain::roles::Permission;
use domain::webhooks::EventKind;
use serde::{Deserialize, Serialize};

use super::{AlertView, sql};
use crate::access::Access;
use crate::detections;
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;
use crate::webhooks;

const ACKNOWLEDGED: Action = Action::new("alert.acknowledged");
const ASSIGNED: Action = Action::new("alert.assigned");
const NOTED: Action = Action::new("alert.noted");
const RESOLVED: Action = Action::new("alert.resolved");
const REOPENED: Action = Action::new("alert.reopened");

/// A form with a note.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    /// What somebody has to say.
    pub note: String,
}

/// The form "Assign".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignForm {
    /// The account of whoever is to look after it.
    pub assignee: String,
    /// What somebody has to say.
    pub note: String,
}

/// The form "Resolve".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResolveForm {
    /// The code of what it has turned out to be.
    pub resolution: String,
    /// What somebody has to say.
    pub note: String,
}

/// Looks after an alert: whoever asks, unless it is assigned to somebody.
///
/// # Errors
/// Forbidden; not found; a note that is none; it is not open any more ([`Problem::Changed`]).
pub async fn acknowledge(access: &Access, id: AlertId, form: NoteForm) -> Result<(), Error> {
    access.require(Permission::RespondToAlerts, ACKNOWLEDGED).await?;
    let (mut tx, alert) = begin(access, id).await?;
    let note = optional(&form.note)?;
    if alert.state != AlertState::Open {
        return Err(Problem::Changed.into());
    }
    sql::acknowledge(tx.conn(), id, access.account()).await?;
    commit(access, tx, &alert, said(entry(access, ACKNOWLEDGED, &alert), note)).await
}

/// Has somebody look after an alert.
///
/// # Errors
/// Forbidden; not found; a note that is none; at the field `assignee`, somebody who may not respond to alerts; it is
/// resolved ([`Problem::Changed`]).
pub async fn assign(access: &Access, id: AlertId, form: AssignForm) -> Result<(), Error> {
    access.require(Permission::RespondToAlerts, ASSIGNED).await?;
    let (mut tx, alert) = begin(access, id).await?;
    let note = optional(&form.note)?;
    let problem = if form.assignee.is_empty() { FieldProblem::Required } else { FieldProblem::UnknownChoice };
    let to: AccountId = form.assignee.parse().map_err(|_| Error::field("assignee", problem))?;
    if alert.state == AlertState::Resolved {
        return Err(Problem::Changed.into());
    }
    let may_respond = |member: &Member| {
        member.status == MemberStatus::Active && member.permissions.allow(Permission::RespondToAlerts)
    };
    let assignee = members::sql::lookup(&mut tx, to).await?.filter(may_respond);
    let assignee = assignee.ok_or_else(|| Error::field("assignee", FieldProblem::UnknownChoice))?;
    sql::assign(tx.conn(), id, to).await?;
    members::tell(access, &mut tx, to, Kind::AlertAssigned { rule: alert.rule.rule, alert: id }).await?;
    let entry = entry(access, ASSIGNED, &alert).added("assignee", Personal(assignee.name));
    commit(access, tx, &alert, said(entry, note)).await
}

/// Adds a note to an alert's history.
///
/// # Errors
/// Forbidden; not found; a note that is none, at the field `note`.
pub async fn note(access: &Access, id: AlertId, form: NoteForm) -> Result<(), Error> {
    access.require(Permission::RespondToAlerts, NOTED).await?;
    let (tx, alert) = begin(access, id).await?;
    let note = parse_reason(&form.note).map_err(|problem| Error::field("note", problem))?;
    commit(access, tx, &alert, said(entry(access, NOTED, &alert), Some(note))).await
}

/// Says what an alert has turned out to be. The same facts raise it no more; others do.
///
/// # Errors
/// Forbidden; not found; at the field `resolution`, one that there is not, and any of an alert about whoever asks, unless
/// nobody else may respond to it; a note that is none; it is resolved already ([`Problem::Changed`]).
pub async fn resolve(access: &Access, id: AlertId, form: ResolveForm) -> Result<(), Error> {
    access.require(Permission::RespondToAlerts, RESOLVED).await?;
    let (mut tx, alert) = begin(access, id).await?;
    let note = optional(&form.note)?;
    let problem = if form.resolution.is_empty() { FieldProblem::Required } else { FieldProblem::UnknownChoice };
    let resolution = Resolution::from_code(&form.resolution).ok_or_else(|| Error::field("resolution", problem))?;
    if alert.state == AlertState::Resolved {
        return Err(Problem::Changed.into());
    }
    let entry = entry(access, RESOLVED, &alert).added("resolution", resolution.code());
    let entry = if alert.account.as_ref().is_some_and(|(about, _)| *about == access.account()) {
        require_alone(access, &mut tx).await?;
        members::warn_owners(access, &mut tx, [Kind::OwnAlertResolved { rule: alert.rule.rule, alert: id }]).await?;
        entry.added("alone", "true")
    } else {
        entry
    };
    sql::resolve(tx.conn(), id, resolution, access.account(), access.request().now).await?;
    commit(access, tx, &alert, said(entry, note)).await
}

/// Goes on only if nobody else may respond to alerts: whoever has taken an account over would call the alert about it a
/// false one.
async fn require_alone(access: &Access, tx: &mut TenantTx) -> Result<(), Error> {
    let responders = detections::sql::responders(tx).await?;
    if responders.iter().any(|(id, _)| *id != access.account()) {
        return Err(Error::field("resolution", FieldProblem::OwnAlert));
    }
    Ok(())
}

/// Takes back that an alert is over.
///
/// # Errors
/// Forbidden; not found; a note that is none; it is not resolved, or there is another about the same by now
/// ([`Problem::Changed`]).
pub async fn reopen(access: &Access, id: AlertId, form: NoteForm) -> Result<(), Error> {
    access.require(Permission::RespondToAlerts, REOPENED).await?;
    let (mut tx, alert) = begin(access, id).await?;
    let note = optional(&form.note)?;
    if alert.state != AlertState::Resolved {
        return Err(Problem::Changed.into());
    }
    let reopened = sql::reopen(tx.conn(), id).await;
    reopened.map_err(|error| if error.violates("alerts_unresolved") { Problem::Changed.into() } else { error })?;
    commit(access, tx, &alert, said(entry(access, REOPENED, &alert), note)).await
}

/// Begins what is done with an alert, which is locked.
async fn begin(access: &Access, id: AlertId) -> Result<(TenantTx, AlertView), Error> {
    let mut tx = access.begin().await?;
    let alert = sql::lock(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    Ok((tx, alert))
}

/// Keeps it, and tells whoever watches.
async fn commit(access: &Access, mut tx: TenantTx, alert: &AlertView, entry: Draft) -> Result<(), Error> {
    tell(access, &mut tx, alert, &entry).await?;
    tx.commit(access.request(), entry).await
}

/// Tells whoever watches, and other programs, of what an entry says.
pub(super) async fn tell(access: &Access, tx: &mut TenantTx, alert: &AlertView, entry: &Draft) -> Result<(), Error> {
    detections::tell(tx.conn(), access.tenant()).await?;
    let request = access.request();
    let data = webhooks::events::alert_changed(alert, entry.action(), access.account());
    webhooks::post(tx, request.portal(), EventKind::AlertChanged, data, request.now).await
}

/// The entry of what is done with an alert.
pub(super) fn entry(access: &Access, action: Action, alert: &AlertView) -> Draft {
    Draft::done(action, access.actor())
        .target("alert", alert.id, Public(alert.rule.name.to_owned()))
        .within(access.request().audited())
}

/// The same with what somebody has to say.
fn said(entry: Draft, note: Option<String>) -> Draft {
    match note {
        Some(note) => entry.because(Personal(note)),
        None => entry,
    }
}

fn optional(note: &str) -> Result<Option<String>, Error> {
    parse_change_reason(note).map_err(|problem| Error::field("note", problem))
}
