//! Queries on members, in the tenant's schema.

mod bulk;

mod holders;
mod list;
mod matching;
mod sessions;
mod successors;

use std::collections::HashMap;
use std::sync::Arc;

use domain::email::EmailAddress;
use domain::factors::Factors;
use domain::ids::{AccountId, GroupId, SessionId, TenantId};
use domain::members::{Member, MemberStatus, Source};
use domain::policy::{EnforcedPolicy, Rule, Rules, SignInPolicy};
use domain::roles::{GrantedRole, RoleBook, RoleId};
use domain::text::PersonName;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use bulk::*;
pub(crate) use holders::holders;
pub(super) use list::{COUNTED, count, list, search};
pub(crate) use sessions::seen;
pub(super) use sessions::{end_session, list_seen};
pub(super) use successors::list_successors;

use crate::error::Error;
use crate::store::TenantTx;

struct MemberRow {
    account_id: Uuid,
    name: String,
    email: String,
    role: String,
    groups: Vec<Uuid>,
    status: String,
    joined_at: OffsetDateTime,
    source: String,
    last_seen_at: Option<OffsetDateTime>,
    authenticator: bool,
    passkey: bool,
    access_ended_at: Option<OffsetDateTime>,
}

impl MemberRow {
    /// The member, by the organization's roles and groups.
    fn member(self, book: &RoleBook) -> Result<Member, Error> {
        let broken = || Error::internal("a member's row holds an unknown role, status or source");
        let role = RoleId::from_code(&self.role).ok_or_else(broken)?;
        let groups: Vec<_> = self.groups.into_iter().map(GroupId).collect();
        Ok(Member {
            id: AccountId(self.account_id),
            name: self.name,
            email: self.email,
            permissions: book.effective(role, &groups),
            role: book.role(role),
            groups,
            status: MemberStatus::from_code(&self.status).ok_or_else(broken)?,
            joined_at: self.joined_at,
            source: Source::from_code(&self.source).ok_or_else(broken)?,
            last_seen_at: self.last_seen_at,
            factors: Factors { authenticator: self.authenticator, passkey: self.passkey },
            access_ended_at: self.access_ended_at,
        })
    }
}

