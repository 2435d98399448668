//! The form of one role.

use axum::response::Response;
use domain::roles::{Area, CustomRole, DEPTH_MAX, GrantedRole, Permission, Permissions, Role};
use leptos::prelude::*;

use super::crumbs;
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, CheckboxField, ErrorSummary, Fact, Facts, Field, Form,
    FormFoot, HiddenField, Narrow, PageHeader,
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
    let saved_now = role.clone().filter(|_| overtaken).map(|role| view! { <SavedNow org=org.clone() role /> });
    let (action, button) = match &role {
        Some(role) => (org.path(&format!("/roles/{}/review", role.id)), "Review changes"),
        None => (org.path("/roles"), "Create role"),
    };
    let saved = |text: fn(&CustomRole) -> String| role.as_ref().map(text).unwrap_or_default();
    let (name, description) = (saved(|role| role.name.to_string()), saved(|role| role.description.clone()));
    let revision = role.as_ref().map(|role| role.revision.to_string());
    view! {
        {saved_now}
        <Card title="Role">
            <Form action>
                {revision.map(|revision| {
                    // A form that waited for a proof of who asks is still of the revision that it was typed for.
                    let of = form.value("revision").filter(|_| !overtaken).unwrap_or(revision);
                    view! { <HiddenField name="revision" value=of /> }
                })}
                <Field name="name" label="Name" value=form.value_or("name", &name) error=form.error("name") required=true />
                <Field
                    name="description"
                    label="Description"
                    value=form.value_or("description", &description)
                    help="Whom it is for, in a sentence."
                    error=form.error("description")
                />
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

/// What somebody else has saved meanwhile.
#[component]
fn SavedNow(org: Organization, role: CustomRole) -> impl IntoView {
    let book = org.access.book();
    let parents: Vec<_> = role.parents.iter().map(|parent| book.role(*parent).name().to_owned()).collect();
    let own: Vec<_> = role.permissions.iter().map(Permission::describe).collect();
    let listed = |texts: String| if texts.is_empty() { "None".to_owned() } else { texts };
    view! {
        <Card title="Saved now" lead="Somebody else has saved this in the meantime. What you chose is below, and not saved yet.">
            <Facts>
                <Fact term="Name">{role.name.to_string()}</Fact>
                <Fact term="Description">{role.description.clone()}</Fact>
                <Fact term="Inherits from">{listed(parents.join(", "))}</Fact>
                <Fact term="Permissions of its own">{listed(own.join(", "))}</Fact>
            </Facts>
        </Card>
    }
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
    let chosen: Vec<String> = form
        .values("parent")
        .unwrap_or_else(|| role.iter().flat_map(|role| role.parents.iter().map(|parent| parent.code())).collect());
    let boxes = book.all().filter(fits).map(|other| {
        let code = other.code();
        let checked = chosen.contains(&code);
        view! { <CheckboxField name="parent" id=format!("field-parent-{code}") label=other.name().to_owned() value=code checked /> }
    });
    let boxes = boxes.collect_view();
    view! {
        <fieldset id="field-parent">
            <legend class="mb-1.5 text-md font-medium">"Inherits from"</legend>
            <p class="field-help mb-2">{format!("It holds all that these hold, also what they get later. Over at most {DEPTH_MAX} levels.")}</p>
            <div class="grid gap-2 sm:grid-cols-2">{boxes}</div>
            {form.error("parent").map(|error| view! { <p class="field-error">{error}</p> })}
        </fieldset>
    }
}

/// What the role holds itself, by area.
#[component]
fn Own(org: Organization, role: Option<CustomRole>, form: FormState) -> impl IntoView {
    let held = org.access.permissions();
    let saved = role.as_ref().map_or(Permissions::default(), |role| role.permissions);
    let typed = form.values("permission");
    let ticked = |permission: Permission| {
        typed.as_ref().map_or(saved.allow(permission), |typed| typed.iter().any(|code| code == permission.code()))
    };
    let areas = Area::ALL.iter().filter_map(|area| {
        let grantable: Vec<_> = area.permissions().filter(|it| it.is_grantable() && held.allow(*it)).collect();
        let boxes = grantable.iter().map(|permission| {
            let code = permission.code();
            view! {
                <CheckboxField
                    name="permission"
                    id=format!("field-{code}")
                    label=permission.describe()
                    value=code
                    checked=ticked(*permission)
                />
            }
        });
        let boxes = boxes.collect_view();
        (!grantable.is_empty()).then(|| {
            view! {
                <div>
                    <p class="mb-1.5 text-sm text-muted">{area.name()}</p>
                    <div class="grid gap-2">{boxes}</div>
                </div>
            }
        })
    });
    let areas = areas.collect_view();
    view! {
        <fieldset id="field-permission">
            <legend class="mb-1.5 text-md font-medium">"Permissions of its own"</legend>
            <div class="grid gap-4">{areas}</div>
            {form.error("permission").map(|error| view! { <p class="field-error">{error}</p> })}
        </fieldset>
    }
}
