//! Queries on those to whom an organization can be handed over.

use domain::members::Member;

use super::MemberRow;
use crate::error::Error;
use crate::store::TenantTx;

/// Active members who are no owners, by name.
pub(in crate::members) async fn list_successors(tx: &mut TenantTx, most: usize) -> Result<Vec<Member>, Error> {
    let book = tx.book().await?;
    sqlx::query_as!(
        MemberRow,
        r#"SELECT account_id, name, email, role, status, joined_at, source, last_seen_at, authenticator, passkey,
                  access_ended_at,
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
           FROM members WHERE status = 'active' AND role <> 'owner'
           ORDER BY name COLLATE "und-x-icu", account_id LIMIT $1"#,
        i64::try_from(most).unwrap_or(i64::MAX)
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|row| row.member(&book))
    .collect()
}
