//! The page behind an invitation's link.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::invitations::Offer;
use domain::text::isolated;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::invitations::{self, Joiner};
use server::sessions;
use server::sign_in::begin_session;

use crate::context::{Browser, FormState, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::sign_in::WayBack;
use crate::ui::{AuthFrame, Button, ButtonLink, ButtonVariant, ErrorSummary, Field, Form, NewPasswordField, Notice};

/// Shows the invitation, and changes nothing: programs that look for harm in mail open links, too.
///
/// # Errors
/// A page about it.
pub async fn offer_page(page: PageContext, Path(token): Path<String>) -> Result<Response, Fault> {
    let offer = invitations::lookup(&page.request, &token).await?;
    let form = page.form(page.path());
    let path = page.path().to_owned();
    let signed_in = page.visitor.as_ref().map(|visitor| visitor.account.email.clone());
    let notice = page.clone();
    let title = format!("Join {}", isolated(&offer.organization));
    let heading = title.clone();
    let view = move || {
        let inviter = offer.invited_by.clone().unwrap_or_else(|| "Somebody".into());
        let lead = format!("{} invites {} as {}.", isolated(&inviter), offer.email, offer.role.name());
        let decline = format!("{path}/decline");
        let asks_for_a_password = signed_in.is_none() && !offer.has_account;
        view! {
            <AuthFrame title=heading lead live=asks_for_a_password>
                {notice.notice()}
                <Answering offer path signed_in form />
                <Form action=decline class="mt-2 -mb-2">
                    <Button variant=ButtonVariant::Ghost wide=true>"Decline"</Button>
                </Form>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render(&title, view).await)
}

/// The way in that fits whoever looks: somebody without an account, the invited person, or another.
#[component]
fn Answering(offer: Offer, path: String, signed_in: Option<String>, form: FormState) -> impl IntoView {
    let sign_in = format!("{path}/sign-in");
    match signed_in {
        Some(email) if email == offer.email => view! {
            <Form action=path>
                <Button variant=ButtonVariant::Primary wide=true>"Accept invitation"</Button>
            </Form>
        }
        .into_any(),
        Some(email) => view! {
            <Notice title="This is for another address">
                {format!("You are signed in as {email}. The invitation is for {}.", offer.email)}
            </Notice>
            <Form action=sign_in class="mt-3">
                <Button wide=true>"Use another account"</Button>
            </Form>
        }
        .into_any(),
        None if offer.has_account => view! {
            <p class="mb-3 text-md text-muted">{format!("{} has an account already.", offer.email)}</p>
            <Form action=sign_in>
                <Button variant=ButtonVariant::Primary wide=true>"Sign in to accept"</Button>
            </Form>
        }
        .into_any(),
        None => view! { <NewAccount path email=offer.email organization=offer.organization form /> }.into_any(),
    }
}

#[component]
fn NewAccount(path: String, email: String, organization: String, form: FormState) -> impl IntoView {
    let errors = form.errors();
    let about = format!("{email}\n{organization}");
    view! {
        <p class="mb-3 text-md text-muted">"To join you need an account. You sign in with this address."</p>
        <ErrorSummary errors />
        <Form action=path>
            // Lets password managers store the right name.
            <input class="hidden" r#type="text" name="username" autocomplete="username" value=email aria-hidden="true" tabindex="-1" readonly=true />
            <Field name="name" label="Full name" value=form.value_or("name", "") error=form.error("name") autocomplete="name" required=true />
            <NewPasswordField about error=form.error("password") />
            <Button variant=ButtonVariant::Primary wide=true>"Accept invitation"</Button>
        </Form>
    }
}

/// What somebody without an account types.
#[derive(Serialize, Deserialize)]
pub struct JoinForm {
    #[serde(default)]
    name: String,
    #[serde(default, skip_serializing)]
    password: String,
}

/// Accepts the invitation.
///
/// # Errors
/// A page about it.
pub async fn accept(
    page: PageContext,
    Browser(session): Browser,
    Path(token): Path<String>,
    axum::Form(form): axum::Form<JoinForm>,
) -> Answer {
    let joiner = match &page.visitor {
        Some(visitor) => Joiner::Known(visitor),
        None => Joiner::New { name: &form.name, password: &form.password },
    };
    let accepted = match invitations::accept(&page.request, &token, joiner).await {
        Ok(accepted) => accepted,
        Err(error) => return forms::back(&page, page.path(), &form, error),
    };
    if page.visitor.is_none() {
        begin_session(&page.request, accepted.account).await?.hand_over(&page.request, &session).await?;
    }
    let done = Done::Joined { organization: accepted.organization };
    Ok(forms::done(&page, &format!("/o/{}", accepted.slug), done))
}

/// Leads to the sign-in and back again. The way back is not in an address: those are in logs and histories. Whoever is
/// signed in with another account is signed out.
///
/// # Errors
/// A page about it.
pub async fn sign_in_first(page: PageContext, Browser(session): Browser, Path(token): Path<String>) -> Answer {
    let offer = invitations::lookup(&page.request, &token).await?;
    let is_known = page.visitor.as_ref().map(|visitor| visitor.account.email == offer.email);
    if is_known == Some(false) {
        sessions::sign_out(&page.request, &session).await?;
    }
    let link = page.path().trim_end_matches("/sign-in");
    let can_answer = is_known == Some(true) || !offer.has_account;
    Ok(if can_answer { Redirect::to(link).into_response() } else { WayBack::by_sign_in(link, &page.state.portal) })
}

/// Declines the invitation.
///
/// # Errors
/// A page about it.
pub async fn decline(page: PageContext, Path(token): Path<String>) -> Answer {
    let organization = invitations::decline(&page.request, &token).await?;
    if page.visitor.is_some() {
        return Ok(forms::done(&page, "/invitations", Done::InvitationDeclined));
    }
    let view = move || {
        view! {
            <AuthFrame title="Invitation declined" lead=format!("You have declined to join {}. Nothing else happens.", isolated(&organization))>
                <ButtonLink href="/sign-in" wide=true>"Go to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Invitation declined", view).await)
}
