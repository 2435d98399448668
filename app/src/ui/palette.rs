//! The command palette and the list of keys, and how words find a place.

use super::nav::OrgLink;
use leptos::prelude::*;

/// Whether every word typed occurs in what is known; both in lower case.
#[cfg(any(test, feature = "hydrate"))]
pub(crate) fn fits(known: &str, typed: &str) -> bool {
    typed.split_whitespace().all(|word| known.contains(word))
}

/// The dialogs of the keyboard. In templates they are no part of the document: scripts put a copy of one there while it
/// is open, with the places that the page's own links lead to (see [`crate::browser`]).
#[component]
pub(super) fn KeyboardDialogs(
    /// The organization whose members can be searched.
    organization: Option<OrgLink>,
) -> impl IntoView {
    view! {
        <template id="keys">
            <dialog class="dialog" aria-label="Keyboard shortcuts" closedby="any">
                {keys()}
            </dialog>
        </template>
        <template id="palette">
            <dialog class="dialog" aria-label="Search or jump to" closedby="any">
                {palette(organization)}
            </dialog>
        </template>
    }
}

/// A field, and the list below it.
fn palette(organization: Option<OrgLink>) -> impl IntoView {
    let search = organization.map(|org| member_search(&org.slug));
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
            {search}
        </div>
        <p class="palette-found" role="status" id="jumps-found"></p>
    }
}

/// The last line of the list, while there are words to look for.
fn member_search(slug: &str) -> impl IntoView + use<> {
    view! {
        <a
            class="pop-item"
            role="option"
            tabindex="-1"
            id="jump-search"
            aria-selected="false"
            data-search-for=format!("/o/{slug}/members?q=")
            hidden
        >
            <span>"Search members for “" <bdi></bdi> "”"</span>
            <span>"People"</span>
        </a>
    }
}

/// The keys of every page.
fn keys() -> impl IntoView {
    let fixed = [("Search or jump to", "Ctrl K"), ("Search this list", "/"), ("Show this list", "?"), ("Close", "Esc")];
    let lines = fixed.map(|(label, keys)| {
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
            <dl class="facts facts-short">{lines.into_iter().collect_view()}</dl>
            <p class="mt-3 text-sm text-muted">
                "Single keys can be turned off in "<a class="link" href="/account">"your profile"</a>"."
            </p>
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
