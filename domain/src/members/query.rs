//! Which members a list is about: what its address says.

use time::OffsetDateTime;

use super::{MemberStatus, Source};
use crate::detections::ADMINISTERING;
use crate::ids::GroupId;
use crate::paging::Cursor;
use crate::roles::{Permission, RoleId};

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberSort {
    /// Name, as it sorts in lower case.
    #[default]
    Name,
    /// Role, by code.
    Role,
    /// Last seen; those who never came count as the oldest.
    LastSeen,
    /// Joined.
    Joined,
}

impl MemberSort {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Name, Self::Role, Self::LastSeen, Self::Joined];

    /// The name in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Role => "role",
            Self::LastSeen => "seen",
            Self::Joined => "joined",
        }
    }
}

/// For how many days somebody was not seen, at least. Who never came was last seen when they joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Inactivity(u16);

impl Inactivity {
    /// Those that pages offer. An address may hold any other.
    pub const OFFERED: [Self; 3] = [Self(30), Self(60), Self(90)];
    /// The most days: ten years.
    const MOST: u16 = 3650;

    /// The days as an address holds them.
    pub fn from_code(code: &str) -> Option<Self> {
        code.parse().ok().filter(|days| (1..=Self::MOST).contains(days)).map(Self)
    }

    /// The number of days.
    pub const fn days(self) -> u16 {
        self.0
    }

    /// What people call it.
    pub fn name(self) -> String {
        format!("None for {} {}", self.0, if self.0 == 1 { "day" } else { "days" })
    }

    /// Whoever was seen last at this time, or before it, counts.
    pub fn seen_until(self, now: OffsetDateTime) -> OffsetDateTime {
        now - time::Duration::days(self.0.into())
    }
}

/// Which members are meant, by what they have besides a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MfaFilter {
    /// Those who have something.
    On,
    /// Those who have nothing.
    Off,
    /// Those who have not what the organization asks for.
    Missing,
}

impl MfaFilter {
    /// All of them.
    pub const ALL: &[Self] = &[Self::On, Self::Off, Self::Missing];

    /// The name in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Missing => "missing",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "On",
            Self::Off => "Off",
            Self::Missing => "Does not comply",
        }
    }

    /// The filter of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|filter| filter.code() == code)
    }
}

/// The most characters of a search that are looked at.
pub const SEARCH_MAX: usize = 100;

/// What somebody may do, as members are listed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// This.
    One(Permission),
    /// Administer members, roles, the policy or owners.
    Administer,
}

impl Ability {
    /// The name in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::One(permission) => permission.code(),
            Self::Administer => "administer",
        }
    }

    /// The one of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        if code == Self::Administer.code() {
            Some(Self::Administer)
        } else {
            Permission::from_code(code).map(Self::One)
        }
    }

    /// It in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::One(permission) => permission.describe(),
            Self::Administer => "administer the organization",
        }
    }

    /// Whoever holds one of these is able to do it.
    pub fn permissions(&self) -> &[Permission] {
        match self {
            Self::One(permission) => std::slice::from_ref(permission),
            Self::Administer => &ADMINISTERING,
        }
    }
}

/// Which members are listed, and from where on. Comes from the address and goes back into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberQuery {
    /// Part of a name or an address.
    pub search: Option<String>,
    /// Only this role.
    pub role: Option<RoleId>,
    /// Only who is in this group.
    pub group: Option<GroupId>,
    /// Only who may do this.
    pub can: Option<Ability>,
    /// Only this status.
    pub status: Option<MemberStatus>,
    /// Only who came this way.
    pub source: Option<Source>,
    /// Only who was not seen for so long.
    pub inactive: Option<Inactivity>,
    /// Only who has, or has not, a second factor.
    pub mfa: Option<MfaFilter>,
    /// Sorted by.
    pub sort: MemberSort,
    /// From the end.
    pub descending: bool,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
}

