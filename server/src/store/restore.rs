//! Making an organization of rows that were exported: as [`provision`](super::provision) does, in one transaction of the
//! administrator's, but with tables as they were when the rows were taken, which are brought up to date afterwards.

use domain::audit::{Draft, LogId};
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::slug::Slug;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use time::OffsetDateTime;

use super::names::{SchemaName, lane_of};
use super::provision::claim;
use super::{AS_TEXT, InstallationId, Store, Table, TenantHistory, Transact};
use crate::audit;
use crate::error::Error;

/// How many names in addresses are tried.
const SLUGS: u32 = 100;

/// What the platform says of the organization.
pub(crate) struct Restored<'a> {
    pub(crate) id: TenantId,
    pub(crate) name: &'a str,
    pub(crate) status: TenantStatus,
    /// Sessions that have come in before notice by it that something has changed.
    pub(crate) epoch: i64,
    pub(crate) plan: &'a str,
    pub(crate) time_zone: &'a str,
    pub(crate) created_at: OffsetDateTime,
    /// The version that its tables had.
    pub(crate) schema_version: i64,
}

/// An organization that is being restored. Nothing of it is there unless it is committed.
pub(crate) struct Restoring {
    tx: Transaction<'static, Postgres>,
    id: TenantId,
    installation: InstallationId,
    history: TenantHistory,
    schema_version: i64,
}

impl Store {
    /// Makes the organization with empty tables: these, each behind those that it refers to.
    ///
    /// # Errors
    /// There is one with this id, by its constraint's name; and the database's errors.
    pub(crate) async fn begin_restoring(
        &self,
        now: OffsetDateTime,
        of: &Restored<'_>,
    ) -> Result<(Restoring, Vec<Table>), Error> {
        let begin = format!("ROLLBACK; BEGIN; SET LOCAL search_path = ''; {AS_TEXT}");
        let mut tx = self.admin.begin_with(AssertSqlSafe(begin)).await?;
        self.require_newest(&mut tx).await?;
        let suspended_at = (of.status == TenantStatus::Suspended).then_some(now);
        sqlx::query!(
            "INSERT INTO platform.tenants
                 (id, name, slug, status, lane, schema_version, epoch, created_at, suspended_at, plan, time_zone)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            of.id.0,
            of.name,
            // Unique until the real one is claimed.
            of.id.to_string(),
            of.status.code(),
            i16::try_from(lane_of(of.id)).map_err(Error::internal)?,
            of.schema_version,
            of.epoch,
            of.created_at,
            suspended_at,
            of.plan,
            of.time_zone
        )
        .execute(&mut *tx)
        .await?;
        self.add_schema(&mut tx, of.id, of.schema_version).await?;
        let tables = Restoring::empty(&mut tx, of.id).await?;
        let (installation, history) = (self.installation.clone(), self.history.clone());
        let restoring = Restoring { tx, id: of.id, installation, history, schema_version: of.schema_version };
        Ok((restoring, tables))
    }

    /// The version that organizations' tables have.
    pub(crate) fn tenant_version(&self) -> i64 {
        self.history.version()
    }
}

impl Restoring {
    /// Where statements run. The search path is the organization's schema.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The organization.
    pub(crate) fn id(&self) -> TenantId {
        self.id
    }

    /// Brings the tables up to date, once their rows are in them.
    pub(crate) async fn bring_up_to_date(&mut self) -> Result<(), Error> {
        let (schema, role) = (SchemaName::of(self.id), self.installation.tenant(self.id));
        let (from, version) = (self.schema_version, self.history.version());
        let applied = self.history.apply(&mut self.tx, &schema, &role, (from, version)).await;
        applied.map_err(|stopped| stopped.error)?;
        sqlx::query!("UPDATE platform.tenants SET schema_version = $2 WHERE id = $1", self.id.0, version)
            .execute(&mut *self.tx)
            .await?;
        self.number_on().await
    }

    /// Gives the organization a name in addresses: the one that it had if it is free and asked for, else one like it.
    pub(crate) async fn name(&mut self, slug: &Slug, same: bool, now: OffsetDateTime) -> Result<Slug, Error> {
        if same && claim(&mut self.tx, self.id, slug, now).await? {
            return Ok(slug.clone());
        }
        let like = format!("{} restored", slug.as_str());
        for attempt in 1..=SLUGS {
            let slug = Slug::derive(&like, attempt);
            if claim(&mut self.tx, self.id, &slug, now).await? {
                return Ok(slug);
            }
        }
        Err(Error::internal(format!("{SLUGS} organizations have names like {}", slug.as_str())))
    }

    /// Writes the entry into the organization's trail and into the platform's, and keeps everything.
    pub(crate) async fn commit(mut self, by: &impl Transact, entry: Draft) -> Result<(), Error> {
        audit::append(&mut self.tx, by, LogId::Tenant(self.id), entry.clone()).await?;
        sqlx::raw_sql("SET LOCAL search_path = platform, pg_temp").execute(&mut *self.tx).await?;
        audit::append(&mut self.tx, by, LogId::Platform, entry).await?;
        self.tx.commit().await?;
        Ok(())
    }
}
