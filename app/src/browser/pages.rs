//! Other pages of this site, or this one as it is by now, as documents.

use super::{all, find, window};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Document, DomParser, RequestInit, RequestRedirect, Response, SupportedType};

/// How long a page may take, in milliseconds.
const PATIENCE: u32 = 4_000;

/// The page of an address; nothing when it leads elsewhere, such as to the sign-in, fails, or takes too long.
pub(super) async fn load(href: &str) -> Option<Document> {
    let request = RequestInit::new();
    request.set_redirect(RequestRedirect::Error);
    request.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let answer = JsFuture::from(window().fetch_with_str_and_init(href, &request)).await.ok()?;
    let answer: Response = answer.unchecked_into();
    if answer.status() != 200 {
        return None;
    }
    let html = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()
}

/// Takes over what icons another page shows and this one does not.
pub(super) fn take_icons(page: &Document) {
    let (Some(icons), Some(root)) = (find("#icons"), page.document_element()) else { return };
    for symbol in all(&root, "#icons > symbol") {
        if find(&format!("#{}", symbol.id())).is_none() {
            // The icon would be missing, and nothing else.
            let _ = icons.append_child(&symbol);
        }
    }
}
