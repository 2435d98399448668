//! Proving once more who one is, before something that is worth it.

use axum::response::{IntoResponse, Redirect, Response};
use domain::factors::Factors;
use domain::policy::{SecurityPolicy, SignInMethods, Staleness};
use domain::text::isolated;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::sessions::Visitor;
use server::step_up as steps;
use server::{operators, policy};

use super::render;
use crate::context::{Browser, FormState, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer, local_path, slug_of, step_up_for};
use crate::operators::is_of_console;
use crate::problems::Fault;
use crate::sign_in::PasskeyAnswer;
use crate::ui::{
    Button, ButtonVariant, CancelLink, Card, CodeField, ErrorSummary, Field, FieldKind, Form, FormFoot, HiddenField,
    Narrow, PageHeader, PasskeyForm,
};

const ADDRESS: &str = "/account/step-up";
/// Where a passkey is used for it.
const BY_PASSKEY: &str = "/account/step-up/passkey";

/// Asks for a code or a passkey, or for the password of somebody who has nothing else. Whoever has given one just now goes
/// on, unless an organization asks for it anew.
///
/// # Errors
/// A page about it.
pub async fn step_up_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let next = local_path(&page.query_value("next").unwrap_or_default()).to_owned();
    let proof = policy::proof(&page.request, visitor, slug_of(&next)).await?;
    let again = proof.and_then(|proof| proof.stale);
    // Whether there is a console for them is not looked at: who asks for it proves that it is them.
    let is_enough = !is_of_console(&next) || operators::is_proven(visitor, page.request.now);
    let is_fresh =
        is_enough && proof.map_or_else(|| visitor.require_fresh(&page.request).is_ok(), |proof| proof.is_fresh);
    if again.is_none() && is_fresh {
        return Ok(Redirect::to(&next).into_response());
    }
    let minutes = proof.map_or(SecurityPolicy::default().step_up_minutes, |proof| proof.minutes);
    let holds = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    let lead = again.map_or_else(
        || format!("What you are about to do needs a fresh proof. It holds for {holds}."),
        |why| asked_again((why, proof.map_or(SignInMethods::ALL, |proof| proof.ways)), visitor, &next),
    );
    let has = steps::ways(&page.request, visitor).await?;
    let ways = proof.map_or(Some(has), |proof| leading_in(visitor, has, proof.ways));
    let (form, by_passkey) = (page.form(ADDRESS), page.form(BY_PASSKEY));
    let view = move || {
        let errors = [form.errors(), by_passkey.errors()].concat();
        let passkey = ways.filter(|ways| ways.passkey);
        let passkey =
            passkey.map(|ways| view! { <ByPasskey alone=!ways.authenticator form=by_passkey next=next.clone() /> });
        let typed = ways.filter(|ways| ways.authenticator || !ways.any());
        let typed = typed.map(|ways| view! { <ByField ways form next /> });
        let anew = ways.is_none().then(|| view! { <Anew /> });
        view! {
            <PageHeader title="Confirm that it is you" lead />
            <Narrow>
                <ErrorSummary errors title="That did not work" />
                {passkey}
                {typed}
                {anew}
            </Narrow>
        }
        .into_any()
    };
    render(&page, "Confirm that it is you", view).await
}

/// The proofs that lead in by one of the ways that the organization accepts, of those that somebody has; none, where only
/// signing in anew does.
fn leading_in(visitor: &Visitor, has: Factors, accepted: SignInMethods) -> Option<Factors> {
    let shown = visitor.method;
    let ways = Factors {
        passkey: has.passkey && accepted.accept(shown.with_passkey()),
        authenticator: has.authenticator && accepted.accept(shown.with_code()),
    };
    let by_password = !has.any() && accepted.accept(shown);
    (ways.any() || by_password).then_some(ways)
}

