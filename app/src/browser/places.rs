//! What a page leads to: its sidebar, its menus and its header, which the palette and the list of keys repeat.

use super::{all, document};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlAnchorElement};

/// What choosing a place comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its page is gone to.
    Page,
    /// Its page is one form, which opens in a dialog.
    Dialog,
    /// The page's own form with this address is sent.
    Act,
}

/// A place that the palette and the keyboard lead to, or an act.
pub(super) struct Place {
    /// What it is called.
    pub(super) label: String,
    /// Where it is.
    pub(super) href: String,
    /// See there.
    pub(super) kind: Kind,
    /// What it belongs to, e.g. "People" or "Organization"; searched, too.
    pub(super) group: String,
    /// The letter that leads there after `g`.
    pub(super) key: Option<String>,
}

impl Place {
    fn of(source: Element, group: &str, kind: Kind) -> Option<Self> {
        let section = source.closest("section").ok()?.and_then(|section| section.get_attribute("aria-label"));
        let text = source.query_selector("span:not([aria-hidden])").ok()?.unwrap_or_else(|| source.clone());
        Some(Self {
            label: text.text_content()?,
            group: section.unwrap_or_else(|| group.to_owned()),
            key: source.get_attribute("data-key"),
            href: match kind {
                Kind::Act => source.get_attribute("action")?,
                Kind::Page | Kind::Dialog => source.unchecked_into::<HtmlAnchorElement>().href(),
            },
            kind,
        })
    }
}

/// All places, the page's own first.
pub(super) fn places() -> impl Iterator<Item = Place> {
    let sources = [
        (".sidebar-nav a", "", Kind::Page),
        (".sidebar-foot > a", "Account", Kind::Page),
        (".page-header a[data-dialog]", "Action", Kind::Dialog),
        ("#organizations a:not([aria-current])", "Organization", Kind::Page),
        ("#account a", "Account", Kind::Page),
        ("#account form", "Account", Kind::Act),
    ];
    sources.into_iter().flat_map(|(selector, group, kind)| {
        let found = document().document_element().map(|page| all(&page, selector));
        found.into_iter().flatten().filter_map(move |source| Place::of(source, group, kind))
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
