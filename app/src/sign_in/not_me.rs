//! "This was not me": the page behind the link of a mail about what has happened to an account.

use axum::extract::Path;
use axum::response::Response;
use domain::device;
use domain::text::isolated;
use leptos::prelude::*;
use server::notices::{self, Disowned, Notice};

use crate::context::PageContext;
use crate::forms::Answer;
use crate::problems::Fault;
use crate::ui::{AuthFrame, Button, ButtonLink, ButtonVariant, ExactTime, Form, Zone};

const TITLE: &str = "Was this not you?";

/// Says what happened and what the button does, and changes nothing: programs that look for harm in mail open links,
/// too.
///
/// # Errors
/// A page about it.
pub async fn not_me_page(page: PageContext, Path(token): Path<String>) -> Result<Response, Fault> {
    let notice = notices::lookup(&page.request, &token).await?;
    let (action, zone) = (page.path().to_owned(), page.zone());
    let view = move || {
        view! {
            <AuthFrame title=TITLE lead=format!("{}.", notice.event.title())>
                <WhatHappened notice zone />
                <Form action class="mt-4">
                    <Button variant=ButtonVariant::Danger wide=true>"This was not me"</Button>
                </Form>
                <p class="mt-3 text-sm text-muted">"It was you? Then close this page. Nothing has changed."</p>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render(TITLE, view).await)
}

#[component]
fn WhatHappened(notice: Notice, zone: Zone) -> impl IntoView {
    let device = notice.device.as_deref().map_or_else(|| "an unknown device".to_owned(), device::name);
    let from = notice.ip.map_or_else(String::new, |ip| format!(" at {ip}"));
    let named = notice.factor_name.map(|name| format!("{}. ", isolated(&name)));
    let factor = notice.event.added().filter(|_| notice.takes_factor);
    view! {
        <p class="mb-3 text-md">
            {named} "It was on " <ExactTime at=notice.at zone /> {format!(", with {device}{from}.")}
        </p>
        <p class="mb-1 text-md">"The button"</p>
        <ul class="list-disc pl-5 text-md">
            <li>"ends all sessions of your account"</li>
            <li>"makes its password useless"</li>
            {factor.map(|factor| view! { <li>{format!("takes the {factor} away")}</li> })}
            <li>"sends you a mail to choose another password"</li>
        </ul>
    }
}

/// Does that. Nobody is signed in by it.
///
/// # Errors
/// A page about it.
pub async fn not_me(page: PageContext, Path(token): Path<String>) -> Answer {
    let done = notices::disown(&page.request, &token).await?;
    let sends_mail = page.sends_mail();
    let view = move || {
        view! {
            <AuthFrame title="Your account is safe" lead=summary(done)>
                <p class="mb-4 text-md">{next(done, sends_mail)}</p>
                <ButtonLink href="/sign-in" wide=true>"Go to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Your account is safe", view).await)
}

/// What was done.
fn summary(done: Disowned) -> String {
    let factor = match done.event.added() {
        Some(factor) if done.factor_removed => format!(" The {factor} that was added is gone."),
        Some(factor) => format!(" The {factor} that was added has stayed, or had gone before."),
        None => String::new(),
    };
    format!("All sessions have ended, and the password no longer works.{factor}")
}

/// What comes next.
fn next(done: Disowned, sends_mail: bool) -> String {
    let mail = if sends_mail {
        "A link to choose another password is on its way to your address."
    } else {
        "There is no mail server: ask whoever runs the platform for the link to choose another password."
    };
    let stayed =
        if done.event.added().is_some() && !done.factor_removed { " Remove what is not yours there." } else { "" };
    format!(
        "{mail} When you have signed in, look at your security page, and generate new recovery codes if you use them.{stayed}"
    )
}
