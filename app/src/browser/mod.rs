//! What scripts add to a page that works without them: keys, the palette, forms in dialogs, buttons that copy, how strong
//! a new password is, tables of boxes, and passkeys; on pages that ask for it, what has changed meanwhile; and, on its own
//! page, what the policy's editor says at once. What verifies files of an audit trail is loaded for its page alone.
//!
//! It listens to the window and works on what the server has rendered. Nothing here builds a view: that would bring
//! most of Leptos to the browser, for pages that never change by themselves.

mod copy;
mod dialog;
mod grid;
mod keys;
mod live;
mod pages;
mod palette;
mod passkeys;
mod places;
pub(crate) mod policy;
mod progress;
mod select;
mod strength;
pub(crate) mod verify;

pub(crate) use live::follow;

use js_sys::{JSON, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, Event, HtmlElement, KeyboardEvent, MouseEvent, RequestInit, RequestRedirect, Response, Window,
};

/// Begins to listen. Called once for a page.
pub(crate) fn wake() {
    let mut sequence = keys::Sequence::default();
    listen("keydown", move |event: KeyboardEvent| {
        if !palette::key(&event) && !grid::key(&event) {
            sequence.key(&event);
        }
    });
    listen("click", |event: MouseEvent| clicked(&event));
    listen("input", |event: Event| {
        palette::typed(&event);
        strength::typed(&event);
        grid::count();
    });
    listen("submit", |event: Event| passkeys::submitted(&event));
    listen("close", |event: Event| dialog::closed(&event));
    listen("pageshow", |_: Event| grid::count());
    grid::count();
    copy::offer();
    strength::begin();
    progress::begin();
    passkeys::begin();
}

/// Hands a click to whatever it is on.
fn clicked(event: &MouseEvent) {
    if within(event, "[data-palette]").is_some() {
        dialog::open_template("palette", palette::fill);
    } else if let Some(button) = within(event, "[data-copy]") {
        copy::copy(button);
    } else if within(event, "[data-print]").is_some() {
        let _ = window().print();
    } else if let Some(link) = within(event, "dialog [data-dismiss]") {
        event.prevent_default();
        dialog::dismiss(&link);
    } else if let Some(line) = within(event, "[data-press]") {
        palette::press(&line);
    } else if let Some(link) = within(event, "a[data-dialog]") {
        dialog::follow(event, link);
    } else if let Some(tick) = within(event, ".cell-check input") {
        select::ticked(&tick);
    } else {
        dialog::clicked_beside(event);
    }
}

/// Calls a function for every event of a kind, for as long as the page lives.
fn listen<E: JsCast + 'static>(kind: &str, mut act: impl FnMut(E) + 'static) {
    let act = Closure::<dyn FnMut(Event)>::new(move |event: Event| act(event.unchecked_into()));
    // On the way down for dialogs, whose closing does not come up again.
    let on_the_way_down = kind == "close";
    let _ = window().add_event_listener_with_callback_and_bool(kind, act.as_ref().unchecked_ref(), on_the_way_down);
    act.forget();
}

/// The element of this kind that an event happened in.
fn within(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()?.map(JsCast::unchecked_into)
}

/// All elements of this kind below one.
fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)).map(JsCast::unchecked_into).collect()
}

/// Waits, in milliseconds.
async fn pause(milliseconds: i32) {
    let pause = Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds);
    });
    let _ = JsFuture::from(pause).await;
}

/// The JSON that an address of this site answers with; nothing when it leads elsewhere, or fails.
async fn ask(address: &str, request: &RequestInit) -> Option<JsValue> {
    request.set_redirect(RequestRedirect::Error);
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, request)).await.ok()?;
    let answer: Response = answer.unchecked_into();
    if answer.status() != 200 {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    JSON::parse(&text).ok()
}

fn window() -> Window {
    web_sys::window().expect("pages alone load this, and no worker: the global object is a window")
}

fn document() -> Document {
    window().document().expect("a window that runs this shows the document that has loaded it")
}
