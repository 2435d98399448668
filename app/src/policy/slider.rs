//! The slider beside a list of numbers.

use domain::policy::{Kind, Setting};
use leptos::prelude::*;

/// The numbers of a list, on a scale. The list is what is sent; scripts show the slider, and move both together.
#[component]
pub(super) fn Slider(
    setting: &'static Setting,
    /// What the list says.
    value: String,
) -> impl IntoView {
    let steps = setting.kind.steps();
    let last = steps.len().saturating_sub(1);
    let at = setting.kind.nearest_step(&value).unwrap_or(0);
    let words = setting.kind.describe_typed(&value);
    let marks = steps.into_iter().map(|step| view! { <li>{mark(setting.kind, step)}</li> });
    let marks = marks.collect_view();
    view! {
        <div class="slider" data-slider=setting.code hidden>
            <input
                type="range"
                min="0"
                max=last.to_string()
                step="1"
                value=at.to_string()
                autocomplete="off"
                aria-label=format!("{}, on a scale", setting.label)
                aria-valuetext=words
            />
            <ol class="num" aria-hidden="true">{marks}</ol>
        </div>
    }
}

/// A number in as few letters as there is room for.
fn mark(kind: Kind, step: Option<u32>) -> String {
    match (kind, step) {
        (Kind::Number { unit, .. }, Some(number)) => unit.abbreviate(number),
        (Kind::Number { none: Some(none), .. }, None) => none.to_owned(),
        _ => String::new(),
    }
}
