//! The form of a key.

use axum::response::Response;
use domain::api_keys::{ApiKey, EXPIRY_DAYS, ServiceAccount, networks_text};
use domain::policy::Unit;
use domain::roles::{Area, Permission, Permissions};
use leptos::prelude::*;
use server::api_keys;

use super::crumbs;
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, CheckboxField, CheckboxGroup, Choice, ErrorSummary, Field,
    FieldKind, Form, FormFoot, Narrow, PageHeader, RadioGroup, SelectField, SelectOption, TextArea, field_id,
};

/// What is chosen unless somebody chooses something else, or as much of it as is allowed.
const USUAL_DAYS: u32 = 90;
/// What of the expiry says that the date beside it counts.
const BY_DATE: &str = "date";

/// The form "New key".
///
/// # Errors
/// Forbidden, as a page.
pub async fn new_page(org: Organization) -> Result<Response, Fault> {
    api_keys::prepare(&org.access).await?;
    let accounts = api_keys::accounts(&org.access).await?;
    let chosen = org.page.query_value("account").unwrap_or_default();
    let content = org.clone();
    let form = org.page.form(&org.path("/keys"));
    let page = move || {
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title="New key" lead="Its secret is shown once, when the key is made." />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The key was not made" />
                <Card title="Key">
                    <Form action=content.path("/keys")>
                        <Basics org=content.clone() key_now=None form=form.clone() />
                        <ActsFor accounts chosen form=form.clone() />
                        <Expiry org=content.clone() form />
                        <FormFoot>
                            <CancelLink href=content.path("/keys") />
                            <Button variant=ButtonVariant::Primary>"Create key"</Button>
                        </FormFoot>
                    </Form>
                </Card>
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("New key", page).await)
}

/// What of a key can be changed later.
#[component]
pub(super) fn Basics(
    org: Organization,
    /// The key that is changed; none for a new one.
    key_now: Option<ApiKey>,
    form: FormState,
) -> impl IntoView {
    let name = key_now.as_ref().map(|key| key.name.as_str().to_owned()).unwrap_or_default();
    let networks = key_now.as_ref().map(|key| networks_text(&key.networks)).unwrap_or_default();
    let limit = key_now.as_ref().and_then(|key| key.requests_per_minute).map(|limit| limit.to_string());
    let saved = key_now.map(|key| key.scopes).unwrap_or_default();
    view! {
        <Field
            name="name"
            label="Name"
            value=form.value_or("name", &name)
            help="Say which program has it, and where it runs."
            error=form.error("name")
            required=true
        />
        <Scopes held=org.access.permissions() saved form=form.clone() />
        <TextArea
            name="networks"
            label="Allowed networks"
            value=form.value_or("networks", &networks)
            help="One in each line, such as “203.0.113.0/24 # Build servers”. Empty for everywhere. The security policy’s networks hold besides."
            error=form.error("networks")
            rows=3
            code=true
        />
        <Field
            name="requests_per_minute"
            label="Requests in a minute"
            kind=FieldKind::Number
            value=form.value_or("requests_per_minute", &limit.unwrap_or_default())
            help="For this key alone, if it is to be fewer than the security policy allows. Empty for no limit of its own."
            error=form.error("requests_per_minute")
        />
    }
}

/// The scopes that somebody can give, and those that a key has already, by area.
#[component]
fn Scopes(held: Permissions, saved: Permissions, form: FormState) -> impl IntoView {
    let offered = (held | saved).for_keys();
    let typed = form.values("scope");
    let ticked = |scope: Permission| {
        typed.as_ref().map_or(saved.allow(scope), |typed| typed.iter().any(|code| code == scope.code()))
    };
    let areas = Area::ALL.iter().filter_map(|area| {
        let scopes: Vec<_> = area.permissions().filter(|scope| offered.allow(*scope)).collect();
        let boxes = scopes.iter().map(|scope| {
            let code = scope.code();
            view! {
                <CheckboxField
                    name="scope"
                    id=field_id(code)
                    label=scope.describe()
                    value=code
                    checked=ticked(*scope)
                />
            }
        });
        let boxes = boxes.collect_view();
        (!scopes.is_empty()).then(|| {
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
        <CheckboxGroup
            name="scope"
            label="Scopes"
            help=Some("What it may do at most. It can do none of it longer than whoever answers for it.".to_owned())
            error=form.error("scope")
        >
            <div class="grid gap-4">{areas}</div>
        </CheckboxGroup>
    }
}

/// Whoever makes the key, or a service account.
#[component]
fn ActsFor(accounts: Vec<ServiceAccount>, chosen: String, form: FormState) -> impl IntoView {
    let usable = accounts.into_iter().filter(|account| account.disabled_at.is_none() && account.held.is_some());
    let options = usable.map(|account| SelectOption::new(account.id.to_string(), account.name.as_str()));
    let options = std::iter::once(SelectOption::new("", "Yourself")).chain(options).collect();
    view! {
        <SelectField
            name="account"
            label="Acts for"
            options
            value=form.value_or("account", &chosen)
            help="A key of yours ends when you leave. One of a service account goes on with whoever stands for that."
            error=form.error("account")
        />
    }
}

/// When it ends: as far as the policy goes.
#[component]
fn Expiry(org: Organization, form: FormState) -> impl IntoView {
    let most = org.access.enforced().document().api_key_max_days;
    let fitting: Vec<u32> = EXPIRY_DAYS.into_iter().filter(|days| *days <= most).collect();
    let usual = fitting.iter().copied().filter(|days| *days <= USUAL_DAYS).max();
    let value = usual.map_or_else(|| BY_DATE.to_owned(), |days| days.to_string());
    let after = fitting.into_iter().map(|days| Choice {
        value: days.to_string(),
        label: format!("After {}", Unit::Days.describe(days)),
        help: None,
    });
    let by_date = Choice { value: BY_DATE.to_owned(), label: "On a day of your choice".to_owned(), help: None };
    let choices: Vec<_> = after.chain([by_date]).collect();
    let help = format!("The security policy allows {} at most.", Unit::Days.describe(most));
    view! {
        <RadioGroup
            name="expiry"
            label="Ends"
            choices
            value=form.value_or("expiry", &value)
            help=Some(help)
            error=form.error("expiry")
        />
        <Field
            name="until"
            label="Last day"
            kind=FieldKind::Code
            value=form.value_or("until", "")
            help="For a day of your choice: year, month and day, such as 2027-01-31. The key works until that day is over, in UTC."
            error=form.error("until")
        />
    }
}
