//! Icons: drawings of lucide (ISC licence, see NOTICE). A page holds each drawing once, at its end, so that none costs a
//! request and a table's hundred icons cost little more than one.

use leptos::{prelude::*, tachys::html::InertElement};

/// Which icon to show, e.g. [`IconName::USERS`]. `scripts/icons.mjs` writes the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IconName(pub(super) &'static str);

/// An icon of the size of the text beside it, in its colour. It says nothing to assistive technology: the text or
/// the label of its button does.
#[component]
pub fn Icon(
    /// Which drawing.
    name: IconName,
) -> impl IntoView {
    InertElement::new(name.0)
}

/// How a page refers to a drawing. Text from people cannot look like it: its angle brackets are escaped.
#[cfg(feature = "ssr")]
const REFERENCE: &str = "<use href=\"#i-";

/// The drawings that a rendered page refers to.
#[cfg(feature = "ssr")]
pub(crate) fn sprite(page: &str) -> String {
    use super::icon_names::SYMBOLS;
    let mut used = [false; SYMBOLS.len()];
    for at in memchr::memmem::find_iter(page.as_bytes(), REFERENCE) {
        let name = page[at + REFERENCE.len()..].split('"').next().unwrap_or_default();
        if let Ok(found) = SYMBOLS.binary_search_by_key(&name, |(name, _)| name) {
            used[found] = true;
        }
    }
    let drawings = SYMBOLS.iter().zip(used).filter_map(|((_, drawing), used)| used.then_some(*drawing));
    format!("<svg id=\"icons\">{}</svg>", drawings.collect::<String>())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_each_drawing_that_it_shows_once() {
        let page = [IconName::USERS, IconName::LINK, IconName::USERS].map(|icon| icon.0).concat();
        let sprite = sprite(&page);
        assert_eq!(sprite.matches("<symbol").count(), 2);
        assert_eq!(sprite.matches("id=\"i-users\"").count(), 1);
        assert_eq!(sprite.matches("id=\"i-link\"").count(), 1);
    }

    #[test]
    fn the_names_are_sorted_for_the_search() {
        assert!(super::super::icon_names::SYMBOLS.is_sorted());
    }
}
