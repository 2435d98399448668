//! Bringing an organization back.

use std::collections::HashSet;

use domain::audit::{Actor, Draft, LogId, Public};
use domain::ids::TenantId;
use domain::organizations::TenantStatus;
use domain::slug::{FORMER_SLUGS_MAX, Slug};
use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;
use tokio::io::AsyncRead;

use super::file::{Frame, Kind, Reader};
use super::manifest::{Counter, Header, Shape, Sum};
use super::{CarryError, IMPORTED, KEYS, platform, rfc3339};
use crate::audit;
use crate::keys::Passphrase;
use crate::request::RequestContext;
use crate::store::{Restored, Restoring, Store, Table, Transact as _};
use crate::webhooks;

/// The organization that was restored.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its id: another one than the exported organization's, if it was restored beside it.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its plan.
    pub plan: String,
    /// The domains that it had. They are not noted again: whoever has written the file may have named others'.
    pub domains: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
    /// How many members come in.
    pub members: u64,
    /// For how many of them an account was made: they choose a password by "Forgot password" before they come in.
    pub made: u64,
    /// How many members are suspended because the platform knows their account by another address, or their address by
    /// another account.
    pub suspended: u64,
    /// Whether there is an owner among those who come in.
    pub has_owner: bool,
}

/// Makes an organization of what was exported, under the id that it had; or beside that, under a new one and suspended.
/// Nothing is kept unless all of the file was read and is what it says.
///
/// # Errors
/// What [`CarryError`] says.
pub async fn import(
    request: &RequestContext,
    passphrase: &Passphrase,
    beside: bool,
    from: impl AsyncRead + Unpin,
) -> Result<Imported, CarryError> {
    let mut file = Reader::begin(from, passphrase).await?;
    let portal = request.portal();
    let header = expect(file.next().await?, Kind::Header)?;
    let header = Header::parse(&header.bytes, portal.store().tenant_version())?;
    if !beside {
        require_absent(portal.store(), header.tenant).await?;
    }
    let id = if beside { TenantId(portal.uuid(request.now)) } else { header.tenant };
    let status = if beside || header.suspended { TenantStatus::Suspended } else { TenantStatus::Active };
    let restored = Restored {
        id,
        name: &header.name,
        status,
        // Further than anybody has counted who knew the organization before.
        epoch: request.now.unix_timestamp().max(header.epoch + 1),
        plan: &header.plan,
        time_zone: &header.time_zone,
        created_at: header.created_at,
        schema_version: header.schema_version,
    };
    let (mut restoring, mut tables) =
        portal.store().begin_restoring(request.now, &restored).await.map_err(|error| {
            let is_there = error.violates("tenants_pkey");
            if is_there { CarryError::There(header.slug.clone()) } else { error.into() }
        })?;
    tables.retain(|table| table.name != KEYS);
    let rows = fill(&mut restoring, &tables, &header, &mut file).await?;
    restoring.bring_up_to_date().await?;
    open_log(request, &mut restoring, &header).await?;
    settle(request, restoring, &header, rows).await
}

/// Goes on only while there is no organization of this id. It is asked for again when it is made.
async fn require_absent(store: &Store, id: TenantId) -> Result<(), CarryError> {
    let mut tx = store.platform().await?;
    let there = Store::lookup_tenant(tx.conn(), id).await?;
    tx.end().await?;
    there.map_or(Ok(()), |tenant| Err(CarryError::There(tenant.slug)))
}

fn expect(frame: Frame, kind: Kind) -> Result<Frame, CarryError> {
    if frame.kind == kind { Ok(frame) } else { Err(inconsistent("its parts are in another order")) }
}

fn inconsistent(what: impl Into<String>) -> CarryError {
    CarryError::Inconsistent(what.into())
}

fn others() -> CarryError {
    inconsistent("its tables are others than this program's of that version")
}

/// Writes the rows into the tables, up to the end of the file: how many there are.
async fn fill<R: AsyncRead + Unpin>(
    restoring: &mut Restoring,
    tables: &[Table],
    header: &Header,
    file: &mut Reader<R>,
) -> Result<u64, CarryError> {
    let names: HashSet<_> = header.tables.iter().map(|shape| &shape.name).collect();
    if tables.len() != header.tables.len() || tables.len() != names.len() {
        return Err(others());
    }
    let mut sums = Vec::with_capacity(tables.len());
    let mut frame = file.next().await?;
    for shape in &header.tables {
        // Names come from the database: the file only says which of them.
        let table = tables.iter().find(|table| Shape::from(*table) == *shape).ok_or_else(others)?;
        if *expect(frame, Kind::Table)?.bytes != table.name.as_bytes() {
            return Err(inconsistent(format!("where {} is expected there is another table", table.name)));
        }
        let (sum, behind) = write(restoring, table, file).await?;
        sums.push(sum);
        frame = behind;
    }
    let manifest: Vec<Sum> = serde_json::from_slice(&expect(frame, Kind::Manifest)?.bytes)
        .map_err(|_| inconsistent("its manifest is none"))?;
    if manifest != sums {
        return Err(inconsistent("its rows are not those of its manifest"));
    }
    file.end().await?;
    Ok(sums.iter().map(|sum| sum.rows).sum())
}

