//! The jobs of the last days.

use axum::response::Response;
use domain::jobs::Job;
use domain::paging::Cursor;
use leptos::prelude::*;
use server::jobs;

use super::{crumbs, words};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, ButtonLink, Cell, CellKind, ColumnHeader, Drawing, EmptyState, PageHeader, Pager, Panel, Row,
    Table, TimeAgo, number,
};

/// The list.
///
/// # Errors
/// A page about it.
pub async fn list(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = jobs::list(&org.access, cursor.as_ref()).await?;
    let content = org.clone();
    let page = move || {
        let turn = |cursor: Option<String>| cursor.map(|cursor| content.path(&format!("/jobs?page={cursor}")));
        let (previous, next) = (turn(list.previous.clone()), turn(list.next.clone()));
        let range = if list.total == 1 { "1 job".to_owned() } else { format!("{} jobs", number(list.total)) };
        let (crumbs, members) = (crumbs(&content), content.path("/members"));
        let rows = if list.rows.is_empty() {
            view! {
                <EmptyState
                    drawing=Drawing::Search
                    title="No jobs"
                    text="What is done to many members at once is listed here for 30 days."
                    action=move || view! { <ButtonLink href=members>"Show members"</ButtonLink> }
                />
            }
            .into_any()
        } else {
            view! {
                <Panel>
                    <Table
                        label="Jobs"
                        head=|| {
                            view! {
                                <ColumnHeader label="Job" />
                                <ColumnHeader label="State" />
                                <ColumnHeader label="Changed" kind=CellKind::Number />
                                <ColumnHeader label="Refused" kind=CellKind::Number />
                                <ColumnHeader label="Started" />
                            }
                        }
                    >
                        {list.rows.into_iter().map(|job| view! { <JobLine org=content.clone() job /> }).collect_view()}
                    </Table>
                    <Pager range previous next newest_first=true />
                </Panel>
            }
            .into_any()
        };
        view! {
            <Breadcrumb crumbs />
            <PageHeader title="Jobs" lead="What was done to many members at once, in the last 30 days." />
            {rows}
        }
        .into_any()
    };
    Ok(org.render("Jobs", page).await)
}

#[component]
fn JobLine(org: Organization, job: Job) -> impl IntoView {
    let (tone, label) = words::state(job.state);
    let href = org.path(&format!("/jobs/{}", job.id));
    let (title, creator, counts) = (words::title(&job), job.creator, job.counts);
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="person">
                    <div>
                        <a href=href>{title}</a>
                        <span>{creator}</span>
                    </div>
                </div>
            </Cell>
            <Cell label="State">
                <Badge tone label />
            </Cell>
            <Cell label="Changed" kind=CellKind::Number>
                {format!("{} of {}", number(counts.changed), number(counts.total))}
            </Cell>
            <Cell label="Refused" kind=CellKind::Number>{number(counts.refused)}</Cell>
            <Cell label="Started" kind=CellKind::Muted>
                <TimeAgo at=job.created_at now=org.page.request.now zone=org.page.zone() />
            </Cell>
        </Row>
    }
}
