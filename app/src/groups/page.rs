//! The list of groups, and the page of one.

use axum::extract::Path;
use axum::response::Response;
use domain::ids::GroupId;
use domain::members::{Member, MemberQuery};
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::roles::GroupView;
use server::{members, roles};

use super::form::GroupForm;
use super::{crumbs, group_id};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::roles::listed;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, Cell, CellKind, ColumnHeader, DangerZone, Drawing, EmptyState,
    ErrorSummary, Fact, Facts, Field, FieldKind, Form, FormFoot, IconName, Narrow, PageHeader, Pager, Panel, Person,
    Row, Table, number,
};

/// Every group.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let groups = roles::groups(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let new = content.access.may(Permission::ManageGroups).then(|| content.path("/groups/new"));
        // One button in sight: an empty list has its own.
        let (first, new) = if groups.is_empty() { (new, None) } else { (None, new) };
        let button = |href: String| {
            view! { <ButtonLink href variant=ButtonVariant::Primary icon=IconName::PLUS>"New group"</ButtonLink> }
        };
        view! {
            <PageHeader
                title="Groups"
                lead="Members who have something in common, and the roles that they hold for it."
                actions=move || new.map(button)
            />
            {if groups.is_empty() {
                view! {
                    <EmptyState
                        drawing=Drawing::Search
                        title="No groups yet"
                        text="A group gives several people a role at once, and takes it back at once."
                        action=move || first.map(button)
                    />
                }
                    .into_any()
            } else {
                view! { <GroupList org=content groups /> }.into_any()
            }}
        }
        .into_any()
    };
    Ok(org.render("Groups", page).await)
}

#[component]
fn GroupList(org: Organization, groups: Vec<GroupView>) -> impl IntoView {
    let rows = groups.into_iter().map(|view| {
        let href = org.path(&format!("/groups/{}", view.group.id));
        let carried = role_names(&org, &view);
        view! {
            <Row>
                <Cell kind=CellKind::Main>
                    <a class="link-quiet font-medium" href=href>{view.group.name.to_string()}</a>
                </Cell>
                <Cell label="Roles">{carried}</Cell>
                <Cell label="For" kind=CellKind::Prose behind_tap=true>{view.group.description.clone()}</Cell>
                <Cell label="Members" kind=CellKind::Number>{number(view.members)}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Panel>
            <Table
                label="Groups"
                head=|| {
                    view! {
                        <ColumnHeader label="Group" />
                        <ColumnHeader label="Roles" />
                        <ColumnHeader label="For" kind=CellKind::Prose behind_tap=true />
                        <ColumnHeader label="Members" kind=CellKind::Number />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

/// The names of the roles that a group carries.
fn role_names(org: &Organization, view: &GroupView) -> String {
    let book = org.access.book();
    let names: Vec<_> = view.group.roles.iter().map(|role| book.role(*role).name().to_owned()).collect();
    listed(&names)
}

/// One group: who is in it, and the form, for whoever may change it.
///
/// # Errors
/// A page about it.
pub async fn group_page(org: Organization, Path((_, group)): Path<(String, String)>) -> Result<Response, Fault> {
    let id = group_id(&group)?;
    let view = roles::group(&org.access, id).await?;
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let query = MemberQuery { group: Some(id), cursor, ..MemberQuery::default() };
    let people = members::list(&org.access, &query).await?;
    let title = view.group.name.to_string();
    let content = org.clone();
    let (form, joining) = (
        org.page.form(&org.path(&format!("/groups/{id}"))),
        org.page.form(&org.path(&format!("/groups/{id}/members"))),
    );
    let page = move || {
        let editable =
            content.access.may(Permission::ManageGroups) && content.access.permissions().cover(view.permissions);
        let overtaken = form.came_back() && content.page.flash.problem == Some(Problem::Changed);
        let delete = content.path(&format!("/groups/{id}/delete"));
        let errors = form.errors().into_iter().chain(joining.errors()).collect();
        let carried = role_names(&content, &view);
        let group = view.group.clone();
        let asked = content.clone();
        let join = editable.then(|| view! { <Narrow><Join org=asked id form=joining /></Narrow> });
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title=group.name.to_string() lead=group.description.clone() />
            <ErrorSummary errors title="This was not saved" />
            {join}
            <People org=content.clone() id people editable first=!content.page.query().iter().any(|(name, _)| name == "page") />
            <Narrow>
                {if editable {
                    view! {
                        <GroupForm org=content group=Some(group) form overtaken />
                        <DangerZone title="Delete group" text="Its members stay members, and lose what its roles hold.">
                            <ButtonLink href=delete variant=ButtonVariant::Caution dialog=true>"Delete group"</ButtonLink>
                        </DangerZone>
                    }
                        .into_any()
                } else {
                    view! {
                        <Card title="Group">
                            <Facts>
                                <Fact term="Roles">{carried}</Fact>
                            </Facts>
                        </Card>
                    }
                        .into_any()
                }}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// The form that puts somebody into the group.
#[component]
fn Join(org: Organization, id: GroupId, form: FormState) -> impl IntoView {
    view! {
        <Card title="Add a member">
            <Form action=org.path(&format!("/groups/{id}/members"))>
                <Field
                    name="email"
                    label="Email"
                    kind=FieldKind::Email
                    value=form.value_or("email", "")
                    help="The address of somebody who is a member already."
                    error=form.error("email")
                    required=true
                />
                <FormFoot>
                    <Button icon=IconName::USER_PLUS>"Add to group"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Who is in the group.
#[component]
fn People(org: Organization, id: GroupId, people: Page<Member>, editable: bool, first: bool) -> impl IntoView {
    if people.rows.is_empty() {
        return view! { <Card title="Members"><p class="text-muted">"Nobody is in it yet."</p></Card> }.into_any();
    }
    let total = people.total;
    let range = match people.rows.len() {
        shown if first && shown as u64 == total => {
            format!("{} {}", number(total), if total == 1 { "member" } else { "members" })
        }
        shown => format!("{shown} of {}", number(total)),
    };
    let turn = |cursor: Option<String>| cursor.map(|cursor| org.path(&format!("/groups/{id}?page={cursor}")));
    let (previous, next) = (turn(people.previous), turn(people.next));
    let rows = people.rows.into_iter().map(|member| {
        let href = org.path(&format!("/members/{}", member.id));
        let remove = org.path(&format!("/groups/{id}/members/{}/remove", member.id));
        let (role, label) = (member.role.name().to_owned(), format!("Remove {}", member.name));
        view! {
            <Row>
                <Cell kind=CellKind::Main>
                    <Person name=member.name email=member.email id=member.id.to_string() href=Some(href) />
                </Cell>
                <Cell label="Role">{role}</Cell>
                <Cell kind=CellKind::Actions>
                    {editable.then(|| view! { <Form action=remove class="contents"><Button variant=ButtonVariant::Ghost label>"Remove"</Button></Form> })}
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Panel>
            <Table
                label="Members"
                head=|| {
                    view! {
                        <ColumnHeader label="Name" />
                        <ColumnHeader label="Role" />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {rows}
            </Table>
            <Pager range previous next />
        </Panel>
    }
    .into_any()
}
