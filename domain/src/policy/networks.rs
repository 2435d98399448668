//! From where people come in.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ranges::Ranges;
use crate::fields::FieldProblem;
use crate::roles::{RoleBook, RoleId};
use crate::text::is_unprintable;

/// The most networks of one list.
pub const NETWORKS_MAX: u16 = 10_000;
/// The most roles that one of them binds.
const ROLES_MAX: usize = 20;
/// The most characters of what one is called.
const NAME_MAX: usize = 60;

/// What is wrong with a line of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineProblem {
    /// It begins with no address and no network.
    NoNetwork,
    /// It names a role that there is not.
    NoRole,
    /// It names too many roles.
    Roles,
    /// It is no part of a text that can be read.
    NoText,
    /// It names no setting.
    NoSetting,
    /// What it is called is too long, or not meant to be read.
    Name,
}

/// What roles are called.
pub trait RoleNames {
    /// The role of this name, whatever the case of its letters.
    fn by_name(&self, name: &str) -> Option<RoleId>;
    /// What a role is called.
    fn name_of(&self, role: RoleId) -> String;
}

impl RoleNames for RoleBook {
    fn by_name(&self, name: &str) -> Option<RoleId> {
        let name = name.to_lowercase();
        self.all().find(|role| role.name().to_lowercase() == name).map(|role| role.id())
    }

    fn name_of(&self, role: RoleId) -> String {
        let role = self.role(role);
        if role.exists() { role.name().to_owned() } else { role.code() }
    }
}

/// A network, what people call it, and for whom it is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkEntry {
    /// The addresses: IPv4 or IPv6, without bits beyond the prefix.
    pub network: IpNet,
    /// What people call it; may be empty.
    #[serde(default)]
    pub name: String,
    /// The roles that it binds; everybody, if there are none.
    #[serde(default, with = "role_codes")]
    pub roles: Vec<RoleId>,
}

