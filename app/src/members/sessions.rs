//! The sessions that a member comes with, on their page.

use axum::extract::Path;
use domain::device;
use domain::ids::SessionId;
use domain::members::Member;
use domain::problem::Problem;
use leptos::prelude::*;
use server::members;
use server::sessions::SessionRow;

use super::member_id;
use super::table::may_change;
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::ui::{Button, Card, Cell, CellKind, ColumnHeader, Form, Row, Table, TimeAgo};

/// A member's sessions, as the organization has seen them.
#[component]
pub(super) fn SessionsCard(org: Organization, member: Member, sessions: Vec<SessionRow>) -> impl IntoView {
    if sessions.is_empty() {
        let text = "They have not come here with a session that is alive.";
        return view! { <Card title="Sessions"><p class="text-muted">{text}</p></Card> }.into_any();
    }
    let may_end = may_change(&org, &member) && member.id != org.access.account();
    let page = org.path(&format!("/members/{}", member.id));
    let rows = sessions
        .into_iter()
        .map(|row| {
            let end = may_end.then(|| format!("{page}/sessions/{}/end", row.id));
            view! { <Line org=org.clone() row end /> }
        })
        .collect_view();
    view! {
        <Card title="Sessions" lead="Those that have come here and are alive. Time-outs are judged when they come again.">
            <Table
                label="Sessions"
                head=move || {
                    view! {
                        <ColumnHeader label="Session" />
                        <ColumnHeader label="Address" />
                        <ColumnHeader label="Last here" />
                        <ColumnHeader label="First here" behind_tap=true />
                        {may_end.then(|| view! { <ColumnHeader label="Actions" kind=CellKind::Actions /> })}
                    }
                }
            >
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

#[component]
fn Line(org: Organization, row: SessionRow, end: Option<String>) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let since = zone.clone();
    let device = row.device.as_deref().map_or_else(|| "Unknown device".to_owned(), device::name);
    let address = row.ip.unwrap_or_else(|| "–".into());
    let label = format!("End the session of {device}, {address}");
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <span class="font-medium" title=row.device.clone()>{device}</span>
            </Cell>
            <Cell label="Address" kind=CellKind::Muted>{address}</Cell>
            <Cell label="Last here" kind=CellKind::Muted>
                <TimeAgo at=row.last_seen_at now zone />
            </Cell>
            <Cell label="First here" kind=CellKind::Muted behind_tap=true>
                <TimeAgo at=row.created_at now zone=since />
            </Cell>
            {end
                .map(|action| {
                    view! {
                        <Cell kind=CellKind::Actions>
                            <Form action class="contents">
                                <Button small=true label>"End"</Button>
                            </Form>
                        </Cell>
                    }
                })}
        </Row>
    }
}

/// Ends one session of a member's for this organization.
///
/// # Errors
/// A page about it.
pub async fn end_member_session(
    org: Organization,
    Path((_, member, session)): Path<(String, String, String)>,
) -> Answer {
    let id = member_id(&member)?;
    let session: SessionId = session.parse().map_err(|_| server::Error::from(Problem::NotFound))?;
    let page = org.path(&format!("/members/{id}"));
    match members::end_session(&org.access, id, session).await {
        Ok(member) => Ok(forms::done(&org.page, &page, Done::MemberSessionEnded { name: member.name })),
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}
