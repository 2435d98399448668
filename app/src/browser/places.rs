//! Where a page leads to: the links of its sidebar and of its menus, which the palette and the list of keys repeat.

use super::{all, document};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlAnchorElement};

/// A place that the palette and the keyboard lead to.
pub(super) struct Place {
    /// What it is called.
    pub(super) label: String,
    /// Where it is.
    pub(super) href: String,
    /// What kind of thing it is, e.g. "People" or "Organization"; searched, too.
    pub(super) group: String,
    /// The letter that leads there after `g`.
    pub(super) key: Option<String>,
}

impl Place {
    fn of(link: Element, group: &str) -> Option<Self> {
        let section = link.closest("section").ok()?.and_then(|section| section.get_attribute("aria-label"));
        Some(Self {
            label: link.query_selector("span:not([aria-hidden])").ok()??.text_content()?,
            group: section.unwrap_or_else(|| group.to_owned()),
            key: link.get_attribute("data-key"),
            href: link.unchecked_into::<HtmlAnchorElement>().href(),
        })
    }
}

/// All places, the page's own first.
pub(super) fn places() -> impl Iterator<Item = Place> {
    let sources =
        [(".sidebar-nav a", ""), ("#organizations a:not([aria-current])", "Organization"), ("#account a", "")];
    sources.into_iter().flat_map(|(selector, group)| {
        let links = document().document_element().map(|page| all(&page, selector));
        links.into_iter().flatten().filter_map(move |link| Place::of(link, group))
    })
}

/// An element with a text.
pub(super) fn element(kind: &str, class: &str, text: &str) -> Option<Element> {
    let element = document().create_element(kind).ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    element.set_text_content(Some(text));
    Some(element)
}
