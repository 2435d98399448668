//! What is known of the owners, to tell whether they could still come in.

use std::net::IpAddr;

use domain::factors::Factors;
use domain::ids::{AccountId, GroupId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;

/// An owner who may come in.
pub(in crate::policy) struct Owner {
    pub(in crate::policy) id: AccountId,
    pub(in crate::policy) groups: Vec<GroupId>,
    pub(in crate::policy) factors: Factors,
    pub(in crate::policy) joined_at: OffsetDateTime,
    /// From where they have come last.
    pub(in crate::policy) ip: Option<IpAddr>,
}

/// All active owners.
pub(in crate::policy) async fn active(conn: &mut PgConnection) -> Result<Vec<Owner>, Error> {
    let rows = sqlx::query!(
        r#"SELECT account_id, authenticator, passkey, joined_at,
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = m.account_id) AS "groups!: Vec<Uuid>",
                  (SELECT ip FROM member_sessions s WHERE s.account_id = m.account_id AND s.ip IS NOT NULL
                   ORDER BY last_seen_at DESC LIMIT 1) AS ip
           FROM members m WHERE role = 'owner' AND status = 'active'"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Owner {
            id: AccountId(row.account_id),
            groups: row.groups.into_iter().map(GroupId).collect(),
            factors: Factors { authenticator: row.authenticator, passkey: row.passkey },
            joined_at: row.joined_at,
            ip: row.ip.map(|ip| ip.addr()),
        })
        .collect())
}
