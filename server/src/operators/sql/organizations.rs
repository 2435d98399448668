//! Queries on organizations: what is in the platform's tables of them, column by column.

use domain::ids::TenantId;
use domain::operators::{Condition, OrganizationQuery};
use domain::organizations::TenantStatus;
use domain::paging::{Cursor, PAGE_SIZE};
use domain::quotas::Plan;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::operators::OrganizationRow;
use crate::paging::{Edge, SortKey};
use crate::store::TenantHistory;

struct Row {
    id: Uuid,
    slug: String,
    name: String,
    status: String,
    plan: String,
    schema_version: i64,
    created_at: OffsetDateTime,
    suspended_at: Option<OffsetDateTime>,
    delete_at: Option<OffsetDateTime>,
    members: i64,
    failed: bool,
    set_aside: i64,
    last_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for OrganizationRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = || Error::internal("an organization's row holds an unknown status or plan");
        Ok(Self {
            id: TenantId(row.id),
            slug: row.slug,
            name: row.name,
            status: TenantStatus::from_code(&row.status).ok_or_else(broken)?,
            plan: Plan::from_code(&row.plan).ok_or_else(broken)?,
            members: super::number(row.members),
            last_at: row.last_at,
            created_at: row.created_at,
            suspended_at: row.suspended_at,
            delete_at: row.delete_at,
            condition: Condition {
                doomed: row.delete_at.is_some(),
                version: row.schema_version,
                needed: TenantHistory::known().version(),
                failed: row.failed,
                set_aside: row.set_aside,
            },
        })
    }
}

/// A statement on organizations that a query asks for: search, status and plan are its first arguments.
macro_rules! matching {
    ($query:ident, [$($row:tt)*] [$($before:tt)+] [$($after:tt)*] $asked:expr $(, $argument:expr)*) => {
        sqlx::$query!(
            $($row)*
            $($before)+
            + "(($1::text IS NULL OR strpos(lower(t.name), lower($1)) > 0 OR strpos(t.slug, lower($1)) > 0
                 OR t.id::text = lower($1))
                AND ($2::text IS NULL OR t.status = $2) AND ($3::text IS NULL OR t.plan = $3))"
            $($after)*,
            $asked.search,
            $asked.status.map(TenantStatus::code),
            $asked.plan.map(Plan::code)
            $(, $argument)*
        )
    };
}

/// The page of organizations that a query asks for: what is counted of each is counted for those alone that are shown.
macro_rules! page {
    ($beyond:tt, $direction:tt, $query:expr, $edge:expr, $limit:expr) => {
        matching!(
            query_as,
            [Row,]
            [r#"SELECT t.id, t.slug, t.name, t.status, t.plan, t.schema_version, t.created_at, t.suspended_at, t.delete_at,
                       (SELECT count(*) FROM platform.memberships m WHERE m.tenant_id = t.id) AS "members!",
                       EXISTS (SELECT FROM platform.migration_failures f WHERE f.tenant_id = t.id) AS "failed!",
                       (SELECT count(*) FROM platform.detection_queue d
                        WHERE d.tenant_id = t.id AND d.set_aside_at IS NOT NULL) AS "set_aside!",
                       (SELECT a.last_at FROM platform.tenant_activity a WHERE a.tenant_id = t.id) AS last_at
                FROM (SELECT t.id, t.slug, t.name, t.status, t.plan, t.schema_version, t.created_at, t.suspended_at,
                             t.delete_at
                      FROM platform.tenants t WHERE "#]
            [+ " AND t.slug " + $beyond + " $4 ORDER BY t.slug " + $direction + " LIMIT $5) t ORDER BY t.slug " + $direction]
            $query,
            $edge,
            $limit
        )
    };
}

/// How many organizations match.
pub(in crate::operators) async fn count(pool: &PgPool, query: &OrganizationQuery) -> Result<u64, Error> {
    let count = matching!(query_scalar, [] [r#"SELECT count(*) AS "count!" FROM platform.tenants t WHERE "#] [] query)
        .fetch_one(pool)
        .await?;
    Ok(super::number(count))
}

/// So many organizations as a page shows, and one more, from where the query begins.
pub(in crate::operators) async fn list(
    pool: &PgPool,
    query: &OrganizationQuery,
) -> Result<Vec<OrganizationRow>, Error> {
    let ascending = !matches!(query.cursor, Some(Cursor::Before(..)));
    let Edge { text, .. } = Edge::new(query.cursor.as_ref(), SortKey::Text, ascending);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let rows = if ascending {
        page!(">", "ASC", query, text, limit).fetch_all(pool).await?
    } else {
        page!("<", "DESC", query, text, limit).fetch_all(pool).await?
    };
    rows.into_iter().map(OrganizationRow::try_from).collect()
}

/// One organization.
pub(in crate::operators) async fn lookup(pool: &PgPool, id: TenantId) -> Result<Option<OrganizationRow>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT t.id, t.slug, t.name, t.status, t.plan, t.schema_version, t.created_at, t.suspended_at, t.delete_at,
                  (SELECT count(*) FROM platform.memberships m WHERE m.tenant_id = t.id) AS "members!",
                  EXISTS (SELECT FROM platform.migration_failures f WHERE f.tenant_id = t.id) AS "failed!",
                  (SELECT count(*) FROM platform.detection_queue d
                   WHERE d.tenant_id = t.id AND d.set_aside_at IS NOT NULL) AS "set_aside!",
                  (SELECT a.last_at FROM platform.tenant_activity a WHERE a.tenant_id = t.id) AS last_at
           FROM platform.tenants t WHERE t.id = $1"#,
        id.0
    )
    .fetch_optional(pool)
    .await?;
    row.map(OrganizationRow::try_from).transpose()
}
