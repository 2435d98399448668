//! Verifying a file of an audit trail where it is: it is read in slices, and none of them leaves the browser.

mod words;

use std::cell::Cell;

use super::{all, document, find, listen, places::element, within};
use domain::audit::{Expected, FileVerifier, split_notes};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, Element, Event, FileList, HtmlButtonElement, HtmlElement, HtmlInputElement, HtmlProgressElement,
    HtmlTextAreaElement, MouseEvent,
};

use self::words::Verdict;

/// How much of a file is read at a time. Between two slices the page answers to its reader.
const SLICE: f64 = 1_048_576.0;
/// The most of a file of checkpoints; one has some hundreds of bytes.
const NOTES_MAX: f64 = 16.0 * SLICE;

thread_local! {
    /// How often somebody has begun or cancelled: what is older than that goes no further.
    static TURN: Cell<u32> = const { Cell::new(0) };
}

/// Shows what can be done here, and listens.
pub(crate) fn wake() {
    show("[data-verify-asleep]", false);
    show("[data-verify]", true);
    listen("click", |event: MouseEvent| {
        if within(&event, "[data-verify-start]").is_some() {
            begin();
        } else if within(&event, "[data-verify-cancel]").is_some() {
            cancel();
        }
    });
    listen("input", |event: Event| {
        if within(&event, "[data-verify]").is_some() {
            // What stands there, and what goes on, is about another choice.
            cancel();
            say(None);
        }
    });
}

/// Verifies what is chosen.
fn begin() {
    let turn = next_turn();
    say(None);
    running(true);
    spawn_local(async move {
        let verdict = verify(turn).await;
        if TURN.get() == turn {
            running(false);
            say(verdict.as_ref());
        }
    });
}

/// Lets what goes on come to nothing.
fn cancel() {
    next_turn();
    running(false);
}

fn next_turn() -> u32 {
    let turn = TURN.get().wrapping_add(1);
    TURN.set(turn);
    turn
}

/// What the chosen file comes to; nothing when somebody has cancelled.
async fn verify(turn: u32) -> Option<Verdict> {
    let Some(file) = files("#field-file").and_then(|files| files.get(0)) else {
        return Some(Verdict::refused("Choose a file first."));
    };
    let expected = match expected().await {
        Ok(expected) => expected,
        Err(refused) => return Some(refused),
    };
    let mut verifier = FileVerifier::new(expected);
    let (size, mut at) = (file.size(), 0.0);
    while at < size {
        let Some(slice) = read(&file, at, (at + SLICE).min(size)).await else {
            return Some(Verdict::refused(
                "The browser could not read the file. Was it moved or changed? Choose it again.",
            ));
        };
        if TURN.get() != turn {
            return None;
        }
        if let Err(error) = verifier.push(&slice) {
            return Some(Verdict::wrong(&error));
        }
        at += SLICE;
        progress((at / size).min(1.0));
    }
    Some(match verifier.finish() {
        Ok(verdict) => Verdict::right(&verdict),
        Err(error) => Verdict::wrong(&error),
    })
}

/// What the file is compared with.
async fn expected() -> Result<Expected, Verdict> {
    let mut expected = Expected::default();
    let typed = find("#field-key").map(|field| field.unchecked_into::<HtmlTextAreaElement>().value());
    if let Some(key) = typed.as_deref().map(str::trim).filter(|key| !key.is_empty()) {
        let key =
            key.parse().map_err(|_| Verdict::refused("The key is none: it reads name+id+letters, on one line."))?;
        expected.key = Some(key);
    }
    let kept = files("#field-checkpoints");
    for file in kept.iter().flat_map(|files| (0..files.length()).filter_map(move |at| files.get(at))) {
        let refused = |why: &str| Verdict::refused(&format!("{} {why}", words::quoted(&file.name())));
        if file.size() > NOTES_MAX {
            return Err(refused("is too large for a file of checkpoints."));
        }
        let bytes = read(&file, 0.0, file.size()).await.ok_or_else(|| refused("could not be read."))?;
        let text = String::from_utf8(bytes).map_err(|_| refused("holds no checkpoint."))?;
        let notes = split_notes(&text);
        if notes.is_empty() {
            return Err(refused("holds no checkpoint."));
        }
        expected.checkpoints.extend(notes.into_iter().map(str::to_owned));
    }
    Ok(expected)
}

fn files(selector: &str) -> Option<FileList> {
    find(selector)?.unchecked_into::<HtmlInputElement>().files()
}

/// The bytes of a file from one place to another.
async fn read(file: &Blob, from: f64, to: f64) -> Option<Vec<u8>> {
    let slice = file.slice_with_f64_and_f64(from, to).ok()?;
    let bytes = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&bytes).to_vec())
}

/// Shows that something goes on, or no more.
fn running(is_so: bool) {
    show("[data-verify-progress]", is_so);
    show("[data-verify-cancel]", is_so);
    progress(0.0);
    if let Some(button) = find("[data-verify-start] button") {
        button.unchecked_into::<HtmlButtonElement>().set_disabled(is_so);
    }
}

/// Shows how much of the file was read.
fn progress(share: f64) {
    let Some(line) = find("[data-verify-progress]") else { return };
    let percent = (share * 100.0).floor();
    if let Ok(Some(bar)) = line.query_selector("progress") {
        bar.unchecked_into::<HtmlProgressElement>().set_value(percent);
    }
    if let Ok(Some(words)) = line.query_selector("span") {
        words.set_text_content(Some(&format!("{percent} %")));
    }
}

/// Says what a file came to, or nothing. The other panels are emptied: what they said is about another file.
fn say(verdict: Option<&Verdict>) {
    for panel in document().document_element().iter().flat_map(|page| all(page, "[data-verdict]")) {
        let name = panel.get_attribute("data-verdict");
        let own = verdict.filter(|verdict| name.as_deref() == Some(verdict.panel));
        // What cannot be put into the page is missing from it, and nothing else.
        let _ = fill(&panel, own);
        panel.unchecked_into::<HtmlElement>().set_hidden(own.is_none());
    }
    if verdict.is_some()
        && let Some(place) = find("[data-verdicts]")
    {
        let _ = place.focus();
    }
}

fn fill(panel: &Element, verdict: Option<&Verdict>) -> Option<()> {
    let part = |selector: &str| panel.query_selector(selector).ok()?;
    part("[data-verdict-title]")?.set_text_content(verdict.map(|verdict| verdict.title.as_str()));
    part("[data-verdict-text]")?.set_text_content(verdict.map(|verdict| verdict.text.as_str()));
    let facts = part("[data-verdict-facts]")?;
    facts.set_text_content(None);
    for (term, text) in verdict.iter().flat_map(|verdict| &verdict.facts) {
        facts.append_child(&element("dt", "", term)?.into()).ok()?;
        facts.append_child(&element("dd", "break-words", text)?.into()).ok()?;
    }
    Some(())
}

fn show(selector: &str, is_so: bool) {
    if let Some(element) = find(selector) {
        element.set_hidden(!is_so);
    }
}
