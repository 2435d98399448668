//! The form of one role.

use axum::response::Response;
use domain::roles::{CustomRole, DEPTH_MAX, GrantedRole, Role, codes};
use leptos::prelude::*;

use super::crumbs;
use super::parts::{Basics, PermissionBoxes, RoleBoxes, Saved, SavedNow, listed};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, ErrorSummary, Form, FormFoot, Narrow, PageHeader,
};

/// The form "New role".
///
/// # Errors
/// Forbidden, as a page.
pub async fn new_page(org: Organization) -> Result<Response, Fault> {
    server::roles::prepare(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/roles"));
    let page = move || {
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="New role"
                lead="It holds what you tick, and all that the roles hold that it inherits from."
            />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The role was not made" />
                <RoleForm org=content role=None form overtaken=false />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("New role", page).await)
}

/// Name, what it inherits from, and what it holds itself.
#[component]
pub(super) fn RoleForm(
    org: Organization,
    /// The role that is changed; none for a new one.
    role: Option<CustomRole>,
    form: FormState,
    /// Somebody else was faster: what comes next is a change of theirs.
    overtaken: bool,
) -> impl IntoView {
    let saved_now = role.as_ref().filter(|_| overtaken).map(|role| saved_now(&org, role));
    let (action, button) = match &role {
        Some(role) => (org.path(&format!("/roles/{}/review", role.id)), "Review changes"),
        None => (org.path("/roles"), "Create role"),
    };
    let saved = role.as_ref().map(|role| Saved {
        name: role.name.to_string(),
        description: role.description.clone(),
        revision: role.revision.to_string(),
    });
    view! {
        {saved_now}
        <Card title="Role">
            <Form action>
                <Basics form=form.clone() saved overtaken />
                <Parents org=org.clone() role=role.clone() form=form.clone() />
                <Own org=org.clone() role form />
                <FormFoot>
                    <CancelLink href=org.path("/roles") />
                    <Button variant=ButtonVariant::Primary>{button}</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

fn saved_now(org: &Organization, role: &CustomRole) -> impl IntoView + use<> {
    let book = org.access.book();
    let parents: Vec<_> = role.parents.iter().map(|parent| book.role(*parent).name().to_owned()).collect();
    let own: Vec<_> = role.permissions.iter().map(|permission| permission.describe().to_owned()).collect();
    let facts = vec![
        ("Name", role.name.to_string()),
        ("Description", role.description.clone()),
        ("Inherits from", listed(&parents)),
        ("Permissions of its own", listed(&own)),
    ];
    view! { <SavedNow facts /> }
}

/// The roles to inherit from: none that holds more than whoever asks, not itself, and nobody inherits from owners.
#[component]
fn Parents(org: Organization, role: Option<CustomRole>, form: FormState) -> impl IntoView {
    let book = org.access.book().clone();
    let held = org.access.permissions();
    let heirs = role.as_ref().map(|role| book.affected(role.id)).unwrap_or_default();
    let fits = |other: &GrantedRole| {
        held.cover(other.permissions())
            && *other != Role::Owner
            && other.id().custom().is_none_or(|id| !heirs.contains(&id))
    };
    let saved = role.map(|role| codes(&role.parents)).unwrap_or_default();
    let help = format!("It holds all that these hold, also what they get later. Over at most {DEPTH_MAX} levels.");
    let roles = book.all().filter(fits).collect();
    view! { <RoleBoxes name="parent" label="Inherits from" help roles saved form /> }
}

/// What the role holds itself.
#[component]
fn Own(org: Organization, role: Option<CustomRole>, form: FormState) -> impl IntoView {
    let offered = org.access.permissions().grantable();
    let saved = role.map(|role| role.permissions).unwrap_or_default();
    view! { <PermissionBoxes name="permission" label="Permissions of its own" offered saved form /> }
}