impl MemberQuery {
    /// Reads an address' query. What makes no sense is left out: a list is always shown.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs {
            match key {
                "q" => query.search = clean_search(value),
                "role" => query.role = RoleId::from_code(value),
                "group" => query.group = value.parse().ok(),
                "can" => query.can = Ability::from_code(value),
                "status" => query.status = MemberStatus::from_code(value),
                "source" => query.source = Source::from_code(value),
                "inactive" => query.inactive = Inactivity::from_code(value),
                "mfa" => query.mfa = MfaFilter::from_code(value),
                "sort" => {
                    let (code, descending) = value.strip_prefix('-').map_or((value, false), |code| (code, true));
                    if let Some(sort) = MemberSort::ALL.iter().find(|sort| sort.code() == code) {
                        query.sort = *sort;
                        query.descending = descending;
                    }
                }
                "page" => query.cursor = Cursor::decode(value),
                _ => {}
            }
        }
        query
    }

    /// The address' query, without the cursor when there is none, and without what is the default.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if let Some(search) = &self.search {
            pairs.push(("q", search.clone()));
        }
        if let Some(role) = self.role {
            pairs.push(("role", role.code()));
        }
        if let Some(group) = self.group {
            pairs.push(("group", group.to_string()));
        }
        if let Some(ability) = self.can {
            pairs.push(("can", ability.code().to_owned()));
        }
        if let Some(status) = self.status {
            pairs.push(("status", status.code().to_owned()));
        }
        if let Some(source) = self.source {
            pairs.push(("source", source.code().to_owned()));
        }
        if let Some(inactive) = self.inactive {
            pairs.push(("inactive", inactive.days().to_string()));
        }
        if let Some(mfa) = self.mfa {
            pairs.push(("mfa", mfa.code().to_owned()));
        }
        if self.is_sorted() {
            pairs.push(("sort", format!("{}{}", if self.descending { "-" } else { "" }, self.sort.code())));
        }
        if let Some(cursor) = &self.cursor {
            pairs.push(("page", cursor.encode()));
        }
        pairs
    }

    /// Reads a query as one text: what stands in an address behind the question mark.
    pub fn from_text(text: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap_or_default();
        Self::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The query as one text, empty for what everybody gets who asks for nothing.
    pub fn to_text(&self) -> String {
        serde_urlencoded::to_string(self.to_pairs()).unwrap_or_default()
    }

    /// Whether another order than the usual one is asked for.
    pub fn is_sorted(&self) -> bool {
        self.sort != MemberSort::default() || self.descending
    }

    /// The same, from the first page on.
    #[must_use]
    pub fn from_the_start(self) -> Self {
        Self { cursor: None, ..self }
    }

    /// Whether anything but sorting and paging is asked for.
    pub fn is_filtered(&self) -> bool {
        self.search.is_some()
            || self.role.is_some()
            || self.group.is_some()
            || self.can.is_some()
            || self.status.is_some()
            || self.source.is_some()
            || self.inactive.is_some()
            || self.mfa.is_some()
    }
}

/// A search as it is used: trimmed, cut and without what cannot be in a name.
pub fn clean_search(raw: &str) -> Option<String> {
    let search: String = raw.trim().chars().filter(|c| !c.is_control()).take(SEARCH_MAX).collect();
    (!search.is_empty()).then_some(search)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::Role;

    #[test]
    fn the_address_holds_the_whole_state_of_the_list() {
        let query = MemberQuery {
            search: Some("ada".into()),
            role: Some(Role::SecurityOfficer.into()),
            group: Some(GroupId(uuid::Uuid::from_u128(7))),
            can: Some(Ability::Administer),
            status: Some(MemberStatus::Suspended),
            source: Some(Source::Import),
            inactive: Some(Inactivity(45)),
            mfa: Some(MfaFilter::Missing),
            sort: MemberSort::LastSeen,
            descending: true,
            cursor: Some(Cursor::After("x".into(), "y".into())),
        };
        let pairs = query.to_pairs();
        assert_eq!(MemberQuery::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_str()))), query);
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let pairs = [
            ("role", "king"),
            ("group", "7"),
            ("can", "everything"),
            ("status", "x"),
            ("source", "birth"),
            ("mfa", "maybe"),
            ("sort", "drop table"),
            ("page", "%%%"),
            ("q", " \0 "),
            ("z", ""),
        ];
        assert_eq!(MemberQuery::from_pairs(pairs), MemberQuery::default());
        for days in ["", "0", "-1", "3651", "70000", "30.5", "month", "'; --"] {
            assert_eq!(MemberQuery::from_pairs([("inactive", days)]), MemberQuery::default(), "{days}");
        }
    }
}
