//! A key as it is shown and judged.

use time::{Duration, OffsetDateTime};

use crate::codes::codes;
use crate::ids::{AccountId, AlertId, ApiKeyId, ServiceAccountId};
use crate::policy::{Author, Key, Networks, SecurityPolicy};
use crate::roles::Permissions;
use crate::text::{KeyName, ServiceAccountName};

/// How long before its end a key is said to end soon.
pub const EXPIRES_SOON: Duration = Duration::days(14);
/// How long a new key may go unused before that is worth a word.
pub const NEVER_USED: Duration = Duration::days(30);
/// The same for one that was used before.
pub const UNUSED: Duration = Duration::days(90);
/// How long a key is watched before it is said which of its scopes it does not need.
const WATCHED: Duration = Duration::days(30);

/// For whom a key acts, and what they may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The service account that it is of, if it is one's.
    pub account: Option<(ServiceAccountId, ServiceAccountName)>,
    /// Who answers for it: the member who has made it, or who stands for the service account.
    pub member: Author,
    /// What that member may do at present; nothing, where they are suspended or gone, or the account is disabled.
    pub held: Option<Permissions>,
}

/// Who has made the secret of a key, and what they may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The member who has made the key, or has rotated it last.
    pub member: Author,
    /// What that member may do at present; nothing, where they are suspended or gone.
    pub held: Option<Permissions>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What somebody calls it.
    pub name: KeyName,
    /// The first characters of its secret behind the prefix.
    pub hint: String,
    /// For whom it acts.
    pub holder: Holder,
    /// Who has made the secret that it has now.
    pub issuer: Issuer,
    /// What it may do at most.
    pub scopes: Permissions,
    /// From where it may come; from everywhere, if there are none.
    pub networks: Networks,
    /// How many requests it may make in a minute, if that is limited for it alone.
    pub requests_per_minute: Option<u32>,
    /// Who has made it.
    pub created_by: Author,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it got the secret that it has now.
    pub issued_at: OffsetDateTime,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// Until when the secret of before works, too.
    pub former_until: Option<OffsetDateTime>,
    /// When somebody has revoked it.
    pub revoked_at: Option<OffsetDateTime>,
    /// The alert because of which somebody has disabled it.
    pub disabled_by: Option<AlertId>,
    /// When it was used last, to a minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// The address that it came from then.
    pub last_used_ip: Option<String>,
    /// What of its scopes it has used since it was made.
    pub used: Permissions,
}

codes! {
    /// How a key stands.
    KeyState {
        /// It works.
        Active = "active" => "Active",
        /// It works, and ends soon.
        Expiring = "expiring" => "Ends soon",
        /// Whoever answers for it, or has made its secret, may not come in, or somebody has disabled it.
        Stopped = "stopped" => "Stopped",
        /// Its time is over.
        Expired = "expired" => "Expired",
        /// Somebody has taken it back.
        Revoked = "revoked" => "Revoked",
    }
}

/// Why a key opens nothing, though its time is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStop {
    /// Somebody has disabled it because of an alert.
    Disabled,
    /// Whoever answers for it may not come in, or its service account is disabled.
    Holder,
    /// Whoever has made its secret is suspended.
    IssuerSuspended,
    /// Whoever has made its secret is a member no more.
    IssuerGone,
}

/// Why a key ends when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnd {
    /// It was made for so long.
    Expiry,
    /// The organization allows no longer life by now.
    Age,
    /// The organization wants it rotated before.
    Rotation,
}

/// What a key may do: of its scopes what is held by those on whom it depends.
#[must_use]
pub fn effective(scopes: Permissions, held: Option<Permissions>) -> Permissions {
    scopes.within(held.unwrap_or_default()).for_keys()
}

