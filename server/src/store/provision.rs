//! Making an organization: row, role, schema, tables, first owner and first audit entry, in one
//! transaction of the administrator's.

use domain::audit::{Draft, LogId};
use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::members::Source;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::roles::Role;
use domain::slug::Slug;
use domain::text::{OrganizationName, PersonName};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use time::OffsetDateTime;

use super::names::{SchemaName, lane_of};
use super::{Store, TenantRef, Transact};
use crate::audit;
use crate::edges::RandomnessExt;
use crate::error::Error;
use crate::members::sql::{self as members, NewMember};
use crate::passwords::KeptPassword;

/// How many slugs are tried in order (`acme`, `acme-2`, …) before numbers are drawn.
const COUNTED_SLUGS: u32 = 20;

/// The first owner.
#[derive(Clone, Debug)]
pub(crate) struct Founder {
    pub(crate) id: AccountId,
    pub(crate) name: PersonName,
    pub(crate) email: EmailAddress,
    /// What the account of somebody begins with who has none yet.
    pub(crate) new_account: Option<NewFounder>,
}

/// What a new account begins with.
#[derive(Clone, Debug)]
pub(crate) struct NewFounder {
    /// The password; none for somebody who chooses one by a link from a mail.
    pub(crate) password: Option<KeptPassword>,
    /// When the address was proven.
    pub(crate) email_proven_at: Option<OffsetDateTime>,
}

/// An organization that was made.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: Slug,
}

impl Store {
    /// Makes an organization with one owner.
    ///
    /// # Errors
    /// A taken address of a new account, by its constraint's name; [`Problem::OrganizationBehind`], as long as a newer
    /// program is taking over from this one; and the database's errors.
    pub(crate) async fn provision(
        &self,
        by: &impl Transact,
        id: TenantId,
        name: &OrganizationName,
        founder: &Founder,
        entry: impl FnOnce(&NewTenant) -> Draft,
    ) -> Result<NewTenant, Error> {
        let (tx, tenant) = self.make(by, id, name, founder, entry).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// All of it, up to the commit.
    pub(super) async fn make(
        &self,
        by: &impl Transact,
        id: TenantId,
        name: &OrganizationName,
        founder: &Founder,
        entry: impl FnOnce(&NewTenant) -> Draft,
    ) -> Result<(Transaction<'static, Postgres>, NewTenant), Error> {
        let now = by.now();
        let mut tx = self.admin.begin_with("ROLLBACK; BEGIN; SET LOCAL search_path = ''").await?;
        if let Some(account) = &founder.new_account {
            add_account(&mut tx, founder, account, now).await?;
        }
        let tenant = self.add_tenant(&mut tx, by, id, name).await?;
        self.add_schema(&mut tx, id, self.history.version()).await?;
        add_owner(&mut tx, id, founder, now).await?;
        audit::begin(&mut tx, by, LogId::Tenant(id)).await?;
        audit::append(&mut tx, by, LogId::Tenant(id), entry(&tenant)).await?;
        Ok((tx, tenant))
    }

    async fn add_tenant(
        &self,
        conn: &mut PgConnection,
        by: &impl Transact,
        id: TenantId,
        name: &OrganizationName,
    ) -> Result<NewTenant, Error> {
        let now = by.now();
        self.require_newest(conn).await?;
        sqlx::query!(
            "INSERT INTO platform.tenants (id, name, slug, status, lane, schema_version, created_at)
             VALUES ($1, $2, $6, 'active', $3, $4, $5)",
            id.0,
            name.as_str(),
            i16::try_from(lane_of(id)).map_err(Error::internal)?,
            self.history.version(),
            now,
            // Unique until the real one is claimed.
            id.to_string()
        )
        .execute(&mut *conn)
        .await?;
        let mut attempt = 1;
        loop {
            let slug = Slug::derive(name.as_str(), attempt);
            if claim(conn, id, &slug, now).await? {
                return Ok(NewTenant { id, slug });
            }
            // A name that thousands have is not tried one by one.
            attempt = if attempt < COUNTED_SLUGS { attempt + 1 } else { random_suffix(by) };
        }
    }

    /// Goes on only if nobody has begun to bring tenants to a version that this program does not know; whoever does so now
    /// waits until this transaction has ended. So no tenant is made that stays behind.
    pub(super) async fn require_newest(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let newest =
            sqlx::query_scalar!("SELECT tenant_version FROM platform.installation FOR SHARE").fetch_one(conn).await?;
        if newest > self.history.version() { Err(Problem::OrganizationBehind.into()) } else { Ok(()) }
    }

    /// The role, the schema and its tables as they are at a version. Grants name their tables: `ON ALL TABLES` would read the
    /// whole catalog, which grows with every tenant.
    pub(super) async fn add_schema(&self, conn: &mut PgConnection, id: TenantId, version: i64) -> Result<(), Error> {
        let role = self.installation.tenant(id);
        let schema = SchemaName::of(id);
        let lane = self.installation.lane(lane_of(id));
        let statements = format!(
            "CREATE ROLE {role} NOLOGIN NOINHERIT; GRANT {role} TO {lane}; \
             CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO {role}"
        );
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *conn).await?;
        self.history.apply(conn, &schema, &role, (0, version)).await.map_err(|stopped| stopped.error)?;
        Ok(())
    }

