//! Which log an entry belongs to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::TenantId;

/// A log: the platform's own, or a tenant's. As text it is `platform` or the tenant's hyphenated id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LogId {
    /// What happens to accounts and to organizations as a whole.
    Platform,
    /// What happens inside one organization.
    Tenant(TenantId),
}

/// The text names no log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a log is `platform` or the id of a tenant")]
pub struct UnknownLog;

impl LogId {
    /// The log's name in checkpoints and in its key: the origin line of C2SP's tlog-checkpoint.
    pub fn origin(self) -> String {
        format!("portcullis/{self}")
    }

    /// The log that is named like this in a checkpoint.
    pub fn from_origin(origin: &str) -> Option<Self> {
        let log: Self = origin.strip_prefix("portcullis/")?.parse().ok()?;
        (log.origin() == origin).then_some(log)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("platform"),
            Self::Tenant(id) => id.fmt(f),
        }
    }
}

impl FromStr for LogId {
    type Err = UnknownLog;

    fn from_str(text: &str) -> Result<Self, UnknownLog> {
        match text {
            "platform" => Ok(Self::Platform),
            id => id.parse().map(Self::Tenant).map_err(|_| UnknownLog),
        }
    }
}

impl TryFrom<String> for LogId {
    type Error = UnknownLog;

    fn try_from(text: String) -> Result<Self, UnknownLog> {
        text.parse()
    }
}

impl From<LogId> for String {
    fn from(log: LogId) -> Self {
        log.to_string()
    }
}