/// Writes the rows of one table: what they came to, and the frame behind them.
async fn write<R: AsyncRead + Unpin>(
    restoring: &mut Restoring,
    table: &Table,
    file: &mut Reader<R>,
) -> Result<(Sum, Frame), CarryError> {
    let mut copy = restoring.copy_in(table).await?;
    let (counter, frame) = match send(&mut copy, file).await {
        Ok(done) => done,
        Err(error) => {
            // Postgres waits for more until it is told that there is none.
            copy.abort("the export is not what it says").await?;
            return Err(error);
        }
    };
    let written = copy.finish().await.map_err(|error| match error {
        sqlx::Error::Database(refusal) => inconsistent(format!("{} takes no such row: {refusal}", table.name)),
        error => error.into(),
    })?;
    let sum = counter.sum(&table.name);
    if sum.rows == written { Ok((sum, frame)) } else { Err(inconsistent(format!("rows of {} are none", table.name))) }
}

async fn send<R: AsyncRead + Unpin>(
    copy: &mut PgCopyIn<&mut PgConnection>,
    file: &mut Reader<R>,
) -> Result<(Counter, Frame), CarryError> {
    let mut counter = Counter::default();
    loop {
        let frame = file.next().await?;
        if frame.kind != Kind::Rows {
            return Ok((counter, frame));
        }
        counter.add(&frame.bytes);
        copy.send(frame.bytes.as_slice()).await?;
    }
}

/// Wraps the keys for this installation, and sees that the log is the one that was exported. A copy's is a log of its own,
/// with the entries of the other one and a signature of its own.
async fn open_log(request: &RequestContext, restoring: &mut Restoring, header: &Header) -> Result<(), CarryError> {
    let head = audit::root(restoring.conn()).await?;
    if head != (header.entries, header.root) || audit::recount(restoring.conn()).await? != Some(head) {
        return Err(inconsistent("its audit log is another one than it says"));
    }
    let (keys, randomness) = (request.keys(), request.randomness());
    let (from, to) = (LogId::Tenant(header.tenant), LogId::Tenant(restoring.id()));
    let is_copy = from != to;
    let carried = header.keys.iter().filter(|key| !(is_copy && key.signs()));
    keys.carry_in(restoring.conn(), to, carried, randomness).await?;
    if is_copy {
        keys.create(restoring.conn(), to, randomness, request.now).await?;
        let data = keys.data(restoring.conn(), to).await?;
        audit::make_own(restoring.conn(), &data, (from, to), randomness).await?;
        webhooks::copy(restoring.conn(), &data, (from, to), randomness, request.now).await?;
    }
    Ok(())
}

/// Makes what the platform knows of the organization, puts it on record and keeps everything.
async fn settle(
    request: &RequestContext,
    mut restoring: Restoring,
    header: &Header,
    rows: u64,
) -> Result<Imported, CarryError> {
    let (id, now) = (restoring.id(), request.now);
    let is_copy = id != header.tenant;
    let same = !is_copy && is_slug(&header.slug);
    let slug = restoring.name(&Slug::stored(header.slug.as_str()), same, now).await?;
    let conn = restoring.conn();
    let (mut members, mut made, mut suspended) = (platform::add_memberships(conn, id).await?, 0, 0);
    // A copy is to be what was exported: nobody is made or suspended for it, and it does nothing by itself.
    if !is_copy {
        // Keys come back of those alone who are known here.
        platform::add_secrets(conn, id, &header.secrets, now).await?;
        made = platform::add_accounts(conn, now).await?;
        members += platform::add_memberships(conn, id).await?;
        suspended = platform::suspend_others(conn, id).await?;
        let slugs: Vec<_> = header.slugs.iter().filter(|slug| is_slug(slug)).cloned().collect();
        let most = usize::from(FORMER_SLUGS_MAX) + 1;
        platform::add_slugs(conn, id, &slugs[..slugs.len().min(most)], now).await?;
        platform::add_invitations(conn, id, now).await?;
        platform::hold_requests(conn, (header.exported_at, now)).await?;
        platform::add_jobs(conn, id, now).await?;
    }
    platform::add_queues(conn, id, now).await?;
    let has_owner = platform::has_owner(conn, id).await?;
    let domains = if is_copy { Vec::new() } else { domains_of(header) };
    let plan = header.plan.clone();
    let imported = Imported { id, slug, plan, domains, rows, members, made, suspended, has_owner };
    restoring.commit(request, entry(request, &imported, header)).await?;
    Ok(imported)
}

/// Whether an organization can have this slug today.
fn is_slug(text: &str) -> bool {
    Slug::parse(text).is_ok_and(|slug| slug.as_str() == text)
}

/// The domains that it had, but for what could not be one.
fn domains_of(header: &Header) -> Vec<String> {
    let can_be = |domain: &str| domain.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '.'));
    header.domains.iter().map(|noted| noted.domain.clone()).filter(|domain| can_be(domain)).collect()
}

fn entry(request: &RequestContext, imported: &Imported, header: &Header) -> Draft {
    let id = imported.id;
    let count = |of: u64| Public(of.to_string());
    let entry = Draft::done(IMPORTED, Actor::operator())
        .target("organization", id, Public(header.name.clone()))
        .added("slug", Public(imported.slug.as_str().to_owned()))
        .added("plan", Public(imported.plan.clone()))
        .added("members", count(imported.members))
        .added("accounts_made", count(imported.made))
        .added("suspended", count(imported.suspended))
        .added("exported_at", Public(rfc3339(header.exported_at)))
        .added("entries", count(header.entries))
        .added("root", Public(header.root.to_string()))
        .within(request.audited());
    if id == header.tenant { entry } else { entry.added("copy_of", Public(header.tenant.to_string())) }
}
