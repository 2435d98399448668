//! Two templates side by side, and what both ask for together.

use axum::response::Response;
use domain::policy::{Combination, TEMPLATES, Template};
use domain::problem::Problem;
use leptos::prelude::*;
use server::policy;

use super::crumbs_below;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, Cell, CellKind, ColumnHeader, Form, PageHeader, Panel, Row, SelectField, SelectOption,
    Table, Tone,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn compare_page(org: Organization) -> Result<Response, Fault> {
    policy::view(&org.access).await?;
    let first = asked(&org, "first", None)?;
    let second = asked(&org, "second", Some(first))?;
    let content = org.clone();
    let page = move || {
        view! {
            <Breadcrumb crumbs=crumbs_below(&content, "Templates", "/policy/templates") />
            <PageHeader
                title="Compare templates"
                lead="Where two pull apart, what is stricter meets both."
            />
            <Form
                action=content.path("/policy/templates/compare")
                method="get"
                class="mb-5 flex flex-wrap items-end gap-3"
            >
                <SelectField name="first" label="First" options=options() value=first.code />
                <SelectField name="second" label="Second" options=options() value=second.code />
                <Button>"Compare"</Button>
            </Form>
            <Together first second />
        }
        .into_any()
    };
    Ok(org.render("Compare templates", page).await)
}

/// The template that the address names, or one that is not the other.
fn asked(org: &Organization, name: &str, other: Option<&Template>) -> Result<&'static Template, Problem> {
    if let Some(code) = org.page.query_value(name) {
        return Template::from_code(&code).ok_or(Problem::NotFound);
    }
    let mut templates = TEMPLATES.iter().filter(|one| one.framework.is_some());
    templates.find(|one| other.is_none_or(|other| other.code != one.code)).ok_or(Problem::NotFound)
}

fn options() -> Vec<SelectOption> {
    TEMPLATES.iter().map(|template| SelectOption::new(template.code, template.name)).collect()
}

/// Setting by setting.
#[component]
fn Together(first: &'static Template, second: &'static Template) -> impl IntoView {
    let rows = first.combine(second).into_iter().map(|combination| {
        view! { <Line combination first=first.name second=second.name /> }
    });
    let rows = rows.collect_view();
    view! {
        <Panel>
            <Table
                label="Settings"
                head=move || {
                    view! {
                        <ColumnHeader label="Setting" />
                        <ColumnHeader label=first.name kind=CellKind::Prose />
                        <ColumnHeader label=second.name kind=CellKind::Prose />
                        <ColumnHeader label="Together" kind=CellKind::Prose />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
}

#[component]
fn Line(combination: Combination, first: &'static str, second: &'static str) -> impl IntoView {
    let apart = combination.differs();
    let setting = combination.key.setting();
    let Combination { first: one, second: other, both, .. } = combination;
    let said = |words: Option<String>| words.unwrap_or_else(|| "–".to_owned());
    let both = both.map_or_else(|| "Nothing meets both".to_owned(), |value| setting.kind.describe(&value));
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <span class="font-medium">{setting.label}</span>
                    {apart.then(|| view! { <Badge tone=Tone::Warn label="Pull apart" /> })}
                </div>
            </Cell>
            <Cell label=first kind=CellKind::Prose>{said(one)}</Cell>
            <Cell label=second kind=CellKind::Prose>{said(other)}</Cell>
            <Cell label="Together" kind=CellKind::Prose>{both}</Cell>
        </Row>
    }
}
