//! A year of usage, and how fast quotas are reserved and settled: for looking at and for measuring.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::quotas::{Quantity, Reserve, Settle};
use futures::future::try_join_all;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::trail::tenants;
use crate::Portal;
use crate::error::Error;
use crate::quotas;

/// Usage of the last year that grows, rests at weekends, and is never twice the same: days, and hours of the last week.
pub(super) async fn add_usage(conn: &mut PgConnection, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO usage_days (metric, day, subject, amount, peak)
         SELECT metric, day, subject, used, used
         FROM (VALUES ('concurrent_requests', 900), ('request_duration', 4000000), ('memory', 9000000000),
                      ('data_size', 160000000), ('file_count', 14), ('requests_per_minute', 520000),
                      ('requests_per_hour', 520000), ('requests_per_day', 520000), ('monthly_budget', 150000000),
                      ('daily_cost', 150000000)) AS usual (metric, amount)
              CROSS JOIN (VALUES ('batch-import', 0.42), ('web-shop', 0.27), ('reporting', 0.16), ('mobile-app', 0.10),
                                 ('nightly-export', 0.05)) AS consumer (subject, share)
              CROSS JOIN generate_series(0, 364) AS ago
              CROSS JOIN LATERAL (SELECT ($1::timestamptz AT TIME ZONE 'UTC')::date - ago AS day) d
              CROSS JOIN LATERAL (SELECT ('x' || substr(md5(metric || subject || ago), 1, 7))::bit(28)::integer AS chance) c
              CROSS JOIN LATERAL (SELECT (amount * share * (500 - ago) / 500.0 * (85 + chance % 31) / 100.0
                                          * CASE WHEN extract(isodow FROM day) > 5 THEN 0.35 ELSE 1 END)::bigint AS used) u",
        now
    )
    .execute(&mut *conn)
    .await?;
    // What is stored grows from day to day; of what begins anew within a day, one window has a share of it.
    sqlx::query!(
        "INSERT INTO usage_days (metric, day, subject, amount, peak)
         SELECT metric, day, '', sum(amount),
                (CASE metric WHEN 'data_size' THEN 30000000000 + sum(sum(amount)) OVER days
                             WHEN 'file_count' THEN 3000 + sum(sum(amount)) OVER days
                             WHEN 'concurrent_requests' THEN 8 + sum(amount) / 12
                             WHEN 'request_duration' THEN 20000 + sum(amount) / 40
                             WHEN 'memory' THEN sum(amount) / 6
                             WHEN 'requests_per_minute' THEN sum(amount) / 700
                             WHEN 'requests_per_hour' THEN sum(amount) / 14
                             ELSE sum(amount) END)::bigint
         FROM usage_days GROUP BY metric, day WINDOW days AS (PARTITION BY metric ORDER BY day)"
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "INSERT INTO usage_hours (metric, hour, amount, peak)
         SELECT metric, hour, greatest((amount * weight / 24)::bigint, 0),
                greatest((peak * CASE WHEN metric IN ('data_size', 'file_count') THEN 1 ELSE weight / 2 END)::bigint, 0)
         FROM usage_days
              CROSS JOIN generate_series(0, 23) AS clock
              CROSS JOIN LATERAL (SELECT (day + make_interval(hours => clock)) AT TIME ZONE 'UTC' AS hour,
                                         0.4 + 1.2 * exp(-((clock - 14) ^ 2) / 30.0) AS weight) w
         WHERE subject = '' AND day > ($1::timestamptz AT TIME ZONE 'UTC')::date - 7 AND hour <= $1",
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "UPDATE quotas q SET opened_at = w.opened_at, ends_at = w.ends_at,
                used = coalesce((SELECT CASE WHEN q.metric IN ('data_size', 'file_count') THEN max(u.peak)
                                             ELSE sum(u.amount)::bigint END
                                 FROM usage_days u WHERE u.metric = q.metric AND u.subject = '' AND u.day >= w.from_day), 0)
         FROM (SELECT metric, date_trunc(span, $1::timestamptz, 'UTC') AS opened_at,
                      date_trunc(span, $1::timestamptz, 'UTC') + ('1 ' || span)::interval AS ends_at,
                      (date_trunc(span, $1::timestamptz, 'UTC') AT TIME ZONE 'UTC')::date AS from_day
               FROM (VALUES ('data_size', 'day'), ('file_count', 'day'), ('requests_per_day', 'day'), ('daily_cost', 'day'),
                            ('monthly_budget', 'month')) AS windows (metric, span)) w
         WHERE q.metric = w.metric",
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How long it is reserved and settled before anything is counted: connections and their caches are cold at first.
const WARMING: Duration = Duration::from_secs(3);

/// Reserves and settles for so long, by so many callers at a time: how many of both there were. In one organization, or by
/// turns in many.
///
/// # Errors
/// There is no organization; the database does not answer; the day's requests are used up.
pub async fn measure_reservations(
    portal: &Portal,
    organizations: usize,
    callers: usize,
    lasting: Duration,
) -> Result<u64, Error> {
    let tenants = tenants(portal, i64::try_from(organizations).map_err(Error::internal)?).await?;
    if tenants.is_empty() {
        return Err(Error::internal("there is no organization"));
    }
    let amounts = BTreeMap::from([("requests_per_day".to_owned(), Quantity::Whole(1))]);
    let request = Reserve { amounts, subject: Some("bench".to_owned()), ..Reserve::default() };
    let began = Instant::now();
    let calls = (0..callers.max(1)).map(|caller| {
        let (tenant, request) = (tenants[caller % tenants.len()].id, &request);
        async move {
            let mut done = 0;
            while began.elapsed() < WARMING + lasting {
                let reserved = quotas::reserve_as(portal, tenant, "bench", request).await?;
                quotas::settle_as(portal, tenant, reserved.id, Settle::default()).await?;
                done += u64::from((WARMING..WARMING + lasting).contains(&began.elapsed()));
            }
            Ok::<u64, Error>(done)
        }
    });
    Ok(try_join_all(calls).await?.into_iter().sum())
}
