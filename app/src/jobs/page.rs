//! The page of one job.

use axum::extract::Path;
use axum::response::Response;
use domain::jobs::{Job, JobRow, JobState, RowOutcome};
use domain::paging::{Cursor, Page};
use domain::text::isolated;
use leptos::prelude::*;
use serde::Serialize;
use server::jobs;
use server::members::bulk::needs;
use server::members::import;

use super::checked::Checked;
use super::{JobPath, crumbs, job_id, words};
use crate::context::Organization;
use crate::forms;
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, Cell, CellKind, Chip, ColumnHeader, Crumb, FilterBar, FilterMenu,
    FilterOption, Form, PageHeader, Pager, Panel, Progress, Row, Table, exact, number,
};

/// How far a job has come, for scripts that ask while it goes on.
#[derive(Serialize)]
struct Told {
    /// How many rows were looked at.
    done: u64,
    /// The same in words.
    text: String,
    /// Whether there is more to come.
    under_way: bool,
}

/// Tells scripts how far a job has come.
///
/// # Errors
/// A page about it.
pub async fn progress(org: Organization, Path((_, job)): JobPath) -> Result<Response, Fault> {
    let job = jobs::lookup(&org.access, job_id(&job)?).await?;
    let told =
        Told { done: job.counts.settled(), text: words::progress(job.counts), under_way: job.state.is_under_way() };
    Ok(forms::json(serde_json::to_string(&told).map_err(server::Error::internal)?))
}

