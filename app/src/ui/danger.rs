//! Acts that cannot be taken back, at the foot of a page.

use super::field::{Field, FieldKind};
use leptos::prelude::*;

/// A red-edged section for one dangerous act.
#[component]
pub fn DangerZone(
    /// The act, e.g. "Remove member".
    #[prop(into)]
    title: String,
    /// What it does and whether it can be undone.
    #[prop(into)]
    text: String,
    /// The form that does it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel danger mt-8 mb-5">
            <header class="card-head">
                <div>
                    <h2 class="card-title">{title}</h2>
                    <p class="mt-0.5 text-md text-muted">{text}</p>
                </div>
            </header>
            <div class="card-body">{children()}</div>
        </section>
    }
}

/// A field that wants a name typed before a dangerous act; the server compares.
#[component]
pub fn TypedConfirmation(
    /// What has to be typed.
    #[prop(into)]
    expected: String,
    /// What was typed before.
    #[prop(optional, into)]
    value: String,
    /// The field's name.
    #[prop(default = "confirmation".to_owned(), into)]
    name: String,
    /// What is wrong with what was typed.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
) -> impl IntoView {
    let label = format!("Type {expected} to confirm");
    view! { <Field name label kind=FieldKind::Exact value error autocomplete="off" required=true /> }
}
