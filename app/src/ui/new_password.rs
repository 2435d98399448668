//! The field in which somebody chooses a password.

use super::field::{Field, FieldKind, field_id};
use domain::password::PASSWORD_MIN;
use leptos::prelude::*;

const NAME: &str = "password";

/// A field for a new password, and below it how strong it is, which scripts tell while it is typed: see
/// `crate::browser::strength`. The form is judged in the same way, and nothing is missing without.
#[component]
pub fn NewPasswordField(
    /// "Password", or "New password" where there is one already.
    #[prop(default = "Password")]
    label: &'static str,
    /// What the page knows of whoever chooses, besides the fields of the form, line by line: it makes no password.
    #[prop(optional, into)]
    about: String,
    /// What is wrong with the value.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// How many characters it has at least, where an organization asks for more than the portal.
    #[prop(default = u32::from(PASSWORD_MIN))]
    least: u32,
    /// Where the page's focus starts.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    view! {
        <div>
            <Field
                name=NAME
                label
                kind=FieldKind::Password
                help=format!("At least {least} characters. A few unrelated words are good.")
                error
                autocomplete="new-password"
                required=true
                autofocus
            />
            <p class="strength" data-strength-of=field_id(NAME) data-about=about data-least=least.to_string() aria-live="polite"></p>
        </div>
    }
}
