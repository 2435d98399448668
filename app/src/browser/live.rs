//! A part of the page that is kept as it is on the server: when the server tells of a change, the page is asked for once
//! more, and what it has there by then takes the place of what stands here.
//!
//! Nobody is interrupted by it: what is open stays open, what has the focus keeps it, and while somebody is at a field or
//! a button nothing is replaced. A page that nobody looks at asks for nothing.

use std::cell::{Cell, RefCell};

use super::{all, document, find, listen, pages, pause, window};
use wasm_bindgen::{JsCast as _, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, EventSource, FocusOptions, HtmlElement};

/// What is replaced.
const REGION: &str = "#live";
/// What somebody may be in the middle of using.
const CONTROLS: &str = "input, select, textarea, button";
/// The least time between two questions, in milliseconds. It doubles while one change follows the other.
const LEAST: i32 = 1_000;
/// The most of it.
const MOST: i32 = 8_000;
/// How long the server may be away before the page says so, in milliseconds: it ends its answer now and then.
const UNNOTICED: i32 = 5_000;
/// How long it is left alone when it has refused, in milliseconds, and how often it is asked again.
const REFUSED: i32 = 10_000;
const PATIENCE: u32 = 30;

thread_local! {
    /// Where the server tells of changes, while somebody looks.
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    /// How often the source was another: what waits for an older one has nothing to do.
    static TURN: Cell<u32> = const { Cell::new(0) };
    /// Whether the server has answered before.
    static HEARD: Cell<bool> = const { Cell::new(false) };
    /// How often it has refused since it last answered.
    static REFUSALS: Cell<u32> = const { Cell::new(0) };
    /// Whether there was a change that is not shown.
    static CHANGED: Cell<bool> = const { Cell::new(false) };
    /// Whether changes are being shown.
    static SHOWING: Cell<bool> = const { Cell::new(false) };
    /// What was put here last, as the server has written it.
    static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Begins to listen, on a page that has such a part.
pub(crate) fn follow() {
    let Some(region) = find(REGION) else { return };
    SHOWN.set(region.inner_html());
    hear();
    listen("visibilitychange", |_: Event| {
        if document().hidden() {
            stop();
        } else {
            REFUSALS.set(0);
            hear();
        }
    });
}

/// Has the server tell of changes from now on.
fn hear() {
    stop();
    let Some(region) = find(REGION) else { return };
    let Some(source) = region.get_attribute("data-live").and_then(|at| EventSource::new(&at).ok()) else { return };
    let turn = TURN.get();
    on(&source, "open", || {
        REFUSALS.set(0);
        tell("Live", true);
        // What was missed between two answers of the server's.
        if HEARD.replace(true) {
            changed();
        }
    });
    on(&source, "changed", changed);
    on(&source, "error", move || lost(turn));
    SOURCE.set(Some(source));
}

/// Calls a function for every event of a kind, for as long as the source is heard.
fn on(source: &EventSource, kind: &str, act: impl FnMut() + 'static) {
    let act = Closure::<dyn FnMut()>::new(act);
    let _ = source.add_event_listener_with_callback(kind, act.as_ref().unchecked_ref());
    act.forget();
}

fn stop() {
    TURN.set(TURN.get().wrapping_add(1));
    if let Some(source) = SOURCE.take() {
        source.close();
    }
}

/// The server is gone: the browser asks it again by itself, unless it has refused.
fn lost(turn: u32) {
    if TURN.get() != turn {
        return;
    }
    let refused = ready_state() == EventSource::CLOSED;
    if refused {
        let is_over = REFUSALS.replace(REFUSALS.get() + 1) >= PATIENCE;
        tell(if is_over { "Not live" } else { "Reconnecting" }, false);
        if is_over {
            return;
        }
    }
    spawn_local(async move {
        pause(if refused { REFUSED } else { UNNOTICED }).await;
        if TURN.get() != turn || ready_state() == EventSource::OPEN {
            return;
        }
        if refused {
            hear();
        } else {
            tell("Reconnecting", false);
        }
    });
}

fn ready_state() -> u16 {
    SOURCE.with_borrow(|source| source.as_ref().map_or(EventSource::CLOSED, EventSource::ready_state))
}

/// Says how it stands, when it is not what stands there: it is read out each time.
fn tell(text: &str, is_well: bool) {
    let Some(status) = find("[data-live-status]") else { return };
    if status.text_content().unwrap_or_default() != text {
        status.set_class_name(if is_well { "tag tag-ok live-status" } else { "tag tag-idle live-status" });
        status.set_text_content(Some(text));
    }
}

/// Shows what has changed: at once, and then in growing distances while there is more.
fn changed() {
    CHANGED.set(true);
    if SHOWING.replace(true) {
        return;
    }
    spawn_local(async {
        let mut distance = LEAST;
        while CHANGED.replace(false) {
            show().await;
            pause(distance).await;
            distance = (2 * distance).min(MOST);
        }
        SHOWING.set(false);
    });
}

/// Puts the page's part here as it is by now.
async fn show() -> Option<()> {
    let page = pages::load(&window().location().href().ok()?).await?;
    let html = page.query_selector(REGION).ok()??.inner_html();
    if SHOWN.with_borrow(|shown| *shown == html) {
        return None;
    }
    let region = find(REGION)?;
    if used(&region, CONTROLS).is_some() {
        // Later.
        CHANGED.set(true);
        return None;
    }
    pages::take_icons(&page);
    replace(&region, &html);
    SHOWN.set(html);
    Some(())
}

/// Replaces what the region holds. What is open there, what has the focus, and where the page is stay the same.
fn replace(region: &HtmlElement, html: &str) {
    let open: Vec<String> = all(region, "details[open]").iter().map(name).collect();
    let focus = used(region, "a, summary").map(|element| place(region, &element));
    let (x, y) = (window().scroll_x().unwrap_or_default(), window().scroll_y().unwrap_or_default());
    region.set_inner_html(html);
    for details in all(region, "details") {
        if open.contains(&name(&details)) {
            let _ = details.set_attribute("open", "");
        }
    }
    if let Some((named, nth)) = focus
        && let Some(element) = all(region, "a, summary").into_iter().filter(|one| name(one) == named).nth(nth)
    {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.unchecked_into::<HtmlElement>().focus_with_options(&options);
    }
    window().scroll_to_with_x_and_y(x, y);
}

/// The element of this kind in the region that has the focus.
fn used(region: &Element, kind: &str) -> Option<Element> {
    let element = document().active_element()?.closest(kind).ok()??;
    region.contains(Some(&element)).then_some(element)
}

/// What an element is called, and which of those that are called the same it is.
fn place(region: &Element, element: &Element) -> (String, usize) {
    let named = name(element);
    let same = all(region, "a, summary").into_iter().filter(|other| name(other) == named);
    let nth = same.take_while(|other| other != element).count();
    (named, nth)
}

/// What an element is known by when it is there anew: its id or that of what it opens, where it leads, or its text.
fn name(element: &Element) -> String {
    let opened = element.closest("details[id]").ok().flatten().filter(|_| !element.has_attribute("href"));
    let text = || match element.query_selector("summary") {
        Ok(Some(summary)) => summary.text_content(),
        _ => element.text_content(),
    };
    opened.map(|details| details.id()).or_else(|| element.get_attribute("href")).or_else(text).unwrap_or_default()
}
