//! A choice of one from a list that opens.

use super::field::{FieldLabel, FieldNotes, described_by, field_id};
use leptos::{children::ViewFnOnce, prelude::*};

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectOption {
    /// What the form says.
    pub value: String,
    /// What people read.
    pub label: String,
}

impl SelectOption {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Choices that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectGroup {
    /// What they are about.
    pub label: String,
    /// The choices.
    pub options: Vec<SelectOption>,
}

/// A `<select>`.
#[component]
pub fn SelectField(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// What to choose.
    #[prop(into)]
    label: String,
    /// The choices, in the order shown.
    options: Vec<SelectOption>,
    /// Choices behind them, in groups.
    #[prop(optional)]
    groups: Vec<SelectGroup>,
    /// The value of the one that is chosen; the first when none matches.
    #[prop(optional, into)]
    value: String,
    /// A sentence below.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong with the choice.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Another id, when two forms of a page share a name.
    #[prop(optional, into)]
    id: Option<String>,
    /// The id of the form that it is of, where that is not the one around it; of none, if it is empty.
    #[prop(optional, into)]
    form: Option<String>,
    /// Another way to choose the same, below the list.
    #[prop(optional, into)]
    below: Option<ViewFnOnce>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let choice = |option: SelectOption| {
        let selected = option.value == value;
        view! { <option value=option.value selected=selected>{option.label}</option> }
    };
    let options = options.into_iter().map(choice).collect_view();
    let groups = groups.into_iter().map(|group| {
        let options = group.options.into_iter().map(choice).collect_view();
        view! { <optgroup label=group.label>{options}</optgroup> }
    });
    let groups = groups.collect_view();
    view! {
        <div>
            <FieldLabel id=id.clone() label aside=None />
            <select
                class="select"
                id=id.clone()
                name=name
                form=form
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
            >
                {options} {groups}
            </select>
            {below.map(ViewFnOnce::run)}
            <FieldNotes id help error />
        </div>
    }
}