/// What two hold who both count: of whoever answers for a key and whoever has made its secret. Nothing at all, where one of
/// them may not come in.
#[must_use]
pub fn held_by_both(holder: Option<Permissions>, issuer: Option<Permissions>) -> Option<Permissions> {
    holder.zip(issuer).map(|(holder, issuer)| holder.within(issuer))
}

/// When a key stops that was made, got its secret and expires then, and why: from that moment on it opens nothing.
#[must_use]
pub fn key_end(
    policy: &SecurityPolicy,
    (created_at, issued_at, expires_at): (OffsetDateTime, OffsetDateTime, OffsetDateTime),
) -> (OffsetDateTime, KeyEnd) {
    let days = |days: u32| Duration::days(days.into());
    let ends = [
        Some((expires_at, KeyEnd::Expiry)),
        Some((created_at + days(policy.api_key_max_days), KeyEnd::Age)),
        policy.key_rotation_days.map(|of| (issued_at + days(of), KeyEnd::Rotation)),
    ];
    ends.into_iter().flatten().min_by_key(|(at, _)| *at).unwrap_or((expires_at, KeyEnd::Expiry))
}

impl KeyEnd {
    /// The setting that says so, if it is one's.
    #[must_use]
    pub const fn key(self) -> Option<Key> {
        match self {
            Self::Expiry => None,
            Self::Age => Some(Key::ApiKeyMaxDays),
            Self::Rotation => Some(Key::KeyRotationDays),
        }
    }
}

impl ApiKey {
    /// What it may do now.
    #[must_use]
    pub fn effective(&self) -> Permissions {
        let held = held_by_both(self.holder.held, self.issuer.held);
        effective(self.scopes, held.filter(|_| self.disabled_by.is_none()))
    }

    /// Why it opens nothing, if that is not for its time.
    #[must_use]
    pub fn stopped(&self) -> Option<KeyStop> {
        if self.disabled_by.is_some() {
            Some(KeyStop::Disabled)
        } else if self.holder.held.is_none() {
            Some(KeyStop::Holder)
        } else if self.issuer.held.is_some() {
            None
        } else if self.issuer.member.name.is_some() {
            Some(KeyStop::IssuerSuspended)
        } else {
            Some(KeyStop::IssuerGone)
        }
    }

    /// Whether this member answers for it, or has made its secret.
    #[must_use]
    pub fn is_of(&self, member: AccountId) -> bool {
        self.holder.member.id == member || self.issuer.member.id == member
    }

    /// What of its scopes it may not do now, because one of those on whom it depends may not.
    #[must_use]
    pub fn lost(&self) -> Permissions {
        self.scopes.without(self.effective())
    }

    /// When it stops, and why.
    #[must_use]
    pub fn end(&self, policy: &SecurityPolicy) -> (OffsetDateTime, KeyEnd) {
        key_end(policy, (self.created_at, self.issued_at, self.expires_at))
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self, policy: &SecurityPolicy, now: OffsetDateTime) -> KeyState {
        let (end, _) = self.end(policy);
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if end <= now {
            KeyState::Expired
        } else if self.stopped().is_some() {
            KeyState::Stopped
        } else if end - now <= EXPIRES_SOON {
            KeyState::Expiring
        } else {
            KeyState::Active
        }
    }

    /// Whether nobody has used it for so long that it is worth a word: 30 days, if nobody ever has, and else 90.
    #[must_use]
    pub fn is_unused(&self, now: OffsetDateTime) -> bool {
        match self.last_used_at {
            Some(at) => now - at >= UNUSED,
            None => now - self.created_at >= NEVER_USED,
        }
    }

    /// The scopes that it has never used, once it has been watched for long enough to say so. None, if it is not used at
    /// all: then it is the key that nobody needs.
    #[must_use]
    pub fn unneeded(&self, now: OffsetDateTime) -> Permissions {
        let is_known = now - self.created_at >= WATCHED && self.last_used_at.is_some();
        if is_known { self.scopes.without(self.used) } else { Permissions::default() }
    }
}
