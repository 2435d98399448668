//! The address of an account: asking for another one, and what waits for an answer.

use axum::Form as Body;
use axum::response::Response;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::accounts::address::{self, Pending};

use super::page::profile_page;
use super::render;
use crate::context::PageContext;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Badge, Button, ButtonVariant, CancelLink, Card, Crumb, ErrorSummary, Field, FieldKind, Form, FormFoot, FormPage,
    TimeAgo, Tone,
};

const PROFILE: &str = "/account";
const ADDRESS: &str = "/account/email";

/// Asks for another address.
///
/// # Errors
/// A page about it.
pub async fn email_page(page: PageContext) -> Result<Response, Fault> {
    let present = page.signed_in()?.account.email.clone();
    let form = page.form(ADDRESS);
    let how = if page.sends_mail() {
        "We send a link to the new address, and one to the present one. Your address changes when both are confirmed."
    } else {
        "No mail server is set up here. Whoever runs this server can give you two links, one for each address. Your address changes when both are confirmed."
    };
    let view = move || {
        let errors = form.errors();
        view! {
            <FormPage
                title="Change email"
                lead=format!("You sign in with {present}.")
                crumbs=vec![Crumb { label: "Profile".into(), href: PROFILE.into() }]
                notice=move || view! { <ErrorSummary errors title="Nothing was sent" /> }
            >
                <p>{how}</p>
                <div class="mt-4">
                    <Form action=ADDRESS>
                        <Field
                            name="email"
                            label="New email"
                            kind=FieldKind::Email
                            value=form.value_or("email", "")
                            error=form.error("email")
                            autocomplete="email"
                            required=true
                            autofocus=true
                        />
                        <FormFoot>
                            <CancelLink href=PROFILE />
                            <Button variant=ButtonVariant::Primary>"Send links"</Button>
                        </FormFoot>
                    </Form>
                </div>
            </FormPage>
        }
        .into_any()
    };
    render(&page, "Change email", view).await
}

/// What waits for an answer, at the top of the profile.
#[component]
pub(super) fn PendingCard(page: PageContext, pending: Pending) -> impl IntoView {
    let (now, zone) = (page.request.now, page.zone());
    let present = page.visitor.as_ref().map_or_else(String::new, |visitor| visitor.account.email.clone());
    let is_own = present == pending.email;
    let is_over = pending.expires_at <= now;
    let (title, cancel) = if is_own {
        ("Your address is to be confirmed", "Cancel")
    } else {
        ("Your email is to change", "Cancel the change")
    };
    view! {
        <Card
            title
            lead=if is_own { "By the link that went to it.".to_owned() } else { format!("To {}, when both links are followed.", pending.email) }
        >
            <ul class="lines mb-4">
                {(!is_own).then(|| view! { <Answered email=present agreed=pending.present_agreed /> })}
                <Answered email=pending.email agreed=pending.new_agreed />
            </ul>
            <p class="mb-4 text-md text-muted">
                {if is_over { "The links have expired " } else { "The links expire " }} <TimeAgo at=pending.expires_at now zone /> "."
            </p>
            <div class="flex flex-wrap gap-2">
                <Form action=format!("{ADDRESS}/resend") class="contents">
                    <Button>"Send again"</Button>
                </Form>
                <Form action=format!("{ADDRESS}/cancel") class="contents">
                    <Button>{cancel}</Button>
                </Form>
            </div>
        </Card>
    }
}

/// One address, and whether its link was followed.
#[component]
fn Answered(email: String, agreed: bool) -> impl IntoView {
    let (tone, label) = if agreed { (Tone::Ok, "Confirmed") } else { (Tone::Warn, "Not confirmed yet") };
    view! {
        <li>
            <span>{email}</span>
            <Badge tone label />
        </li>
    }
}

/// Another address.
#[derive(Serialize, Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
}

/// Begins to change the address.
///
/// # Errors
/// A page about it.
pub async fn change_email(page: PageContext, Body(form): Body<EmailForm>) -> Answer {
    match address::request_change(&page.request, page.signed_in()?, &form.email).await {
        Ok(()) => Ok(forms::done(&page, PROFILE, Done::AddressAsked { sent: page.sends_mail() })),
        Err(error) => forms::back_or_later(&page, ADDRESS, &form, error, email_page).await,
    }
}

/// Sends a link that proves the address which the account has.
///
/// # Errors
/// A page about it.
pub async fn prove_email(page: PageContext) -> Answer {
    match address::request_proof(&page.request, page.signed_in()?).await {
        Ok(()) => Ok(forms::done(&page, PROFILE, Done::ProofAsked { sent: page.sends_mail() })),
        Err(error) => forms::back_or_later(&page, PROFILE, &(), error, profile_page).await,
    }
}

/// Sends the links again that nobody has followed.
///
/// # Errors
/// A page about it.
pub async fn resend_email(page: PageContext) -> Answer {
    match address::resend(&page.request, page.signed_in()?).await {
        Ok(()) => Ok(forms::done(&page, PROFILE, Done::AddressResent)),
        Err(error) => forms::back_or_later(&page, PROFILE, &(), error, profile_page).await,
    }
}

/// Gives the change up.
///
/// # Errors
/// A page about it.
pub async fn cancel_email(page: PageContext) -> Answer {
    match address::cancel(&page.request, page.signed_in()?).await {
        Ok(()) => Ok(forms::done(&page, PROFILE, Done::AddressCancelled)),
        Err(error) => forms::back(&page, PROFILE, &(), error),
    }
}
