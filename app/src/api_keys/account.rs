//! One service account: who stands for it, and what can be done with it.

use axum::extract::Path;
use axum::response::Response;
use domain::api_keys::ServiceAccount;
use domain::problem::Problem;
use leptos::prelude::*;
use server::api_keys;

use super::accounts::{AccountBadge, AccountFields};
use super::parts::called;
use super::{KeyPath, account_address, account_crumbs, account_id};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, DangerZone, ErrorSummary, ExactTime, Fact, Facts, Form,
    FormFoot, IconName, Narrow, PageHeader, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn account_page(org: Organization, Path((_, account)): KeyPath) -> Result<Response, Fault> {
    let account = api_keys::account(&org.access, account_id(&account)?).await?;
    let title = account.name.as_str().to_owned();
    let content = org.clone();
    let form = org.page.form(&account_address(&org, account.id, ""));
    let page = move || {
        let is_enabled = account.disabled_at.is_none();
        let new = content.path(&format!("/keys/new?account={}", account.id));
        let may_have_keys = is_enabled && account.held.is_some();
        let errors = if content.page.flash.problem == Some(Problem::Changed) { Vec::new() } else { form.errors() };
        view! {
            <Breadcrumb crumbs=account_crumbs(&content) />
            <PageHeader
                title=account.name.as_str().to_owned()
                lead=account.description.clone()
                actions=move || {
                    may_have_keys
                        .then(|| {
                            view! {
                                <ButtonLink href=new variant=ButtonVariant::Primary icon=IconName::PLUS>
                                    "New key"
                                </ButtonLink>
                            }
                        })
                }
            />
            <Narrow>
                <ErrorSummary errors title="The service account was not saved" />
                <About org=content.clone() account=account.clone() />
                <Change org=content.clone() account=account.clone() form />
                <Standing org=content.clone() account=account.clone() />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What it is, and who stands for it.
#[component]
fn About(org: Organization, account: ServiceAccount) -> impl IntoView {
    let keys = org.path(&format!("/keys?account={}&state=all", account.id));
    let take_over = account_address(&org, account.id, "/take-over");
    let is_mine = account.sponsor.id == org.access.account();
    let (sponsor, count) = (called(&account.sponsor), number(account.keys));
    let (created, zone) = (account.created_at, org.page.zone());
    let badge = account.clone();
    view! {
        <Card
            title="Service account"
            lead="Its keys may do what whoever stands for it may and whoever has made their secrets, as far as their scopes say."
            actions=move || {
                (!is_mine)
                    .then(|| view! { <Form action=take_over class="contents"><Button>"Take over"</Button></Form> })
            }
        >
            <Facts>
                <Fact term="State">
                    <AccountBadge account=badge />
                </Fact>
                <Fact term="Who stands for it">{sponsor}</Fact>
                <Fact term="Keys">
                    <a class="link" href=keys>{count}</a>
                </Fact>
                <Fact term="Made">
                    <ExactTime at=created zone />
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn Change(org: Organization, account: ServiceAccount, form: FormState) -> impl IntoView {
    let action = account_address(&org, account.id, "");
    view! {
        <Card title="Name and description">
            <Form action>
                <AccountFields name=account.name.as_str().to_owned() description=account.description form />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Save service account"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Disables it, or enables it again.
#[component]
fn Standing(org: Organization, account: ServiceAccount) -> impl IntoView {
    let path = |act: &str| account_address(&org, account.id, act);
    if account.disabled_at.is_some() {
        let action = path("/enable");
        return view! {
            <Card title="Enable it" lead="Its keys open nothing at present.">
                <Form action class="contents">
                    <Button>"Enable service account"</Button>
                </Form>
            </Card>
        }
        .into_any();
    }
    let action = path("/disable");
    view! {
        <DangerZone title="Disable service account" text="All of its keys open nothing, until it is enabled again.">
            <Form action class="contents">
                <Button variant=ButtonVariant::Danger>"Disable service account"</Button>
            </Form>
        </DangerZone>
    }
    .into_any()
}
