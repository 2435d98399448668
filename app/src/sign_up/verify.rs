//! Confirming the address of a sign-up, or discarding what somebody else has made with it.

use axum::extract::Path;
use axum::response::Response;
use domain::device;
use domain::text::isolated;
use leptos::prelude::*;
use server::sign_up::{self, Registration};

use super::enter;
use crate::context::{Browser, PageContext};
use crate::forms::Answer;
use crate::problems::Fault;
use crate::ui::{AuthFrame, Button, ButtonLink, ButtonVariant, ExactTime, FlashTone, Form, Notice, Zone};

/// Asks to confirm, and changes nothing: programs that look for harm in mail open links, too.
///
/// # Errors
/// A page about it.
pub async fn verify_page(page: PageContext, Path(token): Path<String>) -> Result<Response, Fault> {
    let registration = sign_up::lookup(&page.request, &token).await?;
    let (action, zone) = (page.path().to_owned(), page.zone());
    let view = move || {
        let lead =
            format!("This confirms {} and creates {}.", registration.email, isolated(&registration.organization));
        let discard = format!("{action}/discard");
        view! {
            <AuthFrame title="Confirm your address" lead>
                <WhoSignedUp registration zone />
                <Form action class="mt-4">
                    <Button variant=ButtonVariant::Primary wide=true>"Confirm"</Button>
                </Form>
                <Form action=discard class="mt-2 -mb-2">
                    <Button variant=ButtonVariant::Ghost wide=true>"This was not me"</Button>
                </Form>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Confirm your address", view).await)
}

/// What tells one's own sign-up from somebody else's, and why that matters.
#[component]
fn WhoSignedUp(registration: Registration, zone: Zone) -> impl IntoView {
    let device = registration.device.as_deref().map_or_else(|| "an unknown device".to_owned(), device::name);
    let from = registration.ip.map_or_else(String::new, |ip| format!(" at {ip}"));
    view! {
        <p class="mb-3 text-md">
            {format!("Signed up as {} on ", isolated(&registration.name))} <ExactTime at=registration.created_at zone />
            {format!(", with {device}{from}.")}
        </p>
        <Notice title="If this was not you, do not confirm" tone=FlashTone::Warning>
            "Whoever signed up chose the password, and could sign in with it."
        </Notice>
    }
}

/// Confirms.
///
/// # Errors
/// A page about it.
pub async fn verify(page: PageContext, Browser(session): Browser, Path(token): Path<String>) -> Answer {
    let welcome = sign_up::confirm(&page.request, &token).await?;
    enter(&page, welcome, &session).await
}

/// Discards the sign-up.
///
/// # Errors
/// A page about it.
pub async fn discard(page: PageContext, Path(token): Path<String>) -> Answer {
    sign_up::discard(&page.request, &token).await?;
    let view = || {
        view! {
            <AuthFrame
                title="Sign-up discarded"
                lead="There is no account by it, and the link no longer works. If somebody signs up with your address again, you get another mail: without your confirmation nothing happens."
            >
                <ButtonLink href="/sign-in" wide=true>"Go to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Sign-up discarded", view).await)
}
