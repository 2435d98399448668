//! "This was not me": the page behind the link of a mail about what has happened to an account.

use axum::extract::Path;
use axum::response::Response;
use domain::device;
use domain::notices::Event;
use domain::text::isolated;
use leptos::prelude::*;
use server::factors::NamedFactor;
use server::notices::{self, AddressAfter, Disowned, Notice};

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
    let origin = if notice.event == Event::FactorsReset {
        ". Somebody of your organization did it.".to_owned()
    } else {
        let device = notice.device.as_deref().map_or_else(|| "an unknown device".to_owned(), device::name);
        let from = notice.ip.map_or_else(String::new, |ip| format!(" at {ip}"));
        format!(", with {device}{from}.")
    };
    let named = notice.factor_name.map(|name| format!("{}. ", isolated(&name)));
    view! {
        <p class="mb-3 text-md">{named} "It was on " <ExactTime at=notice.at zone /> {origin}</p>
        <p class="mb-1 text-md">"The button"</p>
        <ul class="list-disc pl-5 text-md">
            {notice.former_email.map(|email| view! { <li>{format!("gives your account the address {email} back")}</li> })}
            <li>"ends all sessions of your account"</li>
            <li>"makes its password useless"</li>
            <li>"revokes the API keys that are yours, or whose secret you have made, in every organization"</li>
            {notice.takes.iter().map(|factor| view! { <li>{format!("takes away the {}", named_factor(factor))}</li> }).collect_view()}
            {notice.takes_codes.then(|| view! { <li>"takes away the recovery codes, which are new"</li> })}
            {notice.drops_change.then(|| view! { <li>"drops the change of address that waits"</li> })}
            <li>"sends you a mail to choose another password"</li>
        </ul>
    }
}

fn named_factor(factor: &NamedFactor) -> String {
    format!("{} {}", factor.kind(), isolated(&factor.name))
}

/// Does that. Nobody is signed in by it.
///
/// # Errors
/// A page about it.
pub async fn not_me(page: PageContext, Path(token): Path<String>) -> Answer {
    let done = notices::disown(&page.request, &token).await?;
    let sends_mail = page.sends_mail();
    let title = if done.kept.is_empty() && done.address != AddressAfter::Taken {
        "Your account is safe"
    } else {
        "Look at what stays"
    };
    let view = move || {
        view! {
            <AuthFrame title lead="All sessions have ended, and the password no longer works.">
                <WhatWasDone done sends_mail />
                <ButtonLink href="/sign-in" wide=true>"Go to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render(title, view).await)
}

/// What else was done, what stays, and what comes next.
#[component]
fn WhatWasDone(done: Disowned, sends_mail: bool) -> impl IntoView {
    let gone = gone(&done);
    let next = next(&done, sends_mail);
    let kept = (!done.kept.is_empty()).then(|| {
        let lines = done.kept.iter().map(|factor| view! { <li>{named_factor(factor)}</li> }).collect_view();
        view! {
            <p class="mb-1 text-md">"This was there before, and still signs in:"</p>
            <ul class="mb-4 list-disc pl-5 text-md">{lines}</ul>
        }
    });
    view! {
        {(!gone.is_empty())
            .then(|| {
                let lines = gone.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
                view! { <ul class="mb-4 list-disc pl-5 text-md">{lines}</ul> }
            })}
        {kept}
        <p class="mb-4 text-md">{next}</p>
    }
}

/// What was undone besides.
fn gone(done: &Disowned) -> Vec<String> {
    let mut lines = Vec::new();
    if done.address == AddressAfter::GivenBack {
        lines.push("Your account has this address again.".to_owned());
    }
    lines.extend(done.taken.iter().map(|factor| format!("The {} is removed.", named_factor(factor))));
    if done.codes_taken {
        lines.push("The new recovery codes work no longer.".to_owned());
    }
    if done.change_dropped {
        lines.push("The change of address that waited is dropped.".to_owned());
    }
    lines
}

/// What comes next.
fn next(done: &Disowned, sends_mail: bool) -> String {
    if done.address == AddressAfter::Taken {
        return "Another account has this address by now, so yours keeps the new one. Ask whoever runs the platform to \
                help you."
            .to_owned();
    }
    let mail = if sends_mail {
        "A link to choose another password is on its way to your address."
    } else {
        "There is no mail server: ask whoever runs the platform for the link to choose another password."
    };
    let stays = if done.kept.is_empty() { "" } else { " Remove at once what is not yours of the above." };
    format!(
        "{mail} When you have signed in, look at your security page, and generate new recovery codes if you use them.{stays}"
    )
}
