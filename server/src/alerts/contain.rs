//! What is done to the member or the key that an alert is about, and undone.

use domain::api_keys::ApiKey;
use domain::audit::{Action, Draft};
use domain::detections::{AlertState, Containment};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, AlertId};
use domain::members::{Member, MemberStatus};
use domain::problem::Problem;
use domain::roles::{Permission, Role};
use serde::{Deserialize, Serialize};

use super::act::{entry, tell};
use super::{AlertView, key, sql};
use crate::access::Access;
use crate::error::Error;
use crate::members::{self, Response};
use crate::store::TenantTx;

pub(super) const CONTAINED: Action = Action::new("alert.contained");
pub(super) const RELEASED: Action = Action::new("alert.released");

/// The forms "Contain" and "Undo".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainForm {
    /// The code of what is to be done, or undone.
    pub containment: String,
}

/// Does something about the member that an alert is about, with the right to respond to alerts alone: ends anybody's
/// sessions, and takes the keys of anybody but owners back or suspends them, which only owners do to owners. Or disables
/// the key that it is about, whosever it is. It takes effect with their next request.
///
/// # Errors
/// Forbidden, also when the member is above whoever asks; not found, also when they are no member any more; oneself; the
/// last owner; at the field `containment`, what is none of the rule's or is so already; the alert is resolved
/// ([`Problem::Changed`]).
pub async fn contain(access: &Access, id: AlertId, form: ContainForm) -> Result<(), Error> {
    let (tx, alert, containment) = begin(access, id, &form, CONTAINED).await?;
    let response = match containment {
        Containment::DisableKey => return key::disable(access, tx, &alert).await,
        Containment::EndSessions => Response::EndSessions,
        Containment::EndAccess => Response::EndAccess,
        Containment::Suspend => Response::Suspend,
    };
    let (mut tx, member, alert) = judge(access, tx, (id, whom(&alert)?), response, CONTAINED).await?;
    if alert.state == AlertState::Resolved {
        return Err(Problem::Changed.into());
    }
    let done = members::respond(access, &mut tx, &member, response).await?;
    if done.is_empty() {
        tx.close();
        return if alert.suspended { Ok(()) } else { Err(Error::field("containment", FieldProblem::Unchanged)) };
    }
    if containment == Containment::Suspend {
        sql::note_suspended(tx.conn(), id).await?;
    } else {
        sql::note_ended(tx.conn(), id, access.request().now).await?;
    }
    let entry = entry(access, CONTAINED, &alert).added("containment", containment.code());
    commit(access, tx, &alert, (done, entry)).await
}

/// Undoes what an alert has done to its member or its key, as long as nobody else has.
///
/// # Errors
/// As [`contain`]; a step-up is needed for somebody who may do more than a plain member, and for a key; it is undone already
/// ([`Problem::Changed`]).
pub async fn release(access: &Access, id: AlertId, form: ContainForm) -> Result<(), Error> {
    let (tx, alert, containment) = begin(access, id, &form, RELEASED).await?;
    match containment {
        Containment::Suspend => {}
        Containment::DisableKey => return key::enable(access, tx, &alert).await,
        Containment::EndSessions | Containment::EndAccess => return Err(none_of_its()),
    }
    let (mut tx, member, alert) = judge(access, tx, (id, whom(&alert)?), Response::Resume, RELEASED).await?;
    if !alert.suspended {
        return Err(Problem::Changed.into());
    }
    let done = members::respond(access, &mut tx, &member, Response::Resume).await?;
    if done.is_empty() {
        return Err(Problem::Changed.into());
    }
    let entry = entry(access, RELEASED, &alert).added("containment", containment.code());
    commit(access, tx, &alert, (done, entry)).await
}

/// Begins what is done to the member or the key that an alert is about, and what that is.
async fn begin(
    access: &Access,
    id: AlertId,
    form: &ContainForm,
    action: Action,
) -> Result<(TenantTx, AlertView, Containment), Error> {
    access.require(Permission::RespondToAlerts, action).await?;
    let mut tx = access.begin().await?;
    let alert = sql::lookup(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    let containment = Containment::from_code(&form.containment).filter(|it| alert.rule.rule.suggested().contains(it));
    Ok((tx, alert, containment.ok_or_else(none_of_its)?))
}

/// Nothing that can be done because of an alert, or be undone.
pub(super) fn none_of_its() -> Error {
    Error::field("containment", FieldProblem::UnknownChoice)
}

/// The member that an alert is about.
fn whom(alert: &AlertView) -> Result<AccountId, Error> {
    alert.account.as_ref().map(|(account, _)| *account).ok_or_else(none_of_its)
}

/// Judges it by what is true under the lock. Members are locked before alerts, here as everywhere: two that lock in
/// different orders would wait for each other.
async fn judge(
    access: &Access,
    mut tx: TenantTx,
    (id, account): (AlertId, AccountId),
    response: Response,
    action: Action,
) -> Result<(TenantTx, Member, AlertView), Error> {
    match members::judge_response(access, &mut tx, account, response).await {
        Ok(member) => {
            sql::lock_about(tx.conn(), id, account).await?;
            let alert = sql::lock(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
            Ok((tx, member, alert))
        }
        Err(Error::Refused(Problem::Forbidden)) => {
            tx.close();
            Err(access.deny(action, Permission::ManageOwners.code()).await?)
        }
        Err(error) => Err(error),
    }
}

/// Keeps it, and tells whoever watches.
pub(super) async fn commit(
    access: &Access,
    mut tx: TenantTx,
    alert: &AlertView,
    (mut done, entry): (Vec<Draft>, Draft),
) -> Result<(), Error> {
    tell(access, &mut tx, alert, &entry).await?;
    done.push(entry);
    tx.commit_all(access.request(), done).await
}

/// What can be done about the member or the key: whether it is done and can be undone, and why it cannot be done.
pub(super) fn choices(
    access: &Access,
    alert: &AlertView,
    (member, key): (Option<&Member>, Option<&ApiKey>),
) -> Vec<(Containment, bool, Option<&'static str>)> {
    let choice = |containment: &Containment| match containment {
        Containment::DisableKey => {
            alert.key.as_ref().map(|_| (*containment, alert.key_disabled, key::why_not(access, alert, key)))
        }
        Containment::EndSessions | Containment::EndAccess | Containment::Suspend => {
            let is_done = *containment == Containment::Suspend && alert.suspended;
            alert.account.as_ref().map(|_| (*containment, is_done, why_not(access, alert, member, *containment)))
        }
    };
    alert.rule.rule.suggested().iter().filter_map(choice).collect()
}

fn why_not(
    access: &Access,
    alert: &AlertView,
    member: Option<&Member>,
    containment: Containment,
) -> Option<&'static str> {
    let Some(member) = member else { return Some("They are no member any more.") };
    let suspends = containment == Containment::Suspend;
    let is_above = member.role == Role::Owner && !access.permissions().cover(member.permissions);
    if !access.may(Permission::RespondToAlerts) {
        Some("Your role does not allow it.")
    } else if member.id == access.account() {
        Some("Nobody does this to themselves.")
    } else if suspends && is_above {
        Some("Only owners suspend owners.")
    } else if containment == Containment::EndAccess && is_above {
        Some("Only owners take owners’ keys back.")
    } else if suspends && alert.suspended {
        None
    } else if alert.state == AlertState::Resolved {
        Some("The alert is resolved: reopen it first.")
    } else if suspends && member.status == MemberStatus::Suspended {
        Some("They are suspended already.")
    } else {
        None
    }
}
