//! Putting a policy into force when others have to approve it: judged as if it were done at once, and done later by the
//! same rules. A version never changes, so that what is approved is what somebody has asked for.

use domain::approvals::{Change as Asked, ReplaySummary};
use domain::policy::{Difference, SecurityPolicy, parse_change_reason};
use domain::problem::Problem;
use domain::roles::Permission;

use super::enforce::{CHANGED, Change, judge, parse_alarm, put};
use super::sql::{self, NewVersion};
use super::{EnforceForm, RollBackForm, Subject, replay};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// A version that is to be in force, and what it would take the place of.
pub(crate) struct ProposedPolicy {
    pub(crate) tx: TenantTx,
    /// The version that is in force.
    pub(crate) base: i64,
    pub(crate) before: SecurityPolicy,
    pub(crate) after: SecurityPolicy,
    pub(crate) asked: Asked,
}

/// What the form asks for that puts the draft into force.
pub(crate) fn parse_enforce(form: &EnforceForm) -> Result<Asked, Error> {
    // The version that was looked at; another one is no draft any more.
    let version = form.version.parse().map_err(|_| Error::from(Problem::Changed))?;
    let alarm = parse_alarm(&form.alarm).map_err(|problem| Error::field("alarm", problem))?;
    Ok(Asked::Enforce { version, alarm })
}

/// Judges that the draft is put into force.
///
/// # Errors
/// As [`super::enforce()`]; none that a proof is needed.
pub(crate) async fn propose(access: &Access, asked: Asked) -> Result<ProposedPolicy, Error> {
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let mut tx = access.begin().await?;
    let head = sql::lock(tx.conn()).await?;
    let version = head.draft.filter(|draft| asked.version() == Some(*draft)).ok_or(Problem::Changed)?;
    let after = sql::document(tx.conn(), version).await?.ok_or(Problem::PolicyUnreadable)?;
    let before = judge(access, &mut tx, &head, &after).await?;
    Ok(ProposedPolicy { tx, base: head.enforced, before, after, asked })
}

/// Judges that an earlier version is put back.
///
/// # Errors
/// As [`super::roll_back`]; none that a proof is needed.
pub(crate) async fn propose_back(access: &Access, number: i64, form: &RollBackForm) -> Result<ProposedPolicy, Error> {
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let mut tx = access.begin().await?;
    let after = sql::document(tx.conn(), number).await?.ok_or(Problem::NotFound)?;
    parse_change_reason(&form.reason).map_err(|problem| Error::field("reason", problem))?;
    let head = sql::lock(tx.conn()).await?;
    if form.revision != head.enforced.to_string() {
        return Err(Problem::Changed.into());
    }
    let before = judge(access, &mut tx, &head, &after).await?;
    if before == after {
        return Err(Problem::Changed.into());
    }
    Ok(ProposedPolicy { tx, base: head.enforced, before, after, asked: Asked::RollBack { version: number } })
}

/// The version that is in force, which stays so until this transaction ends.
pub(crate) async fn hold(tx: &mut TenantTx) -> Result<i64, Error> {
    Ok(sql::lock(tx.conn()).await?.enforced)
}

/// Puts the version into force that was approved.
///
/// # Errors
/// As [`super::enforce()`].
pub(crate) async fn carry(access: &Access, mut tx: TenantTx, asked: Asked, reason: String) -> Result<(), Error> {
    let head = sql::lock(tx.conn()).await?;
    let version = asked.version().ok_or(Problem::NotFound)?;
    let policy = sql::document(tx.conn(), version).await?.ok_or(Problem::PolicyUnreadable)?;
    let reason = Some(reason);
    let change = if let Asked::Enforce { alarm, .. } = asked {
        Change { version, policy: &policy, reason, restores: None, alarm }
    } else {
        let number = head.newest + 1;
        let author = Some(access.account());
        let added = NewVersion { number, policy: &policy, author, restores: Some(version) };
        sql::add_version(tx.conn(), &added, access.request().now).await?;
        Change { version: number, policy: &policy, reason, restores: Some(version), alarm: None }
    };
    put(access, tx, head, change).await
}

/// What a version would have done to those who came by, in figures; nothing, while others go over visits.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn summary(
    access: &Access,
    version: i64,
    policy: &SecurityPolicy,
) -> Result<Option<ReplaySummary>, Error> {
    match replay(access, Subject::Unsaved(version, Box::new(policy.clone()))).await {
        Ok(found) => Ok(found.map(|found| ReplaySummary::of(&found.replayed))),
        Err(Error::Refused(Problem::Unavailable)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a version changes that was to take the place of another, as both were saved.
pub(crate) async fn changes_of(tx: &mut TenantTx, base: i64, version: i64) -> Result<Vec<Difference>, Error> {
    let before = sql::document(tx.conn(), base).await?.ok_or(Problem::PolicyUnreadable)?;
    let after = sql::document(tx.conn(), version).await?.ok_or(Problem::PolicyUnreadable)?;
    Ok(after.changes_since(&before))
}
