//! Organizations as the console lists them: metadata alone.

use domain::ids::TenantId;
use domain::operators::{Condition, Health, OrganizationQuery};
use domain::organizations::TenantStatus;
use domain::paging::Page;
use domain::problem::Problem;
use domain::quotas::Plan;
use time::OffsetDateTime;

use super::{OperatorAccess, sql};
use crate::error::Error;

/// An organization in the console's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRow {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    pub status: TenantStatus,
    /// Its plan.
    pub plan: Plan,
    /// How many people are in it.
    pub members: u64,
    /// When somebody, or a program with a key, was last in it, to some minutes.
    pub last_at: Option<OffsetDateTime>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Since when it is suspended.
    pub suspended_at: Option<OffsetDateTime>,
    /// When it is deleted for good, if it is to be.
    pub delete_at: Option<OffsetDateTime>,
    /// What its health is judged by, the version of its tables among it.
    pub condition: Condition,
}

impl OrganizationRow {
    /// Whether it is as it should be.
    pub const fn health(&self) -> Health {
        self.condition.health()
    }
}

/// One organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What the list has of it.
    pub row: OrganizationRow,
    /// How many bytes its tables and their indexes take.
    pub bytes: u64,
}

/// One page of organizations, by their names in addresses: two statements, however many there are.
///
/// # Errors
/// The database does not answer.
pub async fn list(access: &OperatorAccess, query: &OrganizationQuery) -> Result<Page<OrganizationRow>, Error> {
    let pool = access.request().portal().store().operator_pool();
    let total = sql::count(pool, query).await?;
    let rows = sql::list(pool, query).await?;
    Ok(Page::assemble(rows, query.cursor.as_ref(), total, |row| (row.slug.clone(), row.id.to_string())))
}

/// One organization.
///
/// # Errors
/// Not found; the database does not answer.
pub async fn lookup(access: &OperatorAccess, id: TenantId) -> Result<Detail, Error> {
    let store = access.request().portal().store();
    let row = sql::lookup(store.operator_pool(), id).await?.ok_or(Problem::NotFound)?;
    let bytes = u64::try_from(store.bytes_of(id).await?).unwrap_or(0);
    Ok(Detail { row, bytes })
}