/// How far it has come, and what became of its rows.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization, Path((_, job)): JobPath) -> Result<Response, Fault> {
    let outcome = org.page.query_value("outcome").as_deref().and_then(RowOutcome::from_code);
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let (job, rows) = jobs::results(&org.access, job_id(&job)?, outcome, cursor.as_ref()).await?;
    let review = match job.state {
        JobState::Checked => Some(import::review(&org.access, job.id).await?),
        _ => None,
    };
    let title = words::title(&job);
    let content = org.clone();
    let page = move || {
        let mut crumbs = crumbs(&content);
        crumbs.push(Crumb { label: "Jobs".into(), href: content.path("/jobs") });
        view! {
            <Breadcrumb crumbs />
            <Head org=content.clone() job=job.clone() />
            {review.map(|review| view! { <Checked org=content.clone() job=job.clone() review /> })}
            <Outcomes org=content.clone() job=job.clone() outcome />
            <Results org=content job outcome rows />
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// Title, state, progress, and what can be done about it.
#[component]
fn Head(org: Organization, job: Job) -> impl IntoView {
    let here = org.path(&format!("/jobs/{}", job.id));
    let (tone, label) = words::state(job.state);
    let under_way = job.state.is_under_way();
    let can_undo = job.can_be_undone(org.page.request.now) && org.access.may(needs(job.kind));
    let lead = format!("Started by {} on {}.", isolated(&job.creator), exact(job.created_at, &org.page.zone()));
    let (cancel, undo, refresh) = (format!("{here}/cancel"), format!("{here}/undo"), here.clone());
    let undone = job.undone_by.map(|id| org.path(&format!("/jobs/{id}")));
    let undoes = job.undoes.map(|id| org.path(&format!("/jobs/{id}")));
    view! {
        <PageHeader
            title=words::title(&job)
            lead
            actions=move || {
                view! {
                    {under_way
                        .then(|| {
                            view! {
                                <ButtonLink href=refresh>"Refresh"</ButtonLink>
                                <Form action=cancel class="contents"><Button>"Cancel"</Button></Form>
                            }
                        })}
                    {can_undo.then(|| view! { <Form action=undo class="contents"><Button>"Undo"</Button></Form> })}
                }
            }
        />
        <div class="job-state mb-5">
            <Badge tone label />
            {undone.map(|href| view! { <a class="link" href=href>"Undone by another job"</a> })}
            {undoes.map(|href| view! { <a class="link" href=href>"What this puts back"</a> })}
            {(job.state != JobState::Checked)
                .then(|| {
                    view! {
                        <Progress
                            label=words::title(&job)
                            done=job.counts.settled()
                            total=job.counts.total
                            text=words::progress(job.counts)
                            address=under_way.then(|| format!("{here}/progress"))
                        />
                    }
                })}
        </div>
    }
}

/// The rows' address with this filter and cursor.
fn address(org: &Organization, job: &Job, outcome: Option<RowOutcome>, cursor: Option<String>) -> String {
    let outcome = outcome.map(|outcome| ("outcome", outcome.code().to_owned()));
    let pairs: Vec<_> = outcome.into_iter().chain(cursor.map(|cursor| ("page", cursor))).collect();
    let path = org.path(&format!("/jobs/{}", job.id));
    match serde_urlencoded::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path,
    }
}

/// The filter, with how many rows there are of each outcome.
#[component]
fn Outcomes(org: Organization, job: Job, outcome: Option<RowOutcome>) -> impl IntoView {
    let (counts, state) = (job.counts, job.state);
    let option = |of: Option<RowOutcome>, count: u64| {
        let name = of.map_or("Any outcome", |of| words::outcome(state, of).1);
        let label = format!("{name} ({})", number(count));
        FilterOption { label, href: address(&org, &job, of, None), current: outcome == of }
    };
    let options = vec![
        option(None, counts.total),
        option(Some(RowOutcome::Changed), counts.changed),
        option(Some(RowOutcome::Unchanged), counts.unchanged),
        option(Some(RowOutcome::Refused), counts.refused),
        option(Some(RowOutcome::Pending), counts.left()),
    ];
    let chip = outcome.map(|of| (format!("Outcome: {}", words::outcome(state, of).1), address(&org, &job, None, None)));
    view! {
        <FilterBar>
            <FilterMenu label="Outcome" id="outcome" options />
            {chip.map(|(label, remove)| view! { <Chip label remove /> })}
            <span class="text-muted">
                {format!(
                    "{} changed, {} unchanged, {} refused",
                    number(counts.changed),
                    number(counts.unchanged),
                    number(counts.refused),
                )}
            </span>
        </FilterBar>
    }
}

#[component]
fn Results(org: Organization, job: Job, outcome: Option<RowOutcome>, rows: Page<JobRow>) -> impl IntoView {
    let turn = |cursor: Option<String>| cursor.map(|cursor| address(&org, &job, outcome, Some(cursor)));
    let (previous, next) = (turn(rows.previous.clone()), turn(rows.next.clone()));
    let range = format!("{} of {}", rows.rows.len(), number(rows.total));
    let (kind, state) = (job.kind, job.state);
    view! {
        <Panel>
            <Table
                label="Results"
                head=|| {
                    view! {
                        <ColumnHeader label="Member" />
                        <ColumnHeader label="Outcome" />
                        <ColumnHeader label="Detail" />
                    }
                }
            >
                {rows
                    .rows
                    .into_iter()
                    .map(|row| {
                        let (tone, label) = words::outcome(state, row.outcome);
                        let (org, detail) = (org.clone(), words::detail(org.access.book(), kind, &row));
                        view! {
                            <Row>
                                <Cell kind=CellKind::Main>
                                    <Whom org row />
                                </Cell>
                                <Cell label="Outcome">
                                    <Badge tone label />
                                </Cell>
                                <Cell label="Detail" kind=CellKind::Muted>
                                    {detail}
                                </Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
            <Pager range previous next />
        </Panel>
    }
}

/// Whom a row is about: a member, or a line of a file.
#[component]
fn Whom(org: Organization, row: JobRow) -> impl IntoView {
    let href = row.member.map(|id| org.path(&format!("/members/{id}")));
    let (title, below) = if row.name.is_empty() {
        (row.email, row.line.map(|line| format!("Line {line}")).unwrap_or_default())
    } else {
        let line = row.line.map(|line| format!(" · line {line}")).unwrap_or_default();
        (row.name, format!("{}{line}", row.email))
    };
    let name = match href {
        Some(href) => view! { <a href=href>{title}</a> }.into_any(),
        None => view! { <span>{title}</span> }.into_any(),
    };
    view! { <div class="person"><div>{name}<span>{below}</span></div></div> }
}
