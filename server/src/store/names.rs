//! Names in the database: the only identifiers that are ever written into SQL text.
//!
//! Each is built from a UUID, a random installation id or a small number, and so consists of
//! lower-case letters, digits and underscores. Nothing that a person typed can become one.

use std::fmt;

use domain::ids::TenantId;
use sha2::{Digest, Sha256};

/// How many lanes the tenants are divided into. A lane is a login of its own: it keeps the number
/// of roles that a login is a member of, and the relations that a connection has cached, small.
pub const LANES: u16 = 8;

/// Eight hexadecimal digits that tell this installation's roles from another's in the same cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationId(String);

impl InstallationId {
    /// From the four random bytes that it was made of.
    pub(crate) fn new(bytes: [u8; 4]) -> Self {
        Self(hex::encode(bytes))
    }

    /// From the row that holds it.
    pub(crate) fn from_row(text: String) -> Option<Self> {
        let valid = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        valid.then_some(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The login that reads and writes accounts, credentials and sessions.
    pub(crate) fn identity(&self) -> RoleName {
        RoleName(format!("pc_{}_identity", self.0))
    }

    /// The login that reads what the operator's console shows.
    pub(crate) fn operator(&self) -> RoleName {
        RoleName(format!("pc_{}_operator", self.0))
    }

    /// The role that a tenant's transaction enters for what it does in the platform's tables.
    pub(crate) fn act(&self) -> RoleName {
        RoleName(format!("pc_{}_act", self.0))
    }

    /// A lane's login.
    pub(crate) fn lane(&self, lane: u16) -> RoleName {
        RoleName(format!("pc_{}_lane_{lane}", self.0))
    }

    /// A tenant's role, which nobody can log in as.
    pub(crate) fn tenant(&self, tenant: TenantId) -> RoleName {
        RoleName(format!("pc_{}_t_{}", self.0, tenant.0.simple()))
    }
}

/// The name of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleName(String);

impl RoleName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a tenant's schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaName(String);

impl SchemaName {
    pub(crate) fn of(tenant: TenantId) -> Self {
        Self(format!("t_{}", tenant.0.simple()))
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lane of a tenant: by a hash of its id, so that tenants made one after the other spread.
pub(crate) fn lane_of(tenant: TenantId) -> u16 {
    let digest = Sha256::digest(tenant.0.as_bytes());
    u16::from(digest[0]) % LANES
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn names_need_no_quotes() {
        let installation = InstallationId::new([0xab, 0, 1, 2]);
        let tenant = TenantId(Uuid::from_u128(7));
        let plain = |name: String| {
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') && name.len() <= 63
        };
        assert!(plain(installation.tenant(tenant).to_string()));
        assert!(plain(SchemaName::of(tenant).to_string()));
        assert!(plain(installation.identity().to_string()));
        assert!(plain(installation.operator().to_string()));
        assert!(InstallationId::from_row("ab\"; --x".into()).is_none());
    }
}
