//! Asking for what hands something to whoever asks, or lets a key do more.

use domain::api_keys::KeyForm;
use domain::approvals::Change;
use domain::audit::AuditQuery;
use domain::audit::export::Format;
use domain::ids::{ApiKeyId, ApprovalId};
use domain::problem::Problem;
use domain::roles::Permission;

use super::REQUESTED;
use super::ask::{Asked, add, parse_reason};
use crate::access::Access;
use crate::api_keys;
use crate::error::Error;
use crate::policy;

/// Asks that the audit trail be exported: what a query asks for now, of the trail as it is when the file is made.
///
/// # Errors
/// As [`crate::audit::begin_export`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_export(
    access: &Access,
    format: Format,
    query: &AuditQuery,
    reason: &str,
) -> Result<ApprovalId, Error> {
    access.require(Permission::ExportAudit, REQUESTED).await?;
    let reason = parse_reason(reason)?;
    access.require_export(REQUESTED).await?;
    let mut tx = access.begin().await?;
    if !policy::in_force(&mut tx).await?.document().approval_needed.exports {
        return Err(Problem::Changed.into());
    }
    let query = query.clone().settled(access.request().now).to_text();
    add(access, tx, Asked::plain(Change::Export { format, query }, reason)).await
}

/// Asks that a key with sensitive scopes may be made.
///
/// # Errors
/// As [`api_keys::create`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_create_key(access: &Access, form: &KeyForm, reason: &str) -> Result<ApprovalId, Error> {
    access.require(Permission::ManageKeys, REQUESTED).await?;
    let key = form.parse(access.enforced().document(), access.request().now)?;
    let reason = parse_reason(reason)?;
    access.require_fresh()?;
    let mut tx = api_keys::propose(access, &key).await?;
    if !policy::in_force(&mut tx).await?.document().approval_needed.for_key(key.key.scopes) {
        return Err(Problem::Changed.into());
    }
    add(access, tx, Asked::plain(Change::Key { key: Box::new(key) }, reason)).await
}

/// Asks that a key come to hold sensitive scopes, or that one that does work from elsewhere or more often.
///
/// # Errors
/// As [`api_keys::change`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_widen_key(
    access: &Access,
    id: ApiKeyId,
    form: &KeyForm,
    reason: &str,
) -> Result<ApprovalId, Error> {
    access.require(Permission::ManageKeys, REQUESTED).await?;
    api_keys::lookup(access, id).await?;
    let after = form.parse_change()?;
    let reason = parse_reason(reason)?;
    access.require_fresh()?;
    let (mut tx, before) = api_keys::propose_change(access, id, &after).await?;
    if !policy::in_force(&mut tx).await?.document().approval_needed.for_key(after.widens(&before)) {
        return Err(Problem::Changed.into());
    }
    let change = Change::WiderKey { key: id, before: Box::new(before), after: Box::new(after) };
    add(access, tx, Asked::plain(change, reason)).await
}
