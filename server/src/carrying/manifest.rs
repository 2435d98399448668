//! What a file says of itself.

use domain::audit::Hash;
use domain::ids::{AccountId, ApiKeyId, TenantId};
use domain::slug::Slug;
use domain::text::OrganizationName;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::CarryError;
use crate::keys::CarriedKey;
use crate::store::Table;

/// More than an organization's epoch ever is: it is counted on from the time in seconds.
const EPOCH_MAX: i64 = 1 << 34;

/// The organization as the platform knows it, and what is in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) tenant: TenantId,
    pub(super) name: String,
    pub(super) slug: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) exported_at: OffsetDateTime,
    /// The version of its tables.
    pub(super) schema_version: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) created_at: OffsetDateTime,
    pub(super) suspended: bool,
    pub(super) epoch: i64,
    pub(super) plan: String,
    pub(super) time_zone: String,
    /// Every slug that leads to it.
    pub(super) slugs: Vec<String>,
    pub(super) domains: Vec<Domain>,
    /// How API keys are found.
    pub(super) secrets: Vec<Secret>,
    pub(super) keys: Vec<CarriedKey>,
    /// How long its audit log is, and the root of its tree.
    pub(super) entries: u64,
    pub(super) root: Hash,
    /// The tables in the order in which their rows come.
    pub(super) tables: Vec<Shape>,
}

/// A domain that is shown to be the organization's.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Domain {
    pub(super) domain: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) verified_at: OffsetDateTime,
}

/// The secret of an API key, as its hash.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secret {
    pub(super) hash: Hash,
    pub(super) key: ApiKeyId,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) ends_at: OffsetDateTime,
    pub(super) account: Option<AccountId>,
    pub(super) issuer: Option<AccountId>,
}

/// A table and its columns.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

/// What the rows of a table came to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sum {
    pub(super) table: String,
    pub(super) rows: u64,
    bytes: u64,
    sha256: String,
}

/// Counts and hashes the rows of a table.
#[derive(Default)]
pub(super) struct Counter {
    rows: u64,
    bytes: u64,
    hash: Sha256,
}

impl Header {
    /// What a file says of itself, if its tables are not those of a later program than one that knows this version.
    pub(super) fn parse(bytes: &[u8], known: i64) -> Result<Self, CarryError> {
        // Its message would quote what is in the file.
        let header: Self =
            serde_json::from_slice(bytes).map_err(|_| CarryError::Inconsistent("its header is none".to_owned()))?;
        match header.schema_version {
            found if found > known => Err(CarryError::Newer { found, known }),
            found if found < 1 => Err(CarryError::Inconsistent(format!("there is no version {found} of tables"))),
            _ if !header.is_sound() => {
                Err(CarryError::Inconsistent("its header says what is true of no organization".to_owned()))
            }
            _ => Ok(header),
        }
    }

    /// Whether an organization can be called and counted so.
    fn is_sound(&self) -> bool {
        OrganizationName::parse(&self.name).is_ok_and(|name| name.as_str() == self.name)
            && Slug::asked(&self.slug).is_some()
            && (0..=EPOCH_MAX).contains(&self.epoch)
    }
}

impl From<&Table> for Shape {
    fn from(table: &Table) -> Self {
        Self { name: table.name.clone(), columns: table.columns.clone() }
    }
}

impl Counter {
    /// More of the table's rows. A row ends with a line feed, and none is in it.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.rows += text.split(|byte| *byte == b'\n').count() as u64 - 1;
        self.bytes += text.len() as u64;
        self.hash.update(text);
    }

    /// What they came to.
    pub(super) fn sum(self, table: &str) -> Sum {
        let sha256 = hex::encode(self.hash.finalize());
        Sum { table: table.to_owned(), rows: self.rows, bytes: self.bytes, sha256 }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn header(schema_version: i64) -> Vec<u8> {
        header_of("Acme", 1, schema_version)
    }

    fn header_of(name: &str, epoch: i64, schema_version: i64) -> Vec<u8> {
        let header = Header {
            tenant: TenantId(Uuid::from_u128(7)),
            name: name.to_owned(),
            slug: "acme".to_owned(),
            exported_at: OffsetDateTime::UNIX_EPOCH,
            schema_version,
            created_at: OffsetDateTime::UNIX_EPOCH,
            suspended: false,
            epoch,
            plan: "team".to_owned(),
            time_zone: "UTC".to_owned(),
            slugs: vec!["acme".to_owned()],
            domains: Vec::new(),
            secrets: Vec::new(),
            keys: Vec::new(),
            entries: 0,
            root: Hash([0; 32]),
            tables: Vec::new(),
        };
        serde_json::to_vec(&header).unwrap()
    }

    #[test]
    fn tables_of_a_later_program_are_refused() {
        assert_eq!(Header::parse(&header(22), 22).unwrap().schema_version, 22);
        assert!(Header::parse(&header(1), 22).is_ok());
        assert!(matches!(Header::parse(&header(23), 22), Err(CarryError::Newer { found: 23, known: 22 })));
        for other in [header(0), header(-1), b"{}".to_vec()] {
            assert!(matches!(Header::parse(&other, 22), Err(CarryError::Inconsistent(_))));
        }
    }

    #[test]
    fn names_and_epochs_that_no_organization_has_are_refused() {
        for (name, epoch) in [("", 1), ("Acme\u{202e}", 1), ("Acme\n", 1), ("Acme", -1), ("Acme", i64::MAX)] {
            let parsed = Header::parse(&header_of(name, epoch, 1), 22);
            assert!(matches!(parsed, Err(CarryError::Inconsistent(_))), "{name} {epoch}");
        }
        assert!(Header::parse(&header_of("Acme & Søns", 1_800_000_000, 1), 22).is_ok());
    }

    #[test]
    fn rows_are_counted_however_they_are_divided() {
        let text = b"1\tAda\\nLovelace\n2\t\\N\n3\t\n";
        let whole = {
            let mut counter = Counter::default();
            counter.add(text);
            counter.sum("members")
        };
        assert_eq!(whole.rows, 3);
        for at in 0..=text.len() {
            let mut counter = Counter::default();
            counter.add(&text[..at]);
            counter.add(&text[at..]);
            assert_eq!(counter.sum("members"), whole);
        }
    }
}