    /// The tenant of this id.
    pub(crate) async fn lookup_tenant(conn: &mut PgConnection, id: TenantId) -> Result<Option<TenantRef>, Error> {
        let row = sqlx::query!(
            "SELECT id, name, slug, status, lane, schema_version FROM platform.tenants WHERE id = $1",
            id.0
        )
        .fetch_optional(conn)
        .await?;
        Ok(row.map(|row| TenantRef {
            id: TenantId(row.id),
            name: row.name,
            slug: row.slug,
            status: TenantStatus::from_code(&row.status).unwrap_or(TenantStatus::Suspended),
            lane: u16::try_from(row.lane).unwrap_or(0),
            schema_version: row.schema_version,
        }))
    }
}

/// Makes a slug the organization's name in addresses: false, if it is somebody's already.
pub(super) async fn claim(
    conn: &mut PgConnection,
    id: TenantId,
    slug: &Slug,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let claimed = sqlx::query!(
        "INSERT INTO platform.slugs (slug, tenant_id, claimed_at) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING",
        slug.as_str(),
        id.0,
        now
    )
    .execute(&mut *conn)
    .await?;
    if claimed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("UPDATE platform.tenants SET slug = $2 WHERE id = $1", id.0, slug.as_str()).execute(conn).await?;
    Ok(true)
}

fn random_suffix(by: &impl Transact) -> u32 {
    let [a, b, c] = by.randomness().bytes();
    COUNTED_SLUGS + u32::from_be_bytes([0, a, b, c])
}

async fn add_account(
    conn: &mut PgConnection,
    founder: &Founder,
    account: &NewFounder,
    now: OffsetDateTime,
) -> Result<(), Error> {
    crate::accounts::sql::add(
        conn,
        &crate::accounts::sql::NewAccount {
            id: founder.id,
            email: &founder.email,
            name: &founder.name,
            email_proven_at: account.email_proven_at,
            password: account.password.as_ref(),
        },
        now,
    )
    .await
}

/// The search path is the new schema by now.
async fn add_owner(conn: &mut PgConnection, id: TenantId, founder: &Founder, now: OffsetDateTime) -> Result<(), Error> {
    let owner = NewMember {
        id: founder.id,
        name: &founder.name,
        email: &founder.email,
        role: Role::Owner.into(),
        source: Source::Founder,
    };
    members::add(conn, &owner, now).await?;
    sqlx::query!(
        "INSERT INTO platform.memberships (account_id, tenant_id, since) VALUES ($1, $2, $3)",
        founder.id.0,
        id.0,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("UPDATE platform.accounts SET last_tenant_id = $2 WHERE id = $1", founder.id.0, id.0)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
