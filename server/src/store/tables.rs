//! The tables of an organization as a whole: which there are, and how their rows are read and written as text.
//!
//! The names of tables and columns come from the catalog alone, never from a file.

use std::collections::HashSet;

use domain::ids::TenantId;
use futures::Stream;
use sqlx::postgres::PgCopyIn;
use sqlx::{AssertSqlSafe, PgConnection};

use super::names::SchemaName;
use super::{Restoring, TenantTx};
use crate::error::Error;

/// Has values written as text in one way, whatever server and login are set to.
pub(super) const AS_TEXT: &str = "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; \
     SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1";

/// A table of an organization's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// Its columns, but for those that are made of others.
    pub(crate) columns: Vec<String>,
    /// The columns of its primary key.
    key: Vec<String>,
    /// The columns that are numbered.
    numbered: Vec<String>,
    /// The tables that it refers to.
    refers_to: Vec<String>,
}

/// A column that is compared as something else than it is, or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Masked {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    /// An expression of it, in which nothing is typed by anybody; none, where it is left out.
    pub(crate) as_sql: Option<String>,
}

/// The tables in a schema, each behind those that it refers to.
async fn list(conn: &mut PgConnection, schema: &SchemaName) -> Result<Vec<Table>, Error> {
    let rows = sqlx::query!(
        r#"SELECT c.relname::text AS "name!",
                  ARRAY(SELECT a.attname::text FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                        ORDER BY a.attnum) AS "columns!",
                  ARRAY(SELECT a.attname::text FROM pg_index i
                        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
                        WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum) AS "key!",
                  ARRAY(SELECT a.attname::text FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity <> '') AS "numbered!",
                  ARRAY(SELECT r.relname::text FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
                        WHERE f.conrelid = c.oid AND f.contype = 'f' AND r.oid <> c.oid) AS "refers_to!"
           FROM pg_class c WHERE c.relnamespace = to_regnamespace($1)::oid AND c.relkind = 'r' ORDER BY c.relname"#,
        schema.to_string()
    )
    .fetch_all(conn)
    .await?;
    let tables = rows.into_iter().map(|row| Table {
        name: row.name,
        columns: row.columns,
        key: row.key,
        numbered: row.numbered,
        refers_to: row.refers_to,
    });
    in_order(tables.collect())
}

/// Each table behind those that it refers to. A name that would need quotes is none of ours.
fn in_order(mut tables: Vec<Table>) -> Result<Vec<Table>, Error> {
    let plain = |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !tables.iter().all(|table| plain(&table.name) && table.columns.iter().chain(&table.key).all(plain)) {
        return Err(Error::internal("an organization's schema has a table that is none of ours"));
    }
    let (mut ordered, mut placed) = (Vec::with_capacity(tables.len()), HashSet::new());
    while !tables.is_empty() {
        let (ready, waiting): (Vec<Table>, Vec<Table>) =
            tables.into_iter().partition(|table| table.refers_to.iter().all(|other| placed.contains(other)));
        if ready.is_empty() {
            return Err(Error::internal("tables of an organization refer to each other in a circle"));
        }
        placed.extend(ready.iter().map(|table| table.name.clone()));
        ordered.extend(ready);
        tables = waiting;
    }
    Ok(ordered)
}

/// Columns as they stand in a statement. The quotes are for those that are words of SQL.
fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

impl Table {
    /// What a row is compared by, and what is compared of it, as SHA-256 of both, in the order of the first.
    fn digests(&self, schema: &SchemaName, masked: &[Masked], condition: &str) -> String {
        let values = self.columns.iter().filter_map(|column| {
            match masked.iter().find(|masked| masked.table == self.name && masked.column == column) {
                Some(masked) => masked.as_sql.clone(),
                None => Some(format!("\"{column}\"")),
            }
        });
        let digest = |values: String| {
            format!("encode(sha256(convert_to(jsonb_build_array({values})::text, 'UTF8')), 'hex') COLLATE \"C\"")
        };
        let (key, row) = (digest(quoted(&self.key)), digest(values.collect::<Vec<_>>().join(", ")));
        format!("COPY (SELECT {key}, {row} FROM {schema}.\"{}\" WHERE {condition} ORDER BY 1) TO STDOUT", self.name)
    }
}