/// One member.
pub(crate) async fn lookup(tx: &mut TenantTx, id: AccountId) -> Result<Option<Member>, Error> {
    let book = tx.book().await?;
    sqlx::query_as!(
        MemberRow,
        r#"SELECT account_id, name, email, role, status, joined_at, source, last_seen_at, authenticator, passkey,
                  access_ended_at,
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
           FROM members WHERE account_id = $1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .map(|row| row.member(&book))
    .transpose()
}

/// What the gate reads.
pub(crate) struct Entrance {
    pub(crate) member: Member,
    /// The organization's policy.
    pub(crate) policy: Arc<EnforcedPolicy>,
    /// Since when it asks for a second factor.
    pub(crate) mfa_since: Option<OffsetDateTime>,
    /// The rules that they are excepted from at present.
    pub(crate) excepted: Rules,
    /// When they were last here with this session, to a few minutes.
    pub(crate) session_seen_at: Option<OffsetDateTime>,
    /// The organization's revision.
    pub(crate) revision: u64,
    /// The organization's roles and groups.
    pub(crate) book: Arc<RoleBook>,
}

/// What the gate asks of one member who comes with this session: one statement, because every page begins with it.
/// That the access of either was ended is all the same to it. The tables of one row are asked for it by its key: the
/// planner takes them for tables of a thousand, as nobody has ever analyzed them, and would prepare for their product.
pub(crate) async fn enter(
    tx: &mut TenantTx,
    id: AccountId,
    session: SessionId,
    now: OffsetDateTime,
) -> Result<Option<Entrance>, Error> {
    let row = sqlx::query!(
        r#"SELECT m.account_id, name, email, role, status, joined_at, source, m.last_seen_at, authenticator, passkey,
                  greatest(access_ended_at, s.ended_at) AS access_ended_at, s.last_seen_at AS "session_seen_at?",
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = m.account_id) AS "groups!",
                  ARRAY(SELECT rule FROM policy_exceptions x
                        WHERE x.account_id = m.account_id AND x.ended_at IS NULL AND x.until > $3) AS "excepted!",
                  size, enforced, mfa_since, role_book.revision AS role_revision
           FROM members m LEFT JOIN member_sessions s ON s.account_id = m.account_id AND s.session_id = $2,
                audit_head, policy_head, role_book
           WHERE m.account_id = $1 AND audit_head.id = 1 AND policy_head.id = 1 AND role_book.id = 1"#,
        id.0,
        session.0,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (revision, session_seen_at) = (u64::try_from(row.size).map_err(Error::internal)?, row.session_seen_at);
    let book = tx.open_book(row.role_revision).await?;
    let policy = tx.open_policy(row.enforced).await?;
    let mfa_since = row.mfa_since;
    let excepted = row.excepted.iter().filter_map(|code| Rule::from_code(code)).collect();
    let member = MemberRow {
        account_id: row.account_id,
        name: row.name,
        email: row.email,
        role: row.role,
        groups: row.groups,
        status: row.status,
        joined_at: row.joined_at,
        source: row.source,
        last_seen_at: row.last_seen_at,
        authenticator: row.authenticator,
        passkey: row.passkey,
        access_ended_at: row.access_ended_at,
    }
    .member(&book)?;
    Ok(Some(Entrance { member, policy, mfa_since, excepted, session_seen_at, revision, book }))
}

impl Entrance {
    /// What the organization asks of their sign-in.
    pub(crate) fn sign_in(&self) -> SignInPolicy {
        self.policy.sign_in(self.mfa_since)
    }

    /// Whether their session is among those that are inside at present.
    pub(crate) fn is_inside(&self, now: OffsetDateTime) -> bool {
        let idle = self.sign_in().idle.duration();
        let seen = self.session_seen_at.filter(|at| now - *at < idle);
        seen.is_some_and(|at| self.member.access_ended_at.is_none_or(|ended| at > ended))
    }
}

/// Whether an address belongs to a member.
pub(crate) async fn has_email(conn: &mut PgConnection, email: &EmailAddress) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(r#"SELECT true AS "found!" FROM members WHERE email = $1 LIMIT 1"#, email.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// The member of an address.
pub(crate) async fn id_of(conn: &mut PgConnection, email: &EmailAddress) -> Result<Option<AccountId>, Error> {
    let id = sqlx::query_scalar!("SELECT account_id FROM members WHERE email = $1 LIMIT 1", email.as_str());
    Ok(id.fetch_optional(conn).await?.map(AccountId))
}

/// The members of these addresses.
pub(crate) async fn with_emails(tx: &mut TenantTx, emails: &[String]) -> Result<HashMap<String, Member>, Error> {
    let book = tx.book().await?;
    let rows = sqlx::query_as!(
        MemberRow,
        r#"SELECT account_id, name, email, role, status, joined_at, source, last_seen_at, authenticator, passkey,
                  access_ended_at,
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
           FROM members WHERE email = ANY($1)"#,
        emails
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((row.email.clone(), row.member(&book)?))).collect()
}

/// The members of these ids and of these addresses.
pub(crate) async fn named(tx: &mut TenantTx, ids: &[Uuid], emails: &[String]) -> Result<Vec<Member>, Error> {
    let book = tx.book().await?;
    sqlx::query_as!(
        MemberRow,
        r#"SELECT account_id, name, email, role, status, joined_at, source, last_seen_at, authenticator, passkey,
                  access_ended_at,
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
           FROM members WHERE account_id = ANY($1) OR email = ANY($2)"#,
        ids,
        emails
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|row| row.member(&book))
    .collect()
}

/// These members and every active owner, locked in one order for everybody, by roles and groups that stay as they are.
pub(crate) async fn lock(tx: &mut TenantTx, ids: &[AccountId]) -> Result<Vec<Member>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let book = tx.share_book().await?;
    sqlx::query_as!(
        MemberRow,
        r#"SELECT account_id, name, email, role, status, joined_at, source, last_seen_at, authenticator, passkey,
                  access_ended_at,
                  ARRAY(SELECT group_id FROM group_members g WHERE g.account_id = members.account_id) AS "groups!"
           FROM members
           WHERE account_id = ANY($1) OR (role = 'owner' AND status = 'active')
           ORDER BY account_id FOR UPDATE"#,
        &ids
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|row| row.member(&book))
    .collect()
}

/// Somebody who is to be a member.
pub(crate) struct NewMember<'a> {
    pub(crate) id: AccountId,
    pub(crate) name: &'a PersonName,
    pub(crate) email: &'a EmailAddress,
    pub(crate) role: RoleId,
    pub(crate) source: Source,
}

