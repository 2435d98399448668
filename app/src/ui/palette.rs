//! The command palette's content: what it offers and how words find it.

use super::nav::FrameData;
use serde::{Deserialize, Serialize};

/// A place that the palette and the keyboard lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    /// What it is called.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// What kind of thing it is, e.g. "Page" or "Organization"; searched too.
    pub group: String,
    /// The letter that leads there after `g`.
    pub key: Option<char>,
}

impl Jump {
    /// Whether every word typed occurs in its name or group.
    pub(super) fn matches(&self, typed: &str) -> bool {
        let text = format!("{} {}", self.label, self.group).to_lowercase();
        typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// Everything that a frame leads to: its sidebar, what the page adds, the person's other organizations and account.
pub(super) fn jumps(data: &FrameData) -> Vec<Jump> {
    let pages = data.nav.iter().flat_map(|section| {
        section.items.iter().map(|item| Jump {
            label: item.label.clone(),
            href: item.href.clone(),
            group: section.label.clone().unwrap_or_default(),
            key: item.key,
        })
    });
    let here = data.organization.as_ref().map(|org| org.slug.as_str());
    let organizations = data.organizations.iter().filter(|org| Some(org.slug.as_str()) != here).map(|org| Jump {
        label: org.name.clone(),
        href: format!("/o/{}", org.slug),
        group: "Organization".to_owned(),
        key: None,
    });
    let account = Jump { label: "Account".to_owned(), href: "/account".to_owned(), group: String::new(), key: None };
    pages.chain(data.jumps.iter().cloned()).chain(organizations).chain([account]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_occur_in_any_order_and_case() {
        let jump = Jump { label: "Audit trail".into(), href: "/".into(), group: "Security".into(), key: None };
        assert!(jump.matches(""));
        assert!(jump.matches("trail SEC"));
        assert!(!jump.matches("trail people"));
    }
}
