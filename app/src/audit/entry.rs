//! One entry, with everything that is known of it.

use axum::extract::Path;
use axum::response::Response;
use domain::text::isolated;
use leptos::prelude::*;
use server::audit::{self, Damage, EntryDetail, EntryView};

use super::related::Related;
use super::table::Outcome;
use super::words::{actor, describe, outcome, warning};
use super::{crumbs, number_in};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, ButtonLink, Card, Cell, CellKind, ColumnHeader, CopyButton, ExactTime, Fact, Facts, FlashTone,
    IconName, Neighbours, Notice, PageHeader, Row, Table,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn entry_page(org: Organization, Path((_, index)): Path<(String, String)>) -> Result<Response, Fault> {
    let detail = audit::detail(&org.access, number_in(&index)?).await?;
    let content = org.clone();
    let page = move || {
        let EntryDetail { entry, newer, older, .. } = detail;
        // Of what cannot be read, the warning says all there is to say.
        let readable = entry.damage != Some(Damage::Entry) && !entry.archived;
        let lead = if readable {
            format!("{} {}.", isolated(&actor(&entry)), describe(&entry, content.access.book()))
        } else {
            String::new()
        };
        let beside = |index: Option<u64>| index.map(|index| content.path(&format!("/audit/{index}")));
        let (newer, older) = (beside(newer), beside(older));
        let actions = move || view! { <Neighbours label="Entries" newer older /> };
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title=format!("Entry {}", entry.index) lead actions />
            {entry.damage.map(|damage| view! { <Warning damage /> })}
            {entry.archived.then(|| view! { <Archived org=content.clone() entry=entry.clone() /> })}
            {readable.then(|| view! { <What org=content.clone() entry=entry.clone() /> })}
            {(!entry.changes.is_empty()).then(|| view! { <Changes changes=entry.changes.clone() /> })}
            {readable.then(|| view! { <Related org=content.clone() entry=entry.clone() /> })}
            <Hashed org=content entry />
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

/// What is left of an entry that retention has taken away.
#[component]
fn Archived(org: Organization, entry: EntryView) -> impl IntoView {
    let (text, zone) = (describe(&entry, org.access.book()), org.page.zone());
    let outcome = outcome(&entry);
    view! {
        <Notice title="This entry is in the archive">
            "It is older than the organization’s policy has it kept. What it said is in a file that whoever runs the platform keeps. Its hash is still part of the trail."
        </Notice>
        <Card title="What is known">
            <Facts>
                <Fact term="Entry">{text}</Fact>
                <Fact term="Outcome">
                    <Outcome outcome />
                </Fact>
                <Fact term="When">
                    <ExactTime at=entry.at zone />
                </Fact>
            </Facts>
        </Card>
    }
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

/// What is different: struck out what was there, and marked what is there now; and the same as text.
#[component]
fn Changes(changes: Vec<(String, Option<String>, Option<String>)>) -> impl IntoView {
    let text = changes.iter().map(as_text).collect::<Vec<_>>().join("\n");
    let rows = changes.into_iter().map(|(field, before, after)| {
        let before = before.map(|value| view! { <del class="change-before">{value}</del> }.into_any());
        let after = after.map(|value| view! { <ins class="change-after">{value}</ins> }.into_any());
        let nothing = || view! { <span class="text-muted">"–"</span> }.into_any();
        view! {
            <Row>
                <Cell kind=CellKind::Main>{field.replace('_', " ")}</Cell>
                <Cell label="Before" kind=CellKind::Prose>{before.unwrap_or_else(nothing)}</Cell>
                <Cell label="After" kind=CellKind::Prose>{after.unwrap_or_else(nothing)}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
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
                {rows}
            </Table>
            <details class="mt-3 text-md">
                <summary class="w-fit rounded-sm text-muted hover:text-base-content">"Show as text"</summary>
                <pre class="code-block mt-2">{text}</pre>
            </details>
        </Card>
    }
}

/// A change in one or two lines: what is gone behind a minus, what has come behind a plus.
fn as_text((field, before, after): &(String, Option<String>, Option<String>)) -> String {
    let line = |sign: char, value: Option<&str>| value.map(|value| format!("{sign} {field}: {value}"));
    [line('-', before.as_deref()), line('+', after.as_deref())].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What the entry is in the log, and the proof that it is.
#[component]
fn Hashed(org: Organization, entry: EntryView) -> impl IntoView {
    let proof = if entry.archived {
        view! { <p class="text-sm text-muted">"What it said is in the archive, which proves it."</p> }.into_any()
    } else if entry.damage.is_none() {
        let href = org.path(&format!("/audit/{}/proof", entry.index));
        view! {
            <ButtonLink href download=true icon=IconName::DOWNLOAD>"Proof"</ButtonLink>
            <p class="mt-2 text-sm text-muted">
                "A file by which anybody sees that this entry is in the trail, without asking this server."
            </p>
        }
        .into_any()
    } else {
        view! { <p class="text-sm text-muted">"Of a damaged entry nothing can be proven."</p> }.into_any()
    };
    view! {
        <Card title="What is hashed" lead="Personal values are not in it: only commitments to them are, so that they can be erased and the log still verifies.">
            {(!entry.archived).then(|| view! { <pre class="code-block">{entry.canonical}</pre> })}
            <p class="mt-3 text-md text-muted">"Leaf hash"</p>
            <div class="secret">
                <code class="break-all" id="leaf">{entry.leaf}</code>
                <CopyButton target="leaf" of="the leaf hash" small=true />
            </div>
            <div class="mt-4">{proof}</div>
        </Card>
    }
}
