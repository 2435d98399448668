//! An operation, as people read it.

use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::schema::{name_of, to_schema};
use crate::ui::{Badge, Card, Cell, CellKind, ColumnHeader, CopyButton, Row, Table, Tone};

/// What can be asked for at an address.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) tag: String,
    pub(super) method: String,
    path: String,
    summary: String,
    description: String,
    scope: String,
    parameters: Vec<Parameter>,
    /// The schema of the body.
    body: Option<String>,
    example: Option<Value>,
    responses: Vec<Answered>,
}

#[derive(Clone)]
struct Parameter {
    name: String,
    place: String,
    required: bool,
    description: String,
}

#[derive(Clone)]
struct Answered {
    status: String,
    description: String,
    schema: Option<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

impl Operation {
    /// Every operation of a description.
    pub(super) fn all(document: &Value) -> Vec<Self> {
        let each = entries(&document["paths"]).flat_map(|(path, item)| {
            entries(item).map(|(method, operation)| Self::new(document, path, method, operation)).collect::<Vec<_>>()
        });
        each.collect()
    }

    fn new(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| Parameter {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            required: parameter["required"].as_bool().unwrap_or_default(),
            description: text(&parameter["description"]),
        });
        let responses = entries(&operation["responses"]).map(|(status, response)| Answered {
            status: status.clone(),
            description: text(&response["description"]),
            schema: entries(&response["content"]).find_map(|(_, content)| name_of(&content["schema"])),
        });
        Self {
            id: text(&operation["operationId"]),
            tag: text(&operation["tags"][0]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            description: text(&operation["description"]),
            scope: text(&operation["security"][0]["key"][0]),
            parameters: parameters.collect(),
            body: name_of(schema),
            example: (!schema.is_null()).then(|| example(document, schema, 0)),
            responses: responses.collect(),
        }
    }

    /// The path below that of all.
    pub(super) fn short_path(&self) -> String {
        self.path.trim_start_matches("/api/v1").to_owned()
    }

    /// How to ask by hand.
    fn curl(&self, base_url: &str) -> String {
        let post = if self.method == "POST" { " -X POST" } else { "" };
        let mut lines = vec![
            format!("curl{post} \"{base_url}{}\"", self.path),
            "  -H \"Authorization: Bearer $PORTCULLIS_API_KEY\"".to_owned(),
        ];
        if let Some(example) = &self.example {
            lines.push("  -H \"Content-Type: application/json\"".to_owned());
            lines.push(format!("  -d '{example}'"));
        }
        lines.join(" \\\n")
    }
}

/// An example of a schema, as far as it has to be said.
fn example(document: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(name) = name_of(schema).filter(|_| depth < 6) {
        return example(document, &document["components"]["schemas"][name.as_str()], depth + 1);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match (kind, schema["enum"].as_array().and_then(|all| all.first())) {
        (_, Some(first)) => first.clone(),
        ("object", _) => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let field = |name: &str| (name.to_owned(), example(document, &schema["properties"][name], depth + 1));
            Value::Object(required.map(field).collect())
        }
        ("array", _) => json!([example(document, &schema["items"], depth + 1)]),
        ("integer" | "number", _) => json!(1),
        ("boolean", _) => json!(true),
        ("string", _) if schema["format"] == "date-time" => json!("2026-11-22T10:00:00Z"),
        _ => json!("…"),
    }
}

/// A text in which code stands between backticks.
pub(super) fn marked(text: &str) -> Vec<AnyView> {
    let parts = text.split('`').map(str::to_owned).enumerate();
    let view = |(place, part): (usize, String)| {
        if place % 2 == 1 { view! { <code class="mono">{part}</code> }.into_any() } else { part.into_any() }
    };
    parts.map(view).collect()
}

/// An operation.
#[component]
pub(super) fn OperationCard(operation: Operation, base_url: String) -> impl IntoView {
    let (curl, curl_id) = (operation.curl(&base_url), format!("curl-{}", operation.id));
    let Operation { id, method, path, summary, description, scope, parameters, body, responses, .. } = operation;
    let (tone, address) = (if method == "GET" { Tone::Info } else { Tone::Ok }, path);
    let described = (!description.is_empty()).then(|| view! { <p class="mb-4">{marked(&description)}</p> });
    let body = body.map(|name| view! { <p class="mb-4">"The body is a " {to_schema(name)} "."</p> });
    let parameters = (!parameters.is_empty()).then(|| view! { <Parameters parameters operation=id.clone() /> });
    let (label, copied) = (format!("Answers of {id}"), curl_id.clone());
    view! {
        <Card title=summary id=id>
            <p class="api-address">
                <Badge tone label=method />
                <code class="mono">{address}</code>
                <span class="text-muted">"Scope " <code class="mono">{scope}</code></span>
            </p>
            {described}
            {body}
            {parameters}
            <Answers answers=responses label />
            <div class="api-example">
                <pre class="code-block" id=curl_id>{curl}</pre>
                <CopyButton target=copied small=true />
            </div>
        </Card>
    }
}

#[component]
fn Parameters(parameters: Vec<Parameter>, operation: String) -> impl IntoView {
    let rows = parameters
        .into_iter()
        .map(|Parameter { name, place, required, description }| {
            let needed = if required { "Required" } else { "Optional" };
            view! {
                <Row>
                    <Cell label="Parameter" kind=CellKind::Main><code class="mono">{name}</code></Cell>
                    <Cell label="In">{place}</Cell>
                    <Cell label="Needed">{needed}</Cell>
                    <Cell label="What it says" kind=CellKind::Prose>{marked(&description)}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <div class="mb-4">
            <Table
                label=format!("Parameters of {operation}")
                head=|| {
                    view! {
                        <ColumnHeader label="Parameter" kind=CellKind::Main />
                        <ColumnHeader label="In" />
                        <ColumnHeader label="Needed" />
                        <ColumnHeader label="What it says" kind=CellKind::Prose />
                    }
                }
            >
                {rows}
            </Table>
        </div>
    }
}

#[component]
fn Answers(answers: Vec<Answered>, label: String) -> impl IntoView {
    let rows = answers
        .into_iter()
        .map(|Answered { status, description, schema }| {
            let schema = schema.map(to_schema);
            view! {
                <Row>
                    <Cell label="Status" kind=CellKind::Main>{status}</Cell>
                    <Cell label="When" kind=CellKind::Prose>{marked(&description)}</Cell>
                    <Cell label="Body">{schema}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table
            label
            head=|| {
                view! {
                    <ColumnHeader label="Status" kind=CellKind::Main />
                    <ColumnHeader label="When" kind=CellKind::Prose />
                    <ColumnHeader label="Body" />
                }
            }
        >
            {rows}
        </Table>
    }
}
