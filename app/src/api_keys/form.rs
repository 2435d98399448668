//! The form of a key.

use axum::response::Response;
use domain::api_keys::{ApiKey, EXPIRY_DAYS, ServiceAccount, networks_text};
use domain::policy::Unit;
use leptos::prelude::*;
use server::api_keys;

use super::crumbs;
use crate::approvals::{AskNote, ReasonField, is_alone};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::roles::PermissionBoxes;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, CancelLink, Card, Choice, ErrorSummary, Field, FieldKind, Form, FormFoot,
    Narrow, PageHeader, RadioGroup, SelectField, SelectOption, TextArea,
};

/// What is chosen unless somebody chooses something else, or as much of it as is allowed.
const USUAL_DAYS: u32 = 90;
/// What of the expiry says that the date beside it counts.
const BY_DATE: &str = "date";
/// What is said of scopes that other owners approve.
const SENSITIVE: &str = " Other owners approve those that manage members, roles, groups, the security policy or webhooks, respond to alerts or export the audit trail.";

/// The form "New key".
///
/// # Errors
/// Forbidden, as a page.
pub async fn new_page(org: Organization) -> Result<Response, Fault> {
    api_keys::prepare(&org.access).await?;
    let accounts = api_keys::accounts(&org.access).await?;
    let chosen = org.page.query_value("account").unwrap_or_default();
    let content = org.clone();
    let Asking { form, action, asks } = Asking::of(&org, ("/keys", "/keys/new/ask")).await?;
    let page = move || {
        let button = if asks.is_some() { "Ask for approval" } else { "Create key" };
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title="New key" lead="Its secret is shown once, when the key is made." />
            <Narrow>
                <ErrorSummary errors=form.errors() title="The key was not made" />
                {asks.map(|alone| view! { <AskNote alone handed=true /> })}
                <Card title="Key">
                    <Form action>
                        <Basics org=content.clone() key_now=None form=form.clone() />
                        <ActsFor accounts chosen form=form.clone() />
                        <Expiry org=content.clone() form=form.clone() />
                        {asks.map(|_| view! { <ReasonField form /> })}
                        <FormFoot>
                            <CancelLink href=content.path("/keys") />
                            <Button variant=ButtonVariant::Primary>{button}</Button>
                        </FormFoot>
                    </Form>
                </Card>
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("New key", page).await)
}

/// A form that is sent at once, or, once it has turned out that owners have to approve what it asks for, to ask them.
pub(super) struct Asking {
    pub(super) form: FormState,
    pub(super) action: String,
    /// Where it asks them, whether too few owners could approve it.
    pub(super) asks: Option<bool>,
}

impl Asking {
    /// That of these two addresses.
    pub(super) async fn of(org: &Organization, (at_once, asks): (&str, &str)) -> Result<Self, Fault> {
        let (at_once, asks) = (org.path(at_once), org.path(asks));
        let form = org.page.form(&asks);
        if form.came_back() {
            return Ok(Self { form, action: asks, asks: Some(is_alone(org, None).await?) });
        }
        Ok(Self { form: org.page.form(&at_once), action: at_once, asks: None })
    }
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
    // What somebody can give, and what the key has already.
    let offered = (org.access.permissions() | saved).for_keys();
    let asks = org.access.enforced().document().approval_needed.for_key(offered);
    let approved = if asks { SENSITIVE } else { "" };
    let help = format!("What it may do at most. It can do none of it longer than whoever answers for it.{approved}");
    view! {
        <Field
            name="name"
            label="Name"
            value=form.value_or("name", &name)
            help="Say which program has it, and where it runs."
            error=form.error("name")
            required=true
        />
        <PermissionBoxes name="scope" label="Scopes" help offered saved form=form.clone() />
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
