//! What the detections have noticed in the last quarter of a year: how people signed in, and what somebody should look at.

use domain::detections::{AlertState, Resolution, Rule};
use domain::ids::AccountId;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::error::Error;

/// How many accounts somebody has tried the same passwords at.
const SPRAYED: i32 = 14;

/// Sign-ins and failures by the hour, as the visits tell of them: one in so many was mistyped before.
pub(super) async fn add_hours(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO security_hours AS h (hour, kind, times)
         SELECT date_trunc('hour', last_at - make_interval(mins => 40), 'UTC'), kind, count(*)
         FROM visits CROSS JOIN LATERAL (
                  SELECT ('x' || substr(md5(account_id::text || day), 1, 7))::bit(28)::integer AS chance) c
              CROSS JOIN LATERAL unnest(CASE WHEN chance % 19 = 0 THEN ARRAY['sign_in', 'sign_in_failed']
                                             WHEN chance % 4 = 0 THEN ARRAY['sign_in'] END) AS kind
         GROUP BY 1, 2 ORDER BY 1, 2
         ON CONFLICT (hour, kind) DO UPDATE SET times = h.times + EXCLUDED.times"
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An alert that nobody has looked at, and one that is resolved: a spraying of some hours ago, and a new device.
pub(super) async fn add_alerts(
    conn: &mut PgConnection,
    ids: [Uuid; 2],
    admin: AccountId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let began = now - Duration::hours(3);
    sqlx::query!(
        "WITH kept AS (
             INSERT INTO security_events (at, kind, ip)
             SELECT $1::timestamptz + make_interval(secs => 20 * number), 'sign_in_failed', '192.0.2.77'::inet
             FROM generate_series(1, $2) AS number RETURNING at, kind)
         INSERT INTO security_hours AS h (hour, kind, times)
         SELECT date_trunc('hour', at, 'UTC'), kind, count(*) FROM kept GROUP BY 1, 2 ORDER BY 1, 2
         ON CONFLICT (hour, kind) DO UPDATE SET times = h.times + EXCLUDED.times",
        began,
        SPRAYED
    )
    .execute(&mut *conn)
    .await?;
    let (spraying, device) = (Rule::Spraying, Rule::NewDevice);
    let seen = now - Duration::days(18);
    sqlx::query!(
        "INSERT INTO alerts (id, rule, subject, severity, state, account_id, network, first_at, last_at, times,
                             resolution, resolved_at, resolved_by)
         VALUES ($1, $2, '192.0.2.0/24', $3, $4, NULL, '192.0.2.0/24', $5, $6, $7, NULL, NULL, NULL),
                ($8, $9, $10, $11, $12, $13, '203.0.113.0/24', $14, $14, 1, $15, $16, $13)",
        ids[0],
        spraying.code(),
        spraying.info().severity.number(),
        AlertState::Open.code(),
        began,
        began + Duration::seconds(20 * i64::from(SPRAYED)),
        i64::from(SPRAYED),
        ids[1],
        device.code(),
        admin.to_string(),
        device.info().severity.number(),
        AlertState::Resolved.code(),
        admin.0,
        seen,
        Resolution::FalseAlarm.code(),
        seen + Duration::hours(2)
    )
    .execute(conn)
    .await?;
    Ok(())
}
