//! The links in mails about an address: agreeing to a change, or not.

use axum::extract::Path;
use axum::response::Response;
use domain::text::isolated;
use leptos::prelude::*;
use server::accounts::address::{self, Agreed, Question, Side};

use crate::context::PageContext;
use crate::forms::Answer;
use crate::problems::Fault;
use crate::ui::{AuthFrame, Button, ButtonLink, ButtonVariant, FlashTone, Form, Notice};

/// Asks whether the address is to change, and changes nothing: programs that look for harm in mail open links, too.
///
/// # Errors
/// A page about it.
pub async fn verify_address_page(page: PageContext, Path(token): Path<String>) -> Result<Response, Fault> {
    let question = address::lookup(&page.request, &token).await?;
    let action = page.path().to_owned();
    let (title, lead) = words(&question);
    let view = move || {
        let cancel = format!("{action}/cancel");
        let warning = warning(&question);
        view! {
            <AuthFrame title lead>
                {warning.map(|(title, text)| view! { <Notice title tone=FlashTone::Warning>{text}</Notice> })}
                <Form action class="mt-4">
                    <Button variant=ButtonVariant::Primary wide=true>"Confirm"</Button>
                </Form>
                {(!question.is_own)
                    .then(|| {
                        view! {
                            <Form action=cancel class="mt-2 -mb-2">
                                <Button variant=ButtonVariant::Ghost wide=true>"Cancel the change"</Button>
                            </Form>
                        }
                    })}
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render(title, view).await)
}

fn words(question: &Question) -> (&'static str, String) {
    let Question { side, name, email, is_own, .. } = question;
    match side {
        Side::Present => ("Agree to another address", format!("Your account is to get the address {email}.")),
        Side::New if *is_own => ("Confirm your address", format!("This confirms {email}.")),
        Side::New => ("Confirm your new address", format!("The account of {} is to get {email}.", isolated(name))),
    }
}

/// What to look at before one confirms.
fn warning(question: &Question) -> Option<(&'static str, &'static str)> {
    match question.side {
        Side::Present => Some((
            "If this was not you, cancel the change",
            "Somebody was at your account then. Change your password, too: that ends every other session.",
        )),
        Side::New if question.is_own => None,
        Side::New => Some((
            "If this was not you, do not confirm",
            "The account of somebody else would be known by your address.",
        )),
    }
}

/// Agrees.
///
/// # Errors
/// A page about it.
pub async fn verify_address(page: PageContext, Path(token): Path<String>) -> Answer {
    let (title, lead) = match address::agree(&page.request, page.visitor.as_ref(), &token).await? {
        Agreed::Waiting => (
            "One more link",
            "Your answer is noted. The address changes when the link in the mail to the other address is followed, too."
                .to_owned(),
        ),
        Agreed::Changed(email) => ("Your email is changed", format!("From now on you sign in with {email}.")),
        Agreed::Proven => ("Your address is confirmed", "Invitations to it are shown to you from now on.".to_owned()),
    };
    Ok(told(&page, title, lead, "/account", "Go to your account").await)
}

/// Does not agree.
///
/// # Errors
/// A page about it.
pub async fn cancel_address(page: PageContext, Path(token): Path<String>) -> Answer {
    let title = "The change is cancelled";
    Ok(match address::refuse(&page.request, &token).await? {
        Side::Present => {
            let lead = "Your address stays as it is. If you did not ask for the change, somebody was at your account: change your password, which ends every other session.";
            told(&page, title, lead.to_owned(), "/account/security", "Go to your security page").await
        }
        Side::New => {
            let lead = "Your address is not used, and the links no longer work.";
            told(&page, title, lead.to_owned(), "/", "Go to the start page").await
        }
    })
}

/// A page that says what was done.
async fn told(
    page: &PageContext,
    title: &'static str,
    lead: String,
    href: &'static str,
    label: &'static str,
) -> Response {
    let view = move || {
        view! {
            <AuthFrame title lead>
                <ButtonLink href wide=true>{label}</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    page.render(title, view).await
}
