//! Which entries of a log are looked for: what an address says.

use std::net::IpAddr;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::{Action, Category, Outcome};
use crate::ids::AccountId;
use crate::members::clean_search;
use crate::paging::Cursor;

/// How far back entries are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
    /// 365 days.
    Year,
}

impl Range {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The name in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "1y",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "Last 24 hours",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
            Self::Quarter => "Last 90 days",
            Self::Year => "Last year",
        }
    }

    /// How long it is.
    pub const fn duration(self) -> Duration {
        match self {
            Self::Day => Duration::DAY,
            Self::Week => Duration::WEEK,
            Self::Month => Duration::days(30),
            Self::Quarter => Duration::days(90),
            Self::Year => Duration::days(365),
        }
    }

    /// The range of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|range| range.code() == code)
    }
}

/// Which entries are listed, and from where on. Comes from the address and goes back into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only what is no older than this.
    pub range: Option<Range>,
    /// Only from this time on, to the second; a range counts instead of it.
    pub from: Option<OffsetDateTime>,
    /// Only before this time, to the second; a range counts instead of it.
    pub until: Option<OffsetDateTime>,
    /// Only what this account has done.
    pub actor: Option<AccountId>,
    /// Only this act.
    pub action: Option<Action>,
    /// Only acts that are about this.
    pub category: Option<Category>,
    /// Only what was done to what has this id.
    pub target: Option<String>,
    /// Only what came out like this.
    pub outcome: Option<Outcome>,
    /// Only what came from this address.
    pub address: Option<IpAddr>,
    /// Words that are all in an entry.
    pub text: Option<String>,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
}

impl AuditQuery {
    /// The most characters of an id or a code that somebody looks for.
    pub const ID_MAX: usize = 100;

    /// Reads an address' query. What makes no sense is left out: a list is always shown.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs {
            match key {
                "range" => query.range = Range::from_code(value),
                "from" => query.from = parse_moment(value),
                "until" => query.until = parse_moment(value),
                "actor" => query.actor = value.parse().ok(),
                "action" => query.action = clean_id(value).and_then(|code| Action::try_from(code).ok()),
                "category" => query.category = Category::from_code(value),
                "target" => query.target = clean_id(value),
                "outcome" => query.outcome = Outcome::from_code(value),
                "address" => query.address = value.trim().parse().ok().map(|address: IpAddr| address.to_canonical()),
                "q" => query.text = clean_search(value),
                "page" => query.cursor = Cursor::decode(value),
                _ => {}
            }
        }
        if query.range.is_some() {
            (query.from, query.until) = (None, None);
        }
        query
    }

    /// The address' query, without what is not asked for.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let (from, until) = if self.range.is_some() { (None, None) } else { (self.from, self.until) };
        let pairs = [
            ("range", self.range.map(|range| range.code().to_owned())),
            ("from", from.map(moment)),
            ("until", until.map(moment)),
            ("actor", self.actor.map(|account| account.to_string())),
            ("action", self.action.as_ref().map(ToString::to_string)),
            ("category", self.category.map(|category| category.code().to_owned())),
            ("target", self.target.clone()),
            ("outcome", self.outcome.map(|outcome| outcome.code().to_owned())),
            ("address", self.address.map(|address| address.to_string())),
            ("q", self.text.clone()),
            ("page", self.cursor.as_ref().map(Cursor::encode)),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Reads a query as one text: what stands in an address behind the question mark.
    pub fn from_text(text: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap_or_default();
        Self::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The query as one text, empty for the whole log.
    pub fn to_text(&self) -> String {
        serde_urlencoded::to_string(self.to_pairs()).unwrap_or_default()
    }

    /// What is asked for, wherever a page begins: as an export's manifest says it, such as
    /// `category=members&outcome=denied`.
    pub fn describe(&self) -> String {
        self.clone().from_the_start().to_text()
    }

    /// The same, from the first page on.
    #[must_use]
    pub fn from_the_start(self) -> Self {
        Self { cursor: None, ..self }
    }

    /// The same, asked of the log as it is now: with times instead of a range, and without a page.
    #[must_use]
    pub fn settled(self, now: OffsetDateTime) -> Self {
        let (from, until) = self.bounds(now);
        Self { range: None, from, until, cursor: None, ..self }
    }

    /// Whether anything but paging is asked for.
    pub fn is_filtered(&self) -> bool {
        self.clone().from_the_start() != Self::default()
    }

    /// The time that is asked for: from when on, and before when.
    pub fn bounds(&self, now: OffsetDateTime) -> (Option<OffsetDateTime>, Option<OffsetDateTime>) {
        match self.range {
            Some(range) => (Some(now - range.duration()), None),
            None => (self.from, self.until),
        }
    }
}

const TO_THE_MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]");
const TO_THE_SECOND: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");

/// Times as an address has them, as a regular expression; the one day that only some years have is left out.
pub const MOMENT: &str = concat!(
    "^(?:19[7-9][0-9]|[2-9][0-9]{3})-",
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)",
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$",
);

/// A time as an address and `<input type="datetime-local">` have it, in UTC and to the second: a full minute is said
/// without seconds, as in `2026-11-20T10:00`.
pub fn moment(at: OffsetDateTime) -> String {
    let format = if at.second() == 0 { TO_THE_MINUTE } else { TO_THE_SECOND };
    at.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// The time that [`moment`] has written, in a year that a log may know.
fn parse_moment(text: &str) -> Option<OffsetDateTime> {
    let parse = |format| PrimitiveDateTime::parse(text, format).ok();
    let at = parse(TO_THE_MINUTE).or_else(|| parse(TO_THE_SECOND))?;
    (1970..=9999).contains(&at.year()).then(|| at.assume_utc())
}

/// An id or a code as it is looked for: the whole of it, or nothing.
fn clean_id(raw: &str) -> Option<String> {
    let is_one = !raw.is_empty() && raw.chars().count() <= AuditQuery::ID_MAX && !raw.chars().any(char::is_control);
    is_one.then(|| raw.to_owned())
}

#[cfg(test)]
mod tests;
