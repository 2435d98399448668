//! Forms: plain posts that redirect. What failed comes back as errors at the fields and a summary on top.

use super::{
    field::field_id,
    icons::{Icon, IconName},
};
use leptos::prelude::*;

/// A form. The browser's own validation is off: the server's messages say more, look the same everywhere and are
/// read out by assistive technology.
#[component]
pub fn Form(
    /// Where it goes.
    #[prop(into)]
    action: String,
    /// `post` unless it only asks, as a search does.
    #[prop(default = "post")]
    method: &'static str,
    /// An id, for buttons that stand outside.
    #[prop(optional, into)]
    id: Option<String>,
    /// Its layout: fields in a column unless said otherwise.
    #[prop(default = "form")]
    class: &'static str,
    /// It carries a file.
    #[prop(optional)]
    multipart: bool,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    let enctype = multipart.then_some("multipart/form-data");
    view! {
        <form action=action method=method id=id class=class enctype=enctype novalidate>
            {children()}
        </form>
    }
}

/// The last line of a form: what else there is, such as "Cancel", then the button, where the eye ends.
#[component]
pub fn FormFoot(
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! { <div class="form-foot">{children()}</div> }
}

/// A value that the form says without showing it.
#[component]
pub fn HiddenField(
    /// The field's name.
    #[prop(into)]
    name: String,
    /// Its value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the field to go to.
    pub id: String,
    /// What is wrong and what helps, as at the field.
    pub message: String,
}

impl FieldError {
    /// An error at the field of this name, whose id is the usual one.
    pub fn at(name: &str, message: impl Into<String>) -> Self {
        Self { id: field_id(name), message: message.into() }
    }
}

/// All errors of a form, above it; nothing when there are none. Takes the focus of
/// the page, so that it is read first; each line leads to its field.
#[component]
pub fn ErrorSummary(
    /// The errors, in the order of the fields.
    errors: Vec<FieldError>,
    /// What did not happen, e.g. "The invitation was not sent".
    #[prop(default = "Please check what you entered".to_owned(), into)]
    title: String,
) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        view! {
            <div class="notice notice-error" role="alert" tabindex="-1" id="errors" autofocus>
                <Icon name=IconName::CIRCLE_ALERT />
                <div>
                    <strong>{title}</strong>
                    <ul class="mt-0.5">{errors.into_iter().map(summary_line).collect_view()}</ul>
                </div>
            </div>
        }
    })
}

fn summary_line(error: FieldError) -> impl IntoView {
    let FieldError { id, message } = error;
    view! { <li><a class="link" href=format!("#{id}")>{message}</a></li> }
}
