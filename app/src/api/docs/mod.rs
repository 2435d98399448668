//! The page that shows the API to people: the description, as it stands, in the portal's own design.

mod codes;
mod operation;
mod schema;

use axum::response::Response;
use leptos::prelude::*;
use serde_json::Value;

use self::codes::Codes;
use self::operation::{Operation, OperationCard};
use self::schema::{Schema, SchemaCard};
use super::document::document;
use crate::context::PageContext;
use crate::problems::Fault;
use crate::ui::{Brand, ButtonLink, Card, IconName, Live, PageHeader};

/// The groups of operations, in the description's order.
fn groups(document: &Value) -> Vec<(String, String, Vec<Operation>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let operations = Operation::all(document);
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let name = text(&tag["name"]);
        let of_it = operations.iter().filter(|operation| operation.tag == name).cloned().collect();
        (name, text(&tag["description"]), of_it)
    })
    .collect()
}

/// Operations, schemas, codes of problems, and how to ask.
///
/// # Errors
/// A page about it.
pub async fn page(page: PageContext) -> Result<Response, Fault> {
    let base_url = page.state.portal.settings().base_url.clone();
    let document = document(&base_url);
    let lead = document["info"]["description"].as_str().unwrap_or_default().to_owned();
    let (groups, schemas) = (groups(&document), Schema::all(&document));
    let view = move || {
        let contents = view! { <Contents groups=groups.clone() schemas=schemas.clone() /> };
        let sections =
            groups.into_iter().map(|group| view! { <Group group base_url=base_url.clone() /> }).collect_view();
        let schemas = schemas.into_iter().map(|schema| view! { <SchemaCard schema /> }).collect_view();
        let (first, rest) = lead.split_once("\n\n").unwrap_or((lead.as_str(), ""));
        let (first, rest) = (first.to_owned(), rest.to_owned());
        view! {
            <a class="btn btn-primary skip" href="#main">
                "Skip to content"
            </a>
            <div class="api-docs">
                {contents}
                <main class="content" id="main" tabindex="-1">
                    <PageHeader
                        title="REST API"
                        lead=first
                        actions=|| {
                            view! {
                                <ButtonLink href="/api/v1/openapi.json" icon=IconName::FILE_TEXT>
                                    "OpenAPI 3.1"
                                </ButtonLink>
                            }
                        }
                    />
                    <Card title="Conventions">
                        <p>{operation::marked(&rest)}</p>
                    </Card>
                    {sections}
                    <h2 class="api-heading" id="problems">
                        "Problems"
                    </h2>
                    <Codes />
                    <h2 class="api-heading" id="schemas">
                        "Schemas"
                    </h2>
                    {schemas}
                </main>
            </div>
            <Live />
        }
        .into_any()
    };
    Ok(page.render("REST API", view).await)
}

/// What the page holds.
#[component]
fn Contents(groups: Vec<(String, String, Vec<Operation>)>, schemas: Vec<Schema>) -> impl IntoView {
    let groups = groups
        .into_iter()
        .map(|(name, _, operations)| {
            let links = operations
                .into_iter()
                .map(|operation| {
                    let (href, path) = (format!("#{}", operation.id), operation.short_path());
                    view! {
                        <li>
                            <a href=href>
                                <span class="api-method">{operation.method}</span>
                                {path}
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <p>{name}</p>
                <ul>{links}</ul>
            }
        })
        .collect_view();
    let schemas = schemas
        .into_iter()
        .map(|schema| {
            let address = format!("#{}", schema.id());
            view! { <li><a href=address>{schema.name}</a></li> }
        })
        .collect_view();
    view! {
        <nav class="api-contents" aria-label="REST API">
            <a class="api-brand" href="/">
                <Brand />
            </a>
            {groups}
            <p>
                <a href="#problems">"Problems"</a>
            </p>
            <p>
                <a href="#schemas">"Schemas"</a>
            </p>
            <ul>{schemas}</ul>
        </nav>
    }
}

/// Operations that belong together.
#[component]
fn Group(group: (String, String, Vec<Operation>), base_url: String) -> impl IntoView {
    let (name, description, operations) = group;
    let cards = operations
        .into_iter()
        .map(|operation| view! { <OperationCard operation base_url=base_url.clone() /> })
        .collect_view();
    view! {
        <h2 class="api-heading">{name}</h2>
        <p class="mb-4 text-muted">{description}</p>
        {cards}
    }
}
