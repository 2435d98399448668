//! The form that a passkey answers.

use super::button::{ButtonVariant, button_class};
use super::field::{FieldNotes, described_by, field_id};
use super::icons::{Icon, IconName};
use leptos::prelude::*;

/// A form whose button lets the browser ask for a passkey: `crate::browser` gets what is to be signed from the address
/// `challenge` below the form's own, and sends the form with the answer. The button is there once scripts are; without
/// them a sentence says so in its place.
#[component]
pub fn PasskeyForm(
    /// Where it goes.
    #[prop(into)]
    action: String,
    /// The button's text.
    #[prop(default = "Use a passkey")]
    button: &'static str,
    /// How much the button weighs.
    #[prop(optional)]
    variant: ButtonVariant,
    /// The button is as wide as its container.
    #[prop(optional)]
    wide: bool,
    /// Browsers offer passkeys in the menu of a field, too: one with the autocompletion `webauthn`.
    #[prop(optional)]
    in_menu: bool,
    /// What was wrong with the answer before.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What else the form says.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let challenge = format!("{action}/challenge");
    let id = field_id("passkey");
    let described_by = described_by(&id, false, error.is_some());
    view! {
        <form action=action method="post" class="form" data-passkey=challenge data-passkey-menu=in_menu.then_some("") novalidate>
            {children.map(|children| children())}
            <input type="hidden" name="answer" />
            <div>
                <button type="submit" class=format!("{} invisible", button_class(variant, false, wide)) id=id.clone() aria-describedby=described_by>
                    <Icon name=IconName::KEY_ROUND />
                    {button}
                </button>
                <FieldNotes id help=None error />
                <p class="field-error" role="alert" data-passkey-refused="" hidden>
                    "Your browser got no passkey: none was chosen, or this device has none that fits. Nothing has changed."
                </p>
                <noscript>
                    <p class="field-help">"Passkeys need scripts, which are off in this browser."</p>
                </noscript>
            </div>
        </form>
    }
}
