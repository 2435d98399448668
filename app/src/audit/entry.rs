//! One entry, with everything that is known of it.

use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;
use server::audit::{self, Damage, EntryView};

use super::list::Outcome;
use super::words::{actor, describe, outcome, warning};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Card, Cell, CellKind, ColumnHeader, Crumb, ExactTime, Fact, Facts, FlashTone, Notice, PageHeader, Row,
    Table,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn entry_page(org: Organization, Path((_, index)): Path<(String, String)>) -> Result<Response, Fault> {
    let index = index.parse().map_err(|_| Problem::NotFound)?;
    let entry = audit::lookup(&org.access, index).await?;
    let content = org.clone();
    let page = move || {
        let crumbs = vec![Crumb { label: "Audit trail".into(), href: content.path("/audit") }];
        // Of what cannot be read, the warning says all there is to say.
        let readable = entry.damage != Some(Damage::Entry);
        let lead = if readable {
            format!("{} {}.", isolated(&actor(&entry)), describe(&entry, content.access.book()))
        } else {
            String::new()
        };
        view! {
            <Breadcrumb crumbs />
            <PageHeader title=format!("Entry {}", entry.index) lead />
            {entry.damage.map(|damage| view! { <Warning damage /> })}
            {readable.then(|| view! { <What org=content.clone() entry=entry.clone() /> })}
            {(!entry.changes.is_empty()).then(|| view! { <Changes changes=entry.changes.clone() /> })}
            <Proof entry=entry.clone() />
        }
        .into_any()
    };
    Ok(org.render("Audit entry", page).await)
}

#[component]
fn Warning(damage: Damage) -> impl IntoView {
    let (title, text) = warning(damage);
    view! { <Notice tone=FlashTone::Error title>{text}</Notice> }
}

#[component]
fn What(org: Organization, entry: EntryView) -> impl IntoView {
    let outcome = outcome(&entry);
    let target = match entry.target_name.clone() {
        Some(name) => format!("{} ({})", isolated(&name), entry.target_kind),
        None => entry.target_kind.clone(),
    };
    let optional = [("Reason", entry.reason.clone()), ("Address", entry.ip.clone()), ("Device", entry.device.clone())];
    let (who, zone) = (actor(&entry), org.page.zone());
    view! {
        <Card title="What happened">
            <Facts>
                <Fact term="Actor">{who}</Fact>
                <Fact term="Action">
                    <code>{entry.action}</code>
                </Fact>
                <Fact term="Outcome">
                    <Outcome outcome />
                </Fact>
                <Fact term="Target">{target}</Fact>
                <Fact term="Target id">
                    <code class="break-all">{entry.target}</code>
                </Fact>
                <Fact term="When">
                    <ExactTime at=entry.at zone />
                </Fact>
                {optional
                    .into_iter()
                    .filter_map(|(term, value)| value.map(|value| view! { <Fact term>{value}</Fact> }))
                    .collect_view()}
                {entry
                    .request_id
                    .map(|id| {
                        view! {
                            <Fact term="Request">
                                <code class="break-all">{id}</code>
                            </Fact>
                        }
                    })}
            </Facts>
        </Card>
    }
}

#[component]
fn Changes(changes: Vec<(String, Option<String>, Option<String>)>) -> impl IntoView {
    let value = |value: Option<String>| value.unwrap_or_else(|| "–".into());
    view! {
        <Card title="Before and after">
            <Table
                label="Changes"
                head=|| {
                    view! {
                        <ColumnHeader label="Field" />
                        <ColumnHeader label="Before" />
                        <ColumnHeader label="After" />
                    }
                }
            >
                {changes
                    .into_iter()
                    .map(|(field, before, after)| {
                        view! {
                            <Row>
                                <Cell kind=CellKind::Main>{field.replace('_', " ")}</Cell>
                                <Cell label="Before" kind=CellKind::Prose>{value(before)}</Cell>
                                <Cell label="After" kind=CellKind::Prose>{value(after)}</Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
        </Card>
    }
}

#[component]
fn Proof(entry: EntryView) -> impl IntoView {
    view! {
        <Card title="What is hashed" lead="Personal values are not in it: only commitments to them are, so that they can be erased and the log still verifies.">
            <pre class="code-block">{entry.canonical}</pre>
            <p class="mt-3 text-md text-muted">"Leaf hash"</p>
            <code class="break-all">{entry.leaf}</code>
        </Card>
    }
}
