//! Fields of text: label above, help below, the error at the field.

use super::icons::{Icon, IconName};
use leptos::{children::ViewFnOnce, prelude::*};

/// What a field takes; decides the keyboard of a phone and what a browser offers to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    /// Any one line.
    #[default]
    Text,
    /// A mail address.
    Email,
    /// A secret, shown as dots and never sent back.
    Password,
    /// What is typed sign by sign, such as a code, in letters of one width.
    Code,
    /// The same, of digits alone. Never sent back.
    Digits,
    /// A whole number.
    Number,
    /// What has to be typed as it stands beside the field, such as a name.
    Exact,
    /// Words to look for: where the key for searching leads.
    Search,
}

impl FieldKind {
    fn html_type(self) -> &'static str {
        match self {
            Self::Text | Self::Number | Self::Code | Self::Digits | Self::Exact => "text",
            Self::Email => "email",
            Self::Search => "search",
            Self::Password => "password",
        }
    }
}

/// The id of the field of this name, unless it was given another: what [`super::FieldError`] links to.
#[must_use]
pub fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// One line of text.
#[component]
pub fn Field(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// What to enter, exactly as people and tests know it.
    #[prop(into)]
    label: String,
    /// What it takes.
    #[prop(optional)]
    kind: FieldKind,
    /// What was typed before.
    #[prop(optional, into)]
    value: String,
    /// A sentence below the field.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What a browser may fill in, e.g. `username webauthn`.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// It must not be empty.
    #[prop(optional)]
    required: bool,
    /// It may be looked at, not changed.
    #[prop(optional)]
    readonly: bool,
    /// Where the page's focus starts.
    #[prop(optional)]
    autofocus: bool,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// An example; never the only explanation.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Another id, when two forms of a page share a name.
    #[prop(optional, into)]
    id: Option<String>,
    /// Something short at the right of the label, e.g. a link "Forgot it?".
    #[prop(optional, into)]
    aside: Option<ViewFnOnce>,
    /// The id of the form that it is of, where that is not the one around it; of none, if it is empty.
    #[prop(optional, into)]
    form: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    // A secret never comes back in a page, whatever the caller passes.
    let value = if matches!(kind, FieldKind::Password | FieldKind::Digits) { String::new() } else { value };
    view! {
        <div>
            <FieldLabel id=id.clone() label aside />
            <input
                class="input"
                class:input-code=matches!(kind, FieldKind::Code | FieldKind::Digits)
                id=id.clone()
                name=name
                form=form
                type=kind.html_type()
                inputmode=matches!(kind, FieldKind::Digits | FieldKind::Number).then_some("numeric")
                value=value
                autocomplete=autocomplete
                required=required
                readonly=readonly
                autofocus=autofocus
                maxlength=maxlength.map(|most| most.to_string())
                placeholder=placeholder
                spellcheck=(kind != FieldKind::Text).then_some("false")
                autocapitalize=(kind != FieldKind::Text).then_some("none")
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
                data-search=(kind == FieldKind::Search).then_some("")
            />
            <FieldNotes id help error />
        </div>
    }
}

/// The field for a code from an authenticator app.
#[component]
pub fn CodeField(
    /// A sentence below the field.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Where the page's focus starts.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    view! {
        <Field
            name="code"
            label="Authentication code"
            kind=FieldKind::Digits
            help=help.unwrap_or_else(|| "Six digits, which change every 30 seconds.".to_owned())
            error
            autocomplete="one-time-code"
            required=true
            autofocus
        />
    }
}

/// A date and a time, in the reader's zone unless the label names another.
#[component]
pub fn Moment(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// What to enter.
    #[prop(into)]
    label: String,
    /// What was entered before, as `2026-11-21T15:04:05`.
    #[prop(optional, into)]
    value: String,
    /// A sentence below the field.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
) -> impl IntoView {
    let id = field_id(&name);
    let described_by = described_by(&id, help.is_some(), error.is_some());
    view! {
        <div>
            <FieldLabel id=id.clone() label aside=None />
            <input
                class="input"
                type="datetime-local"
                step="1"
                id=id.clone()
                name=name
                value=value
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
            />
            <FieldNotes id help error />
        </div>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// What to enter.
    #[prop(into)]
    label: String,
    /// What was typed before.
    #[prop(optional, into)]
    value: String,
    /// A sentence below the field.
    #[prop(optional, into)]
    help: Option<String>,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// It must not be empty.
    #[prop(optional)]
    required: bool,
    /// How many lines to show.
    #[prop(default = 4)]
    rows: u32,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Figures of one width, for keys and documents.
    #[prop(optional)]
    code: bool,
    /// Another id, when two forms of a page share a name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    view! {
        <div>
            <FieldLabel id=id.clone() label aside=None />
            <textarea
                class="textarea"
                class:input-code=code
                id=id.clone()
                name=name
                rows=rows.to_string()
                maxlength=maxlength.map(|most| most.to_string())
                required=required
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
                inner_html=as_markup(&value)
            ></textarea>
            <FieldNotes id help error />
        </div>
    }
}

/// Text as it stands in a `<textarea>`: the renderer takes what is in one for markup already, and browsers leave out a
/// newline at its beginning.
fn as_markup(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// The label above a field.
#[component]
pub(super) fn FieldLabel(id: String, label: String, aside: Option<ViewFnOnce>) -> impl IntoView {
    view! {
        <div class="field-label">
            <label for=id>{label}</label>
            {aside.map(|aside| view! { <span>{aside.run()}</span> })}
        </div>
    }
}

/// Help and error below a field, under the ids that [`described_by`] names.
#[component]
pub(super) fn FieldNotes(id: String, help: Option<String>, error: Option<String>) -> impl IntoView {
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    view! {
        {error
            .map(|error| {
                view! {
                    <p class="field-error" id=error_id>
                        <Icon name=IconName::CIRCLE_ALERT />
                        <span>{error}</span>
                    </p>
                }
            })}
        {help.map(|help| view! { <p class="field-help" id=help_id>{help}</p> })}
    }
}

/// The value of `aria-describedby` for a field with these notes.
pub(super) fn described_by(id: &str, help: bool, error: bool) -> Option<String> {
    match (error, help) {
        (true, true) => Some(format!("{id}-error {id}-help")),
        (true, false) => Some(format!("{id}-error")),
        (false, true) => Some(format!("{id}-help")),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_several_lines_is_text() {
        assert_eq!(as_markup("a < b\n</textarea>&lt;"), "\na &lt; b\n&lt;/textarea>&amp;lt;");
    }
}
