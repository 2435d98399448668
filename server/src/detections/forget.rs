//! Forgetting what was noticed: by the administrator, whose alone it is to take something away.

use domain::audit::Retention;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::policy;
use crate::store::TenantTx;

/// How long facts are kept at most.
const KEPT: Duration = Duration::days(90);
/// For how long a fact may belong to something that is found. Longer no window is.
const JUDGED: Duration = Duration::DAY;
/// The most rows that one statement takes away.
const BATCH: i64 = 5_000;

/// Forgets some of what is older than the policy has security entries kept: facts, how many there were by the hour, and
/// alerts that are over. Of people who are members no more the addresses go as soon as nothing is found by them. Whether
/// there may be more.
pub(crate) async fn forget(tx: &mut TenantTx, now: OffsetDateTime) -> Result<bool, Error> {
    let days = policy::in_force(tx).await?.document().retain_days(Retention::Security);
    let kept = days.map(|days| Duration::days(days.into()));
    let events = events(tx.conn(), now - kept.map_or(KEPT, |kept| kept.min(KEPT))).await?;
    let addresses = addresses(tx.conn(), now - JUDGED).await?;
    let alerts = match kept {
        Some(kept) => {
            hours(tx.conn(), now - kept).await?;
            alerts(tx.conn(), now - kept).await?
        }
        None => 0,
    };
    Ok([events, addresses, alerts].contains(&BATCH.unsigned_abs()))
}

async fn events(conn: &mut PgConnection, before: OffsetDateTime) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "DELETE FROM security_events WHERE id IN (SELECT id FROM security_events WHERE at < $1 ORDER BY at LIMIT $2)",
        before,
        BATCH
    );
    Ok(gone.execute(conn).await?.rows_affected())
}

async fn addresses(conn: &mut PgConnection, before: OffsetDateTime) -> Result<u64, Error> {
    sqlx::query!(
        "UPDATE alerts SET network = NULL
         WHERE id IN (SELECT id FROM alerts a
                      WHERE state = 'resolved' AND network IS NOT NULL AND account_id IS NOT NULL
                        AND NOT EXISTS (SELECT FROM members m WHERE m.account_id = a.account_id)
                      ORDER BY id FOR UPDATE)"
    )
    .execute(&mut *conn)
    .await?;
    let gone = sqlx::query!(
        "UPDATE security_events SET ip = NULL
         WHERE id IN (SELECT id FROM security_events e
                      WHERE account_id IS NOT NULL AND ip IS NOT NULL AND at < $1
                        AND NOT EXISTS (SELECT FROM members m WHERE m.account_id = e.account_id)
                      LIMIT $2)",
        before,
        BATCH
    );
    Ok(gone.execute(conn).await?.rows_affected())
}

async fn hours(conn: &mut PgConnection, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("DELETE FROM security_hours WHERE hour < $1", before).execute(conn).await?;
    Ok(())
}

/// Whom an alert has suspended it can let in again, and a key that it has disabled can work again: it stays until that is
/// done.
async fn alerts(conn: &mut PgConnection, before: OffsetDateTime) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts a
                                         WHERE state = 'resolved' AND resolved_at < $1 AND NOT suspended
                                           AND NOT EXISTS (SELECT FROM api_keys k
                                                           WHERE k.disabled_by = a.id AND k.revoked_at IS NULL)
                                         ORDER BY id LIMIT $2 FOR UPDATE)",
        before,
        BATCH
    );
    Ok(gone.execute(conn).await?.rows_affected())
}
