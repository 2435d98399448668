//! Deleting one's account.

use axum::response::Response;
use domain::organizations::OrganizationLink;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::accounts::{self, Obstacles};
use server::sessions;

use super::render;
use crate::context::{Browser, FormState, PageContext};
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    AuthFrame, Button, ButtonLink, ButtonVariant, CancelLink, Crumb, ErrorSummary, FlashTone, Form, FormFoot, FormPage,
    Notice, TypedConfirmation,
};

const PROFILE: &str = "/account";
const ADDRESS: &str = "/account/delete";

/// Says what goes and what stays, and asks once more.
///
/// # Errors
/// A page about it.
pub async fn delete_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let obstacles = accounts::obstacles(&page.request, visitor).await?;
    let (email, form) = (visitor.account.email.clone(), page.form(ADDRESS));
    let view = move || {
        let errors = form.errors();
        view! {
            <FormPage
                title="Delete account"
                lead=email.clone()
                danger=true
                crumbs=vec![Crumb { label: "Profile".into(), href: PROFILE.into() }]
                notice=move || view! { <ErrorSummary errors title="Your account was not deleted" /> }
            >
                <WhatGoes />
                {if obstacles.is_empty() {
                    view! { <Confirm email form /> }.into_any()
                } else {
                    view! { <InTheWay obstacles /> }.into_any()
                }}
            </FormPage>
        }
        .into_any()
    };
    render(&page, "Delete account", view).await
}

#[component]
fn WhatGoes() -> impl IntoView {
    view! {
        <p>
            "You leave every organization and are signed out everywhere. Your profile, password, passkeys, authenticator apps and recovery codes are deleted. This cannot be undone."
        </p>
        <p class="mt-2">
            "What stays are the audit trails of organizations: they say what you did there, and under which name. You can sign up again with the same address, as somebody new."
        </p>
    }
}

#[component]
fn Confirm(email: String, form: FormState) -> impl IntoView {
    view! {
        <div class="mt-4">
            <Form action=ADDRESS>
                <TypedConfirmation name="address" expected=email value=form.value_or("address", "") error=form.error("address") />
                <FormFoot>
                    <CancelLink href=PROFILE />
                    <Button variant=ButtonVariant::Danger>"Delete account"</Button>
                </FormFoot>
            </Form>
        </div>
    }
}

/// The organizations that would be left without an owner, or cannot be left now.
#[component]
fn InTheWay(obstacles: Obstacles) -> impl IntoView {
    let Obstacles { owned, behind } = obstacles;
    let upgraded = behind.into_iter().map(|link| link.name).collect::<Vec<_>>().join(", ");
    view! {
        <div class="mt-4">
            {(!owned.is_empty())
                .then(|| {
                    view! {
                        <Notice tone=FlashTone::Warning title="Somebody else has to be an owner first">
                            "You are the only active owner here. Make another member an owner, or delete the organization, which takes 30 days:"
                            <ul class="mt-1 list-disc ps-5">{owned.into_iter().map(member_list).collect_view()}</ul>
                        </Notice>
                    }
                })}
            {(!upgraded.is_empty())
                .then(|| {
                    view! {
                        <Notice tone=FlashTone::Warning title="Try again in a few minutes">
                            {format!("Being upgraded, and not to be left just now: {upgraded}.")}
                        </Notice>
                    }
                })}
        </div>
    }
}

fn member_list(link: OrganizationLink) -> impl IntoView {
    view! {
        <li>
            <a class="link" href=format!("/o/{}/members", link.slug)>
                <bdi>{link.name}</bdi>
            </a>
        </li>
    }
}

/// The address that was typed.
#[derive(Serialize, Deserialize)]
pub struct DeleteForm {
    #[serde(default)]
    address: String,
}

/// Deletes the account and signs out.
///
/// # Errors
/// A page about it.
pub async fn delete_account(
    page: PageContext,
    Browser(session): Browser,
    axum::Form(form): axum::Form<DeleteForm>,
) -> Answer {
    if let Err(error) = accounts::delete(&page.request, page.signed_in()?, &form.address).await {
        return forms::back(&page, ADDRESS, &form, error);
    }
    sessions::sign_out(&page.request, &session).await?;
    let view = || {
        view! {
            <AuthFrame title="Your account is deleted" lead="You are signed out, and in no organization any more.">
                <ButtonLink href="/sign-in" wide=true>"Go to sign-in"</ButtonLink>
            </AuthFrame>
        }
        .into_any()
    };
    Ok(page.render("Your account is deleted", view).await)
}
