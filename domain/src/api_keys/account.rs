//! Service accounts: accounts of programs, for which a member stands.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::fields::FieldErrors;
use crate::ids::ServiceAccountId;
use crate::policy::Author;
use crate::roles::{Permissions, parse_description};
use crate::text::ServiceAccountName;

/// A service account. Its keys may do what the member may who stands for it, and no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its id.
    pub id: ServiceAccountId,
    /// What it is called.
    pub name: ServiceAccountName,
    /// What it is for; may be empty.
    pub description: String,
    /// Who stands for it; without a name, if they are no member any more.
    pub sponsor: Author,
    /// What they may do at present; nothing, where they are suspended or gone.
    pub held: Option<Permissions>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When somebody has disabled it.
    pub disabled_at: Option<OffsetDateTime>,
    /// How many keys it has that were not revoked.
    pub keys: u64,
}

/// A service account as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceAccountForm {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// A service account to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewServiceAccount {
    /// What it is called.
    pub name: ServiceAccountName,
    /// What it is for.
    pub description: String,
}

impl ServiceAccountForm {
    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<NewServiceAccount, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", ServiceAccountName::parse(&self.name));
        let description = errors.check("description", parse_description(&self.description));
        match (name, description) {
            (Some(name), Some(description)) => Ok(NewServiceAccount { name, description }),
            _ => Err(errors),
        }
    }
}
