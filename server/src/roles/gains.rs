//! Who comes to administer what they did not before because a role or a group that they have is another now.

use domain::ids::{AccountId, GroupId};
use domain::roles::{Permissions, RoleBook, RoleId, codes};
use uuid::Uuid;

use crate::detections;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantTx;

/// Of how many of them that is noticed: one is enough for somebody to look.
const NOTICED: usize = 200;
/// How many members are judged at a time.
const BATCH: usize = 2_000;

/// Notes it of those who have one of these roles or are in one of these groups; `after` says what somebody may do then. All
/// of them are judged, until enough were found: most may gain nothing by it.
pub(super) async fn record(
    tx: &mut TenantTx,
    request: &RequestContext,
    (roles, groups): (&[RoleId], &[GroupId]),
    before: &RoleBook,
    after: impl Fn(RoleId, &[GroupId]) -> Permissions + Send,
) -> Result<(), Error> {
    if roles.is_empty() && groups.is_empty() {
        return Ok(());
    }
    let (roles, groups) = (codes(roles), groups.iter().map(|group| group.0).collect::<Vec<_>>());
    let (mut noticed, mut last) = (Vec::new(), Some(Uuid::nil()));
    while let Some(above) = last.filter(|_| noticed.len() < NOTICED) {
        let rows = sqlx::query!(
            r#"SELECT account_id, role,
                      ARRAY(SELECT g.group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
               FROM members
               WHERE account_id > $3
                 AND (role = ANY($1) OR EXISTS (SELECT FROM group_members g
                                                WHERE g.account_id = members.account_id AND g.group_id = ANY($2)))
               ORDER BY account_id LIMIT $4"#,
            &roles,
            &groups,
            above,
            i64::try_from(BATCH).unwrap_or(i64::MAX)
        )
        .fetch_all(tx.conn())
        .await?;
        last = rows.last().map(|row| row.account_id).filter(|_| rows.len() == BATCH);
        let gained = rows.into_iter().filter_map(|row| {
            let (role, groups) =
                (RoleId::from_code(&row.role)?, row.groups.into_iter().map(GroupId).collect::<Vec<_>>());
            detections::gain(request, AccountId(row.account_id), before.effective(role, &groups), after(role, &groups))
        });
        noticed.extend(gained.take(NOTICED - noticed.len()));
    }
    tx.record(noticed);
    Ok(())
}
