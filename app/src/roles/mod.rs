//! The built-in roles, and what each may do.

use axum::response::Response;
use domain::roles::{Permission, Role};
use leptos::prelude::*;

use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Card, Cell, CellKind, ColumnHeader, Fact, Facts, Icon, IconName, PageHeader, Panel, Row, Table};

/// The page.
///
/// # Errors
/// Never; every member may see it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let page = || {
        view! {
            <PageHeader title="Roles" lead="What each role may do. Nobody gives a role that holds more than their own." />
            <Card title="Built-in roles">
                <Facts>
                    {Role::ALL.iter().map(|role| view! { <Fact term=role.name()>{role.describe()}</Fact> }).collect_view()}
                </Facts>
            </Card>
            <Panel>
                <Table
                    label="Permissions by role"
                    head=|| {
                        view! {
                            <ColumnHeader label="Permission" />
                            {Role::ALL.iter().map(|role| view! { <ColumnHeader label=role.name() /> }).collect_view()}
                        }
                    }
                >
                    {Permission::ALL.iter().map(|permission| view! { <PermissionRow permission=*permission /> }).collect_view()}
                </Table>
            </Panel>
        }
        .into_any()
    };
    Ok(org.render("Roles", page).await)
}

#[component]
fn PermissionRow(permission: Permission) -> impl IntoView {
    view! {
        <Row>
            <Cell kind=CellKind::Main>{permission.describe()}</Cell>
            {Role::ALL
                .iter()
                .map(|role| {
                    let allowed = role.permissions().allow(permission);
                    let (icon, text) = if allowed { (IconName::CHECK, "Yes") } else { (IconName::MINUS, "No") };
                    let class = if allowed { "text-success" } else { "text-muted" };
                    view! {
                        <Cell label=role.name() kind=CellKind::Sign>
                            <span class=class>
                                <Icon name=icon />
                                <span class="sr-only">{text}</span>
                            </span>
                        </Cell>
                    }
                })
                .collect_view()}
        </Row>
    }
}
