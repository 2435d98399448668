//! The list of alerts.

use axum::response::Response;
use domain::detections::{AlertQuery, AlertState, RULES};
use domain::paging::Page;
use leptos::prelude::*;
use server::alerts::{self, AlertView};

use super::parts::{About, SeverityBadge, StateBadge, assignee};
use crate::context::Organization;
use crate::problems::Fault;
use crate::security;
use crate::ui::{
    Breadcrumb, ButtonLink, ButtonVariant, Cell, CellKind, Chip, ColumnHeader, Drawing, EmptyState, FilterBar,
    FilterMenu, FilterOption, LiveRegion, LiveStatus, PageHeader, Pager, Panel, Row, Segments, Table, TimeAgo, number,
};

/// The states to choose from: what each is called, and what it asks for.
const STATES: [(&str, Option<AlertState>, bool); 5] = [
    ("Unresolved", None, false),
    ("Open", Some(AlertState::Open), false),
    ("Acknowledged", Some(AlertState::Acknowledged), false),
    ("Resolved", Some(AlertState::Resolved), false),
    ("All", None, true),
];

/// The page.
///
/// # Errors
/// A page about it.
pub async fn list(org: Organization) -> Result<Response, Fault> {
    let pairs = org.page.query();
    let query = AlertQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let list = alerts::list(&org.access, &query).await?;
    let content = org.clone();
    let page = move || {
        let (crumbs, rules) = (security::crumbs(&content), content.path("/security/rules"));
        view! {
            <Breadcrumb crumbs />
            <PageHeader
                title="Alerts"
                lead="What the detections have noticed. Each waits until somebody has resolved it."
                actions=move || {
                    view! {
                        <LiveStatus />
                        <ButtonLink href=rules variant=ButtonVariant::Ghost>"Detections"</ButtonLink>
                    }
                }
            />
            <Filters org=content.clone() query=query.clone() />
            <LiveRegion address=content.path("/security/live")>
                <Alerts org=content query list />
            </LiveRegion>
        }
        .into_any()
    };
    Ok(org.render("Alerts", page).await)
}

/// The list's address with this query.
fn address(org: &Organization, query: &AlertQuery) -> String {
    let path = org.path("/security/alerts");
    match serde_urlencoded::to_string(query.to_pairs()) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path,
    }
}

/// The list's first page with something changed in its query.
fn changed(org: &Organization, query: &AlertQuery, change: impl FnOnce(&mut AlertQuery)) -> String {
    let mut query = AlertQuery { cursor: None, ..query.clone() };
    change(&mut query);
    address(org, &query)
}

/// The states, all in sight, and the rules in a menu.
#[component]
fn Filters(org: Organization, query: AlertQuery) -> impl IntoView {
    let state = |(label, state, all): (&str, Option<AlertState>, bool)| FilterOption {
        label: label.to_owned(),
        href: changed(&org, &query, |query| (query.state, query.all) = (state, all)),
        current: (query.state, query.all) == (state, all),
    };
    let states: Vec<_> = STATES.into_iter().map(state).collect();
    let without = changed(&org, &query, |query| query.rule = None);
    let any = FilterOption { label: "Any detection".to_owned(), href: without.clone(), current: query.rule.is_none() };
    let rules = RULES.iter().map(|info| FilterOption {
        label: info.name.to_owned(),
        href: changed(&org, &query, |query| query.rule = Some(info.rule)),
        current: query.rule == Some(info.rule),
    });
    let rules: Vec<_> = std::iter::once(any).chain(rules).collect();
    let chosen = RULES.iter().find(|info| query.rule == Some(info.rule));
    let chip = chosen.map(|info| view! { <Chip label=format!("Detection: {}", info.name) remove=without /> });
    view! {
        <FilterBar>
            <Segments label="State" options=states />
            <FilterMenu label="Detection" id="rule" options=rules />
            {chip}
        </FilterBar>
    }
}

#[component]
fn Alerts(org: Organization, query: AlertQuery, list: Page<AlertView>) -> impl IntoView {
    if list.rows.is_empty() {
        let narrow = query.rule.is_some() || query.state.is_some();
        let (title, text) = if narrow {
            ("No such alerts", "Choose another state, or any detection.")
        } else if query.all {
            ("No alerts yet", "When a detection notices something, it is listed here.")
        } else {
            ("Nothing is open", "All that was noticed is resolved.")
        };
        let all = changed(&org, &query, |query| *query = AlertQuery { all: true, ..AlertQuery::default() });
        let offered = !query.all || narrow;
        return view! {
            <Panel>
                <EmptyState
                    drawing=Drawing::Search
                    title
                    text
                    action=move || offered.then(|| view! { <ButtonLink href=all>"Show all alerts"</ButtonLink> })
                />
            </Panel>
        }
        .into_any();
    }
    let turn = |cursor: Option<String>| {
        let cursor = cursor.as_deref().and_then(domain::paging::Cursor::decode)?;
        Some(address(&org, &AlertQuery { cursor: Some(cursor), ..query.clone() }))
    };
    let (previous, next) = (turn(list.previous), turn(list.next));
    let range = format!("{} of {}", list.rows.len(), number(list.total));
    let rows = list.rows.into_iter().map(|alert| view! { <Line org=org.clone() alert /> }).collect_view();
    view! {
        <Panel>
            <Table
                label="Alerts"
                head=|| {
                    view! {
                        <ColumnHeader label="Alert" />
                        <ColumnHeader label="Severity" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Times" kind=CellKind::Number />
                        <ColumnHeader label="First seen" wide_only=true />
                        <ColumnHeader label="Last seen" />
                        <ColumnHeader label="Assigned to" wide_only=true />
                    }
                }
            >
                {rows}
            </Table>
            <Pager range previous next newest_first=true />
        </Panel>
    }
    .into_any()
}

#[component]
fn Line(org: Organization, alert: AlertView) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let href = super::address(&org, alert.id, "");
    let (severity, state, times) = (alert.severity, alert.state, alert.times);
    let (first, last, assigned) = (alert.first_at, alert.last_at, assignee(&alert));
    let first_zone = zone.clone();
    let more = super::words::more(&alert).map(|more| format!(", and {more}"));
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <div class="min-w-0">
                    <a class="link-quiet font-medium" href=href>{alert.rule.name}</a>
                    <span class="block text-sm">
                        <About org alert />
                        {more}
                    </span>
                </div>
            </Cell>
            <Cell label="Severity">
                <SeverityBadge severity />
            </Cell>
            <Cell label="State">
                <StateBadge state />
            </Cell>
            <Cell label="Times" kind=CellKind::Number>{number(times)}</Cell>
            <Cell label="First seen" kind=CellKind::Muted wide_only=true>
                <TimeAgo at=first now zone=first_zone />
            </Cell>
            <Cell label="Last seen" kind=CellKind::Muted>
                <TimeAgo at=last now zone />
            </Cell>
            <Cell label="Assigned to" kind=CellKind::Muted wide_only=true>
                <bdi>{assigned}</bdi>
            </Cell>
        </Row>
    }
}
