//! Views of the trail that somebody keeps: links to them, and the form that keeps another.

use axum::response::Response;
use domain::audit::AuditQuery;
use leptos::prelude::*;
use server::audit::views::{self, SavedView};

use super::address::{address, asked, in_words};
use super::crumbs;
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, ErrorSummary, Field, Form, FormFoot, FormPage, HiddenField, IconName,
};

/// The views, and a form that keeps the one in the address.
///
/// # Errors
/// A page about it.
pub async fn views_page(org: Organization) -> Result<Response, Fault> {
    let views = views::list(&org.access).await?;
    let content = org.clone();
    let page = move || view! { <Views org=content views /> }.into_any();
    Ok(org.render("Saved views", page).await)
}

#[component]
fn Views(org: Organization, views: Vec<SavedView>) -> impl IntoView {
    let form = org.page.form(&org.path("/audit/views"));
    let query = if form.came_back() { AuditQuery::from_text(&form.value_or("query", "")) } else { asked(&org) };
    let query = query.from_the_start();
    let errors = form.errors();
    let none = views.is_empty();
    let lines = views.into_iter().map(|view| view! { <Line org=org.clone() view /> }).collect_view();
    let crumbs = crumbs(&org);
    view! {
        <FormPage
            title="Saved views"
            lead="What you ask the audit trail for again and again."
            crumbs
            notice=move || view! { <ErrorSummary errors title="The view was not saved" /> }
        >
            {if none {
                view! { <p class="text-muted">"You have saved none yet."</p> }.into_any()
            } else {
                view! { <ul class="lines" aria-label="Saved views">{lines}</ul> }.into_any()
            }}
            <div class="mt-4 border-t border-line pt-4">
                <Saving org form query />
            </div>
        </FormPage>
    }
}

/// The form that keeps a query, or how to get to one that is worth it.
#[component]
fn Saving(org: Organization, form: FormState, query: AuditQuery) -> impl IntoView {
    let cancel = address(&org, &query);
    if !query.is_filtered() {
        return view! {
            <p>"Search or filter the audit trail first. Then save here what you see."</p>
        }
        .into_any();
    }
    view! {
        <Form action=org.path("/audit/views")>
            <HiddenField name="query" value=query.to_text() />
            <p>{format!("Keep the list that you came from: {}.", in_words(&query))}</p>
            <Field
                name="name"
                label="Name"
                value=form.value_or("name", "")
                error=form.error("name")
                help="Such as “Denied this week”. You alone see it."
            />
            <FormFoot>
                <CancelLink href=cancel />
                <Button variant=ButtonVariant::Primary>"Save view"</Button>
            </FormFoot>
        </Form>
    }
    .into_any()
}

#[component]
fn Line(org: Organization, view: SavedView) -> impl IntoView {
    let query = AuditQuery::from_text(&view.query);
    let href = address(&org, &query);
    let delete = org.path(&format!("/audit/views/{}/delete", view.id));
    let label = format!("Delete the view {}", view.name);
    view! {
        <li>
            <div class="min-w-0">
                <a class="link font-medium" href=href>{view.name}</a>
                <p class="truncate text-sm text-muted">{in_words(&query)}</p>
            </div>
            <Form action=delete class="contents">
                <Button small=true variant=ButtonVariant::Ghost icon=IconName::TRASH_2 label>
                    ""
                </Button>
            </Form>
        </li>
    }
}
