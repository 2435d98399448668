//! Something that is shown once: an invitation's link, an API key.

use super::{
    button::{ButtonLink, ButtonVariant},
    copy::CopyButton,
    flash::{FlashTone, Notice},
};
use leptos::prelude::*;

/// A secret with a button that copies it. Without scripts the field can be selected.
#[component]
pub fn SecretPanel(
    /// What it is, e.g. "Invitation link".
    #[prop(into)]
    label: String,
    /// The secret.
    #[prop(into)]
    value: String,
    /// What it opens, for how long, and that it is not shown again.
    #[prop(into)]
    text: String,
    /// Where to go when it has been stored.
    #[prop(optional_no_strip, into)]
    done: Option<String>,
) -> impl IntoView {
    view! {
        <section class="panel card-body mb-5">
            <Notice tone=FlashTone::Warning>{text}</Notice>
            <label class="mb-1 block text-md font-medium" for="secret">
                {label}
            </label>
            <div class="secret">
                <input class="input input-code" id="secret" readonly=true value=value autocomplete="off" spellcheck="false" />
                <CopyButton target="secret" />
            </div>
            {done
                .map(|href| {
                    view! {
                        <div class="mt-4">
                            <ButtonLink href variant=ButtonVariant::Primary>
                                "I have stored it"
                            </ButtonLink>
                        </div>
                    }
                })}
        </section>
    }
}
