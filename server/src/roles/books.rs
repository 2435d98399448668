//! The role books of organizations, as they were read last.
//!
//! Every change of roles and groups moves a revision, which the gate reads beside what it reads anyway. A book is kept
//! with the revision that was read before it: a change in between makes it newer than that, which no later revision is
//! mistaken for.

use std::sync::{Arc, LazyLock};

use domain::ids::TenantId;
use domain::roles::RoleBook;
use quick_cache::sync::Cache;
use sqlx::PgConnection;

use super::sql;
use crate::error::Error;

/// Books that are kept, of all organizations together: a few kilobytes each.
const KEPT: usize = 2_000;

/// What an organization has that has made neither roles nor groups.
static EMPTY: LazyLock<Arc<RoleBook>> = LazyLock::new(Arc::default);

/// The books that are known.
pub(crate) struct RoleBooks(Cache<TenantId, (i64, Arc<RoleBook>)>);

impl Default for RoleBooks {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl RoleBooks {
    /// The book of a revision that was read in this transaction.
    pub(crate) async fn at(
        &self,
        conn: &mut PgConnection,
        tenant: TenantId,
        revision: i64,
    ) -> Result<Arc<RoleBook>, Error> {
        if revision == 0 {
            return Ok(EMPTY.clone());
        }
        match self.0.get(&tenant) {
            Some((of, book)) if of == revision => Ok(book),
            _ => {
                let (roles, groups) = (sql::roles(&mut *conn).await?, sql::groups(conn).await?);
                let book = Arc::new(RoleBook::new(roles, groups).map_err(Error::internal)?);
                self.0.insert(tenant, (revision, book.clone()));
                Ok(book)
            }
        }
    }
}

impl std::fmt::Debug for RoleBooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoleBooks").field("kept", &self.0.len()).finish()
    }
}
