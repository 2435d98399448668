//! Who comes to administer what they did not before because a role or a group that they have is another now.

use domain::ids::{AccountId, GroupId};
use domain::roles::{Permissions, RoleBook, RoleId, codes};

use crate::detections;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantTx;

/// Of how many of them that is noticed: one is enough for somebody to look.
const NOTICED: i64 = 200;

/// Notes it of those who have one of these roles or are in one of these groups; `after` says what somebody may do then.
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
    let groups: Vec<_> = groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query!(
        r#"SELECT account_id, role,
                  ARRAY(SELECT g.group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
           FROM members
           WHERE role = ANY($1) OR EXISTS (SELECT FROM group_members g
                                           WHERE g.account_id = members.account_id AND g.group_id = ANY($2))
           ORDER BY account_id LIMIT $3"#,
        &codes(roles),
        &groups,
        NOTICED
    )
    .fetch_all(tx.conn())
    .await?;
    let gained = rows.into_iter().filter_map(|row| {
        let (role, groups) = (RoleId::from_code(&row.role)?, row.groups.into_iter().map(GroupId).collect::<Vec<_>>());
        detections::gain(request, AccountId(row.account_id), before.effective(role, &groups), after(role, &groups))
    });
    tx.record(gained.collect::<Vec<_>>());
    Ok(())
}