mod role_codes {
    use super::{Deserialize, Deserializer, RoleId, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(roles: &[RoleId], serializer: S) -> Result<S::Ok, S::Error> {
        crate::roles::codes(roles).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RoleId>, D::Error> {
        let codes = Vec::<String>::deserialize(deserializer)?;
        let role = |code: &String| RoleId::from_code(code).ok_or_else(|| serde::de::Error::custom("no role's code"));
        codes.iter().map(role).collect()
    }
}

/// The networks from which people come in; from everywhere, if there are none. Those for everybody bind everybody, and
/// those for a role bind whoever holds it as well: an address has to be in every list that binds somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Networks(Vec<NetworkEntry>);

impl Networks {
    /// None, which lets in from everywhere.
    pub const NONE: Self = Self(Vec::new());

    /// Parses a list, one network in each line: `203.0.113.0/24 for Owner, Admin # Office`. A lone address is a network
    /// of one.
    ///
    /// # Errors
    /// The first line that is wrong; too many of them.
    pub fn parse(text: &str, roles: &dyn RoleNames) -> Result<Self, FieldProblem> {
        let number = |index: usize| u16::try_from(index + 1).unwrap_or(u16::MAX);
        let lines = text.lines().enumerate().map(|(index, line)| (line.trim(), number(index)));
        let lines = lines.filter(|(line, _)| !line.is_empty());
        let entries =
            lines.map(|(line, number)| parse_line(line, roles).map_err(|why| FieldProblem::BadLine(number, why)));
        Self::collect(entries)
    }

    /// Takes entries one by one.
    ///
    /// # Errors
    /// The first that is wrong; too many of them.
    pub fn collect(entries: impl Iterator<Item = Result<NetworkEntry, FieldProblem>>) -> Result<Self, FieldProblem> {
        let mut list = Vec::new();
        for entry in entries {
            if list.len() == usize::from(NETWORKS_MAX) {
                return Err(FieldProblem::TooManyOfThem(NETWORKS_MAX));
            }
            list.push(entry?);
        }
        Ok(Self(list))
    }

    /// The list as it is typed.
    pub fn text(&self, roles: &dyn RoleNames) -> String {
        self.0.iter().map(|entry| entry.text(roles)).collect::<Vec<_>>().join("\n")
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        let entry = |entry: &NetworkEntry| entry.name.len() + size_of_val(entry.roles.as_slice());
        size_of_val(self.0.as_slice()) + self.0.iter().map(entry).sum::<usize>()
    }

    /// The networks.
    pub fn entries(&self) -> &[NetworkEntry] {
        &self.0
    }

    /// Whether there are none, which lets in from everywhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each address of these is one of the others': where nothing but addresses counts, and no role.
    pub fn is_within(&self, others: &Self) -> bool {
        let within = |network: &IpNet| others.0.iter().any(|other| other.network.contains(network));
        others.is_empty() || !self.is_empty() && self.0.iter().all(|entry| within(&entry.network))
    }

    /// Whether an address is in one of them. Every address is where there are none, and else one that is not known is not.
    pub fn allow(&self, ip: Option<IpAddr>) -> bool {
        let holds = |ip: IpAddr| self.0.iter().any(|entry| entry.network.contains(&ip));
        self.is_empty() || ip.is_some_and(|ip| holds(ip.to_canonical()))
    }

    /// The list with one more address for everybody.
    #[must_use]
    pub fn with(mut self, ip: IpAddr, name: &str) -> Self {
        self.0.push(NetworkEntry { network: canonical(IpNet::from(ip)), name: name.to_owned(), roles: Vec::new() });
        self
    }

    /// Those of both, list by list; nothing, where both name some and none is the same. Two networks have something in
    /// common only if one is within the other.
    pub(super) fn common(&self, other: &Self) -> Option<Self> {
        let mut scopes: Vec<Option<RoleId>> = self.scopes().collect();
        scopes.extend(other.scopes().filter(|scope| !self.scopes().any(|own| own == *scope)));
        let mut list = Vec::new();
        for scope in scopes {
            let (a, b) = (self.bind(scope), other.bind(scope));
            let within = |inner: &[&NetworkEntry], outer: &[&NetworkEntry]| {
                let is_within = |entry: &NetworkEntry| outer.iter().any(|one| one.network.contains(&entry.network));
                inner.iter().filter(|entry| is_within(entry)).map(|entry| (*entry).clone()).collect::<Vec<_>>()
            };
            let mut both = match (a.is_empty(), b.is_empty()) {
                (true, _) => b.into_iter().cloned().collect(),
                (_, true) => a.into_iter().cloned().collect(),
                _ => {
                    let mut both = within(&a, &b);
                    both.extend(
                        within(&b, &a).into_iter().filter(|entry| !a.iter().any(|one| one.network == entry.network)),
                    );
                    if both.is_empty() {
                        return None;
                    }
                    both
                }
            };
            for entry in &mut both {
                entry.roles = scope.into_iter().collect();
            }
            list.append(&mut both);
        }
        Some(Self(list))
    }

    /// Whether nobody comes in by these who would not come in by others, whatever roles they hold.
    pub(super) fn are_within(&self, other: &Self) -> bool {
        let everybody = self.ranges(None);
        other.scopes().all(|scope| {
            let own = match (&everybody, scope.and_then(|role| self.ranges(Some(role)))) {
                (Some(all), Some(own)) => Some(all.common(&own)),
                (all, own) => own.or_else(|| all.clone()),
            };
            own.zip(other.ranges(scope)).is_some_and(|(own, other)| own.are_within(&other))
        })
    }

    /// The addresses of the list of everybody or of a role, if there is one.
    pub(super) fn ranges(&self, scope: Option<RoleId>) -> Option<Ranges> {
        let bound = self.bind(scope);
        (!bound.is_empty()).then(|| Ranges::new(bound.into_iter().map(|entry| &entry.network)))
    }

    /// For whom there are lists, each once.
    pub(super) fn scopes(&self) -> impl Iterator<Item = Option<RoleId>> {
        let mut scopes: Vec<Option<RoleId>> = Vec::new();
        for entry in &self.0 {
            let of: Vec<_> =
                if entry.roles.is_empty() { vec![None] } else { entry.roles.iter().copied().map(Some).collect() };
            for scope in of {
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            }
        }
        scopes.into_iter()
    }

    /// The list of everybody or of a role.
    pub(super) fn bind(&self, scope: Option<RoleId>) -> Vec<&NetworkEntry> {
        let is_of = |entry: &&NetworkEntry| match scope {
            None => entry.roles.is_empty(),
            Some(role) => entry.roles.contains(&role),
        };
        self.0.iter().filter(is_of).collect()
    }
}

impl NetworkEntry {
    /// Makes one of its parts.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(network: &str, name: &str, roles: Vec<RoleId>) -> Result<Self, LineProblem> {
        let network = network.parse::<IpNet>().or_else(|_| network.parse::<IpAddr>().map(IpNet::from));
        let network = canonical(network.map_err(|_| LineProblem::NoNetwork)?);
        let name = name.trim();
        if name.chars().count() > NAME_MAX || name.chars().any(is_unprintable) {
            return Err(LineProblem::Name);
        }
        Ok(Self { network, name: name.to_owned(), roles })
    }

    fn text(&self, roles: &dyn RoleNames) -> String {
        // A name that would be read as something else is written as its code.
        let name = |role: &RoleId| Some(roles.name_of(*role)).filter(|name| !name.contains([',', '#']));
        let names: Vec<_> = self.roles.iter().map(|role| name(role).unwrap_or_else(|| role.code())).collect();
        let bound = if names.is_empty() { String::new() } else { format!(" for {}", names.join(", ")) };
        let name = if self.name.is_empty() { String::new() } else { format!(" # {}", self.name) };
        format!("{}{bound}{name}", self.network)
    }
}

/// The roles of these names or codes, each once.
///
/// # Errors
/// There is none of a name; there are too many.
pub fn find_roles<'a>(names: impl Iterator<Item = &'a str>, roles: &dyn RoleNames) -> Result<Vec<RoleId>, LineProblem> {
    let mut found = Vec::new();
    for (count, name) in names.enumerate() {
        if count == ROLES_MAX {
            return Err(LineProblem::Roles);
        }
        let role = roles.by_name(name).or_else(|| RoleId::from_code(name)).ok_or(LineProblem::NoRole)?;
        if !found.contains(&role) {
            found.push(role);
        }
    }
    Ok(found)
}

