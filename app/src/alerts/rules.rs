//! The detections: what each looks for, and how it is set.

use axum::response::Response;
use domain::detections::{RULES, RuleInfo, Tunable, Tuning};
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::alerts;

use super::parts::SeverityBadge;
use super::tune::{Part, Setting, is_on};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::security;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonVariant, CheckboxField, ErrorSummary, Fact, Facts, Field, FieldKind,
    Form as FormView, FormFoot, HiddenField, PageHeader, Tone, number,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn rules_page(org: Organization) -> Result<Response, Fault> {
    let view = alerts::rules(&org.access).await?;
    let content = org.clone();
    let form = org.page.form(&org.path("/security/rules"));
    let page = move || {
        let (crumbs, errors) = (security::crumbs(&content), form.errors());
        let editable = content.access.may(Permission::ManagePolicy);
        let rules = view! { <Rules tuning=view.tuning form=form.clone() editable /> };
        let list = if editable {
            // Whoever was told of another change saves theirs on purpose.
            let fresh = view.revision.to_string();
            let revision = match content.page.flash.problem {
                Some(Problem::Changed) => fresh,
                _ => form.value_or("revision", &fresh),
            };
            view! {
                <FormView action=content.path("/security/rules") class="contents">
                    <HiddenField name="revision" value=revision />
                    {rules}
                    <FormFoot>
                        <Button variant=ButtonVariant::Primary>"Save"</Button>
                    </FormFoot>
                </FormView>
            }
            .into_any()
        } else {
            rules.into_any()
        };
        view! {
            <Breadcrumb crumbs />
            <PageHeader
                title="Detections"
                lead="What is looked for in sign-ins, changes and exports, and from where on it is an alert. Owners are told when one is switched off."
            />
            <ErrorSummary errors title="Nothing was saved" />
            {list}
        }
        .into_any()
    };
    Ok(org.render("Detections", page).await)
}

#[component]
fn Rules(tuning: Tuning, form: FormState, editable: bool) -> impl IntoView {
    let rules = RULES.iter().map(|info| {
        let setting = Setting::of(&tuning, info.rule);
        if editable {
            view! { <RuleFields info setting form=form.clone() /> }.into_any()
        } else {
            view! { <RuleFacts info setting /> }.into_any()
        }
    });
    let rules = rules.collect_view();
    view! { <div class="mb-5 grid items-stretch gap-4 lg:grid-cols-2">{rules}</div> }
}

/// What a detection looks for, and how bad that is.
#[component]
fn About(info: &'static RuleInfo) -> impl IntoView {
    view! {
        <div class="flex flex-wrap items-start gap-2">
            <SeverityBadge severity=info.severity />
            <span class="min-w-0 flex-1 text-md text-muted">{info.what}</span>
        </div>
    }
}

/// A detection with its fields.
#[component]
fn RuleFields(info: &'static RuleInfo, setting: Setting, form: FormState) -> impl IntoView {
    let enabled = Part::Enabled.field(info);
    let checked = is_on(&form, &enabled, setting.enabled);
    let switch = if info.rule.is_always_on() {
        view! { <p class="text-md text-muted">"It is always on."</p> }.into_any()
    } else {
        view! { <CheckboxField name=enabled label="Raise alerts" checked /> }.into_any()
    };
    let numbers = [
        (Part::Threshold, info.threshold.as_ref(), setting.threshold),
        (Part::Window, info.window.as_ref(), setting.window),
    ];
    let numbers = numbers.into_iter().filter_map(|(part, tunable, value)| {
        let (field, tunable) = (part.field(info), tunable?);
        let (value, error) = (form.value_or(&field, &value.to_string()), form.error(&field));
        let label = label(part, tunable);
        let help =
            format!("From {} to {}; at first {}.", bound(tunable.min), bound(tunable.max), bound(tunable.default));
        Some(view! { <Field name=field label kind=FieldKind::Number value help error /> })
    });
    let numbers = numbers.collect_view();
    view! {
        <fieldset class="panel grid min-w-0 content-start gap-4 p-5">
            <legend class="float-left">
                <h2 class="card-title">{info.name}</h2>
            </legend>
            <About info />
            {switch}
            <div class="grid gap-4 sm:grid-cols-2">{numbers}</div>
        </fieldset>
    }
}

/// A detection for whoever only looks.
#[component]
fn RuleFacts(info: &'static RuleInfo, setting: Setting) -> impl IntoView {
    let (tone, state) = if setting.enabled { (Tone::Ok, "On") } else { (Tone::Idle, "Off") };
    let numbers = [
        (Part::Threshold, info.threshold.as_ref(), setting.threshold),
        (Part::Window, info.window.as_ref(), setting.window),
    ];
    let numbers = numbers.into_iter().filter_map(|(part, tunable, value)| {
        let term = label(part, tunable?);
        Some(view! { <Fact term>{bound(value)}</Fact> })
    });
    let numbers = numbers.collect_view();
    view! {
        <section class="panel grid content-start gap-4 p-5">
            <h2 class="card-title">{info.name}</h2>
            <About info />
            <Facts>
                <Fact term="State">
                    <Badge tone label=state />
                </Fact>
                {numbers}
            </Facts>
        </section>
    }
}

/// What a number is called: what is counted, or the time in which it is.
fn label(part: Part, tunable: &Tunable) -> String {
    match part {
        Part::Window => "Within minutes".to_owned(),
        Part::Threshold | Part::Enabled => {
            let mut letters = tunable.unit.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
    }
}

fn bound(value: u32) -> String {
    number(value.into())
}
