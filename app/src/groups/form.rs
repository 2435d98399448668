//! The form of a group, and the page that asks once more before one is deleted.

use axum::extract::Path;
use axum::response::Response;
use domain::roles::{GrantedRole, Group, Role, codes};
use domain::text::isolated;
use leptos::prelude::*;
use server::roles;

use super::{crumbs, group_id};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::roles::{Basics, RoleBoxes, Saved, SavedNow, listed};
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, ErrorSummary, Form, FormFoot, FormPage, Narrow, PageHeader,
    number,
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
    let saved_now = group.as_ref().filter(|_| overtaken).map(|group| saved_now(&org, group));
    let (action, button) = match &group {
        Some(group) => (org.path(&format!("/groups/{}", group.id)), "Save group"),
        None => (org.path("/groups"), "Create group"),
    };
    let saved = group.as_ref().map(|group| Saved {
        name: group.name.to_string(),
        description: group.description.clone(),
        revision: group.revision.to_string(),
    });
    let held = org.access.permissions();
    let offered = |role: &GrantedRole| held.cover(role.permissions()) && *role != Role::Owner;
    let roles = org.access.book().all().filter(offered).collect();
    let carried = group.map(|group| codes(&group.roles)).unwrap_or_default();
    view! {
        {saved_now}
        <Card title="Group">
            <Form action>
                <Basics form=form.clone() saved overtaken />
                <RoleBoxes name="role" label="Roles" roles saved=carried form />
                <FormFoot>
                    <CancelLink href=org.path("/groups") />
                    <Button variant=ButtonVariant::Primary>{button}</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

fn saved_now(org: &Organization, group: &Group) -> impl IntoView + use<> {
    let book = org.access.book();
    let roles: Vec<_> = group.roles.iter().map(|role| book.role(*role).name().to_owned()).collect();
    let facts =
        vec![("Name", group.name.to_string()), ("Description", group.description.clone()), ("Roles", listed(&roles))];
    view! { <SavedNow facts /> }
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
            _ if view.group.roles.is_empty() => "It carries no role, so nobody loses anything by it.".to_owned(),
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
