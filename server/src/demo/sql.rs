//! Statements that add many rows at once.

use domain::ids::{AccountId, TenantId};
use domain::invitations::{InvitationState, MailState};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::story::{Invited, Person};
use crate::error::Error;
use crate::outbox::Details;

/// How many organizations there are.
pub(super) async fn count_tenants(conn: &mut PgConnection) -> Result<u32, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM platform.tenants"#).fetch_one(conn).await?;
    u32::try_from(count).map_err(Error::internal)
}

/// The organization that somebody has been in for the longest time.
pub(super) async fn lookup_first(conn: &mut PgConnection, account: AccountId) -> Result<Option<TenantId>, Error> {
    let id = sqlx::query_scalar!(
        "SELECT tenant_id FROM platform.memberships WHERE account_id = $1 ORDER BY since LIMIT 1",
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(TenantId))
}

fn column<T, R>(rows: &[T], value: impl FnMut(&T) -> R) -> Vec<R> {
    rows.iter().map(value).collect()
}

/// Accounts without a password: whoever wants to be one of these people asks for a new one.
pub(super) async fn add_accounts(conn: &mut PgConnection, tenant: TenantId, people: &[&Person]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.accounts (id, email, email_proven_at, name, time_zone, theme, last_tenant_id, created_at)
         SELECT id, email, joined_at, name, 'UTC', 'system', $5, joined_at
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS person (id, email, name, joined_at)",
        &column(people, |person| person.id.0),
        &column(people, |person| person.email.as_str().to_owned()),
        &column(people, |person| person.name.as_str().to_owned()),
        &column(people, |person| person.joined_at) as &[Option<OffsetDateTime>],
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The platform's side of memberships.
pub(super) async fn add_memberships(
    conn: &mut PgConnection,
    tenant: TenantId,
    people: &[&Person],
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO platform.memberships (account_id, tenant_id, since)
         SELECT id, $3, joined_at FROM unnest($1::uuid[], $2::timestamptz[]) AS person (id, joined_at)",
        &column(people, |person| person.id.0),
        &column(people, |person| person.joined_at) as &[Option<OffsetDateTime>],
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The organization's side of them.
pub(super) async fn add_members(conn: &mut PgConnection, people: &[&Person]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO members (account_id, name, email, role, status, joined_at, last_seen_at, source)
         SELECT *, 'invitation' FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])",
        &column(people, |person| person.id.0),
        &column(people, |person| person.name.as_str().to_owned()),
        &column(people, |person| person.email.as_str().to_owned()),
        &column(people, |person| person.role.code().to_owned()),
        &column(people, |person| person.status.code().to_owned()),
        &column(people, |person| person.joined_at) as &[Option<OffsetDateTime>],
        &column(people, |person| person.last_seen_at) as &[Option<OffsetDateTime>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When somebody who is a member already was last here.
pub(super) async fn note_seen(conn: &mut PgConnection, person: &Person) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET last_seen_at = $2 WHERE account_id = $1", person.id.0, person.last_seen_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Invitations in whatever state they are.
pub(super) async fn add_invitations(conn: &mut PgConnection, invitations: &[Invited]) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO invitations (id, email, role, state, invited_by, created_at, expires_at, decided_at)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[])",
        &column(invitations, |invitation| invitation.id.0),
        &column(invitations, |invitation| invitation.email.as_str().to_owned()),
        &column(invitations, |invitation| invitation.role.code().to_owned()),
        &column(invitations, |invitation| invitation.state.code().to_owned()),
        &column(invitations, |invitation| invitation.by.0),
        &column(invitations, |invitation| invitation.created_at),
        &column(invitations, |invitation| invitation.expires_at),
        &column(invitations, |invitation| invitation.decided_at) as &[Option<OffsetDateTime>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The platform's notes of those that wait for an answer.
pub(super) async fn add_pending(
    conn: &mut PgConnection,
    tenant: TenantId,
    invitations: &[Invited],
) -> Result<(), Error> {
    let pending: Vec<&Invited> =
        invitations.iter().filter(|invitation| invitation.state == InvitationState::Pending).collect();
    sqlx::query!(
        "INSERT INTO platform.pending_invitations (tenant_id, invitation_id, email, expires_at)
         SELECT $4, * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])",
        &column(&pending, |invitation| invitation.id.0),
        &column(&pending, |invitation| invitation.email.as_str().to_owned()),
        &column(&pending, |invitation| invitation.expires_at),
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest mail about each, sent or given up: none of it will ever go out.
pub(super) async fn add_mails(
    conn: &mut PgConnection,
    tenant: TenantId,
    organization: &str,
    invitations: &[Invited],
) -> Result<(), Error> {
    let state = |invitation: &Invited| if invitation.delivered { MailState::Sent } else { MailState::Failed };
    // What was sent needs no details any more.
    let details = |invitation: &Invited| match state(invitation) {
        MailState::Sent => Ok(serde_json::json!({})),
        _ => serde_json::to_value(Details::Invitation {
            organization: organization.to_owned(),
            invited_by: organization.to_owned(),
            role: invitation.role.code().to_owned(),
            expires_at: Some(invitation.expires_at),
        }),
    };
    let details: Vec<_> = invitations.iter().map(details).collect::<Result<_, _>>().map_err(Error::internal)?;
    sqlx::query!(
        "INSERT INTO platform.outbox
             (id, tenant_id, kind, subject, recipient, details, state, attempts, next_attempt_at, last_error, created_at, sent_at)
         SELECT id, $6, 'invitation', id, recipient, details, state, 1, at,
                CASE WHEN state = 'failed' THEN '550 5.1.1 No such mailbox' END, at, CASE WHEN state = 'sent' THEN at END
         FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::text[], $5::timestamptz[]) AS mail (id, recipient, details, state, at)",
        // One mail for each: it may have the invitation's own id.
        &column(invitations, |invitation| invitation.id.0),
        &column(invitations, |invitation| invitation.email.as_str().to_owned()),
        &details,
        &column(invitations, |invitation| state(invitation).code().to_owned()),
        &column(invitations, |invitation| invitation.mailed_at),
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The visits of a quarter of a year by those who are active, a thousand of them at most: on most working days, mostly from an office. What would be
/// chance is taken from the ids and the day, so that it is the same each time.
pub(super) async fn add_visits(conn: &mut PgConnection, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO visits (account_id, session_id, authenticated_at, ip, day, last_at, pause_seconds, newer_sessions,
                             older_sessions, roles, authenticator, passkey, times, method)
         SELECT account_id, md5(account_id::text || ago / 7)::uuid,
                at - make_interval(mins => 5 + chance % 300) - make_interval(days => CASE WHEN chance % 9 = 0 THEN 9 ELSE 0 END),
                CASE WHEN chance % 6 = 0 THEN '203.0.113.0'::inet + chance % 250
                     WHEN chance % 17 = 0 THEN '2001:db8:7::'::inet + chance % 9000
                     ELSE '198.51.100.0'::inet + chance % 250 END,
                at::date, at, (chance % 4) * 1500, (chance / 3) % 2, (chance / 5) % 2, role, authenticator, passkey,
                1 + chance % 12,
                CASE WHEN passkey AND chance % 3 <> 0 THEN 'passkey' WHEN passkey THEN 'password_and_passkey'
                     WHEN authenticator THEN 'code' ELSE 'password' END
         FROM (SELECT * FROM members WHERE status = 'active' ORDER BY account_id LIMIT 1000) people
              CROSS JOIN generate_series(0, 89) AS ago
              CROSS JOIN LATERAL (SELECT ('x' || substr(md5(account_id::text || ago), 1, 7))::bit(28)::integer AS chance) c
              CROSS JOIN LATERAL (SELECT $1::timestamptz - make_interval(days => ago, mins => chance % 480) AS at) t
         WHERE at > joined_at AND at <= last_seen_at AND extract(isodow FROM at) < 6 AND chance % 10 < 8",
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
