//! The only handles through which statements run.
//!
//! A [`TenantTx`] is in one tenant's role and schema from its first statement to its last, unless it
//! is the administrator's; a [`PlatformTx`] is in the platform's schema under the identity login. Both begin with a
//! `ROLLBACK`, so that a connection whose last user was cancelled half-way starts clean, and both
//! undo everything unless they are committed. The search path ends with `pg_temp`, which Postgres
//! would look at first if it were not named: a temporary table shadows nothing. A commit takes the
//! audit entry of what was done. What leaves none is named for it: [`TenantTx::keep`] and [`PlatformTx::end`].

use std::sync::Arc;

use domain::audit::{Draft, Frontier, LogId, Outcome};
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::policy::EnforcedPolicy;
use domain::roles::RoleBook;
use domain::text::OrganizationName;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;

use super::held::Held;
use super::turns::Turn;
use super::{AS_TEXT, Derived, Founder, InstallationId, Lane, NewTenant, SchemaName, Store};
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
    tx: Held,
    tenant: TenantId,
    revision: Option<u64>,
    derived: Arc<Derived>,
    watch: Arc<Watch>,
    /// What was noticed in it that detections are to look at. It is kept last of all.
    noticed: Vec<Noticed>,
    /// Entries of what happens beside the act that is committed.
    besides: Vec<Draft>,
    /// Whether the audit log is longer now.
    has_grown: bool,
    book: Option<Arc<RoleBook>>,
    /// Whether something is different now on which depends what API keys may do.
    moves_keys: bool,
    move_keys: String,
    /// What enters the role for the platform's tables, and the tenant's again. The administrator enters none.
    enter: Option<(String, String)>,
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
    /// [`Error::Refused`] when the tenant's tables are not those of this program, [`Error::Busy`], or the database's error.
    pub(crate) async fn tenant(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        let turn = self.lane(tenant).turns.take(tenant.id).await?;
        self.begin_in_lane(turn, "", tenant).await
    }

    /// As [`Store::tenant`], for the portal's own work: it goes before all who wait for the organization, however many those
    /// are.
    ///
    /// # Errors
    /// As [`Store::tenant`].
    pub(crate) async fn tenant_at_work(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        let turn = self.lane(tenant).turns.take_first(tenant.id).await?;
        self.begin_in_lane(turn, "", tenant).await
    }

    /// As [`Store::tenant`], for tables that grow from nothing to much within seconds: their indexes are used at all times.
    /// What Postgres has planned for a table that was all but empty, it would go on doing until somebody counts the rows.
    ///
    /// # Errors
    /// As [`Store::tenant`].
    pub(crate) async fn tenant_by_index(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        let turn = self.lane(tenant).turns.take(tenant.id).await?;
        self.begin_in_lane(turn, "SET LOCAL enable_seqscan = off; ", tenant).await
    }

    fn lane(&self, tenant: &TenantRef) -> &Lane {
        &self.lanes[usize::from(tenant.lane) % self.lanes.len()]
    }

    /// Begins with what enters the role for the platform's tables and the tenant's own.
    async fn begin_in_lane(&self, turn: Turn, further: &str, tenant: &TenantRef) -> Result<TenantTx, Error> {
        let enter = [self.installation.act().to_string(), self.installation.tenant(tenant.id).to_string()];
        let [act, own] = enter.map(|role| format!("SET LOCAL ROLE {role}"));
        self.begin_in((&self.lane(tenant).pool, Some(turn)), Some((act, own)), further, tenant).await
    }

    /// Begins a transaction of the administrator's in a tenant's schema: for what the tenant's own role may not do to its
    /// tables.
    ///
    /// # Errors
    /// As [`Store::tenant`].
    pub(crate) async fn administer(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        self.begin_in((&self.admin, None), None, "", tenant).await
    }

    /// As [`Store::administer`], for what is derived from an audit trail before somebody reads it: over connections of its
    /// own, so that however many wait for those, organizations are made and taken away meanwhile. No statement takes long.
    ///
    /// # Errors
    /// As [`Store::tenant`].
    pub(crate) async fn derive(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        self.begin_in((&self.deriving, None), None, "SET LOCAL statement_timeout = '5s'; ", tenant).await
    }

    /// As [`Store::administer`], for whoever reads all of it: everything is as it was at one time, however long that takes,
    /// and nothing is changed.
    ///
    /// # Errors
    /// As [`Store::tenant`].
    pub(crate) async fn snapshot(&self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        let further = format!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; {AS_TEXT}; ");
        self.begin_in((&self.admin, None), None, &further, tenant).await
    }

    async fn begin_in(
        &self,
        (pool, turn): (&PgPool, Option<Turn>),
        enter: Option<(String, String)>,
        further: &str,
        tenant: &TenantRef,
    ) -> Result<TenantTx, Error> {
        if tenant.schema_version != self.history.version() {
            return Err(self.why_behind(tenant.id).await?.into());
        }
        let schema = SchemaName::of(tenant.id);
        let role = enter.as_ref().map_or(String::new(), |(_, tenant)| format!("{tenant}; "));
        let begin = format!("ROLLBACK; BEGIN; {role}{further}SET LOCAL search_path = {schema}, pg_temp");
        Ok(TenantTx {
            tx: Held::new(pool.begin_with(AssertSqlSafe(begin)).await.map_err(gone)?, turn),
            tenant: tenant.id,
            revision: None,
            derived: self.derived.clone(),
            watch: self.watch.clone(),
            noticed: Vec::new(),
            besides: Vec::new(),
            has_grown: false,
            book: None,
            moves_keys: false,
            move_keys: move_keys(&self.installation, enter.is_some(), tenant.id),
            enter,
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

impl Store {
    /// As [`Store::platform`], as the administrator: for what only whoever runs the platform may change.
    pub(crate) async fn administer_platform(&self) -> Result<PlatformTx, Error> {
        let begin = "ROLLBACK; BEGIN; SET LOCAL search_path = platform, pg_temp";
        Ok(PlatformTx { tx: self.admin.begin_with(begin).await? })
    }
}

/// The message that moves the epoch of an organization's keys; of one that has none it moves nothing. The administrator
/// enters no role for it.
fn move_keys(installation: &InstallationId, enters: bool, tenant: TenantId) -> String {
    let enter = if enters { format!("SET LOCAL ROLE {}; ", installation.act()) } else { String::new() };
    format!("{enter}UPDATE platform.key_epochs SET epoch = epoch + 1 WHERE tenant_id = '{tenant}'")
}

/// Whether what an entry tells of may change what API keys may do: most of what is done to members, roles, groups, the
/// policy and keys does, and what is only told, read or denied does not.
fn moves_keys(entry: &Draft) -> bool {
    let leaves_alone = |entry: &Draft| entry.action().act().is_none_or(|act| act.category.leaves_keys_alone());
    entry.outcome() == Outcome::Done && !leaves_alone(entry)
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

    /// The tenant.
    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
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
        if let Some((enter_act, _)) = &self.enter {
            sqlx::raw_sql(AssertSqlSafe(enter_act.as_str())).execute(&mut *self.tx).await?;
        }
        Ok(&mut self.tx)
    }

    /// Goes back to the tenant's role.
    pub(crate) async fn leave_platform(&mut self) -> Result<(), Error> {
        if let Some((_, enter_tenant)) = &self.enter {
            sqlx::raw_sql(AssertSqlSafe(enter_tenant.as_str())).execute(&mut *self.tx).await.map_err(gone)?;
        }
        Ok(())
    }

    /// Notes what was noticed of the organization's security, for detections to look at once it is kept. It is written at
    /// the end: the hours in which it is counted are everybody's, and whoever held one of them and waited for something
    /// else could wait for whoever waits for the hour.
    pub(crate) fn record(&mut self, noticed: impl IntoIterator<Item = Noticed>) {
        self.noticed.extend(noticed);
    }

    /// Has this entry written before those of the act that is committed: of what led to it in the same transaction.
    pub(crate) fn write_besides(&mut self, entry: Draft) {
        self.besides.push(entry);
    }

    /// Writes the audit entry and keeps everything.
    pub(crate) async fn commit(self, by: &impl Transact, entry: Draft) -> Result<(), Error> {
        self.commit_all(by, vec![entry]).await
    }

    /// As [`TenantTx::commit`]: the state of the audit log whose last entry this is.
    pub(crate) async fn commit_at(mut self, by: &impl Transact, entry: Draft) -> Result<Frontier, Error> {
        let is_noticed = self.write(by, vec![entry]).await?;
        let state = audit::head(&mut self.tx).await?;
        self.end(is_noticed).await?;
        Ok(state)
    }

    /// As [`TenantTx::commit`], of what has several entries, or none because nothing has changed. What an entry is to the
    /// detections is noted with it.
    pub(crate) async fn commit_all(mut self, by: &impl Transact, entries: Vec<Draft>) -> Result<(), Error> {
        let is_noticed = self.write(by, entries).await?;
        self.end(is_noticed).await
    }

    /// As [`TenantTx::commit`], of an act of the administrator's that the platform's log has an entry of, too: both are
    /// written, or neither.
    pub(crate) async fn commit_on_both(mut self, by: &impl Transact, own: Draft, platform: Draft) -> Result<(), Error> {
        let is_noticed = self.write(by, vec![own]).await?;
        sqlx::raw_sql("SET LOCAL search_path = platform, pg_temp").execute(&mut *self.tx).await?;
        audit::append(&mut self.tx, by, LogId::Platform, platform).await?;
        self.end(is_noticed).await
    }

    /// Writes what was noticed and the entries: whether there is something for detections to look at.
    async fn write(&mut self, by: &impl Transact, entries: Vec<Draft>) -> Result<bool, Error> {
        let entries = [std::mem::take(&mut self.besides), entries].concat();
        self.moves_keys |= entries.iter().any(moves_keys);
        let entries: Vec<_> = entries.into_iter().map(|entry| (by.now(), entry)).collect();
        self.record(detections::facts_of(&entries));
        let is_noticed = self.keep_noticed().await?;
        if !entries.is_empty() {
            audit::append_all(&mut self.tx, by, LogId::Tenant(self.tenant), entries).await?;
            self.has_grown = true;
        }
        Ok(is_noticed)
    }

    /// Keeps a change of which no entry tells: that somebody was seen.
    pub(crate) async fn keep(mut self) -> Result<(), Error> {
        let is_noticed = self.keep_noticed().await?;
        self.end(is_noticed).await
    }

    /// Writes what was noticed, and that somebody has to look at it, whichever process is there by then: whether there was
    /// anything. After it nothing is locked but the head of the audit log.
    async fn keep_noticed(&mut self) -> Result<bool, Error> {
        let noticed = std::mem::take(&mut self.noticed);
        let Some(first) = noticed.iter().map(|noticed| noticed.fact.at).min() else { return Ok(false) };
        let tenant = self.tenant;
        detections::queue::add(self.enter_platform().await?, tenant, first).await?;
        self.leave_platform().await?;
        detections::record(&mut self.tx, &noticed).await?;
        Ok(true)
    }

    /// Keeps everything. The keys' epoch moves while the log's head is held: whoever makes the organization's first key
    /// comes wholly before that or after.
    async fn end(mut self, is_noticed: bool) -> Result<(), Error> {
        if self.moves_keys {
            sqlx::raw_sql(AssertSqlSafe(self.move_keys.as_str())).execute(&mut *self.tx).await?;
        }
        self.tx.commit().await?;
        if self.has_grown {
            self.derived.grown.note(self.tenant);
        }
        if is_noticed {
            self.watch.touch();
        }
        Ok(())
    }

    /// Ends a transaction that only read. Nobody waits for it: the rollback goes out while the connection is handed
    /// back, which saves every page a message.
    pub(crate) fn close(self) {
        self.tx.close();
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
