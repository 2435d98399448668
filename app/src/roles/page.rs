//! The list of roles with the matrix, and the page of one role.

use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, RoleId};
use leptos::prelude::*;
use server::roles::{self, RoleView};

use super::crumbs;
use super::form::RoleForm;
use super::matrix::Matrix;
use super::parts::listed;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, ButtonLink, ButtonVariant, Card, Cell, CellKind, ColumnHeader, DangerZone, ErrorSummary, Fact, Facts,
    IconName, Narrow, PageHeader, Panel, Row, Table, number,
};

/// Every role, who has it, and what each may do.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let views = roles::list(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/roles/matrix"));
    let page = move || {
        let new = content.access.may(Permission::ManageRoles).then(|| content.path("/roles/new"));
        view! {
            <PageHeader
                title="Roles"
                lead="What each role may do. Nobody gives a role that holds more than their own."
                actions=move || {
                    new.map(|href| {
                        view! { <ButtonLink href variant=ButtonVariant::Primary icon=IconName::PLUS>"New role"</ButtonLink> }
                    })
                }
            />
            <RoleList org=content.clone() views=views />
            <Matrix org=content form />
        }
        .into_any()
    };
    Ok(org.render("Roles", page).await)
}

#[component]
fn RoleList(org: Organization, views: Vec<RoleView>) -> impl IntoView {
    view! {
        <Panel>
            <Table
                label="Roles"
                head=|| {
                    view! {
                        <ColumnHeader label="Role" />
                        <ColumnHeader label="For" kind=CellKind::Prose behind_tap=true />
                        <ColumnHeader label="Members" kind=CellKind::Number />
                        <ColumnHeader label="Groups" kind=CellKind::Number />
                    }
                }
            >
                {views.into_iter().map(|view| view! { <RoleRow org=org.clone() view /> }).collect_view()}
            </Table>
        </Panel>
    }
}

#[component]
fn RoleRow(org: Organization, view: RoleView) -> impl IntoView {
    let code = view.role.code();
    let (href, members) = (org.path(&format!("/roles/{code}")), org.path(&format!("/members?role={code}")));
    let (name, text) = (view.role.name().to_owned(), description(&org, &view.role));
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <a class="link-quiet font-medium" href=href>{name}</a>
            </Cell>
            <Cell label="For" kind=CellKind::Prose behind_tap=true>{text}</Cell>
            <Cell label="Members" kind=CellKind::Number>
                <a class="link-quiet" href=members>{number(view.members)}</a>
            </Cell>
            <Cell label="Groups" kind=CellKind::Number>{number(view.groups.len() as u64)}</Cell>
        </Row>
    }
}

/// Whom a role is for.
fn description(org: &Organization, role: &GrantedRole) -> String {
    match role.id() {
        RoleId::Builtin(role) => role.describe().to_owned(),
        RoleId::Custom(id) => org.access.book().lookup(id).map(|role| role.description.clone()).unwrap_or_default(),
    }
}

/// One role: what it holds and who has it; and the form, for whoever may change it.
///
/// # Errors
/// A page about it.
pub async fn role_page(org: Organization, Path((_, code)): Path<(String, String)>) -> Result<Response, Fault> {
    let view = roles::lookup(&org.access, &code).await?;
    let held = org.access.permissions();
    let own = view.role.id().custom().and_then(|id| org.access.book().lookup(id)).cloned();
    let editable = own.filter(|_| org.access.may(Permission::ManageRoles) && held.cover(view.role.permissions()));
    let title = view.role.name().to_owned();
    let content = org.clone();
    let form = org.page.form(&org.path(&format!("/roles/{code}")));
    let page = move || {
        let overtaken = form.came_back() && content.page.flash.problem == Some(Problem::Changed);
        let delete = content.path(&format!("/roles/{code}/delete"));
        let lead = description(&content, &view.role);
        let used = view.is_used();
        let deletable = editable.is_some();
        let holders = view.clone();
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title=view.role.name().to_owned() lead />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The role was not saved" />
                <Holders org=content.clone() view=holders deletable />
                {match editable {
                    Some(role) => view! { <RoleForm org=content role=Some(role) form overtaken /> }.into_any(),
                    None => view! { <Held role=view.role.clone() /> }.into_any(),
                }}
                {(deletable && !used)
                    .then(|| {
                        view! {
                            <DangerZone title="Delete role" text="Nobody has it, and nothing inherits from it.">
                                <ButtonLink href=delete variant=ButtonVariant::Caution dialog=true>"Delete role"</ButtonLink>
                            </DangerZone>
                        }
                    })}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// Who and what has a role.
#[component]
fn Holders(
    org: Organization,
    view: RoleView,
    /// Whoever looks may delete it, once it is free.
    deletable: bool,
) -> impl IntoView {
    let lead = (deletable && view.is_used()).then(|| "It can be deleted once nobody and nothing has it.".to_owned());
    let code = view.role.code();
    let members = org.path(&format!("/members?role={code}"));
    view! {
        <Card title="Who has it" lead=lead.unwrap_or_default()>
            <Facts>
                <Fact term="Members">
                    <a class="link" href=members>{number(view.members)}</a>
                </Fact>
                <Fact term="Open invitations">{number(view.invitations)}</Fact>
                <Fact term="Groups">{listed(&view.groups)}</Fact>
                <Fact term="Roles that inherit from it">{listed(&view.heirs)}</Fact>
            </Facts>
        </Card>
    }
}

/// What a role holds, for whoever does not change it.
#[component]
fn Held(role: GrantedRole) -> impl IntoView {
    let permissions = role.permissions();
    view! {
        <Card title="What it may do">
            <ul class="grid gap-1.5">
                {permissions.iter().map(|permission| view! { <li>{permission.describe()}</li> }).collect_view()}
            </ul>
            {permissions.is_empty().then(|| view! { <p class="text-muted">"Nothing yet."</p> })}
        </Card>
    }
}
