//! Taking an organization out.

use domain::audit::{Actor, Draft, Public};
use domain::organizations::TenantStatus;
use futures::TryStreamExt as _;
use serde::Serialize;
use tokio::io::AsyncWrite;
use zeroize::Zeroizing;

use super::file::{Kind, Writer};
use super::manifest::{Counter, Header, Shape, Sum};
use super::{CarryError, EXPORTED, KEYS, platform};
use crate::audit;
use crate::error::Error;
use crate::keys::Passphrase;
use crate::organizations::find;
use crate::request::RequestContext;
use crate::store::{Table, TenantRef, TenantTx, Transact as _};

/// How much of a table's rows is written at a time.
const PIECE: usize = 64 << 10;

/// What was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// How many tables.
    pub tables: usize,
    /// How many rows of all of them.
    pub rows: u64,
    /// How many entries of the audit log are among them.
    pub entries: u64,
}

/// Writes all of an organization, as it is at one time, sealed with a passphrase. That it is done is on record before the
/// first byte is written.
///
/// # Errors
/// Not found; its migration is behind; what [`CarryError`] says. What was written by then does not open to its end.
pub async fn export(
    request: &RequestContext,
    slug: &str,
    passphrase: &Passphrase,
    to: impl AsyncWrite + Unpin,
) -> Result<Exported, CarryError> {
    let tenant = find(request, slug).await?;
    record(request, &tenant).await?;
    let mut tx = request.portal().store().snapshot(&tenant).await?;
    let mut tables = tx.tables().await?;
    tables.retain(|table| table.name != KEYS);
    let header = header(request, &mut tx, &tables).await?;
    let mut file = Writer::begin(to, passphrase, request.randomness()).await?;
    file.add(Kind::Header, &Zeroizing::new(json(&header)?)).await?;
    let mut sums = Vec::with_capacity(tables.len());
    for table in &tables {
        sums.push(copy(&mut tx, table, &mut file).await?);
    }
    file.add(Kind::Manifest, &json(&sums)?).await?;
    file.finish().await?;
    tx.close();
    let rows = sums.iter().map(|sum| sum.rows).sum();
    Ok(Exported { tables: tables.len(), rows, entries: header.entries })
}

/// Puts it on record, in the platform's trail and in the organization's.
async fn record(request: &RequestContext, tenant: &TenantRef) -> Result<(), Error> {
    let store = request.portal().store();
    let own = store.tenant(tenant).await?;
    let platform = store.platform().await?;
    let entry = Draft::done(EXPORTED, Actor::operator())
        .target("organization", tenant.id, Public(tenant.name.clone()))
        .within(request.audited());
    platform.commit(request, entry.clone()).await?;
    own.commit(request, entry).await
}

async fn header(request: &RequestContext, tx: &mut TenantTx, tables: &[Table]) -> Result<Header, CarryError> {
    let (tenant, log) = (tx.tenant(), tx.log());
    let row = platform::lookup(tx.conn(), tenant).await?;
    let keys = request.keys().carry_out(tx.conn(), log).await?;
    let (entries, root) = audit::root(tx.conn()).await?;
    Ok(Header {
        tenant,
        name: row.name,
        slug: row.slug,
        exported_at: request.now,
        schema_version: row.schema_version,
        created_at: row.created_at,
        suspended: row.status == TenantStatus::Suspended.code(),
        epoch: row.epoch,
        plan: row.plan,
        time_zone: row.time_zone,
        slugs: platform::slugs(tx.conn(), tenant).await?,
        domains: platform::domains(tx.conn(), tenant).await?,
        secrets: platform::secrets(tx.conn(), tenant).await?,
        keys,
        entries,
        root,
        tables: tables.iter().map(Shape::from).collect(),
    })
}

/// Writes the rows of a table: what they came to.
async fn copy<W: AsyncWrite + Unpin>(
    tx: &mut TenantTx,
    table: &Table,
    file: &mut Writer<W>,
) -> Result<Sum, CarryError> {
    file.add(Kind::Table, table.name.as_bytes()).await?;
    let (mut counter, mut piece) = (Counter::default(), Vec::with_capacity(2 * PIECE));
    let mut rows = tx.copy_out(table).await?;
    while let Some(row) = rows.try_next().await? {
        counter.add(row.as_ref());
        piece.extend_from_slice(row.as_ref());
        if piece.len() >= PIECE {
            write(file, &piece).await?;
            piece.clear();
        }
    }
    write(file, &piece).await?;
    Ok(counter.sum(&table.name))
}

/// One row may be longer than a piece.
async fn write<W: AsyncWrite + Unpin>(file: &mut Writer<W>, rows: &[u8]) -> Result<(), CarryError> {
    for piece in rows.chunks(PIECE) {
        file.add(Kind::Rows, piece).await?;
    }
    Ok(())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(Error::internal)
}
