//! Sliders beside lists of numbers: they move together. The list is what is sent.

use domain::policy::{SETTINGS, Setting};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlElement, HtmlInputElement};

use super::every;
use crate::browser::{find, within};
use crate::ui::field_id;

/// Shows the sliders, now that they do something.
pub(super) fn show() {
    follow();
    every("[data-slider]").for_each(|slider| slider.set_hidden(false));
}

/// Moves what belongs together with what somebody has changed.
pub(super) fn changed(event: &Event) {
    match within(event, "[data-slider]").and_then(|slider| Parts::of(slider.unchecked_into())) {
        Some(parts) => parts.lead(),
        None => follow(),
    }
}

/// Moves every slider to where its field is.
pub(super) fn follow() {
    every("[data-slider]").filter_map(Parts::of).for_each(|parts| parts.follow());
}

struct Parts {
    setting: &'static Setting,
    range: HtmlInputElement,
    field: HtmlInputElement,
}

impl Parts {
    fn of(slider: HtmlElement) -> Option<Self> {
        let code = slider.get_attribute("data-slider")?;
        Some(Self {
            setting: SETTINGS.iter().find(|setting| setting.code == code)?,
            range: slider.query_selector("input").ok()??.unchecked_into(),
            // A list has its value under the same name.
            field: find(&format!("#{}", field_id(&code)))?.unchecked_into(),
        })
    }

    /// The field takes what the slider says.
    fn lead(&self) {
        let at: usize = self.range.value().parse().unwrap_or(0);
        if let Some(step) = self.setting.kind.steps().get(at) {
            self.field.set_value(&step.map(|number| number.to_string()).unwrap_or_default());
            self.tell();
        }
    }

    /// The slider goes to what is nearest to what the field says.
    fn follow(&self) {
        if let Some(at) = self.setting.kind.nearest_step(&self.field.value()) {
            self.range.set_value(&at.to_string());
            self.tell();
        }
    }

    fn tell(&self) {
        if let Some(words) = self.setting.kind.describe_typed(&self.field.value()) {
            let _ = self.range.set_attribute("aria-valuetext", &words);
        }
    }
}
