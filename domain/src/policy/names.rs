//! Lists of names: domains, regions.

use serde::{Deserialize, Serialize};

use crate::fields::FieldProblem;

/// The most names of one list.
pub const NAMES_MAX: u16 = 100;

/// Names without doubles, in the order in which they were given. None of them stands for any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(Vec<String>);

impl Names {
    /// None, which allows all.
    pub const NONE: Self = Self(Vec::new());

    /// Parses names that are divided by commas or by space.
    ///
    /// # Errors
    /// One that is none; too many of them.
    pub fn parse(text: &str, is_name: fn(&str) -> bool) -> Result<Self, FieldProblem> {
        let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
        Self::collect(parts.map(str::to_lowercase), is_name)
    }

    /// Takes names one by one.
    ///
    /// # Errors
    /// As [`Names::parse`].
    pub fn collect(names: impl Iterator<Item = String>, is_name: fn(&str) -> bool) -> Result<Self, FieldProblem> {
        let mut list: Vec<String> = Vec::new();
        for name in names {
            if !is_name(&name) {
                return Err(FieldProblem::Malformed);
            }
            if list.contains(&name) {
                continue;
            }
            if list.len() == usize::from(NAMES_MAX) {
                return Err(FieldProblem::TooManyOfThem(NAMES_MAX));
            }
            list.push(name);
        }
        Ok(Self(list))
    }

    /// Whether a name is among them. Every name is where there are none.
    pub fn allow(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|one| one == name)
    }

    /// Whether there are none, which allows all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// All of them in one line.
    pub fn text(&self) -> String {
        self.0.join(", ")
    }

    /// Whether whatever these allow is allowed by others, too.
    pub(super) fn are_within(&self, other: &Self) -> bool {
        other.is_empty() || !self.is_empty() && self.0.iter().all(|name| other.0.contains(name))
    }

    /// Those of both; nothing, where both name some and none is the same.
    pub(super) fn common(&self, other: &Self) -> Option<Self> {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => Some(other.clone()),
            (_, true) => Some(self.clone()),
            _ => {
                let both: Vec<_> = self.0.iter().filter(|name| other.0.contains(name)).cloned().collect();
                (!both.is_empty()).then_some(Self(both))
            }
        }
    }
}

/// Whether this is the name of a domain of the internet: labels of letters, digits and hyphens (RFC 1123, section 2.1).
pub(super) fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// Whether this can be the name of a region: as an installation calls the place where its data is.
pub(super) fn is_region(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_divided_by_commas_and_space() {
        let names = Names::parse("Acme.example, acme.example\n globex.example", is_domain).unwrap();
        assert_eq!(names.text(), "acme.example, globex.example");
        assert!(names.allow("acme.example") && !names.allow("evil.example") && Names::default().allow("evil.example"));
        for text in ["acme", "acme..example", "-a.example", "a b.c/d", "@acme.example", &"a".repeat(300)] {
            assert_eq!(Names::parse(text, is_domain), Err(FieldProblem::Malformed), "{text}");
        }
        let many = (0..101).map(|number| format!("a{number}.example")).collect::<Vec<_>>().join(" ");
        assert_eq!(Names::parse(&many, is_domain), Err(FieldProblem::TooManyOfThem(NAMES_MAX)));
        assert_eq!(Names::parse("eu central", is_region).unwrap().iter().count(), 2);
    }

    #[test]
    fn what_two_lists_have_in_common_is_never_more_than_either() {
        let of = |text: &str| Names::parse(text, is_region).unwrap();
        assert_eq!(of("a b").common(&of("b c")), Some(of("b")));
        assert_eq!(of("a").common(&of("b")), None);
        assert_eq!(of("a").common(&Names::default()), Some(of("a")));
        for (a, b, is_within) in [("a", "", true), ("", "a", false), ("b a", "a b c", true), ("a d", "a b", false)] {
            assert_eq!(of(a).are_within(&of(b)), is_within, "{a} / {b}");
        }
    }
}