fn parse_line(line: &str, roles: &dyn RoleNames) -> Result<NetworkEntry, LineProblem> {
    let (rest, name) = line.split_once('#').unwrap_or((line, ""));
    let (network, named) = match rest.trim().split_once(char::is_whitespace) {
        Some((network, named)) => (network, named.trim()),
        None => (rest.trim(), ""),
    };
    let named = match named.split_once(char::is_whitespace) {
        Some((word, named)) if word.eq_ignore_ascii_case("for") => named,
        _ if named.is_empty() => "",
        _ => return Err(LineProblem::NoNetwork),
    };
    let named = named.split(',').map(str::trim).filter(|name| !name.is_empty());
    NetworkEntry::parse(network, name, find_roles(named, roles)?)
}

/// The same network in one spelling: no bits beyond the prefix, and IPv4 as IPv4.
fn canonical(network: IpNet) -> IpNet {
    match network {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.addr().to_ipv4_mapped() {
            Some(v4) => ipnet::Ipv4Net::new(v4, v6.prefix_len() - 96).map_or(network, IpNet::V4),
            None => network,
        },
        _ => network,
    }
    .trunc()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::roles::Role;

    fn book() -> RoleBook {
        RoleBook::default()
    }

    #[test]
    fn lines_are_read_and_written_alike() {
        let text =
            "203.0.113.0/24 for Owner, Security officer # Office, 2nd floor\n2001:db8::/32\n198.51.100.7/32 # Ben’s";
        let networks = Networks::parse(text, &book()).unwrap();
        assert_eq!(networks.text(&book()), text);
        assert_eq!(networks.entries()[0].roles, [Role::Owner.into(), Role::SecurityOfficer.into()]);
        let spelled = "\n  203.0.113.77/24 FOR owner \r\n::ffff:198.51.100.7\n";
        let networks = Networks::parse(spelled, &book()).unwrap();
        assert_eq!(networks.text(&book()), "203.0.113.0/24 for Owner\n198.51.100.7/32");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        for (text, line, why) in [
            ("10.0.0.0/8\n\n10.0.0.0/33", 3, LineProblem::NoNetwork),
            ("Office", 1, LineProblem::NoNetwork),
            ("10.0.0.0/8 Office", 1, LineProblem::NoNetwork),
            ("10.0.0.0/8 for Janitor", 1, LineProblem::NoRole),
            (&format!("10.0.0.1 for {}", "owner,".repeat(21)), 1, LineProblem::Roles),
            ("10.0.0.0/8 # a\u{202e}b", 1, LineProblem::Name),
            ("0x0a.0.0.1", 1, LineProblem::NoNetwork),
            ("010.0.0.1", 1, LineProblem::NoNetwork),
        ] {
            assert_eq!(Networks::parse(text, &book()), Err(FieldProblem::BadLine(line, why)), "{text}");
        }
        let far = "\n".repeat(70_000) + "x";
        let last = FieldProblem::BadLine(u16::MAX, LineProblem::NoNetwork);
        assert_eq!(Networks::parse(&far, &book()), Err(last));
        let many = "10.0.0.1\n".repeat(10_001);
        assert_eq!(Networks::parse(&many, &book()), Err(FieldProblem::TooManyOfThem(NETWORKS_MAX)));
        assert_eq!(Networks::parse(&"10.0.0.1\n".repeat(10_000), &book()).unwrap().entries().len(), 10_000);
    }

    #[test]
    fn one_list_is_within_another_where_it_lets_in_nobody_else() {
        for (a, b, is_within) in [
            ("10.0.0.0/8", "", true),
            ("", "10.0.0.0/8", false),
            ("10.1.0.0/16", "10.0.0.0/8", true),
            ("10.0.0.0/8", "10.1.0.0/16", false),
            // Two halves are the whole.
            ("10.0.0.0/24", "10.0.0.0/25\n10.0.0.128/25", true),
            ("10.0.0.0/24", "10.0.0.0/25\n10.0.0.129/32", false),
            // Whom a list binds that is for everybody, it binds with each role.
            ("10.0.0.0/24", "10.0.0.0/8 for Owner", true),
            ("10.0.0.0/24 for Owner", "10.0.0.0/8", false),
            ("10.0.0.0/8\n10.0.0.0/24 for Owner", "10.0.0.0/16 for Owner", true),
            ("10.0.0.0/8 for Owner", "10.0.0.0/8 for Owner, Admin", false),
            ("2001:db8::/48", "2001:db8::/32\n10.0.0.0/8", true),
        ] {
            let [a, b] = [a, b].map(|text| Networks::parse(text, &book()).unwrap());
            assert_eq!(a.are_within(&b), is_within, "{a:?} {b:?}");
        }
    }

    fn network() -> impl Strategy<Value = IpNet> {
        // Few addresses, so that networks meet.
        let v4 = (0..4_u32, 28..=32_u8)
            .prop_map(|(bits, prefix)| IpNet::new((0x0a00_0000 + bits * 5).to_be_bytes().into(), prefix).unwrap());
        let v6 = (0..4_u128, 124..=128_u8).prop_map(|(bits, prefix)| {
            IpNet::new(std::net::Ipv6Addr::from_bits((0x2001_0db8 << 96) + bits * 5).into(), prefix).unwrap()
        });
        prop_oneof![v4, v6].prop_map(|network| network.trunc())
    }

    fn entry() -> impl Strategy<Value = NetworkEntry> {
        let roles = proptest::sample::subsequence(vec![RoleId::from(Role::Admin), Role::Member.into()], 0..=2);
        (network(), roles).prop_map(|(network, roles)| NetworkEntry { network, name: String::new(), roles })
    }

    fn address() -> impl Strategy<Value = IpAddr> {
        let v6 = (0..24_u128).prop_map(|bits| std::net::Ipv6Addr::from_bits((0x2001_0db8 << 96) + bits).into());
        prop_oneof![(0..24_u32).prop_map(|bits| (0x0a00_0000 + bits).to_be_bytes().into()), v6]
    }

    proptest! {
        #[test]
        fn ranges_find_what_one_of_the_networks_holds(networks in proptest::collection::vec(network(), 0..12), ip in address()) {
            let ranges = Ranges::new(networks.iter());
            prop_assert_eq!(ranges.contain(ip), networks.iter().any(|network| network.contains(&ip)));
            if let IpAddr::V4(v4) = ip {
                prop_assert_eq!(ranges.contain(v4.to_ipv6_mapped().into()), ranges.contain(ip));
            }
        }

        #[test]
        fn what_two_have_in_common_is_what_both_hold(
            a in proptest::collection::vec(entry(), 0..6),
            b in proptest::collection::vec(entry(), 0..6),
            ip in address(),
        ) {
            let (a, b) = (Networks(a), Networks(b));
            let holds = |list: &Networks, scope| {
                let bound = list.bind(scope);
                bound.is_empty() || bound.iter().any(|entry| entry.network.contains(&ip))
            };
            if a.are_within(&b) {
                let lets_in = |list: &Networks, roles: &[RoleId]| {
                    holds(list, None) && roles.iter().all(|role| holds(list, Some(*role)))
                };
                let (admin, member) = (Role::Admin.into(), Role::Member.into());
                for roles in [&[][..], &[admin], &[member], &[admin, member]] {
                    prop_assert!(!lets_in(&a, roles) || lets_in(&b, roles), "{:?} {:?}", a, b);
                }
            }
            if let Some(both) = a.common(&b) {
                prop_assert!(both.are_within(&a) && both.are_within(&b));
                for scope in [None, Some(Role::Admin.into()), Some(Role::Member.into())] {
                    prop_assert_eq!(holds(&both, scope), holds(&a, scope) && holds(&b, scope));
                }
            }
        }
    }
}
