//! Queries of the dashboard. Each reads what is summed up already, or an index of it.

use domain::detections::FactKind;
use domain::ids::GroupId;
use ipnet::IpNet;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Coverage, Network, Series};
use crate::error::Error;

pub(super) const SIGN_INS: &[FactKind] = &[FactKind::SignIn];
pub(super) const FAILURES: &[FactKind] = &[FactKind::SignInFailed, FactKind::CodeFailed];
pub(super) const DENIALS: &[FactKind] = &[FactKind::Denied, FactKind::KeptOut];

/// How often something happened in one hour.
pub(super) struct Hour {
    at: OffsetDateTime,
    kind: String,
    times: i64,
}

/// What happened between two times, hour by hour.
pub(super) async fn hours(
    conn: &mut PgConnection,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Vec<Hour>, Error> {
    let kinds: Vec<String> =
        [SIGN_INS, FAILURES, DENIALS].concat().into_iter().map(|kind| kind.code().to_owned()).collect();
    let hours = sqlx::query_as!(
        Hour,
        "SELECT hour AS at, kind, times FROM security_hours WHERE hour >= $1 AND hour < $2 AND kind = ANY($3)",
        from,
        until,
        &kinds
    )
    .fetch_all(conn)
    .await?;
    Ok(hours)
}

/// What of it is of these kinds, in steps: in a time, which is not over, and in the one before it.
pub(super) fn series(
    hours: &[Hour],
    kinds: &[FactKind],
    (from, until): (OffsetDateTime, OffsetDateTime),
    step: Duration,
    now: OffsetDateTime,
) -> Series {
    let steps = (until - from).whole_hours() / step.whole_hours();
    let steps = usize::try_from(steps).unwrap_or(0);
    let mut both = vec![0; steps * 2];
    let length = until - from;
    let begin = from - length;
    let mut comparable = (0, 0);
    for hour in hours.iter().filter(|hour| kinds.iter().any(|kind| kind.code() == hour.kind)) {
        let times = count(hour.times);
        let place = usize::try_from((hour.at - begin).whole_hours() / step.whole_hours()).unwrap_or(usize::MAX);
        if let Some(sum) = both.get_mut(place) {
            *sum += times;
        }
        // The present hour is not over, and is compared with none.
        let end = hour.at + Duration::HOUR;
        if hour.at >= from && end <= now {
            comparable.0 += times;
        } else if hour.at < from && end + length <= now {
            comparable.1 += times;
        }
    }
    let now = both.split_off(steps);
    Series { step_hours: u32::try_from(step.whole_hours()).unwrap_or(1), now, before: both, comparable }
}

/// Sign-ins and failures since then, by the hour of the week.
pub(super) fn heat(hours: &[Hour], from: OffsetDateTime) -> [[u64; 24]; 7] {
    let mut heat = [[0; 24]; 7];
    let kinds = [SIGN_INS, FAILURES].concat();
    for hour in hours.iter().filter(|hour| hour.at >= from && kinds.iter().any(|kind| kind.code() == hour.kind)) {
        let day = usize::from(hour.at.weekday().number_days_from_monday());
        heat[day][usize::from(hour.at.hour())] += u64::try_from(hour.times).unwrap_or(0);
    }
    heat
}

/// Who of the active members has a second factor; those administer something who have one of these roles, or are in one of
/// these groups.
pub(super) async fn coverage(
    conn: &mut PgConnection,
    (roles, groups): &(Vec<String>, Vec<GroupId>),
) -> Result<Coverage, Error> {
    let groups: Vec<Uuid> = groups.iter().map(|group| group.0).collect();
    let row = sqlx::query!(
        r#"SELECT count(*) AS "members!", count(*) FILTER (WHERE passkey) AS "passkey!",
                  count(*) FILTER (WHERE authenticator AND NOT passkey) AS "authenticator!",
                  count(*) FILTER (WHERE NOT authenticator AND NOT passkey) AS "none!",
                  count(*) FILTER (WHERE NOT authenticator AND NOT passkey AND (role = ANY($1) OR EXISTS (
                      SELECT FROM group_members g
                      WHERE g.account_id = members.account_id AND g.group_id = ANY($2)))) AS "privileged!"
           FROM members WHERE status = 'active'"#,
        roles,
        &groups
    )
    .fetch_one(conn)
    .await?;
    Ok(Coverage {
        members: count(row.members),
        passkey: count(row.passkey),
        authenticator: count(row.authenticator),
        none: count(row.none),
        privileged_without: count(row.privileged),
    })
}

/// From which networks sessions were used since then, the most frequent first, and how many sessions in all.
pub(super) async fn networks(
    conn: &mut PgConnection,
    since: OffsetDateTime,
    most: i64,
) -> Result<(Vec<Network>, u64), Error> {
    let rows = sqlx::query!(
        r#"SELECT network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END))::inet AS "network: IpNet",
                  count(*) AS "sessions!", count(DISTINCT account_id) AS "members!",
                  sum(count(*)) OVER ()::bigint AS "all!"
           FROM member_sessions
           WHERE last_seen_at >= $1 AND (ended_at IS NULL OR last_seen_at > ended_at)
           GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2"#,
        since,
        most
    )
    .fetch_all(conn)
    .await?;
    let all = rows.first().map_or(0, |row| count(row.all));
    Ok((
        rows.into_iter()
            .map(|row| Network { network: row.network, sessions: count(row.sessions), members: count(row.members) })
            .collect(),
        all,
    ))
}

/// How many exceptions from the policy there are, and how many of them end until then.
pub(super) async fn exceptions(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    soon: OffsetDateTime,
) -> Result<(u64, u64), Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "all!", count(*) FILTER (WHERE until <= $2) AS "soon!"
           FROM policy_exceptions WHERE until > $1 AND ended_at IS NULL"#,
        now,
        soon
    )
    .fetch_one(conn)
    .await?;
    Ok((count(row.all), count(row.soon)))
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_that_is_not_over_is_compared_with_as_much_of_the_one_before() {
        // Three days of which the third has come as far as 10:30, hour by hour one sign-in.
        let from = datetime!(2026-11-19 0:00 UTC);
        let (until, now) = (from + Duration::days(3), from + Duration::hours(58) + Duration::minutes(30));
        let begin = from - Duration::days(3);
        let hour = |hour: i64| Hour { at: begin + Duration::hours(hour), kind: "sign_in".into(), times: 1 };
        let hours: Vec<_> = (0..=72 + 58).map(hour).collect();
        let series = series(&hours, SIGN_INS, (from, until), Duration::DAY, now);
        assert_eq!((series.now, series.before), (vec![24, 24, 11], vec![24, 24, 24]));
        assert_eq!(series.comparable, (58, 58));
    }
}
