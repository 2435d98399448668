//! The form of a group, and the page that asks once more before one is deleted.

use axum::extract::Path;
use axum::response::Response;
use domain::roles::{Group, Role};
use domain::text::isolated;
use leptos::prelude::*;
use server::roles;

use super::{crumbs, group_id};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, CheckboxField, ErrorSummary, Fact, Facts, Field, Form,
    FormFoot, FormPage, HiddenField, Narrow, PageHeader, number,
};

/// The form "New group".
///
/// # Errors
/// Forbidden, as a page.
pub async fn new_page(org: Organization) -> Result<Response, Fault> {
    roles::prepare_group(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/groups"));
    let page = move || {
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title="New group" lead="Its members hold the roles below besides their own." />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The group was not made" />
                <GroupForm org=content group=None form overtaken=false />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("New group", page).await)
}

/// Name and roles.
#[component]
pub(super) fn GroupForm(
    org: Organization,
    /// The group that is changed; none for a new one.
    group: Option<Group>,
    form: FormState,
    /// Somebody else was faster: what comes next is a change of theirs.
    overtaken: bool,
) -> impl IntoView {
    let saved_now = group.clone().filter(|_| overtaken).map(|group| view! { <SavedNow org=org.clone() group /> });
    let (action, button) = match &group {
        Some(group) => (org.path(&format!("/groups/{}", group.id)), "Save group"),
        None => (org.path("/groups"), "Create group"),
    };
    let saved = |text: fn(&Group) -> String| group.as_ref().map(text).unwrap_or_default();
    let (name, description) = (saved(|group| group.name.to_string()), saved(|group| group.description.clone()));
    let revision = group.as_ref().map(|group| group.revision.to_string());
    let held = org.access.permissions();
    let book = org.access.book().clone();
    let chosen: Vec<String> = form
        .values("role")
        .unwrap_or_else(|| group.iter().flat_map(|group| group.roles.iter().map(|role| role.code())).collect());
    let roles = book.all().filter(|role| held.cover(role.permissions()) && *role != Role::Owner);
    let boxes = roles.map(|role| {
        let code = role.code();
        let checked = chosen.contains(&code);
        view! { <CheckboxField name="role" id=format!("field-role-{code}") label=role.name().to_owned() value=code checked /> }
    });
    let boxes = boxes.collect_view();
    view! {
        {saved_now}
        <Card title="Group">
            <Form action>
                {revision.map(|revision| {
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
                <fieldset id="field-role">
                    <legend class="mb-1.5 text-md font-medium">"Roles"</legend>
                    <div class="grid gap-2 sm:grid-cols-2">{boxes}</div>
                    {form.error("role").map(|error| view! { <p class="field-error">{error}</p> })}
                </fieldset>
                <FormFoot>
                    <CancelLink href=org.path("/groups") />
                    <Button variant=ButtonVariant::Primary>{button}</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// What somebody else has saved meanwhile.
#[component]
fn SavedNow(org: Organization, group: Group) -> impl IntoView {
    let book = org.access.book();
    let roles: Vec<_> = group.roles.iter().map(|role| book.role(*role).name().to_owned()).collect();
    let roles = if roles.is_empty() { "None".to_owned() } else { roles.join(", ") };
    view! {
        <Card title="Saved now" lead="Somebody else has saved this in the meantime. What you chose is below, and not saved yet.">
            <Facts>
                <Fact term="Name">{group.name.to_string()}</Fact>
                <Fact term="Description">{group.description.clone()}</Fact>
                <Fact term="Roles">{roles}</Fact>
            </Facts>
        </Card>
    }
}

/// The question before a group is deleted.
///
/// # Errors
/// A page about it.
pub async fn delete_page(org: Organization, Path((_, group)): Path<(String, String)>) -> Result<Response, Fault> {
    roles::prepare_group(&org.access).await?;
    let view = roles::group(&org.access, group_id(&group)?).await?;
    let content = org.clone();
    let page = move || {
        let back = content.path(&format!("/groups/{}", view.group.id));
        let lead = match view.members {
            0 => "Nobody is in it.".to_owned(),
            1 => "One member loses what its roles hold, with their next request.".to_owned(),
            count => format!("{} members lose what its roles hold, with their next request.", number(count)),
        };
        view! {
            <FormPage title=format!("Delete {}", isolated(view.group.name.as_str())) lead crumbs=crumbs(&content) danger=true>
                <Form action=content.page.path().to_owned()>
                    <FormFoot>
                        <CancelLink href=back />
                        <Button variant=ButtonVariant::Danger>"Delete group"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Delete group", page).await)
}
