//! What somebody could do at an earlier time, by the organization's own log.

use domain::audit::{Entry, Retention};
use domain::fields::FieldProblem;
use domain::ids::AccountId;
use domain::problem::Problem;
use domain::roles::{Past, Permission, Then};
use time::OffsetDateTime;

use super::VIEWED;
use crate::access::Access;
use crate::audit;
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;

/// The most changes that are undone for one answer.
const CHANGES_MAX: i64 = 20_000;

/// Whether somebody may see what a member may do, and why: everybody may of themselves.
pub fn may_explain(access: &Access, id: AccountId) -> bool {
    id == access.account()
        || [Permission::ViewAudit, Permission::ManageMembers, Permission::ManageRoles].iter().any(|it| access.may(*it))
}

/// As [`may_explain`], for a use case.
///
/// # Errors
/// As [`Access::require`].
pub async fn require_explain(access: &Access, id: AccountId) -> Result<(), Error> {
    if may_explain(access, id) { Ok(()) } else { access.require(Permission::ViewAudit, VIEWED).await }
}

/// What somebody was, and what roles and groups were, right after everything that had happened by then.
///
/// # Errors
/// Forbidden; not found, for somebody who was never a member; too much has changed since then ([`Problem::TooLarge`]); the
/// trail is not kept so far back, at the field `at`.
pub async fn at(access: &Access, id: AccountId, when: OffsetDateTime) -> Result<Then, Error> {
    require_explain(access, id).await?;
    let mut tx = access.begin().await?;
    if let Some(since) = audit::kept_since(tx.conn(), Retention::Administration).await?.filter(|since| when < *since) {
        tx.close();
        return Err(Error::field("at", FieldProblem::KeptSince(since.date())));
    }
    let member = members::sql::lookup(&mut tx, id).await?;
    let book = tx.book().await?;
    let rows = changes(&mut tx, id, when).await?;
    tx.close();
    if rows.len() as u64 > CHANGES_MAX.unsigned_abs() {
        return Err(Problem::TooLarge.into());
    }
    let mut past = Past::now(&book, id, member.as_ref());
    for canonical in &rows {
        // One that was tampered with tells nothing; the trail's own page and its verification say that it was.
        if let Ok(entry) = Entry::parse(canonical.as_bytes()) {
            past.undo(&entry);
        }
    }
    past.then().map_err(Error::internal)
}

/// The entries since then of what has changed roles and groups, or was done to somebody, the newest first. Each of
/// both has an index that holds little else: nobody looks through the trail.
async fn changes(tx: &mut TenantTx, id: AccountId, since: OffsetDateTime) -> Result<Vec<String>, Error> {
    audit::limit(tx.conn()).await?;
    let rows = sqlx::query_scalar!(
        "SELECT canonical FROM audit_entries WHERE index IN (
             (SELECT index FROM audit_entries
              WHERE (action LIKE 'role.%' OR (action LIKE 'group.%' AND action NOT LIKE 'group.member%')
                     OR action = 'invitation.accepted')
                AND (action <> 'invitation.accepted' OR actor_id = $3) AND at > $1 AND outcome = 'done'
              ORDER BY index DESC LIMIT $4)
             UNION (SELECT index FROM audit_entries
                    WHERE target_id = $2 AND at > $1 AND outcome = 'done' ORDER BY index DESC LIMIT $4))
         ORDER BY index DESC LIMIT $4",
        since,
        id.to_string(),
        id.0,
        CHANGES_MAX + 1
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
