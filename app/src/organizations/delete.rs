//! Deleting an organization, and keeping one that is to be deleted.

use axum::Extension;
use axum::response::{IntoResponse, Redirect, Response};
use domain::text::isolated;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::organizations::{self, Doomed};

use crate::account::render;
use crate::approvals::{AskToDelete, is_alone};
use crate::context::{Organization, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::members::confirm::Asking;
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, Crumb, ErrorSummary, ExactTime, Form, FormFoot, FormPage};

/// Says what goes and until when it can be kept, and asks once more.
///
/// # Errors
/// A page about it.
pub async fn delete_page(org: Organization) -> Result<Response, Fault> {
    organizations::prepare_deletion(&org.access).await?;
    if org.access.enforced().document().approval_needed.deletion {
        return ask_page(org).await;
    }
    let content = org.clone();
    let page = move || {
        let settings = content.path("/settings");
        let crumbs = vec![Crumb { label: "Settings".into(), href: settings.clone() }];
        let name = content.access.organization().to_owned();
        view! {
            <Asking
                org=content
                title="Delete organization"
                lead=name.clone()
                failed="The organization was not deleted"
                crumbs
                cancel=settings
                expected=name
            >
                <WhatGoes />
            </Asking>
        }
        .into_any()
    };
    Ok(org.render("Delete organization", page).await)
}

/// What becomes of everything.
#[component]
fn WhatGoes() -> impl IntoView {
    view! {
        <p>
            "Nobody can use it from now on: its members are kept out, and invitations to it do not work. Its owners get a mail."
        </p>
        <p class="mt-2">
            "For 30 days each owner can keep it, and everything is as it was. After that members, invitations, settings and the audit trail are deleted for good. The accounts of its members stay theirs."
        </p>
    }
}

/// The page where other owners have to approve it.
async fn ask_page(org: Organization) -> Result<Response, Fault> {
    let alone = is_alone(&org, None).await?;
    let content = org.clone();
    let page = move || {
        let crumbs = vec![Crumb { label: "Settings".into(), href: content.path("/settings") }];
        let lead = content.access.organization().to_owned();
        let form = content.page.form(&content.path("/delete/ask"));
        let errors = form.errors();
        view! {
            <FormPage
                title="Delete organization"
                lead
                crumbs
                danger=true
                notice=move || view! { <ErrorSummary errors title="Nobody was asked" /> }
            >
                <WhatGoes />
                <AskToDelete org=content form alone />
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Delete organization", page).await)
}

/// The name that was typed.
#[derive(Serialize, Deserialize)]
pub struct DeleteForm {
    #[serde(default)]
    confirmation: String,
}

/// Has it deleted.
///
/// # Errors
/// A page about it.
pub async fn delete(org: Organization, axum::Form(form): axum::Form<DeleteForm>) -> Answer {
    match organizations::schedule_deletion(&org.access, &form.confirmation).await {
        Ok(_) => {
            let done = Done::OrganizationDeleted { organization: org.access.organization().to_owned() };
            Ok(forms::done(&org.page, &org.path("/delete/cancel"), done))
        }
        Err(error) => forms::back_or_ask(&org.page, org.page.path(), &form, error),
    }
}

/// The one page of an organization that is to be deleted: until when its owners can keep it.
///
/// # Errors
/// A page about it.
pub async fn keep_page(page: PageContext, doomed: Option<Extension<Doomed>>) -> Result<Response, Fault> {
    let Some(Extension(doomed)) = doomed else { return Ok(in_use(&page)) };
    let at = organizations::deleted_at(&doomed).await?;
    let (action, zone) = (page.path().to_owned(), page.zone());
    let title = format!("{} is being deleted", isolated(doomed.organization()));
    let heading = title.clone();
    let view = move || {
        view! {
            <FormPage title=heading lead="Nobody can use it any more.">
                <p>
                    "It is deleted for good on " <ExactTime at zone />
                    ". Until then you can keep it, and so can each of its other owners: everybody comes in again, and everything is as it was."
                </p>
                <div class="mt-4">
                    <Form action>
                        <FormFoot>
                            <Button variant=ButtonVariant::Primary>"Keep organization"</Button>
                        </FormFoot>
                    </Form>
                </div>
            </FormPage>
        }
        .into_any()
    };
    render(&page, &title, view).await
}

/// Keeps it.
///
/// # Errors
/// A page about it.
pub async fn keep(page: PageContext, doomed: Option<Extension<Doomed>>) -> Answer {
    let Some(Extension(doomed)) = doomed else { return Ok(in_use(&page)) };
    match organizations::keep(&doomed).await {
        Ok(()) => {
            let done = Done::OrganizationKept { organization: doomed.organization().to_owned() };
            Ok(forms::done(&page, &format!("/o/{}", doomed.slug()), done))
        }
        Err(error) => forms::back(&page, page.path(), &(), error),
    }
}

/// To an organization that nobody deletes: somebody else has kept it.
fn in_use(page: &PageContext) -> Response {
    Redirect::to(page.path().trim_end_matches("/delete/cancel")).into_response()
}