/// Adds a member. One who is there already violates `members_pkey`.
pub(crate) async fn add(conn: &mut PgConnection, member: &NewMember<'_>, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO members (account_id, name, email, role, source, status, joined_at)
         VALUES ($1, $2, $3, $4, $5, 'active', $6)",
        member.id.0,
        member.name.as_str(),
        member.email.as_str(),
        member.role.code(),
        member.source.code(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn set_role(conn: &mut PgConnection, id: AccountId, role: &GrantedRole) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET role = $2 WHERE account_id = $1", id.0, role.code()).execute(conn).await?;
    Ok(())
}

/// Gives a member another status. Whom somebody lets in again, no alert has suspended any more.
pub(super) async fn set_status(conn: &mut PgConnection, id: AccountId, status: MemberStatus) -> Result<(), Error> {
    sqlx::query!(
        "WITH theirs AS (
             SELECT id FROM alerts WHERE account_id = $1 AND suspended AND $2 = 'active' ORDER BY id FOR UPDATE
         ), released AS (
             UPDATE alerts SET suspended = false WHERE id IN (SELECT id FROM theirs)
         )
         UPDATE members SET status = $2 WHERE account_id = $1",
        id.0,
        status.code()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a member is called.
pub(crate) async fn name_of(conn: &mut PgConnection, id: AccountId) -> Result<Option<String>, Error> {
    let name = sqlx::query_scalar!("SELECT name FROM members WHERE account_id = $1", id.0).fetch_optional(conn).await?;
    Ok(name)
}

/// A member's name and address as they are kept here, which nobody else renews until this transaction ends.
pub(crate) async fn lock_copies(conn: &mut PgConnection, id: AccountId) -> Result<Option<(String, String)>, Error> {
    let row = sqlx::query!("SELECT name, email FROM members WHERE account_id = $1 FOR UPDATE", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| (row.name, row.email)))
}

pub(crate) async fn renew_copies(
    conn: &mut PgConnection,
    id: AccountId,
    name: &PersonName,
    email: &EmailAddress,
) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET name = $2, email = $3 WHERE account_id = $1", id.0, name.as_str(), email.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether somebody is an active owner, and nobody else is.
pub(super) async fn is_only_owner(conn: &mut PgConnection, id: AccountId) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT true AS "found!" FROM members m
           WHERE m.account_id = $1 AND m.role = 'owner' AND m.status = 'active' AND NOT EXISTS
               (SELECT FROM members o WHERE o.account_id <> $1 AND o.role = 'owner' AND o.status = 'active')"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

pub(super) async fn remove(conn: &mut PgConnection, id: AccountId) -> Result<(), Error> {
    sqlx::query!(
        "WITH theirs AS (SELECT id FROM alerts WHERE account_id = $1 AND suspended ORDER BY id FOR UPDATE),
              released AS (UPDATE alerts SET suspended = false WHERE id IN (SELECT id FROM theirs))
         DELETE FROM members WHERE account_id = $1",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The platform's side of a membership's end.
pub(super) async fn remove_membership(conn: &mut PgConnection, id: AccountId, tenant: TenantId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.memberships WHERE account_id = $1 AND tenant_id = $2", id.0, tenant.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Renews the organization's copy of what a member has besides a password.
pub(crate) async fn set_factors(conn: &mut PgConnection, id: AccountId, factors: Factors) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE members SET authenticator = $2, passkey = $3
         WHERE account_id = $1 AND (authenticator, passkey) <> ($2, $3)",
        id.0,
        factors.authenticator,
        factors.passkey
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a member's access for all sessions of now.
pub(super) async fn end_access(conn: &mut PgConnection, id: AccountId, now: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE members SET access_ended_at = $2 WHERE account_id = $1", id.0, now).execute(conn).await?;
    Ok(())
}
