//! How what stands in the form would stand: its posture, and what is different from what is in force.

use domain::policy::{Key, SecurityPolicy};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlProgressElement};

use super::{every, write};
use crate::browser::find;
use crate::policy_live::{SHOWN, score, unread};

/// Says all of it.
pub(super) fn show(policy: &SecurityPolicy, enforced: &SecurityPolicy) {
    let (posture, before) = (policy.posture(), enforced.posture().score);
    if let Some(bar) = find("#posture progress") {
        bar.unchecked_into::<HtmlProgressElement>().set_value(posture.score.into());
    }
    if let Some(place) = find("#posture .progress-line > span") {
        write(&place, &score(Some(before), posture.score));
    }
    let short: Vec<Key> = posture.shortcomings.iter().map(|it| it.setting.key).take(SHOWN).collect();
    show_lines("[data-shortcoming]", &short);
    show_if("#posture ul", !short.is_empty());
    show_if("[data-sound]", short.is_empty());

    let changes = policy.changes_since(enforced);
    let keys: Vec<Key> = changes.iter().map(|change| change.setting.key).collect();
    for change in &changes {
        if let Some(place) = find(&format!("[data-difference={}] [data-after]", change.setting.code)) {
            write(&place, &change.after);
        }
    }
    show_lines("[data-difference]", &keys);
    show_lines("[data-in-force]", &keys);
    show_if("#different ul", !keys.is_empty());
    show_if("#different p[data-none]", keys.is_empty());
}

/// Says of how many settings nothing can be said.
pub(super) fn say_unread(count: usize) {
    if let Some(place) = find("#unread") {
        write(&place, &unread(count));
    }
}

/// Shows of lines, of which there is one for each setting, those of these settings.
fn show_lines(selector: &str, settings: &[Key]) {
    let name = selector.trim_matches(['[', ']']);
    for line in every(selector) {
        let code = line.get_attribute(name).unwrap_or_default();
        line.set_hidden(!settings.iter().any(|key| key.setting().code == code));
    }
}

fn show_if(selector: &str, is_so: bool) {
    every(selector).for_each(|place: HtmlElement| place.set_hidden(!is_so));
}
