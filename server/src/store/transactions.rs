//! The only handles through which statements run.
//!
//! A [`TenantTx`] is in one tenant's role and schema from its first statement to its last, unless it
//! is the administrator's; a [`PlatformTx`] is in the platform's schema under the identity login. Both begin with a
//! `ROLLBACK`, so that a connection whose last user was cancelled half-way starts clean, and both
//! undo everything unless they are committed. The search path ends with `pg_temp`, which Postgres
//! would look at first if it were not named: a temporary table shadows nothing. A commit takes the
//! audit entry of what was done. What leaves none is named for it: [`TenantTx::keep`] and [`PlatformTx::end`].

use std::sync::Arc;

use domain::audit::{Draft, LogId};
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::policy::EnforcedPolicy;
use domain::roles::RoleBook;
use domain::text::OrganizationName;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;

use super::{Derived, Founder, NewTenant, SchemaName, Store, migrate};
use crate::audit;
use crate::detections::{self, Noticed, Watch};
use crate::edges::Randomness;
use crate::error::Error;
use crate::keys::KeyRing;
use crate::policy;
use crate::roles;

/// A tenant that was looked up in the platform's tables. It can only be made there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TenantRef {
    pub(crate) id: TenantId,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) status: TenantStatus,
    pub(crate) lane: u16,
    pub(crate) schema_version: i64,
}

/// What an act needs beside its statements: keys for what is sealed, time and randomness.
pub(crate) trait Transact {
    /// The keys.
    fn keys(&self) -> &KeyRing;
    /// Randomness.
    fn randomness(&self) -> &dyn Randomness;
    /// The time of the act.
    fn now(&self) -> OffsetDateTime;
}

/// A transaction in one tenant's schema, under its role.
pub(crate) struct TenantTx {
    tx: Transaction<'static, Postgres>,
    tenant: TenantId,
    revision: Option<u64>,
    derived: Arc<Derived>,
    watch: Arc<Watch>,
    /// Whether something was noticed that detections are to look at.
    noticed: bool,
    /// Whether the audit log is longer now.
    has_grown: bool,
    book: Option<Arc<RoleBook>>,
    enter_act: String,
    enter_tenant: String,
}

/// A transaction in the platform's schema, under the identity login unless it began as one of the
/// administrator's.
pub(crate) struct PlatformTx {
    tx: Transaction<'static, Postgres>,
}

impl Store {
    /// Begins a transaction in a tenant's schema.
    ///
    /// # Errors
    /// [`Error::Refused`] when the tenant's own migrations are behind, or the database's error.
    pub(crate) async fn tenant(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        let role = self.installation.tenant(tenant.id);
        let pool = &self.lanes[usize::from(tenant.lane) % self.lanes.len()];
        self.begin_in(pool, &format!("SET LOCAL ROLE {role}; "), tenant).await
    }

    /// Begins a transaction of the administrator's in a tenant's schema: for what the tenant's own role may not do to its
    /// tables.
    ///
    /// # Errors
    /// As [`Store::tenant`].
    pub(crate) async fn administer(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        self.begin_in(&self.admin, "", tenant).await
    }

    async fn begin_in(&self, pool: &PgPool, enter: &str, tenant: &TenantRef) -> Result<TenantTx, Error> {
        if tenant.schema_version != migrate::tenant_version() {
            return Err(Error::Refused(domain::problem::Problem::OrganizationBehind));
        }
        let (role, schema) = (self.installation.tenant(tenant.id), SchemaName::of(tenant.id));
        let begin = format!("ROLLBACK; BEGIN; {enter}SET LOCAL search_path = {schema}, pg_temp");
        Ok(TenantTx {
            tx: pool.begin_with(AssertSqlSafe(begin)).await.map_err(gone)?,
            tenant: tenant.id,
            revision: None,
            derived: self.derived.clone(),
            watch: self.watch.clone(),
            noticed: false,
            has_grown: false,
            book: None,
            enter_act: format!("SET LOCAL ROLE {}", self.installation.act()),
            enter_tenant: format!("SET LOCAL ROLE {role}"),
        })
    }

    /// Begins making an organization, as [`Store::provision`] does, and goes on in the platform's
    /// schema: nothing of it is kept unless that is committed.
    pub(crate) async fn begin_provision(
        &self,
        by: &impl Transact,
        id: TenantId,
        name: &OrganizationName,
        founder: &Founder,
        entry: impl FnOnce(&NewTenant) -> Draft,
    ) -> Result<(PlatformTx, NewTenant), Error> {
        let (mut tx, tenant) = self.make(by, id, name, founder, entry).await?;
        sqlx::raw_sql("SET LOCAL search_path = platform, pg_temp").execute(&mut *tx).await?;
        Ok((PlatformTx { tx }, tenant))
    }

    /// Begins a transaction in the platform's schema.
    pub(crate) async fn platform(&self) -> Result<PlatformTx, Error> {
        let begin = "ROLLBACK; BEGIN; SET LOCAL search_path = platform, pg_temp";
        Ok(PlatformTx { tx: self.identity.begin_with(begin).await? })
    }
}

/// A role that does not exist (22023) is that of an organization that was deleted just now.
fn gone(error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    if code.as_deref() == Some("22023") { domain::problem::Problem::NotFound.into() } else { error.into() }
}

impl TenantTx {
    /// Where the tenant's statements run.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The tenant's audit log.
    pub(crate) fn log(&self) -> LogId {
        LogId::Tenant(self.tenant)
    }

