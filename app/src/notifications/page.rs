//! The list.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::NotificationId;
use domain::paging::{Cursor, Page};
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;
use serde::Deserialize;
use server::notifications::{self, Notification};
use time::OffsetDateTime;

use super::{ADDRESS, SETTINGS};
use crate::account::render;
use crate::context::PageContext;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{
    Badge, Button, ButtonLink, Cell, CellKind, ColumnHeader, Drawing, EmptyState, Form, HiddenField, IconName,
    PageHeader, Pager, Panel, Row, Table, TimeAgo, Tone, number,
};

/// What somebody was told, the newest first.
///
/// # Errors
/// A page about it.
pub async fn page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let cursor = page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = notifications::list(&page.request, visitor, cursor.as_ref()).await?;
    let (content, unread) = (page.clone(), visitor.unread() > 0);
    let view = move || {
        let until = (content.request.now.unix_timestamp_nanos() / 1000).to_string();
        view! {
            <PageHeader
                title="Notifications"
                lead="What others did that concerns you, and what became of your organizations. Kept for 90 days."
                actions=move || {
                    view! {
                        <ButtonLink href=SETTINGS icon=IconName::MAIL>"Choose mail"</ButtonLink>
                        {unread
                            .then(|| {
                                view! {
                                    <Form action=format!("{ADDRESS}/read") class="contents">
                                        <HiddenField name="until" value=until />
                                        <Button icon=IconName::CHECK>"Mark all as read"</Button>
                                    </Form>
                                }
                            })}
                    }
                }
            />
            {if list.rows.is_empty() {
                view! {
                    <EmptyState
                        drawing=Drawing::Letter
                        title="Nothing new"
                        text="When somebody changes your role, invites you or deletes an organization of yours, it is shown here."
                    />
                }
                    .into_any()
            } else {
                view! { <List page=content list /> }.into_any()
            }}
        }
        .into_any()
    };
    render(&page, "Notifications", view).await
}

#[component]
fn List(page: PageContext, list: Page<Notification>) -> impl IntoView {
    let at = |cursor: String| format!("{ADDRESS}?page={cursor}");
    let Page { rows, total, previous, next, .. } = list;
    let range = if total == 1 { "1 notification".to_owned() } else { format!("{} notifications", number(total)) };
    view! {
        <Panel>
            <Table
                label="Notifications"
                head=|| {
                    view! {
                        <ColumnHeader label="What" />
                        <ColumnHeader label="Organization" />
                        <ColumnHeader label="When" />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {rows.into_iter().map(|row| view! { <Line page=page.clone() row /> }).collect_view()}
            </Table>
            <Pager range previous=previous.map(at) next=next.map(at) newest_first=true />
        </Panel>
    }
}

#[component]
fn Line(page: PageContext, row: Notification) -> impl IntoView {
    let Notification { id, news, path, created_at, read } = row;
    let said = news.describe(|name| isolated(name).into_owned());
    let (now, zone) = (page.request.now, page.zone());
    let button = match (path.is_some(), read) {
        (true, _) => Some("Open"),
        (false, false) => Some("Mark as read"),
        (false, true) => None,
    };
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <span class:font-medium=!read>{said}</span>
                    {(!read).then(|| view! { <Badge tone=Tone::Info label="New" /> })}
                </div>
            </Cell>
            <Cell label="Organization" kind=CellKind::Muted><bdi>{news.organization}</bdi></Cell>
            <Cell label="When" kind=CellKind::Muted>
                <TimeAgo at=created_at now zone />
            </Cell>
            <Cell kind=CellKind::Actions>
                {button
                    .map(|label| {
                        view! {
                            <Form action=format!("{ADDRESS}/{id}/open") class="contents">
                                <Button small=true>{label}</Button>
                            </Form>
                        }
                    })}
            </Cell>
        </Row>
    }
}

/// Goes where one leads, and notes that it was read.
///
/// # Errors
/// A page about it.
pub async fn open(page: PageContext, Path(id): Path<String>) -> Answer {
    let id: NotificationId = id.parse().map_err(|_| Problem::NotFound)?;
    let to = notifications::open(&page.request, page.signed_in()?, id).await?;
    Ok(Redirect::to(to.as_deref().map_or(ADDRESS, forms::local_path)).into_response())
}

/// Until when all of them are read, in microseconds since 1970: what came later was not on the page.
#[derive(Deserialize)]
pub struct ReadForm {
    #[serde(default)]
    until: String,
}

/// Notes that all of them were read.
///
/// # Errors
/// A page about it.
pub async fn read_all(page: PageContext, axum::Form(form): axum::Form<ReadForm>) -> Answer {
    let shown = form.until.parse::<i64>().ok();
    let shown = shown.and_then(|until| OffsetDateTime::from_unix_timestamp_nanos(i128::from(until) * 1000).ok());
    let until = shown.unwrap_or(page.request.now).min(page.request.now);
    notifications::read_all(&page.request, page.signed_in()?, until).await?;
    Ok(forms::done(&page, ADDRESS, Done::NotificationsRead))
}
