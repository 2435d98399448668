//! The role books of organizations.

use std::sync::{Arc, LazyLock};

use domain::ids::TenantId;
use domain::roles::RoleBook;
use sqlx::PgConnection;

use super::sql;
use crate::error::Error;
use crate::revisions::Revisions;

/// What an organization has that has made neither roles nor groups.
static EMPTY: LazyLock<Arc<RoleBook>> = LazyLock::new(Arc::default);

/// The books that are known.
pub(crate) type RoleBooks = Revisions<RoleBook>;

/// The book of a revision that was read in this transaction.
pub(crate) async fn open(
    books: &RoleBooks,
    conn: &mut PgConnection,
    tenant: TenantId,
    revision: i64,
) -> Result<Arc<RoleBook>, Error> {
    if revision == 0 {
        return Ok(EMPTY.clone());
    }
    if let Some(book) = books.get(tenant, revision) {
        return Ok(book);
    }
    let (roles, groups) = (sql::roles(&mut *conn).await?, sql::groups(conn).await?);
    Ok(books.put(tenant, revision, RoleBook::new(roles, groups).map_err(Error::internal)?))
}