    /// How long the tenant's audit log is. Every change of the tenant's leaves an entry, so what was derived from its
    /// tables at one revision holds as long as that is the revision.
    pub(crate) async fn revision(&mut self) -> Result<u64, Error> {
        if let Some(revision) = self.revision {
            return Ok(revision);
        }
        audit::size(&mut self.tx).await
    }

    /// Keeps the revision that a statement of this transaction has read beside something else.
    pub(crate) fn note_revision(&mut self, revision: u64) {
        self.revision = Some(revision);
    }

    /// The organization's roles and groups, by which its members are read.
    pub(crate) async fn book(&mut self) -> Result<Arc<RoleBook>, Error> {
        if let Some(book) = &self.book {
            return Ok(book.clone());
        }
        let revision = roles::sql::revision(&mut self.tx).await?;
        self.open_book(revision).await
    }

    /// As [`TenantTx::book`], by a revision that a statement of this transaction has read beside something else.
    pub(crate) async fn open_book(&mut self, revision: i64) -> Result<Arc<RoleBook>, Error> {
        let book = roles::open_book(&self.derived.books, &mut self.tx, self.tenant, revision).await?;
        self.book = Some(book.clone());
        Ok(book)
    }

    /// As [`TenantTx::book`], for a change that is judged by it: nobody changes roles or groups until it is done.
    pub(crate) async fn share_book(&mut self) -> Result<Arc<RoleBook>, Error> {
        let revision = roles::sql::share(&mut self.tx).await?;
        self.open_book(revision).await
    }

    /// As [`TenantTx::book`], for a change of roles or groups, one at a time.
    pub(crate) async fn lock_book(&mut self) -> Result<Arc<RoleBook>, Error> {
        let revision = roles::sql::lock(&mut self.tx).await?;
        self.open_book(revision).await
    }

    /// The organization's policy, by the version that a statement of this transaction has read as the one in force.
    pub(crate) async fn open_policy(&mut self, version: i64) -> Result<Arc<EnforcedPolicy>, Error> {
        policy::open(&self.derived.policies, &mut self.tx, self.tenant, version).await
    }

    /// Enters the role that may touch some of the platform's tables, and none of the tenant's.
    pub(crate) async fn enter_platform(&mut self) -> Result<&mut PgConnection, Error> {
        sqlx::raw_sql(AssertSqlSafe(self.enter_act.as_str())).execute(&mut *self.tx).await?;
        Ok(&mut self.tx)
    }

    /// Goes back to the tenant's role.
    pub(crate) async fn leave_platform(&mut self) -> Result<(), Error> {
        sqlx::raw_sql(AssertSqlSafe(self.enter_tenant.as_str())).execute(&mut *self.tx).await.map_err(gone)?;
        Ok(())
    }

    /// Notes what was noticed of the organization's security. Detections look at it once it is kept.
    pub(crate) async fn record(&mut self, noticed: Vec<Noticed>) -> Result<(), Error> {
        self.noticed |= detections::record(&mut self.tx, noticed).await?;
        Ok(())
    }

    /// Writes the audit entry and keeps everything.
    pub(crate) async fn commit(mut self, by: &impl Transact, entry: Draft) -> Result<(), Error> {
        self.noticed |= audit::append(&mut self.tx, by, LogId::Tenant(self.tenant), entry).await?;
        self.has_grown = true;
        self.keep().await
    }

    /// As [`TenantTx::commit`], of what has several entries, or none because nothing has changed.
    pub(crate) async fn commit_all(mut self, by: &impl Transact, entries: Vec<Draft>) -> Result<(), Error> {
        let has_grown = !entries.is_empty();
        if has_grown {
            let entries = entries.into_iter().map(|entry| (by.now(), entry));
            self.noticed |= audit::append_all(&mut self.tx, by, LogId::Tenant(self.tenant), entries).await?;
        }
        self.has_grown |= has_grown;
        self.keep().await
    }

    /// Keeps a change of which no entry tells: that somebody was seen.
    pub(crate) async fn keep(self) -> Result<(), Error> {
        self.tx.commit().await?;
        if self.has_grown {
            self.derived.grown.note(self.tenant);
        }
        if self.noticed {
            self.watch.touch(self.tenant);
        }
        Ok(())
    }

    /// Ends a transaction that only read. Nobody waits for it: the rollback goes out while the connection is handed
    /// back, which saves every page a message.
    pub(crate) fn close(self) {
        drop(self.tx);
    }
}

impl PlatformTx {
    /// Where statements run.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Writes the audit entry and keeps everything.
    pub(crate) async fn commit(mut self, by: &impl Transact, entry: Draft) -> Result<(), Error> {
        audit::append(&mut self.tx, by, LogId::Platform, entry).await?;
        self.tx.commit().await?;
        Ok(())
    }

    /// As [`PlatformTx::commit`], of what has several entries.
    pub(crate) async fn commit_all(mut self, by: &impl Transact, entries: Vec<Draft>) -> Result<(), Error> {
        let entries = entries.into_iter().map(|entry| (by.now(), entry));
        audit::append_all(&mut self.tx, by, LogId::Platform, entries).await?;
        self.tx.commit().await?;
        Ok(())
    }

    /// Ends a transaction that changed nothing of which an account is owed.
    pub(crate) async fn end(self) -> Result<(), Error> {
        self.tx.commit().await?;
        Ok(())
    }
}
