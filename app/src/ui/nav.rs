//! What the frame is told: plain data, so that pages need not know how it looks.

use super::{badge::Tone, icons::IconName};

/// Everything around a page's content.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameData {
    /// The organization that the page belongs to; none on pages of the person.
    pub organization: Option<OrgLink>,
    /// All organizations of the person.
    pub organizations: Vec<OrgLink>,
    /// Who is signed in.
    pub person: PersonBadge,
    /// The sidebar.
    pub nav: Vec<NavSection>,
    /// How many invitations wait for the person.
    pub pending_invitations: u32,
    /// The way to what the person was told.
    pub notifications: NavItem,
}

/// An organization to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgLink {
    /// Its part of the address, as in `/o/{slug}`.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// A few words under the name, e.g. the person's role; may be empty.
    pub note: String,
}

/// The person at the foot of the sidebar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonBadge {
    /// What the avatar's colour follows.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// A group of the sidebar.
#[derive(Debug, Clone, PartialEq)]
pub struct NavSection {
    /// Its heading; none for the first.
    pub label: Option<String>,
    /// Its lines.
    pub items: Vec<NavItem>,
}

/// A line of the sidebar.
#[derive(Debug, Clone, PartialEq)]
pub struct NavItem {
    /// The text.
    pub label: String,
    /// Where to.
    pub href: String,
    /// The sign before the text.
    pub icon: IconName,
    /// It is the page being shown, or the list that it belongs to.
    pub current: bool,
    /// Something waiting there.
    pub badge: Option<NavBadge>,
    /// The letter that leads there after `g`.
    pub key: Option<char>,
}

impl NavItem {
    /// A line without badge and key.
    pub fn new(icon: IconName, label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), icon, current, badge: None, key: None }
    }

    /// The same line, reached by `g` and this letter.
    #[must_use]
    pub fn key(mut self, key: char) -> Self {
        self.key = Some(key);
        self
    }

    /// The same line with a number of things waiting, as far as two digits tell it; nothing for none.
    #[must_use]
    pub fn count(mut self, tone: Tone, count: u64) -> Self {
        self.badge =
            (count > 0).then(|| NavBadge { tone, text: if count > 99 { "99+".to_owned() } else { count.to_string() } });
        self
    }
}

/// Something waiting behind a line of the sidebar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavBadge {
    /// How urgent.
    pub tone: Tone,
    /// How many.
    pub text: String,
}
