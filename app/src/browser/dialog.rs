//! Dialogs: those that the server keeps in templates, and pages that are one form.
//!
//! The browser itself does Escape, the trapped focus and its way back. A dialog is in the document only while it is
//! open.

use super::{all, document, find, pages, window};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlAnchorElement, HtmlDialogElement, HtmlElement, HtmlTemplateElement, MouseEvent};

/// What names other elements by their ids.
const REFERENCES: [&str; 5] = ["for", "aria-describedby", "aria-labelledby", "aria-errormessage", "form"];

/// The dialog in a template.
fn template(id: &str) -> Option<Element> {
    let template = find(&format!("template#{id}"))?.unchecked_into::<HtmlTemplateElement>();
    template.content().first_element_child()
}

/// Opens the dialog of a template, unless it is open. What it lists of this page is filled in before.
pub(super) fn open_template(id: &str, fill: fn(&Element) -> Option<()>) {
    match find(&format!("dialog[data-name={id}]")) {
        Some(dialog) if dialog.has_attribute("open") => return,
        // It was closed just now, and is about to leave.
        Some(dialog) => dialog.remove(),
        None => {}
    }
    let Some(dialog) = template(id) else { return };
    if let Ok(copy) = dialog.clone_node_with_deep(true) {
        let copy: Element = copy.unchecked_into();
        let _ = copy.set_attribute("data-name", id);
        // What could not be filled in is missing from the list, and nothing else.
        let _ = fill(&copy);
        open(copy.unchecked_into());
    }
}

fn open(dialog: HtmlDialogElement) {
    if let Some(body) = document().body() {
        let _ = body.append_child(&dialog);
        let _ = dialog.show_modal();
    }
}

/// Takes a closed dialog out of the document.
pub(super) fn closed(event: &Event) {
    if let Some(dialog) = event.target().and_then(|target| target.dyn_into::<HtmlDialogElement>().ok()) {
        dialog.remove();
    }
}

/// Closes the dialog that a link stands in.
pub(super) fn dismiss(link: &Element) {
    if let Ok(Some(dialog)) = link.closest("dialog") {
        dialog.unchecked_into::<HtmlDialogElement>().close();
    }
}

/// Closes a dialog when its backdrop is clicked, in browsers that do not know `closedby`.
pub(super) fn clicked_beside(event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlDialogElement>().ok());
    let Some(dialog) = target else { return };
    if !js_sys::Reflect::has(&dialog, &JsValue::from_str("closedBy")).unwrap_or(true) {
        dialog.close();
    }
}

/// Opens the form of the page that a link leads to. Whatever is not as expected, the link is followed.
pub(super) fn follow(event: &MouseEvent, link: Element) {
    let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() || event.button() != 0;
    let link: HtmlAnchorElement = link.unchecked_into();
    if elsewhere || event.default_prevented() || Ok(link.origin()) != window().location().origin() {
        return;
    }
    event.prevent_default();
    if link.has_attribute("aria-busy") {
        return;
    }
    // A menu closes, and gives the focus back to its button: that is where it returns to from the dialog, too.
    if let Ok(Some(menu)) = link.closest("[popover]") {
        let _ = menu.unchecked_into::<HtmlElement>().hide_popover();
    }
    // And so does the palette.
    dismiss(&link);
    spawn_local(async move {
        let _ = link.set_attribute("aria-busy", "true");
        let dialog = match load(&link.href()).await {
            Some(content) => dialog_of(&content),
            None => None,
        };
        let _ = link.remove_attribute("aria-busy");
        match dialog {
            Some(dialog) => open(dialog),
            None => go(&link.href()),
        }
    });
}

pub(super) fn go(href: &str) {
    // The page stays where it is when the browser refuses to leave.
    let _ = window().location().set_href(href);
}

/// The part of a page that belongs into a dialog. An answer that leads elsewhere, such as to the sign-in, has none.
async fn load(href: &str) -> Option<Element> {
    let page = pages::load(href).await?;
    pages::take_icons(&page);
    page.query_selector("[data-dialog-content]").ok()?
}

/// A dialog with this content, named by its heading. Its ids are made unlike those of the page below.
fn dialog_of(content: &Element) -> Option<HtmlDialogElement> {
    let page = document();
    let title = page.create_element("h2").ok()?;
    let heading = content.query_selector("h1").ok()??;
    title.set_class_name(&heading.class_name());
    title.set_text_content(heading.text_content().as_deref());
    title.set_id("title");
    heading.replace_with_with_node_1(&title).ok()?;
    for element in all(content, "[id]") {
        element.set_id(&format!("dialog-{}", element.id()));
    }
    for name in REFERENCES {
        for element in all(content, &format!("[{name}]")) {
            let ids = element.get_attribute(name).unwrap_or_default();
            let ids: Vec<String> = ids.split_ascii_whitespace().map(|id| format!("dialog-{id}")).collect();
            element.set_attribute(name, &ids.join(" ")).ok()?;
        }
    }
    let dialog = page.create_element("dialog").ok()?;
    dialog.set_class_name("dialog dialog-form");
    dialog.set_attribute("closedby", "any").ok()?;
    dialog.set_attribute("aria-labelledby", "dialog-title").ok()?;
    dialog.append_child(content).ok()?;
    Some(dialog.unchecked_into())
}
