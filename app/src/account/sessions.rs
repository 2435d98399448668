//! The sessions of a person.

use axum::response::Response;
use domain::device;
use leptos::prelude::*;
use server::sessions::{self, SessionRow};

use super::render;
use crate::context::PageContext;
use crate::problems::Fault;
use crate::ui::{
    Badge, BulkBar, Button, Cell, CellKind, ColumnHeader, Form, IconName, PageHeader, Panel, Row, SelectBox, Table,
    TimeAgo, Tone,
};

/// The list.
///
/// # Errors
/// A page about it.
pub async fn sessions_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let rows = sessions::list(&page.request, visitor).await?;
    let mine = visitor.session;
    let content = page.clone();
    let view = move || {
        let others = rows.len() > 1;
        view! {
            <PageHeader
                title="Sessions"
                lead=if others { "Where you are signed in." } else { "You are signed in here, and nowhere else." }
                actions=move || {
                    others
                        .then(|| {
                            view! {
                                <Form action="/account/sessions/end-others" class="contents">
                                    <Button icon=IconName::LOG_OUT>"End all other sessions"</Button>
                                </Form>
                            }
                        })
                }
            />
            <Panel>
                <Table
                    label="Sessions"
                    head=|| {
                        view! {
                            <ColumnHeader label="Selection" kind=CellKind::Check />
                            <ColumnHeader label="Device" />
                            <ColumnHeader label="Address" />
                            <ColumnHeader label="Last used" />
                            <ColumnHeader label="Signed in" />
                            <ColumnHeader label="Actions" kind=CellKind::Actions />
                        }
                    }
                >
                    {rows.into_iter().map(|row| view! { <Session page=content.clone() current=row.id == mine row /> }).collect_view()}
                </Table>
                <BulkBar action="/account/sessions/end">
                    <Button small=true icon=IconName::LOG_OUT>"End selected"</Button>
                </BulkBar>
            </Panel>
        }
        .into_any()
    };
    render(&page, "Sessions", view).await
}

#[component]
fn Session(page: PageContext, row: SessionRow, current: bool) -> impl IntoView {
    let (now, zone) = (page.request.now, page.zone());
    let (since, end) = (zone.clone(), format!("/account/sessions/{}/end", row.id));
    let device = row.device.as_deref().map_or_else(|| "Unknown device".to_owned(), device::name);
    let address = row.ip.unwrap_or_else(|| "–".into());
    let name = format!("{device}, {address}");
    view! {
        <Row>
            <Cell kind=CellKind::Check>
                {(!current).then(|| view! { <SelectBox label=name value=row.id.to_string() /> })}
            </Cell>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <span class="font-medium" title=row.device.clone()>{device}</span>
                    {current.then(|| view! { <Badge tone=Tone::Ok label="This one" /> })}
                </div>
            </Cell>
            <Cell label="Address" kind=CellKind::Muted>{address}</Cell>
            <Cell label="Last used" kind=CellKind::Muted>
                <TimeAgo at=row.last_seen_at now zone />
            </Cell>
            <Cell label="Signed in" kind=CellKind::Muted>
                <TimeAgo at=row.created_at now zone=since />
            </Cell>
            <Cell kind=CellKind::Actions>
                {(!current)
                    .then(|| {
                        view! {
                            <Form action=end class="contents">
                                <Button small=true>"End"</Button>
                            </Form>
                        }
                    })}
            </Cell>
        </Row>
    }
}
