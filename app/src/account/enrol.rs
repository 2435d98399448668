//! The way to the second factor that an organization asks for, and from there into it.

use axum::response::{IntoResponse, Redirect, Response};
use domain::policy::Methods;
use domain::text::isolated;
use leptos::prelude::*;
use server::factors::passkeys as keys;
use server::policy::{self, Asked};
use time::OffsetDateTime;

use super::authenticators::AuthenticatorCard;
use super::passkeys::{self, PasskeyCard};
use super::render;
use crate::context::{FormState, PageContext};
use crate::forms::{enrol_for, local_path, slug_of};
use crate::problems::Fault;
use crate::ui::{ErrorSummary, ExactTime, FlashTone, Narrow, Notice, PageHeader};

/// Where it leads on: the page `next` of the address, if that is one of this site's.
pub(super) fn next_of(page: &PageContext) -> Option<String> {
    page.query_value("next").filter(|next| local_path(next) == next)
}

/// Where somebody goes who has begun on the way to `next`, or else on the page "Security".
pub(super) fn home(next: Option<&str>) -> String {
    next.map_or_else(|| super::SECURITY.to_owned(), enrol_for)
}

/// What the organization of the page `next` asks for, and how to set it up. Who has it goes on.
///
/// # Errors
/// A page about it.
pub async fn enrol_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let next = next_of(&page).unwrap_or_else(|| "/".to_owned());
    let asked = policy::asked(&page.request, visitor, slug_of(&next)).await?;
    // Without a way in that is accepted nobody has more time.
    let begun = |asked: &Asked| asked.ways.map(|_| page.request.now).or(asked.due);
    let Some((Asked { organization, policy, ways, .. }, due)) =
        asked.and_then(|asked| begun(&asked).map(|due| (asked, due)))
    else {
        return Ok(Redirect::to(&next).into_response());
    };
    // What opens the organization at all comes first.
    let methods = if ways.is_some() { policy.asked() } else { policy.mfa.map(|mfa| mfa.methods) };
    let methods = methods.unwrap_or(Methods::ALL);
    let possible = Methods { passkey: methods.passkey && keys::are_possible(&page.request), ..methods };
    let form = page.form(passkeys::ADDRESS);
    let context = page.clone();
    let view = move || {
        let lead = format!("{} asks its members to sign in with {}.", isolated(&organization), methods.describe());
        view! {
            <PageHeader title="Set up a second factor" lead />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The passkey was not added" />
                <Time page=context.clone() organization due />
                <Ways page=context possible form next />
            </Narrow>
        }
        .into_any()
    };
    render(&page, "Set up a second factor", view).await
}

/// How long there is for it.
#[component]
fn Time(page: PageContext, organization: String, due: OffsetDateTime) -> impl IntoView {
    let name = isolated(&organization).into_owned();
    if page.request.now < due {
        let zone = page.zone();
        view! { <Notice>{name} " lets you in without until " <ExactTime at=due zone /> ". It takes a minute."</Notice> }
            .into_any()
    } else {
        view! {
            <Notice tone=FlashTone::Warning title="One step before you go on">
                {name} " is closed to you until you have one. Then you go on where you wanted to. Everything else is open as before."
            </Notice>
        }
        .into_any()
    }
}

#[component]
fn Ways(page: PageContext, possible: Methods, form: FormState, next: String) -> impl IntoView {
    let (passkeys, apps) = (Vec::new(), Vec::new());
    let (context, on) = (page.clone(), next.clone());
    view! {
        {possible.passkey.then(move || view! { <PasskeyCard page=context passkeys form next=on /> })}
        {possible.authenticator.then(move || view! { <AuthenticatorCard page apps next /> })}
    }
}
