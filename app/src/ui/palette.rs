//! The command palette and the list of keys: what they offer and how words find it.

use super::nav::FrameData;
use leptos::prelude::*;

/// A place that the palette and the keyboard lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Whether every word typed occurs in what is known; both in lower case.
#[cfg(any(test, feature = "hydrate"))]
pub(crate) fn fits(known: &str, typed: &str) -> bool {
    typed.split_whitespace().all(|word| known.contains(word))
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

/// The dialogs of the keyboard. In templates they are no part of the document: scripts put a copy of one there while it
/// is open.
#[component]
pub(super) fn KeyboardDialogs(items: Vec<Jump>) -> impl IntoView {
    view! {
        <template id="keys">
            <dialog class="dialog" aria-label="Keyboard shortcuts" closedby="any">
                {keys(&items)}
            </dialog>
        </template>
        <template id="palette">
            <dialog class="dialog" aria-label="Search or jump to" closedby="any">
                {palette(items)}
            </dialog>
        </template>
    }
}

/// A field, and the places below it.
fn palette(items: Vec<Jump>) -> impl IntoView {
    let line = |(at, item): (usize, Jump)| {
        let words = format!("{} {}", item.label, item.group).to_lowercase();
        view! {
            <a
                class="pop-item"
                role="option"
                tabindex="-1"
                id=format!("jump-{at}")
                href=item.href
                aria-selected=if at == 0 { "true" } else { "false" }
                data-words=words
                data-key=item.key.map(String::from)
            >
                <span>{item.label}</span>
                <span>{item.group}</span>
                {item.key.map(|key| view! { <kbd class="keys">{format!("g {key}")}</kbd> })}
            </a>
        }
    };
    view! {
        <div class="palette-input">
            <input
                autofocus
                role="combobox"
                aria-label="Search or jump to"
                aria-expanded="true"
                aria-controls="jumps"
                aria-activedescendant="jump-0"
                autocomplete="off"
                spellcheck="false"
                placeholder="Search or jump to"
                data-palette-field=""
            />
            <kbd class="keys" aria-hidden="true">
                "Esc"
            </kbd>
        </div>
        <div class="palette-list" role="listbox" id="jumps" aria-label="Places">
            {items.into_iter().enumerate().map(line).collect_view()}
            <p class="pop-heading" hidden>
                "Nothing found"
            </p>
        </div>
    }
}

/// All keys.
fn keys(items: &[Jump]) -> impl IntoView + use<> {
    let fixed = [("Search or jump to", "Ctrl K"), ("Search this list", "/"), ("Show this list", "?"), ("Close", "Esc")];
    let pages = items.iter().filter_map(|item| item.key.map(|key| (item.label.clone(), format!("g {key}"))));
    let fixed = fixed.map(|(label, keys)| (label.to_owned(), keys.to_owned()));
    let lines = pages.chain(fixed).map(|(label, keys)| {
        view! {
            <dt>{label}</dt>
            <dd class="text-end">
                <kbd class="keys">{keys}</kbd>
            </dd>
        }
    });
    view! {
        <div class="overflow-y-auto p-5">
            <form method="dialog" class="mb-2 flex items-center justify-between">
                <h2 class="card-title">"Keyboard shortcuts"</h2>
                <button class="btn btn-ghost btn-sm" autofocus>
                    "Close"
                </button>
            </form>
            <dl class="facts">{lines.collect_view()}</dl>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_occur_in_any_order() {
        assert!(fits("audit trail security", ""));
        assert!(fits("audit trail security", "trail sec"));
        assert!(!fits("audit trail security", "trail people"));
    }
}
