//! Policies to begin with: all of them, and what one sets.

use axum::extract::Path;
use axum::response::Response;
use domain::policy::{Key, Section, SecurityPolicy, TEMPLATES, Template, Value};
use domain::problem::Problem;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy;

use super::parts::ControlTags;
use super::{crumbs, crumbs_below};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, ButtonVariant, Card, Form, HiddenField, Narrow, PageHeader, Tone,
};

/// The gallery.
///
/// # Errors
/// A page about it.
pub async fn templates_page(org: Organization) -> Result<Response, Fault> {
    policy::view(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let compare = content.path("/policy/templates/compare");
        let tiles = TEMPLATES.iter().map(|template| view! { <Tile org=content.clone() template /> }).collect_view();
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Templates"
                lead="Settings that go together, and why. What one sets goes into a draft."
                actions=move || view! { <ButtonLink href=compare>"Compare"</ButtonLink> }
            />
            <ul class="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">{tiles}</ul>
            <p class="mt-5 text-sm text-muted">"A template is where to begin. It makes nobody compliant."</p>
        }
        .into_any()
    };
    Ok(org.render("Templates", page).await)
}

/// One template in the gallery; all of it leads to its page.
#[component]
fn Tile(org: Organization, template: &'static Template) -> impl IntoView {
    let href = address(&org, template);
    let score = template.apply(&SecurityPolicy::default(), None).posture().score;
    let figures = format!("{} settings · Posture {score} of 100", template.sets.len());
    let framework = template.framework.map(|framework| {
        view! { <Badge tone=Tone::Idle label=framework.label() /> }
    });
    view! {
        <li class="panel relative flex flex-col gap-1 p-5 hover:border-line-strong">
            <div class="flex flex-wrap items-center justify-between gap-2">
                <h2 class="card-title">
                    <a class="stat-link" href=href>{template.name}</a>
                </h2>
                {framework}
            </div>
            <p class="text-md text-muted">{template.lead}</p>
            <p class="num mt-auto pt-2 text-sm text-muted">{figures}</p>
        </li>
    }
}

fn address(org: &Organization, template: &Template) -> String {
    org.path(&format!("/policy/templates/{}", template.code))
}

/// One template: what it sets, section by section, and why.
///
/// # Errors
/// A page about it.
pub async fn template_page(org: Organization, Path((_, code)): Path<(String, String)>) -> Result<Response, Fault> {
    let template = Template::from_code(&code).ok_or(Problem::NotFound)?;
    let editable = org.access.may(Permission::ManagePolicy);
    // What it is put into.
    let present = if editable {
        policy::edit(&org.access).await?.policy
    } else {
        policy::view(&org.access).await?.policy.document().clone()
    };
    let content = org.clone();
    let page = move || {
        let action = address(&content, template);
        let (below, compare) = (crumbs_below(&content, "Templates", "/policy/templates"), compared(&content, template));
        let whole = editable.then(|| action.clone());
        let sections = Section::ALL.into_iter().filter_map(|section| {
            let sets: Vec<_> = template.sets.iter().filter(|(key, ..)| key.setting().section == section).collect();
            let action = editable.then(|| action.clone());
            let present = present.clone();
            (!sets.is_empty()).then(|| view! { <Part template section sets present action /> })
        });
        let sections = sections.collect_view();
        view! {
            <Breadcrumb crumbs=below />
            <PageHeader
                title=template.name
                lead=template.lead
                actions=move || {
                    let whole = whole.map(|action| {
                        view! {
                            <Form action class="contents">
                                <Button variant=ButtonVariant::Primary>"Use template"</Button>
                            </Form>
                        }
                    });
                    view! {
                        <ButtonLink href=compare>"Compare"</ButtonLink>
                        {whole}
                    }
                }
            />
            <Narrow>
                {sections}
                <p class="text-sm text-muted">
                    "What it does not name stays as it is. A template is where to begin. It makes nobody compliant."
                </p>
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(template.name, page).await)
}

/// Where a template stands beside another one.
fn compared(org: &Organization, template: &Template) -> String {
    org.path(&format!("/policy/templates/compare?first={}", template.code))
}

/// What a template sets in one section.
#[component]
fn Part(
    template: &'static Template,
    section: Section,
    sets: Vec<&'static (Key, Value, &'static str)>,
    /// The policy that it is put into.
    present: SecurityPolicy,
    /// Where the form goes that uses it; none for whoever only looks.
    action: Option<String>,
) -> impl IntoView {
    let lines = sets.into_iter().map(|(key, value, why)| {
        view! { <Line template key=*key value=value.clone() why=*why present=present.clone() /> }
    });
    let lines = lines.collect_view();
    let actions = move || {
        action.map(|action| {
            view! {
                <Form action class="contents">
                    <HiddenField name="section" value=section.code() />
                    <Button small=true label=format!("Use this section: {}", section.label())>"Use this section"</Button>
                </Form>
            }
        })
    };
    view! {
        <Card title=section.label() actions>
            <ul class="grid gap-3">{lines}</ul>
        </Card>
    }
}

/// One setting: what it would be, what it is, and why.
#[component]
fn Line(
    template: &'static Template,
    key: Key,
    value: Value,
    why: &'static str,
    present: SecurityPolicy,
) -> impl IntoView {
    let setting = key.setting();
    let differs = setting.get(&present) != value;
    let now = differs.then(|| {
        let now = format!("Now: {}", setting.describe(&present));
        view! { <span class="block text-sm text-muted">{now}</span> }
    });
    let controls: Vec<_> = template.controls(key).collect();
    let tags = (!controls.is_empty()).then(|| view! { <ControlTags controls /> });
    view! {
        <li class="border-t border-line pt-3 first:border-0 first:pt-0">
            <div class="flex flex-wrap items-baseline justify-between gap-x-4">
                <span class="font-medium">{setting.label}</span>
                <span>{setting.kind.describe(&value)} {now}</span>
            </div>
            <p class="text-md text-muted">{why}</p>
            {tags}
        </li>
    }
}
