//! Who is let in although a rule says no: the list, and the form that makes one.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::ids::ExceptionId;
use domain::policy::{EXCEPTION_DAYS_MAX, Exception, ExceptionForm, Rule};
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy;

use super::crumbs;
use super::fates::rule_label;
use super::parts::called;
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonVariant, Card, Cell, CellKind, ColumnHeader, EmptyPanel, ErrorSummary, Field,
    FieldKind, Form as FormView, FormFoot, Narrow, PageHeader, Panel, Row, SelectField, SelectOption, Table, TimeAgo,
    Tone,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn exceptions_page(org: Organization) -> Result<Response, Fault> {
    let exceptions = policy::exceptions(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/policy/exceptions"));
    let page = move || {
        let editable = content.access.may(Permission::ManagePolicy);
        let errors = form.errors();
        let asked = content.clone();
        let add = editable.then(|| view! { <Narrow><Add org=asked form /></Narrow> });
        let list = if exceptions.is_empty() {
            view! { <EmptyPanel title="Nobody is excepted" text="The policy holds for everybody alike." /> }.into_any()
        } else {
            view! { <List org=content.clone() exceptions editable /> }.into_any()
        };
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Exceptions"
                lead="Who is let in although a rule says no. Each is for one member and one rule, has a reason, and ends by itself."
            />
            <ErrorSummary errors title="Nobody was excepted" />
            {list}
            {add}
        }
        .into_any()
    };
    Ok(org.render("Exceptions", page).await)
}

#[component]
fn List(org: Organization, exceptions: Vec<Exception>, editable: bool) -> impl IntoView {
    let rows = exceptions.into_iter().map(|exception| view! { <Line org=org.clone() exception editable /> });
    let rows = rows.collect_view();
    view! {
        <Panel>
            <Table
                label="Exceptions"
                head=move || {
                    view! {
                        <ColumnHeader label="Member" />
                        <ColumnHeader label="Rule" />
                        <ColumnHeader label="Reason" kind=CellKind::Prose />
                        <ColumnHeader label="By" />
                        <ColumnHeader label="Ends" />
                        {editable.then(|| view! { <ColumnHeader label="Actions" kind=CellKind::Actions /> })}
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

#[component]
fn Line(org: Organization, exception: Exception, editable: bool) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let counts = exception.counts(now);
    let member = org.path(&format!("/members/{}", exception.account));
    let end = org.path(&format!("/policy/exceptions/{}/end", exception.id));
    let label = format!("End the exception of {}", exception.name);
    let ends = exception.ended_at.unwrap_or(exception.until);
    let actions = editable.then(|| {
        view! {
            <Cell kind=CellKind::Actions>
                {counts
                    .then(|| {
                        view! {
                            <FormView action=end class="contents">
                                <Button variant=ButtonVariant::Ghost label>"End"</Button>
                            </FormView>
                        }
                    })}
            </Cell>
        }
    });
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <a class="link-quiet font-medium" href=member>{exception.name}</a>
                    {(!counts).then(|| view! { <Badge tone=Tone::Idle label="Over" /> })}
                </div>
            </Cell>
            <Cell label="Rule">{rule_label(exception.rule)}</Cell>
            <Cell label="Reason" kind=CellKind::Prose>{exception.reason}</Cell>
            <Cell label="By">{called(Some(&exception.by))}</Cell>
            <Cell label="Ends" kind=CellKind::Muted>
                <TimeAgo at=ends now zone />
            </Cell>
            {actions}
        </Row>
    }
}

/// The form that makes one.
#[component]
fn Add(org: Organization, form: FormState) -> impl IntoView {
    let rules = Rule::ALL.into_iter().filter(|rule| rule.may_be_excepted());
    let options = rules.map(|rule| SelectOption::new(rule.code().to_owned(), rule_label(rule).to_owned())).collect();
    view! {
        <Card title="Add an exception" lead="Not for yourself, and not for somebody who may do more than you.">
            <FormView action=org.path("/policy/exceptions")>
                <Field
                    name="email"
                    label="Email"
                    kind=FieldKind::Email
                    value=form.value_or("email", "")
                    help="The address of a member."
                    error=form.error("email")
                    required=true
                />
                <SelectField
                    name="rule"
                    label="Rule"
                    options
                    value=form.value_or("rule", Rule::Networks.code())
                    error=form.error("rule")
                />
                <Field
                    name="days"
                    label="Days"
                    kind=FieldKind::Number
                    value=form.value_or("days", "7")
                    help=format!("From 1 to {EXCEPTION_DAYS_MAX}. After that it ends by itself.")
                    error=form.error("days")
                    required=true
                />
                <Field
                    name="reason"
                    label="Reason"
                    value=form.value_or("reason", "")
                    help="For whoever reads this list and the audit trail."
                    error=form.error("reason")
                    required=true
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Add exception"</Button>
                </FormFoot>
            </FormView>
        </Card>
    }
}

/// Makes an exception.
///
/// # Errors
/// A page about it.
pub async fn except(org: Organization, Form(form): Form<ExceptionForm>) -> Answer {
    let page = org.path("/policy/exceptions");
    match policy::except(&org.access, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::ExceptionMade { email: form.email.trim().to_owned() })),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}

/// Ends one before its time.
///
/// # Errors
/// A page about it.
pub async fn end_exception(org: Organization, Path((_, exception)): Path<(String, String)>) -> Answer {
    let id: ExceptionId = exception.parse().map_err(|_| Problem::NotFound)?;
    policy::end_exception(&org.access, id).await?;
    Ok(forms::done(&org.page, &org.path("/policy/exceptions"), Done::ExceptionEnded))
}
