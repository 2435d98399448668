//! The keyboard: `g` and a letter leads to a page, `/` to the search, `?` lists the keys, Ctrl K opens the palette.
//!
//! The only island of every page, so it is small: the dialogs are empty until they open, and the browser itself does
//! Escape, the trapped focus and its way back.

use super::palette::Jump;
use leptos::{
    ev,
    html::Dialog,
    prelude::*,
    wasm_bindgen::JsCast as _,
    web_sys::{Element, HtmlElement, KeyboardEvent},
};

/// How long after `g` its letter may come, in milliseconds.
const SEQUENCE: f64 = 1_000.0;

/// Listens to the keyboard; renders two closed dialogs.
#[island]
pub fn Shortcuts(
    /// What the palette offers and which letters lead where.
    items: Vec<Jump>,
) -> impl IntoView {
    let palette = NodeRef::<Dialog>::new();
    let help = NodeRef::<Dialog>::new();
    let (palette_open, help_open) = (RwSignal::new(false), RwSignal::new(false));
    let items = StoredValue::new(items);
    let open = move |dialog: NodeRef<Dialog>, is_open: RwSignal<bool>| {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            is_open.set(true);
            // A frame later it is filled, and the browser finds what is marked to take the focus.
            request_animation_frame(move || {
                // Refused only while the dialog is not in the page.
                let _ = dialog.show_modal();
            });
        }
    };
    Effect::new(move || {
        let g_at = StoredValue::new(f64::NEG_INFINITY);
        let on_key = move |event: KeyboardEvent| match command(&event, g_at) {
            Some(Command::Palette) => {
                event.prevent_default();
                open(palette, palette_open);
            }
            Some(Command::Help) => open(help, help_open),
            Some(Command::Search) => {
                event.prevent_default();
                focus("[data-search]");
            }
            Some(Command::Go(letter)) => {
                let href = items.with_value(|items| {
                    items.iter().find(|item| item.key == Some(letter)).map(|item| item.href.clone())
                });
                if let Some(href) = href {
                    go(&href);
                }
            }
            None => {}
        };
        let keys = window_event_listener(ev::keydown, on_key);
        let clicks = window_event_listener(ev::click, move |event| {
            let clicked = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if clicked.is_some_and(|element| matches!(element.closest("[data-palette]"), Ok(Some(_)))) {
                open(palette, palette_open);
            }
        });
        on_cleanup(move || {
            keys.remove();
            clicks.remove();
        });
    });
    view! {
        <dialog class="dialog" node_ref=palette aria-label="Search or jump to" closedby="any" on:close=move |_| palette_open.set(false)>
            {move || palette_open.get().then(|| palette_view(items))}
        </dialog>
        <dialog class="dialog" node_ref=help aria-label="Keyboard shortcuts" closedby="any" on:close=move |_| help_open.set(false)>
            {move || help_open.get().then(|| help_view(items))}
        </dialog>
    }
}

/// What a key asks for.
enum Command {
    Palette,
    Help,
    Search,
    Go(char),
}

/// Reads a key. Keys typed into a field or a dialog belong to it, except for the palette's.
fn command(event: &KeyboardEvent, g_at: StoredValue<f64>) -> Option<Command> {
    let key = event.key();
    if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
        return Some(Command::Palette);
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || belongs_to_a_field(event) {
        return None;
    }
    let after_g = event.time_stamp() - g_at.get_value() < SEQUENCE;
    g_at.set_value(if key == "g" && !after_g { event.time_stamp() } else { f64::NEG_INFINITY });
    match key.as_str() {
        _ if after_g => key.chars().next().filter(|_| key.len() == 1).map(Command::Go),
        "?" => Some(Command::Help),
        "/" => Some(Command::Search),
        _ => None,
    }
}

fn belongs_to_a_field(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| {
        matches!(element.closest("input, textarea, select, dialog, [contenteditable]"), Ok(Some(_)))
    })
}

fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // A field that cannot take the focus stays without it.
        let _ = element.focus();
    }
}

fn go(href: &str) {
    // The page stays where it is when the browser refuses to leave.
    let _ = window().location().set_href(href);
}

/// A field, and what fits the words in it; arrows choose, Enter goes.
fn palette_view(items: StoredValue<Vec<Jump>>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let typed = typed.get();
        items.with_value(|items| items.iter().filter(|item| item.matches(&typed)).take(50).cloned().collect::<Vec<_>>())
    });
    let on_key = move |event: KeyboardEvent| {
        let last = found.with(|found| found.len().saturating_sub(1));
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => chosen.update(|at| *at = at.saturating_sub(1)),
            "Enter" => {
                if let Some(item) = found.with(|found| found.get(chosen.get()).cloned()) {
                    go(&item.href);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let on_input = move |event| {
        typed.set(event_target_value(&event));
        chosen.set(0);
    };
    let line = move |(at, item): (usize, Jump)| {
        view! {
            <a
                class="pop-item"
                role="option"
                tabindex="-1"
                id=format!("jump-{at}")
                href=item.href
                aria-selected=move || if chosen.get() == at { "true" } else { "false" }
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
                aria-activedescendant=move || format!("jump-{}", chosen.get())
                autocomplete="off"
                spellcheck="false"
                placeholder="Search or jump to"
                on:input=on_input
                on:keydown=on_key
            />
            <kbd class="keys" aria-hidden="true">
                "Esc"
            </kbd>
        </div>
        <div class="palette-list" role="listbox" id="jumps" aria-label="Places">
            {move || found.get().into_iter().enumerate().map(line).collect_view()}
            {move || found.with(Vec::is_empty).then(|| view! { <p class="pop-heading">"Nothing found"</p> })}
        </div>
    }
}

/// All keys.
fn help_view(items: StoredValue<Vec<Jump>>) -> impl IntoView {
    let fixed = [("Search or jump to", "Ctrl K"), ("Search this list", "/"), ("Show this list", "?"), ("Close", "Esc")];
    let pages = items.with_value(|items| {
        let keyed = items.iter().filter_map(|item| item.key.map(|key| (item.label.clone(), format!("g {key}"))));
        keyed.collect::<Vec<_>>()
    });
    let fixed = fixed.map(|(label, keys)| (label.to_owned(), keys.to_owned()));
    let lines = pages.into_iter().chain(fixed).map(|(label, keys)| {
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
