//! The list of service accounts, and the form that makes one.

use axum::response::Response;
use domain::api_keys::ServiceAccount;
use leptos::prelude::*;
use server::api_keys;

use super::parts::called;
use super::{account_address, account_crumbs, crumbs};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, ButtonVariant, CancelLink, Cell, CellKind, ColumnHeader, Drawing,
    EmptyState, ErrorSummary, Field, Form, FormFoot, FormPage, IconName, PageHeader, Panel, Row, Table, Tone, number,
};

/// The list.
///
/// # Errors
/// A page about it.
pub async fn accounts_page(org: Organization) -> Result<Response, Fault> {
    let accounts = api_keys::accounts(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let new = content.path("/keys/accounts/new");
        let again = new.clone();
        let list = if accounts.is_empty() {
            view! {
                <Panel>
                    <EmptyState
                        drawing=Drawing::Key
                        title="No service accounts yet"
                        text="A program that outlives whoever sets it up gets an account of its own. A member stands for it, and another can take over."
                        action=move || view! { <ButtonLink href=again dialog=true>"Create a service account"</ButtonLink> }
                    />
                </Panel>
            }
            .into_any()
        } else {
            view! { <List org=content.clone() accounts /> }.into_any()
        };
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Service accounts"
                lead="Accounts of programs. Their keys may do what the member may who stands for them, and go on when another does."
                actions=move || {
                    view! {
                        <ButtonLink href=new variant=ButtonVariant::Primary icon=IconName::PLUS dialog=true>
                            "New service account"
                        </ButtonLink>
                    }
                }
            />
            {list}
        }
        .into_any()
    };
    Ok(org.render("Service accounts", page).await)
}

#[component]
fn List(org: Organization, accounts: Vec<ServiceAccount>) -> impl IntoView {
    let rows = accounts.into_iter().map(|account| view! { <Line org=org.clone() account /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Service accounts"
                head=|| {
                    view! {
                        <ColumnHeader label="Name" />
                        <ColumnHeader label="For" kind=CellKind::Prose behind_tap=true />
                        <ColumnHeader label="Who stands for it" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Keys" kind=CellKind::Number />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

/// How a service account stands.
#[component]
pub(super) fn AccountBadge(account: ServiceAccount) -> impl IntoView {
    let (tone, label) = match (account.disabled_at, account.held) {
        (Some(_), _) => (Tone::Bad, "Disabled"),
        (None, None) => (Tone::Warn, "Nobody stands for it"),
        (None, Some(_)) => (Tone::Ok, "Active"),
    };
    view! { <Badge tone label /> }
}

#[component]
fn Line(org: Organization, account: ServiceAccount) -> impl IntoView {
    let href = account_address(&org, account.id, "");
    let keys = org.path(&format!("/keys?account={}", account.id));
    let (name, text) = (account.name.as_str().to_owned(), account.description.clone());
    let (sponsor, count) = (called(&account.sponsor), number(account.keys));
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <a class="link-quiet font-medium" href=href>
                    <bdi>{name}</bdi>
                </a>
            </Cell>
            <Cell label="For" kind=CellKind::Prose behind_tap=true>{text}</Cell>
            <Cell label="Who stands for it">{sponsor}</Cell>
            <Cell label="State">
                <AccountBadge account />
            </Cell>
            <Cell label="Keys" kind=CellKind::Number>
                <a class="link-quiet" href=keys>{count}</a>
            </Cell>
        </Row>
    }
}

/// The form "New service account".
///
/// # Errors
/// Forbidden, as a page.
pub async fn new_account_page(org: Organization) -> Result<Response, Fault> {
    api_keys::prepare_account(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/keys/accounts"));
    let page = move || {
        let errors = form.errors();
        let action = content.path("/keys/accounts");
        view! {
            <FormPage
                title="New service account"
                lead="You stand for it, until somebody else takes over."
                crumbs=account_crumbs(&content)
                notice=move || view! { <ErrorSummary errors title="The service account was not made" /> }
            >
                <Form action=action.clone()>
                    <AccountFields name=String::new() description=String::new() form />
                    <FormFoot>
                        <CancelLink href=action />
                        <Button variant=ButtonVariant::Primary>"Create service account"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("New service account", page).await)
}

/// Name and description.
#[component]
pub(super) fn AccountFields(name: String, description: String, form: FormState) -> impl IntoView {
    view! {
        <Field
            name="name"
            label="Name"
            value=form.value_or("name", &name)
            error=form.error("name")
            required=true
        />
        <Field
            name="description"
            label="Description"
            value=form.value_or("description", &description)
            help="What the program does, for whoever takes it over."
            error=form.error("description")
        />
    }
}
