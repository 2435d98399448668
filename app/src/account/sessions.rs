//! The sessions of a person.

use axum::response::Response;
use leptos::prelude::*;
use server::sessions::{self, SessionRow};

use super::render;
use crate::context::PageContext;
use crate::problems::Fault;
use crate::ui::{
    Badge, Button, Cell, CellKind, ColumnHeader, Form, IconName, PageHeader, Panel, Row, Table, TimeAgo, Tone,
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
        view! {
            <PageHeader
                title="Sessions"
                lead="Where you are signed in."
                actions=|| {
                    view! {
                        <Form action="/account/sessions/end-others" class="contents">
                            <Button icon=IconName::LOG_OUT>"End all other sessions"</Button>
                        </Form>
                    }
                }
            />
            <Panel>
                <Table
                    label="Sessions"
                    head=|| {
                        view! {
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
    let device = row.device.as_deref().map_or_else(|| "Unknown device".to_owned(), device_name);
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="flex flex-wrap items-center gap-2">
                    <span class="font-medium" title=row.device.clone()>{device}</span>
                    {current.then(|| view! { <Badge tone=Tone::Ok label="This one" /> })}
                </div>
            </Cell>
            <Cell label="Address" kind=CellKind::Muted>{row.ip.unwrap_or_else(|| "–".into())}</Cell>
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

/// Browser and system, from what the browser says it is: enough to tell one's own devices apart.
fn device_name(agent: &str) -> String {
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    match (first(&browsers), first(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_people_name_them() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(device_name(chrome), "Chrome on Linux");
        assert_eq!(device_name("curl/8.1"), "curl/8.1");
    }
}