impl TenantTx {
    fn schema(&self) -> SchemaName {
        SchemaName::of(self.tenant())
    }

    /// The organization's tables, each behind those that it refers to.
    pub(crate) async fn tables(&mut self) -> Result<Vec<Table>, Error> {
        let schema = self.schema();
        list(self.conn(), &schema).await
    }

    /// The rows of a table as text, one in each piece: values with tabs in between and a line feed at the end.
    pub(crate) async fn copy_out(
        &mut self,
        table: &Table,
    ) -> Result<impl Stream<Item = Result<impl AsRef<[u8]>, sqlx::Error>> + Unpin, Error> {
        let (schema, columns) = (self.schema(), quoted(&table.columns));
        let statement = format!("COPY {schema}.\"{}\" ({columns}) TO STDOUT", table.name);
        Ok(self.conn().copy_out_raw(&statement).await?)
    }

    /// Of every row that fulfils a condition, SHA-256 of its key and of its values, in hexadecimal and in the order of the
    /// former. The condition is the program's.
    pub(crate) async fn digests(
        &mut self,
        table: &Table,
        masked: &[Masked],
        condition: &'static str,
    ) -> Result<impl Stream<Item = Result<impl AsRef<[u8]>, sqlx::Error>> + Unpin, Error> {
        let statement = table.digests(&self.schema(), masked, condition);
        Ok(self.conn().copy_out_raw(&statement).await?)
    }
}

impl Restoring {
    /// Empties the tables of what migrations have put into them: which there are.
    pub(super) async fn empty(conn: &mut PgConnection, id: TenantId) -> Result<Vec<Table>, Error> {
        let schema = SchemaName::of(id);
        let tables = list(conn, &schema).await?;
        let names: Vec<_> = tables.iter().map(|table| format!("{schema}.\"{}\"", table.name)).collect();
        sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE {}", names.join(", ")))).execute(conn).await?;
        Ok(tables)
    }

    /// Begins to write rows, as [`TenantTx::copy_out`] gives them.
    pub(crate) async fn copy_in(&mut self, table: &Table) -> Result<PgCopyIn<&mut PgConnection>, Error> {
        let (schema, columns) = (SchemaName::of(self.id()), quoted(&table.columns));
        let statement = format!("COPY {schema}.\"{}\" ({columns}) FROM STDIN", table.name);
        Ok(self.conn().copy_in_raw(&statement).await?)
    }

    /// Has rows to come numbered behind those that are there.
    pub(super) async fn number_on(&mut self) -> Result<(), Error> {
        let schema = SchemaName::of(self.id());
        for Table { name, numbered, .. } in list(self.conn(), &schema).await? {
            for column in numbered {
                let statement = format!(
                    "SELECT setval(pg_get_serial_sequence('{schema}.{name}', '{column}'), coalesce(max(\"{column}\"), 0) + 1, false)
                     FROM {schema}.\"{name}\""
                );
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(self.conn()).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, refers_to: &[&str]) -> Table {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (columns, key) = (texts(&["id"]), texts(&["id"]));
        Table { name: name.to_owned(), columns, key, numbered: Vec::new(), refers_to: texts(refers_to) }
    }

    #[test]
    fn a_table_comes_behind_those_that_it_refers_to() {
        let tables = vec![table("a", &["b", "c"]), table("b", &["c"]), table("c", &[])];
        let names: Vec<_> = in_order(tables).unwrap().into_iter().map(|table| table.name).collect();
        assert_eq!(names, ["c", "b", "a"]);
    }

    #[test]
    fn circles_and_names_that_need_quotes_are_refused() {
        assert!(in_order(vec![table("a", &["b"]), table("b", &["a"])]).is_err());
        assert!(in_order(vec![table("a\"; --", &[])]).is_err());
    }
}