/// That somebody has to sign in anew, in another way.
#[component]
fn Anew() -> impl IntoView {
    view! {
        <Card title="Sign in in another way">
            <p>"What you have signed in with is not accepted there. Sign out, and sign in with your password and a second step."</p>
            <Form action="/sign-out">
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Sign out"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Why the organization of this page asks for a proof of somebody who is signed in.
fn asked_again((why, ways): (Staleness, SignInMethods), visitor: &Visitor, next: &str) -> String {
    let organizations = visitor.organizations();
    let organization = organizations.iter().find(|organization| organization.slug == slug_of(next));
    let name = organization.map_or_else(|| "The organization".to_owned(), |found| isolated(&found.name).into_owned());
    match why {
        Staleness::Idle => format!("{name} asks for it when a session was not used for a while."),
        Staleness::Age => format!("{name} asks for it when the last time is some time ago."),
        Staleness::Ended => {
            format!("{name} has ended your access for the sessions of then. Your account goes on as before.")
        }
        Staleness::Method => {
            format!("{name} does not accept what you have signed in with so far, but {}.", ways.describe())
        }
        Staleness::Displaced => {
            format!(
                "{name} lets in few sessions of one person at a time. With a proof this one comes in, and the oldest waits."
            )
        }
    }
}

#[component]
fn ByPasskey(alone: bool, form: FormState, next: String) -> impl IntoView {
    let variant = if alone { ButtonVariant::Primary } else { ButtonVariant::Outline };
    let back = next.clone();
    view! {
        <Card title="Your passkey">
            <PasskeyForm action=BY_PASSKEY variant error=form.error("passkey")>
                <HiddenField name="next" value=next />
            </PasskeyForm>
            {alone.then(|| view! { <p class="mt-4"><CancelLink href=back /></p> })}
        </Card>
    }
}

#[component]
fn ByField(ways: Factors, form: FormState, next: String) -> impl IntoView {
    let has_code = ways.authenticator;
    let field = if has_code {
        view! { <CodeField error=form.error("code") autofocus=true /> }.into_any()
    } else {
        view! {
            <Field name="password" label="Password" kind=FieldKind::Password error=form.error("password") autocomplete="current-password" required=true autofocus=true />
        }
        .into_any()
    };
    view! {
        <Card title=if has_code { "Your authenticator app" } else { "Your password" }>
            <Form action=ADDRESS>
                <HiddenField name="next" value=next.clone() />
                {field}
                <FormFoot>
                    <CancelLink href=next />
                    <Button variant=ButtonVariant::Primary>"Confirm"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// One of the proofs that are typed, and where to go then.
#[derive(Serialize, Deserialize)]
pub struct StepUpForm {
    #[serde(default, skip_serializing)]
    code: String,
    #[serde(default, skip_serializing)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Takes the proof and leads back.
///
/// # Errors
/// A page about it.
pub async fn step_up(page: PageContext, Browser(session): Browser, axum::Form(form): axum::Form<StepUpForm>) -> Answer {
    let visitor = page.signed_in()?;
    let proven = if steps::ways(&page.request, visitor).await?.any() {
        steps::by_code(&page.request, visitor, &form.code).await
    } else {
        steps::by_password(&page.request, visitor, &form.password).await
    };
    let next = local_path(&form.next);
    match proven {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(forms::done(&page, next, Done::SteppedUp))
        }
        Err(error) => forms::back_or_later(&page, &step_up_for(next), &form, error, step_up_page).await,
    }
}

/// What the browser has to know to use a passkey.
///
/// # Errors
/// A page about it.
pub async fn step_up_challenge(page: PageContext) -> Result<Response, Fault> {
    Ok(forms::json(steps::begin_by_passkey(&page.request, page.signed_in()?).await?))
}

/// Takes a passkey as the proof and leads back.
///
/// # Errors
/// A page about it.
pub async fn step_up_by_passkey(
    page: PageContext,
    Browser(session): Browser,
    axum::Form(form): axum::Form<PasskeyAnswer>,
) -> Answer {
    let next = local_path(&form.next);
    match steps::by_passkey(&page.request, page.signed_in()?, &form.answer).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(forms::done(&page, next, Done::SteppedUp))
        }
        Err(error) => forms::back_or_later(&page, &step_up_for(next), &form, error, step_up_page).await,
    }
}
