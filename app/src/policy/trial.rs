//! What a version that is tried would have done since then, while something else is in force.

use axum::response::Response;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy::{self, ReplayView, Subject};

use super::crumbs;
use super::findings::Findings;
use super::replay::Onward;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Breadcrumb, Button, ButtonLink, ButtonVariant, Drawing, EmptyState, Form, PageHeader, Panel, exact};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn trial_page(org: Organization) -> Result<Response, Fault> {
    let found = policy::replay(&org.access, Subject::Tried).await?;
    let draft = policy::view(&org.access).await?.draft;
    let content = org.clone();
    let page = move || match found {
        Some(found) => {
            let is_draft = draft == Some(found.version);
            view! { <Trial org=content found is_draft /> }.into_any()
        }
        None => view! { <NoTrial org=content /> }.into_any(),
    };
    Ok(org.render("Report only", page).await)
}

#[component]
fn Trial(
    org: Organization,
    found: ReplayView,
    /// Whether it is still what somebody works on.
    is_draft: bool,
) -> impl IntoView {
    let editable = org.access.may(Permission::ManagePolicy);
    let since = exact(found.since, &org.page.zone());
    let lead = format!(
        "Version {} is tried since {since}: it keeps nobody out, and this is what it would have done.",
        found.version
    );
    let end = editable.then(|| org.path("/policy/trial/end"));
    let on = editable.then(|| view! { <Onward org=org.clone() is_draft /> });
    view! {
        <Breadcrumb crumbs=crumbs(&org) />
        <PageHeader
            title="Report only"
            lead
            actions=move || {
                end.map(|action| {
                    view! {
                        <Form action class="contents">
                            <Button>"End trial"</Button>
                        </Form>
                    }
                })
            }
        />
        <Findings org found begun="the trial began" page=Some("/members") />
        {on}
    }
}

#[component]
fn NoTrial(org: Organization) -> impl IntoView {
    let draft = org.access.may(Permission::ManagePolicy).then(|| org.path("/policy/draft"));
    view! {
        <Breadcrumb crumbs=crumbs(&org) />
        <PageHeader title="Report only" />
        <Panel>
            <EmptyState
                drawing=Drawing::Search
                title="Nothing is being tried"
                text="A draft can be tried beside what is in force: it keeps nobody out, and shows what it would do."
                action=move || {
                    draft
                        .map(|href| {
                            view! { <ButtonLink href variant=ButtonVariant::Primary>"Review the draft"</ButtonLink> }
                        })
                }
            />
        </Panel>
    }
}
