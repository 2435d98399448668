//! The platform's queue of wrong passwords and codes.

use std::collections::HashMap;
use std::net::IpAddr;

use domain::detections::{FactKind, SecurityFact};
use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use ipnet::IpNet;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Noticed;
use crate::error::Error;
use crate::request::RequestContext;

/// Whose password was wrong: an account's, or nobody's, who would have had this address.
pub(crate) enum Whose<'a> {
    Account(AccountId),
    Nobody(&'a EmailAddress),
}

/// Notes a wrong password or code. The statement is the same for accounts that exist and others.
pub(crate) async fn add(
    conn: &mut PgConnection,
    request: &RequestContext,
    kind: FactKind,
    whose: Whose<'_>,
) -> Result<(), Error> {
    let (account, domain) = match whose {
        Whose::Account(id) => (Some(id.0), None),
        Whose::Nobody(email) => (None, Some(email.domain())),
    };
    sqlx::query!(
        "INSERT INTO platform.sign_in_failures (id, account_id, domain, at, kind, ip, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $4)",
        request.portal().uuid(request.now),
        account,
        domain,
        request.now,
        kind.code(),
        request.ip.map(IpNet::from)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A row of the queue, and whom it concerns.
pub(super) struct Failure {
    pub(super) id: Uuid,
    pub(super) at: OffsetDateTime,
    kind: Option<FactKind>,
    account: Option<AccountId>,
    ip: Option<IpAddr>,
    pub(super) tenants: Vec<TenantId>,
}

impl Failure {
    /// What an organization keeps of it.
    pub(super) fn noticed(&self) -> Option<Noticed> {
        let fact = SecurityFact::new(self.at, self.kind?, self.account, self.ip);
        Some(Noticed { fact, source: Some(self.id) })
    }
}

/// Takes what waits, at most so many. Nobody else gets it until `until`: then somebody else copies what a worker that
/// died has left.
pub(super) async fn take(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
    most: i64,
) -> Result<Vec<Failure>, Error> {
    let rows = sqlx::query!(
        r#"WITH due AS (
               UPDATE platform.sign_in_failures SET due_at = $2
               WHERE id IN (SELECT id FROM platform.sign_in_failures WHERE due_at <= $1
                            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
               RETURNING id, account_id, domain, at, kind, ip)
           SELECT id AS "id!", at AS "at!", kind AS "kind!", account_id, ip,
                  ARRAY(SELECT tenant_id FROM platform.memberships m WHERE m.account_id = due.account_id
                        UNION SELECT tenant_id FROM platform.domains d WHERE d.domain = due.domain) AS "tenants!: Vec<Uuid>"
           FROM due ORDER BY at, id"#,
        now,
        until,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Failure {
            id: row.id,
            at: row.at,
            kind: FactKind::from_code(&row.kind),
            account: row.account_id.map(AccountId),
            ip: row.ip.map(|ip| ip.addr()),
            tenants: row.tenants.into_iter().map(TenantId).collect(),
        })
        .collect())
}

/// What each organization has to keep.
pub(super) fn by_tenant(failures: &[Failure]) -> HashMap<TenantId, Vec<&Failure>> {
    let mut of: HashMap<TenantId, Vec<&Failure>> = HashMap::new();
    for failure in failures {
        for tenant in &failure.tenants {
            of.entry(*tenant).or_default().push(failure);
        }
    }
    of
}

pub(super) async fn remove(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query!("DELETE FROM platform.sign_in_failures WHERE id = ANY($1)", ids).execute(conn).await?;
    Ok(())
}
