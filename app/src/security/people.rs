//! Who should be looked at, and where people are.

use leptos::prelude::*;
use server::security::Risky;

use crate::context::Organization;
use crate::ui::{Card, Cell, CellKind, ColumnHeader, Person, Row, Table, number};

/// Members of whom several things are remarkable, the most remarkable first.
#[component]
pub(super) fn RiskyCard(org: Organization, risky: Vec<Risky>) -> impl IntoView {
    let lead = "By what was noticed of them lately, what they may do, and how they sign in.";
    if risky.is_empty() {
        return view! {
            <Card title="Members to look at" lead>
                <p class="text-md text-muted">"Nobody stands out."</p>
            </Card>
        }
        .into_any();
    }
    let rows = risky.into_iter().map(|one| {
        let Risky { account, name, email, score, reasons } = one;
        let href = org.path(&format!("/members/{account}"));
        view! {
            <Row>
                <Cell kind=CellKind::Main>
                    <Person name email id=account.to_string() href=Some(href) />
                </Cell>
                <Cell label="Why" kind=CellKind::Prose>{reasons.join(", ")}</Cell>
                <Cell label="Score" kind=CellKind::Number>{number(score.into())}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Card title="Members to look at" lead>
            <Table
                label="Members to look at"
                head=|| {
                    view! {
                        <ColumnHeader label="Member" />
                        <ColumnHeader label="Why" kind=CellKind::Prose />
                        <ColumnHeader label="Score" kind=CellKind::Number />
                    }
                }
            >
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

/// The sessions of now from one network.
pub(super) struct Here {
    /// Its name; none for what came from nowhere that is known.
    pub(super) network: Option<String>,
    /// How many sessions there are.
    pub(super) sessions: u64,
    /// Of how many members.
    pub(super) members: u64,
}

/// From where the sessions of now come.
#[component]
pub(super) fn NetworksCard(
    org: Organization,
    /// The networks that most come from.
    networks: Vec<Here>,
    /// How many sessions there are in all.
    sessions: u64,
) -> impl IntoView {
    if networks.is_empty() {
        return view! {
            <Card title="Active sessions by network">
                <p class="text-md text-muted">"Nobody is in the organization at present."</p>
            </Card>
        }
        .into_any();
    }
    let seen = org.path("/members?sort=-seen");
    let rest = sessions.saturating_sub(networks.iter().map(|here| here.sessions).sum());
    let rows = networks.into_iter().map(|Here { network, sessions, members }| {
        let name = network.unwrap_or_else(|| "Unknown".to_owned());
        view! {
            <Row>
                <Cell kind=CellKind::Main>
                    <code class="mono">{name}</code>
                </Cell>
                <Cell label="Sessions" kind=CellKind::Number>{number(sessions)}</Cell>
                <Cell label="Members" kind=CellKind::Number>{number(members)}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let more = (rest > 0).then(|| format!("and {} from other networks", number(rest)));
    let more = more.map(|text| view! { <p class="mt-2 text-sm text-muted">{text}</p> });
    view! {
        <Card
            title="Active sessions by network"
            actions=move || view! { <a class="link text-md" href=seen>"Who was seen last"</a> }
        >
            <Table
                label="Active sessions by network"
                head=|| {
                    view! {
                        <ColumnHeader label="Network" />
                        <ColumnHeader label="Sessions" kind=CellKind::Number />
                        <ColumnHeader label="Members" kind=CellKind::Number />
                    }
                }
            >
                {rows}
            </Table>
            {more}
        </Card>
    }
    .into_any()
}
