//! The form of one quota.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use domain::quotas::{Kind, Metric, Plan, QuotaForm, Terms, Unit};
use leptos::prelude::*;
use server::quotas;

use super::{MetricPath, address, crumbs, metric_of};
use crate::context::{FormState, Organization};
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonVariant, CancelLink, Crumb, ErrorSummary, Field, Form as FormView, FormFoot, FormPage, HiddenField,
    SelectField, SelectOption,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn edit_page(org: Organization, Path((_, code)): MetricPath) -> Result<Response, Fault> {
    let metric = metric_of(&code)?;
    let (fresh, terms, plan) = quotas::editing(&org.access, metric).await?;
    let content = org.clone();
    let form = org.page.form(&address(&org, metric, "/edit"));
    let page = move || {
        let mut crumbs = crumbs(&content);
        crumbs.push(Crumb { label: metric.name().into(), href: address(&content, metric, "") });
        let errors = form.errors();
        view! {
            <FormPage
                title=format!("Change quota: {}", metric.name())
                lead=metric.info().what
                crumbs
                notice=move || view! { <ErrorSummary errors title="Nothing was saved" /> }
            >
                <Fields org=content metric fresh terms plan form />
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Change quota", page).await)
}

#[component]
fn Fields(
    org: Organization,
    metric: Metric,
    fresh: QuotaForm,
    terms: Terms,
    plan: Plan,
    form: FormState,
) -> impl IntoView {
    let (unit, kind) = (metric.unit(), metric.kind());
    // Whoever was told of another change saves theirs on purpose.
    let revision = match org.page.flash.problem {
        Some(Problem::Changed) => fresh.revision.clone(),
        _ => form.value_or("revision", &fresh.revision),
    };
    let amount = |amount: Option<i64>| amount.map_or_else(|| "no limit".to_owned(), |amount| unit.show(amount));
    let of_plan = format!("{}: {}", plan.name(), amount(terms.limit));
    let limit = if unit == Unit::Switch {
        let options = vec![
            SelectOption::new("", format!("As the plan has it ({of_plan})")),
            SelectOption::new("on", "On"),
            SelectOption::new("off", "Off"),
        ];
        let value = form.value_or("limit", &fresh.limit);
        view! { <SelectField name="limit" label="Limit" options value error=form.error("limit") /> }.into_any()
    } else {
        let help = format!(
            "{} Leave it empty for the plan’s ({of_plan}); the plan allows up to {}.",
            unit.help(),
            amount(terms.ceiling)
        );
        let value = form.value_or("limit", &fresh.limit);
        view! { <Field name="limit" label="Limit" value help error=form.error("limit") /> }.into_any()
    };
    let usual = if metric.info().hard { "Refuse, as usual" } else { "Report only, as usual" };
    let options = vec![
        SelectOption::new("", usual),
        SelectOption::new("hard", "Refuse"),
        SelectOption::new("report", "Report only"),
    ];
    let enforcement = form.value_or("enforcement", &fresh.enforcement);
    let thresholds = form.value_or("thresholds", &fresh.thresholds);
    let fills = kind.fills();
    let thresholds = if fills {
        view! {
            <Field
                name="thresholds"
                label="Thresholds"
                value=thresholds
                help="In percent, with commas between them. Owners and admins are told once of each."
                error=form.error("thresholds")
            />
        }
        .into_any()
    } else {
        view! { <HiddenField name="thresholds" value=thresholds /> }.into_any()
    };
    let enforced = (kind != Kind::Switch).then(|| {
        view! {
            <SelectField
                name="enforcement"
                label="Above the limit"
                options
                value=enforcement
                error=form.error("enforcement")
            />
        }
    });
    let (action, back) = (address(&org, metric, "/edit"), address(&org, metric, ""));
    view! {
        <FormView action=action>
            <HiddenField name="revision" value=revision />
            {limit}
            {enforced}
            {thresholds}
            <FormFoot>
                <CancelLink href=back />
                <Button variant=ButtonVariant::Primary>"Save quota"</Button>
            </FormFoot>
        </FormView>
    }
}

/// Saves it.
///
/// # Errors
/// A page about it.
pub async fn save(org: Organization, Path((_, code)): MetricPath, Form(form): Form<QuotaForm>) -> Answer {
    let metric = metric_of(&code)?;
    match quotas::set(&org.access, metric, &form).await {
        Ok(()) => {
            let done = Done::QuotaSaved { name: metric.name().to_owned() };
            Ok(forms::done(&org.page, &address(&org, metric, ""), done))
        }
        Err(error) => forms::back(&org.page, &address(&org, metric, "/edit"), &form, error),
    }
}
