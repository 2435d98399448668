//! Which members need a look: what was noticed of them within a week, and what they lack for what they may do.

use std::collections::HashMap;

use domain::detections::FactKind;
use domain::ids::{AccountId, GroupId};
use time::Duration;
use uuid::Uuid;

use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// For how long what was noticed counts.
const COUNTS_FOR: Duration = Duration::days(7);
/// Whoever was not seen for so long, and administers something, is dormant.
const DORMANT: Duration = Duration::days(60);

/// A member who needs a look.
#[derive(Clone, Debug)]
pub struct Risky {
    /// Who.
    pub account: AccountId,
    /// What they are called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// How urgent it is: the sum of what follows.
    pub score: u32,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// What was noticed of somebody.
#[derive(Default)]
struct Noticed {
    failures: u32,
    codes: u32,
    denials: u32,
    privilege: bool,
    alerts: u32,
}

impl Noticed {
    fn reasons(&self) -> Vec<(u32, String)> {
        let times = |count: u32, one: &str, many: &str| {
            if count == 1 { format!("one {one}") } else { format!("{count} {many}") }
        };
        let mut reasons = Vec::new();
        if self.alerts > 0 {
            reasons.push((40 * self.alerts.min(2), times(self.alerts, "alert is open", "alerts are open")));
        }
        if self.failures >= 3 {
            reasons.push((10 + self.failures.min(20), times(self.failures, "wrong password", "wrong passwords")));
        }
        if self.codes >= 2 {
            reasons.push((15 + self.codes.min(20), times(self.codes, "wrong code", "wrong codes")));
        }
        if self.denials >= 3 {
            reasons.push((5 + self.denials.min(20), times(self.denials, "denial", "denials")));
        }
        if self.privilege {
            reasons.push((15, "got administrative rights this week".to_owned()));
        }
        reasons
    }
}

/// The members who need a look, the most urgent first.
pub(super) async fn list(
    tx: &mut TenantTx,
    access: &Access,
    administrators: &(Vec<String>, Vec<GroupId>),
    most: i64,
) -> Result<Vec<Risky>, Error> {
    let now = access.request().now;
    let mut noticed = noticed(tx, now - COUNTS_FOR).await?;
    noticed.retain(|_, of| !of.reasons().is_empty());
    let ids: Vec<Uuid> = noticed.keys().map(|id| id.0).collect();
    let groups: Vec<Uuid> = administrators.1.iter().map(|group| group.0).collect();
    let rows = sqlx::query!(
        r#"SELECT account_id, name, email, is_admin AS "is_admin!", (authenticator OR passkey) AS "has_factor!",
                  (coalesce(last_seen_at, joined_at) < $4) AS "is_dormant!"
           FROM (SELECT *, role = ANY($2) OR EXISTS (SELECT FROM group_members g
                                                     WHERE g.account_id = members.account_id
                                                       AND g.group_id = ANY($3)) AS is_admin
                 FROM members WHERE status = 'active') member
           WHERE account_id = ANY($1)
              OR is_admin AND (NOT (authenticator OR passkey) OR coalesce(last_seen_at, joined_at) < $4)
           ORDER BY account_id = ANY($1) DESC, account_id LIMIT 500"#,
        &ids,
        &administrators.0,
        &groups,
        now - DORMANT
    )
    .fetch_all(tx.conn())
    .await?;
    let mut risky: Vec<Risky> = rows
        .into_iter()
        .filter_map(|row| {
            let account = AccountId(row.account_id);
            let mut reasons = noticed.get(&account).map(Noticed::reasons).unwrap_or_default();
            if row.is_admin && !row.has_factor {
                reasons.push((30, "administers without a second factor".to_owned()));
            }
            if row.is_admin && row.is_dormant {
                reasons.push((20, "administers, and was not seen for 60 days".to_owned()));
            }
            let score = reasons.iter().map(|(points, _)| points).sum();
            let reasons: Vec<String> = reasons.into_iter().map(|(_, reason)| reason).collect();
            (score > 0).then_some(Risky { account, name: row.name, email: row.email, score, reasons })
        })
        .collect();
    risky.sort_by(|one, other| other.score.cmp(&one.score).then_with(|| one.name.cmp(&other.name)));
    risky.truncate(usize::try_from(most).unwrap_or(0));
    Ok(risky)
}

/// What was noticed since then, by whom it was.
async fn noticed(tx: &mut TenantTx, since: time::OffsetDateTime) -> Result<HashMap<AccountId, Noticed>, Error> {
    let rows = sqlx::query!(
        r#"SELECT account_id AS "account_id!", kind, count(*) AS "times!" FROM security_events
           WHERE at >= $1 AND kind NOT IN ('sign_in', 'change', 'export') AND account_id IS NOT NULL
           GROUP BY 1, 2"#,
        since
    )
    .fetch_all(tx.conn())
    .await?;
    let mut noticed: HashMap<AccountId, Noticed> = HashMap::new();
    for row in rows {
        let of = noticed.entry(AccountId(row.account_id)).or_default();
        let times = u32::try_from(row.times).unwrap_or(u32::MAX);
        match FactKind::from_code(&row.kind) {
            Some(FactKind::SignInFailed) => of.failures += times,
            Some(FactKind::CodeFailed) => of.codes += times,
            Some(FactKind::Denied | FactKind::KeptOut) => of.denials += times,
            Some(FactKind::Privilege) => of.privilege = true,
            _ => {}
        }
    }
    let alerts = sqlx::query!(
        r#"SELECT account_id AS "account_id!", count(*) AS "times!" FROM alerts
           WHERE state <> 'resolved' AND account_id IS NOT NULL GROUP BY 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    for row in alerts {
        noticed.entry(AccountId(row.account_id)).or_default().alerts = u32::try_from(row.times).unwrap_or(u32::MAX);
    }
    Ok(noticed)
}
