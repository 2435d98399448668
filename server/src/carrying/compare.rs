//! Comparing two organizations, such as one and what was restored beside it: table by table, row by row in the order of
//! what tells rows apart. Hashes alone leave the database, and each side is as it is at one time.

use std::cmp::Ordering;

use futures::{Stream, TryStreamExt as _};
use serde::Serialize;

use super::CarryError;
use crate::error::Error;
use crate::organizations::find;
use crate::request::RequestContext;
use crate::store::{Masked, Table, TenantRef, TenantTx};

/// Tables that are each organization's own, or are made of others: keys, and what is derived from the entries of the trail.
const DERIVED: [&str; 6] = ["keys", "audit_head", "audit_nodes", "audit_checkpoints", "audit_progress", "audit_hours"];

/// A table of two organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The table.
    pub table: String,
    /// How many rows are the same in both.
    pub equal: u64,
    /// How many are in both, and say something else.
    pub different: u64,
    /// How many the first organization alone has.
    pub missing: u64,
    /// How many the second one alone has.
    pub added: u64,
}

impl Compared {
    /// Whether both have the same rows.
    pub fn is_equal(&self) -> bool {
        (self.different, self.missing, self.added) == (0, 0, 0)
    }
}

/// Compares what two organizations have. What is another in a copy by its nature is not looked at: how values are sealed,
/// hashes and signatures of the audit log, and that webhooks are disabled.
///
/// # Errors
/// Not found; one's migration is behind; the database does not answer.
pub async fn compare(request: &RequestContext, one: &str, other: &str) -> Result<Vec<Compared>, CarryError> {
    let (one, other) = (find(request, one).await?, find(request, other).await?);
    let store = request.portal().store();
    let mut left = (store.snapshot(&one).await?, masked(&one));
    let mut right = (store.snapshot(&other).await?, masked(&other));
    let mut compared = Vec::new();
    for table in left.0.tables().await? {
        if !DERIVED.contains(&table.name.as_str()) {
            compared.push(compare_table(&table, &mut left, &mut right).await?);
        }
    }
    left.0.close();
    right.0.close();
    Ok(compared)
}

/// What is not the same in an organization and in its copy.
fn masked(of: &TenantRef) -> Vec<Masked> {
    let left_out = |table, column| Masked { table, column, as_sql: None };
    let as_sql = |table, column, sql: String| Masked { table, column, as_sql: Some(sql) };
    vec![
        // An entry names its log, once; an id has no character that would have to be quoted.
        as_sql("audit_entries", "canonical", format!("replace(canonical, '\"log\":\"{}\"', '')", of.id)),
        left_out("audit_entries", "leaf"),
        left_out("audit_entries", "openings"),
        left_out("webhook_endpoints", "secret"),
        left_out("webhook_endpoints", "former_secret"),
        left_out("webhook_endpoints", "disabled_at"),
        left_out("webhook_endpoints", "disabled_why"),
        as_sql("webhook_deliveries", "state", "replace(state, 'waiting', 'failed')".to_owned()),
    ]
}

async fn compare_table(
    table: &Table,
    (left, of_left): &mut (TenantTx, Vec<Masked>),
    (right, of_right): &mut (TenantTx, Vec<Masked>),
) -> Result<Compared, CarryError> {
    // That it was restored is on record in the copy alone.
    let condition = if table.name == "audit_entries" { "action <> 'organization.imported'" } else { "true" };
    let left = left.digests(table, of_left, condition).await?;
    let right = right.digests(table, of_right, condition).await?;
    merge(table, left, right).await
}

/// Goes over the rows of both sides, which come in one order.
async fn merge(
    table: &Table,
    mut left: impl Stream<Item = Result<impl AsRef<[u8]>, sqlx::Error>> + Unpin,
    mut right: impl Stream<Item = Result<impl AsRef<[u8]>, sqlx::Error>> + Unpin,
) -> Result<Compared, CarryError> {
    let mut compared = Compared { table: table.name.clone(), equal: 0, different: 0, missing: 0, added: 0 };
    let (mut one, mut other) = (left.try_next().await?, right.try_next().await?);
    loop {
        let order = match (&one, &other) {
            (None, None) => return Ok(compared),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => {
                let ((key, row), (other_key, other_row)) = (parts(one.as_ref())?, parts(other.as_ref())?);
                let order = key.cmp(other_key);
                if order == Ordering::Equal {
                    let count = if row == other_row { &mut compared.equal } else { &mut compared.different };
                    *count += 1;
                }
                order
            }
        };
        match order {
            Ordering::Less => compared.missing += 1,
            Ordering::Greater => compared.added += 1,
            Ordering::Equal => {}
        }
        if order != Ordering::Greater {
            one = left.try_next().await?;
        }
        if order != Ordering::Less {
            other = right.try_next().await?;
        }
    }
}

/// What tells a row apart, and what it says: two hashes with a tab in between.
fn parts(line: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let tab = line.iter().position(|byte| *byte == b'\t').ok_or_else(|| Error::internal("a row has no hash"))?;
    Ok((&line[..tab], &line[tab + 1..]))
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn side(rows: &[&str]) -> impl Stream<Item = Result<Vec<u8>, sqlx::Error>> + Unpin + use<> {
        let rows: Vec<_> = rows.iter().map(|row| Ok(row.as_bytes().to_vec())).collect();
        stream::iter(rows)
    }

    async fn counts(left: &[&str], right: &[&str]) -> [u64; 4] {
        let Compared { equal, different, missing, added, .. } =
            merge(&Table::default(), side(left), side(right)).await.unwrap();
        [equal, different, missing, added]
    }

    #[tokio::test]
    async fn rows_are_told_apart_by_their_keys() {
        assert_eq!(counts(&[], &[]).await, [0, 0, 0, 0]);
        assert_eq!(counts(&["a\t1", "b\t2"], &["a\t1", "b\t2"]).await, [2, 0, 0, 0]);
        assert_eq!(counts(&["a\t1", "b\t2"], &["b\t2"]).await, [1, 0, 1, 0]);
        assert_eq!(counts(&["b\t2"], &["a\t1", "b\t3", "c\t4"]).await, [0, 1, 0, 2]);
        assert_eq!(counts(&["a\t1", "c\t1"], &["b\t1", "d\t1"]).await, [0, 0, 2, 2]);
    }
}
