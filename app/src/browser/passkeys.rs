//! Passkeys: forms that the browser answers instead of its person.
//!
//! The portal is asked what is to be signed, the browser asks its person for a passkey, and the form goes with the
//! answer. What the portal does not want to tell, or the browser cannot do, the form says: it goes without an answer, and
//! comes back with the reason.

use std::cell::RefCell;

use super::{all, document, find, window, within};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, RequestInit, RequestRedirect,
    Response,
};

/// How long what a field's menu signs is left as it is, in milliseconds: a minute less than it is good for.
const FRESH_FOR: i32 = 240_000;

thread_local! {
    /// What ends the question that the browser has open: it has one at a time.
    static OPEN: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Why there is no answer.
enum Failure {
    /// The portal does not ask, or the browser knows no passkeys.
    Unable,
    /// The person chose none, or another question came in between.
    Declined,
}

/// Shows the buttons, now that they do something, and has the browser offer passkeys in the menu of a field, where the
/// page wants that.
pub(super) fn begin() {
    for button in document().document_element().iter().flat_map(|page| all(page, "form[data-passkey] button")) {
        let _ = button.class_list().remove_1("invisible");
    }
    let Some(form) = find("form[data-passkey-menu]") else { return };
    offer(&form);
    let again = Closure::<dyn FnMut()>::new(move || {
        if !document().hidden() && !form.has_attribute("aria-busy") {
            offer(&form);
        }
    });
    let again = again.into_js_value();
    // Without it a menu that stands open for long offers what is no longer good, and the portal says so.
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(again.unchecked_ref(), FRESH_FOR);
}

/// Waits for a choice in the menu of a field.
fn offer(form: &Element) {
    let form = form.clone();
    spawn_local(async move {
        if offers_in_menus().await == Some(true)
            && let Ok(answer) = ask(&form, true).await
        {
            send(&form, &answer);
        }
    });
}

/// Whether the browser can.
async fn offers_in_menus() -> Option<bool> {
    let class = get(&window(), "PublicKeyCredential")?;
    let can: Function = get(&class, "isConditionalMediationAvailable")?.dyn_into().ok()?;
    let can: Promise = can.call0(&class).ok()?.dyn_into().ok()?;
    JsFuture::from(can).await.ok()?.as_bool()
}

/// Asks for a passkey when such a form is sent.
pub(super) fn submitted(event: &Event) {
    let Some(form) = within(event, "form[data-passkey]") else { return };
    event.prevent_default();
    if form.has_attribute("aria-busy") {
        return;
    }
    spawn_local(async move {
        let _ = form.set_attribute("aria-busy", "true");
        say_refused(&form, false);
        match ask(&form, false).await {
            Ok(answer) => send(&form, &answer),
            Err(Failure::Unable) => send(&form, ""),
            Err(Failure::Declined) => say_refused(&form, true),
        }
        let _ = form.remove_attribute("aria-busy");
        if form.has_attribute("data-passkey-menu") {
            // The menu's question was given up for this one.
            offer(&form);
        }
    });
}

/// Shows or hides that there was no passkey.
fn say_refused(form: &Element, is_so: bool) {
    if let Ok(Some(text)) = form.query_selector("[data-passkey-refused]") {
        text.unchecked_into::<HtmlElement>().set_hidden(!is_so);
    }
}

/// Sends the form with this answer.
fn send(form: &Element, answer: &str) {
    if let Ok(Some(field)) = form.query_selector("[name=answer]") {
        field.unchecked_into::<HtmlInputElement>().set_value(answer);
        // A form that the browser does not send leaves the page as it is.
        let _ = form.unchecked_ref::<HtmlFormElement>().submit();
    }
}

/// The browser's answer to the form's challenge.
async fn ask(form: &Element, in_menu: bool) -> Result<String, Failure> {
    let question = AbortController::new().map_err(|_| Failure::Unable)?;
    if let Some(before) = OPEN.replace(Some(question.clone())) {
        before.abort();
    }
    let challenge = challenge(form).await.ok_or(Failure::Unable)?;
    let promise = open(&challenge, in_menu, &question).ok_or(Failure::Unable)?;
    let credential = JsFuture::from(promise).await.map_err(|_| Failure::Declined)?;
    JSON::stringify(&credential).map(String::from).map_err(|_| Failure::Unable)
}

/// What the portal wants to have signed.
async fn challenge(form: &Element) -> Option<JsValue> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_redirect(RequestRedirect::Error);
    let address = form.get_attribute("data-passkey")?;
    let answer = JsFuture::from(window().fetch_with_str_and_init(&address, &request)).await.ok()?;
    let answer: Response = answer.unchecked_into();
    if answer.status() != 200 {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    get(&JSON::parse(&text).ok()?, "publicKey")
}

/// Opens the browser's question: for a new passkey, when the challenge says for whom, or else for one that is there.
fn open(challenge: &JsValue, in_menu: bool, question: &AbortController) -> Option<Promise> {
    let is_new = get(challenge, "user").is_some();
    let class = get(&window(), "PublicKeyCredential")?;
    let read = if is_new { "parseCreationOptionsFromJSON" } else { "parseRequestOptionsFromJSON" };
    let read: Function = get(&class, read)?.dyn_into().ok()?;
    let options = Object::new();
    set(&options, "publicKey", &read.call1(&class, challenge).ok()?)?;
    set(&options, "signal", &question.signal())?;
    if in_menu {
        set(&options, "mediation", &"conditional".into())?;
    }
    let credentials = window().navigator().credentials();
    if is_new {
        credentials.create_with_options(options.unchecked_ref()).ok()
    } else {
        credentials.get_with_options(options.unchecked_ref()).ok()
    }
}

/// A property that is there.
fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

fn set(object: &Object, name: &str, value: &JsValue) -> Option<()> {
    Reflect::set(object, &name.into(), value).ok().map(|_| ())
}
