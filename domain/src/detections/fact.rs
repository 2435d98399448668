//! What was noticed.

use std::net::IpAddr;

use ipnet::IpNet;
use time::OffsetDateTime;

use crate::codes::codes;
use crate::ids::{AccountId, ApiKeyId};
use crate::roles::{Permission, Permissions};

codes! {
    /// What kind of thing was noticed. Stored by code.
    FactKind {
        /// Somebody has come into the organization with a new proof of who they are.
        SignIn = "sign_in" => "Sign-in",
        /// A password was wrong.
        SignInFailed = "sign_in_failed" => "Failed sign-in",
        /// A second factor was wrong.
        CodeFailed = "code_failed" => "Wrong code",
        /// Somebody wanted to do what they may not.
        Denied = "denied" => "Denial",
        /// The policy has kept somebody out.
        KeptOut = "kept_out" => "Kept out by policy",
        /// Somebody has changed something: members, roles, the policy.
        Change = "change" => "Change",
        /// Somebody has come to administer what they did not before.
        Privilege = "privilege" => "New privileges",
        /// Somebody has taken data along.
        Export = "export" => "Export",
        /// The policy asks for less than before.
        Weakened = "weakened" => "Weaker policy",
        /// The audit trail does not hold.
        LogDamaged = "log_damaged" => "Damaged audit trail",
        /// Somebody has come with a key for programs.
        KeyUsed = "key_used" => "Use of a key",
    }
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecurityFact {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub kind: FactKind,
    /// Who, or whom it is about; nobody where an address is no account's.
    pub account: Option<AccountId>,
    /// Which key for programs, if it is about one.
    pub key: Option<ApiKeyId>,
    /// From where.
    pub ip: Option<IpAddr>,
    /// How many: changes of one act, rows of an export, administrative rights that somebody has got, days since somebody was
    /// last seen for a sign-in.
    pub amount: u32,
    /// Whether the account, or the key, had not come from there for long.
    pub new_network: bool,
    /// Whether the account had not come with this device for long.
    pub new_device: bool,
    /// Whether the account held much at that time: see [`is_privileged`].
    pub privileged: bool,
}

impl SecurityFact {
    /// A fact about an account, or about nobody, of which nothing else is known.
    pub fn new(at: OffsetDateTime, kind: FactKind, account: Option<AccountId>, ip: Option<IpAddr>) -> Self {
        Self { at, kind, account, key: None, ip, amount: 1, new_network: false, new_device: false, privileged: false }
    }
}

/// What is worth the most to whoever takes an account over: whoever may do one of these administers something.
pub const ADMINISTERING: [Permission; 4] =
    [Permission::ManageOwners, Permission::ManageMembers, Permission::ManageRoles, Permission::ManagePolicy];
const MUCH: Permissions = Permissions::of(&ADMINISTERING);

/// Whether somebody who holds this administers members, roles, the policy or owners.
pub fn is_privileged(held: Permissions) -> bool {
    !held.within(MUCH).is_empty()
}

/// How much of that somebody holds now and did not before.
pub fn gained(before: Permissions, after: Permissions) -> u32 {
    after.within(MUCH).without(before).iter().map(|_| 1).sum()
}

/// The network that an address is taken as: /24 of IPv4, /48 of IPv6, where a provider gives out others from time to time.
pub fn network_of(ip: IpAddr) -> IpNet {
    cut(ip, 24, 48)
}

/// The network that an address has so many bits in common with.
pub(super) fn cut(ip: IpAddr, v4: u8, v6: u8) -> IpNet {
    let ip = ip.to_canonical();
    let prefix = if ip.is_ipv4() { v4 } else { v6 };
    IpNet::new(ip, prefix).unwrap_or_else(|_| IpNet::from(ip)).trunc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::Role;

    #[test]
    fn neighbours_are_in_one_network() {
        for (ip, network) in [
            ("192.0.2.7", "192.0.2.0/24"),
            ("::ffff:192.0.2.9", "192.0.2.0/24"),
            ("2001:db8:1:2::1", "2001:db8:1::/48"),
        ] {
            assert_eq!(network_of(ip.parse().unwrap()).to_string(), network);
        }
    }

    #[test]
    fn an_officer_who_becomes_an_admin_gains_much() {
        let held = |role: Role| role.permissions();
        assert!(is_privileged(held(Role::Owner)) && is_privileged(held(Role::Admin)));
        assert!(!is_privileged(held(Role::SecurityOfficer)) && !is_privileged(held(Role::Member)));
        assert_eq!(gained(held(Role::SecurityOfficer), held(Role::Admin)), 3);
        assert_eq!(gained(held(Role::Admin), held(Role::Owner)), 1);
        assert_eq!(gained(held(Role::Owner), held(Role::Admin)), 0);
        assert_eq!(gained(held(Role::Member), held(Role::SecurityOfficer)), 0);
    }
}
