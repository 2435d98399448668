//! How somebody came to be a member.

use serde::{Deserialize, Serialize};

/// How somebody came to be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Made the organization.
    Founder,
    /// Accepted an invitation that somebody wrote.
    Invitation,
    /// Accepted an invitation that came of a file.
    Import,
}

impl Source {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Founder, Self::Invitation, Self::Import];

    /// The name under which it is stored, and in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Founder => "founder",
            Self::Invitation => "invitation",
            Self::Import => "import",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Founder => "Founder",
            Self::Invitation => "Invitation",
            Self::Import => "Import",
        }
    }

    /// The one of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.code() == code)
    }
}
