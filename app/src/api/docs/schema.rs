//! A schema, as people read it.

use leptos::prelude::*;
use serde_json::Value;

use super::operation::marked;
use crate::ui::{Card, Cell, CellKind, ColumnHeader, Row, Table};

/// A kind of value that is sent or answered.
#[derive(Clone)]
pub(super) struct Schema {
    pub(super) name: String,
    description: String,
    fields: Vec<Field>,
    /// The values that it may have, if it is one of some.
    choices: Vec<String>,
}

#[derive(Clone)]
struct Field {
    name: String,
    kind: String,
    /// The schema that it is of.
    of: Option<String>,
    required: bool,
    description: String,
}

/// The name of the schema that a value is of, or of its items.
pub(super) fn name_of(schema: &Value) -> Option<String> {
    let name = |schema: &Value| Some(schema["$ref"].as_str()?.rsplit('/').next()?.to_owned());
    let several = ["oneOf", "allOf", "anyOf"].into_iter().find_map(|key| schema[key].as_array()?.iter().find_map(name));
    name(schema).or(several).or_else(|| name(&schema["items"]))
}

/// Where the page shows a schema.
pub(super) fn anchor(name: &str) -> String {
    format!("schema-{name}")
}

impl Schema {
    /// Every schema of a description.
    pub(super) fn all(document: &Value) -> Vec<Self> {
        let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
        schemas.map(|(name, schema)| Self::new(name, schema)).collect()
    }

    fn new(name: &str, schema: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let fields = schema["properties"].as_object().into_iter().flatten().map(|(field, schema)| Field {
            name: field.clone(),
            kind: kind_of(schema),
            of: name_of(schema),
            required: required.iter().any(|name| name == field),
            description: text(&schema["description"]),
        });
        let choices = schema["enum"].as_array().into_iter().flatten().map(text);
        Self {
            name: name.to_owned(),
            description: text(&schema["description"]),
            fields: fields.collect(),
            choices: choices.collect(),
        }
    }

    /// Where the page shows it.
    pub(super) fn id(&self) -> String {
        anchor(&self.name)
    }
}

/// What kind of value it is, in a word or two.
fn kind_of(schema: &Value) -> String {
    let kinds = match (&schema["type"], &schema["oneOf"]) {
        (Value::Array(kinds), _) => kinds.iter().filter_map(Value::as_str).collect(),
        (Value::Null, Value::Array(each)) => each.iter().filter_map(|one| one["type"].as_str()).collect(),
        (kind, _) => kind.as_str().into_iter().collect::<Vec<_>>(),
    };
    let kind = kinds.into_iter().filter(|kind| *kind != "null").collect::<Vec<_>>().join(" or ");
    match (kind.as_str(), schema["format"].as_str()) {
        ("array", _) => "list".to_owned(),
        ("string", Some(format)) => format.replace('-', " "),
        _ => kind,
    }
}

/// A schema.
#[component]
pub(super) fn SchemaCard(schema: Schema) -> impl IntoView {
    let (id, label) = (schema.id(), format!("Fields of {}", schema.name));
    let Schema { name, description, fields, choices } = schema;
    let choices = (!choices.is_empty()).then(|| view! { <p>{choices.join(", ")}</p> });
    let fields = (!fields.is_empty()).then(|| view! { <Fields fields label /> });
    view! {
        <Card title=name lead=description id=id>
            {choices}
            {fields}
        </Card>
    }
}

/// The way to a schema.
pub(super) fn to_schema(name: String) -> impl IntoView {
    let address = format!("#{}", anchor(&name));
    view! { <a class="link" href=address>{name}</a> }
}

#[component]
fn Fields(fields: Vec<Field>, label: String) -> impl IntoView {
    let rows = fields
        .into_iter()
        .map(|Field { name, kind, of, required, description }| {
            let of = of.map(|name| view! { " " {to_schema(name)} });
            let needed = if required { "Always" } else { "Optional" };
            view! {
                <Row>
                    <Cell label="Field" kind=CellKind::Main><code class="mono">{name}</code></Cell>
                    <Cell label="Kind">{kind} {of}</Cell>
                    <Cell label="Given">{needed}</Cell>
                    <Cell label="What it says" kind=CellKind::Prose>{marked(&description)}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table
            label
            head=|| {
                view! {
                    <ColumnHeader label="Field" kind=CellKind::Main />
                    <ColumnHeader label="Kind" />
                    <ColumnHeader label="Given" />
                    <ColumnHeader label="What it says" kind=CellKind::Prose />
                }
            }
        >
            {rows}
        </Table>
    }
}
