//! What the colours of a chart stand for.

use leptos::prelude::*;

/// What a colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// What it is called.
    pub label: &'static str,
    /// The class that colours it.
    pub class: &'static str,
    /// A pattern instead of the class' colour.
    pub fill: Option<&'static str>,
}

/// A colour as it is in the drawing, beside the word for it.
#[component]
pub(super) fn Swatch(key: Key) -> impl IntoView {
    view! {
        <svg class="chart-key" aria-hidden="true">
            <rect class=key.class fill=key.fill width="100%" height="100%" rx="2"></rect>
        </svg>
    }
}

/// All of a chart's colours, inside of its `chart`.
#[component]
pub fn Legend(
    /// The colours.
    keys: Vec<Key>,
    /// There is a dashed line, too, for the period before.
    #[prop(optional)]
    with_before: bool,
) -> impl IntoView {
    let keys = keys.into_iter().map(|key| view! { <li><Swatch key /> {key.label}</li> });
    let keys = keys.collect_view();
    let before = with_before.then(|| {
        view! {
            <li>
                <svg class="chart-key chart-key-line" aria-hidden="true">
                    <line class="chart-before" x1="0%" x2="100%" y1="50%" y2="50%"></line>
                </svg>
                "The period before"
            </li>
        }
    });
    view! { <ul class="chart-legend">{keys} {before}</ul> }
}
