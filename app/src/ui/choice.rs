//! Boxes to tick, one of a few, and files.

use super::field::{FieldLabel, FieldNotes, described_by, field_id};
use leptos::prelude::*;

/// A box to tick.
#[component]
pub fn CheckboxField(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// What ticking it means.
    #[prop(into)]
    label: String,
    /// What the form says when it is ticked.
    #[prop(default = "true".to_owned(), into)]
    value: String,
    /// Ticked already.
    #[prop(optional)]
    checked: bool,
    /// A sentence below.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Another id, when several boxes share a name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    view! {
        <div class="choice">
            <input
                type="checkbox"
                class="checkbox"
                id=id.clone()
                name=name
                value=value
                checked=checked
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
            />
            <label for=id.clone()>{label}</label>
            <FieldNotes id help error />
        </div>
    }
}

/// Boxes that belong together, under one label.
#[component]
pub fn CheckboxGroup(
    /// The fields' name.
    #[prop(into)]
    name: String,
    /// What the boxes are about.
    #[prop(into)]
    label: String,
    /// A sentence below the label.
    #[prop(optional_no_strip, into)]
    help: Option<String>,
    /// What is wrong with what is ticked.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// The boxes.
    children: Children,
) -> impl IntoView {
    let id = field_id(&name);
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let help = help.map(|help| view! { <p id=format!("{id}-help") class="field-help mb-2">{help}</p> });
    let notes = view! { <FieldNotes id=id.clone() help=None error /> };
    view! {
        <fieldset id=id aria-describedby=described_by>
            <legend class="mb-1.5 text-md font-medium">{label}</legend>
            {help}
            {children()}
            {notes}
        </fieldset>
    }
}

/// One of a few choices that are worth a sentence each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form says.
    pub value: String,
    /// What people read.
    pub label: String,
    /// What choosing it means.
    pub help: Option<String>,
}

/// One of a few choices, all in sight.
#[component]
pub fn RadioGroup(
    /// The fields' name.
    #[prop(into)]
    name: String,
    /// What to choose.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// The value of the one that is chosen.
    #[prop(optional, into)]
    value: String,
    /// A sentence below the label.
    #[prop(optional_no_strip, into)]
    help: Option<String>,
    /// What is wrong with the choice.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
) -> impl IntoView {
    let id = field_id(&name);
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let help = help.map(|help| view! { <p id=format!("{id}-help") class="field-help mb-2">{help}</p> });
    let choices = choices
        .into_iter()
        .map(|choice| {
            let id = field_id(&format!("{name}-{}", choice.value));
            let checked = choice.value == value;
            let described_by = self::described_by(&id, choice.help.is_some(), false);
            view! {
                <div class="choice">
                    <input
                        type="radio"
                        class="radio"
                        id=id.clone()
                        name=name.clone()
                        value=choice.value
                        checked=checked
                        aria-describedby=described_by
                    />
                    <label for=id.clone()>{choice.label}</label>
                    <FieldNotes id help=choice.help error=None />
                </div>
            }
        })
        .collect_view();
    let notes = view! { <FieldNotes id=id.clone() help=None error /> };
    view! {
        <fieldset id=id aria-describedby=described_by>
            <legend class="mb-1.5 text-md font-medium">{label}</legend>
            {help}
            <div class="grid gap-2.5">{choices}</div>
            {notes}
        </fieldset>
    }
}

/// A file from the reader's disk; the form around it is `multipart`.
#[component]
pub fn FileField(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// Which file.
    #[prop(into)]
    label: String,
    /// What kinds, e.g. `.csv,text/csv`.
    #[prop(optional, into)]
    accept: Option<String>,
    /// There may be several.
    #[prop(optional)]
    multiple: bool,
    /// A sentence below.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong with the file.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
) -> impl IntoView {
    let id = field_id(&name);
    let described_by = described_by(&id, help.is_some(), error.is_some());
    view! {
        <div>
            <FieldLabel id=id.clone() label aside=None />
            <input
                type="file"
                class="file-input"
                id=id.clone()
                name=name
                accept=accept
                multiple=multiple
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
            />
            <FieldNotes id help error />
        </div>
    }
}
