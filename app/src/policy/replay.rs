//! What the draft would have done by those who came by in the last 90 days, and by each of them.

use axum::extract::Path;
use axum::response::Response;
use domain::problem::Problem;
use domain::roles::Permission;
use domain::text::isolated;
use leptos::prelude::*;
use server::policy::{self, JudgedVisit, Subject};

use super::fates::{OutcomeBadge, RuleTags, times};
use super::findings::Findings;
use super::{crumbs, crumbs_below};
use crate::context::Organization;
use crate::members::{MemberPath, member_id};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, ButtonLink, Cell, CellKind, ColumnHeader, Drawing, EmptyState, ExactTime, PageHeader, Panel, Row,
    Table, Zone,
};

/// The page over all of them.
///
/// # Errors
/// A page about it.
pub async fn replay_page(org: Organization) -> Result<Response, Fault> {
    let found = policy::replay(&org.access, Subject::Draft).await?.ok_or(Problem::NotFound)?;
    let is_draft = policy::view(&org.access).await?.draft == Some(found.version);
    let content = org.clone();
    let page = move || {
        let lead = if is_draft {
            "What this draft would have done in the last 90 days, by everybody who came by."
        } else {
            "What is in force, as it would have judged everybody who came by in the last 90 days."
        };
        let on = content.access.may(Permission::ManagePolicy).then(|| {
            view! { <Onward org=content.clone() is_draft /> }
        });
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title="Replay" lead />
            <Findings org=content found begun="visits are recorded" page=Some("/policy/replay") />
            <AsIfAlways />
            {on}
        }
        .into_any()
    };
    Ok(org.render("Replay", page).await)
}

/// By which rules it was judged.
#[component]
pub(super) fn AsIfAlways() -> impl IntoView {
    view! {
        <p class="text-sm text-muted">
            "Judged as if it had always been in force: whoever has just joined gets their days for a second factor, and nobody else does."
        </p>
    }
}

/// Where whoever edits the policy goes on.
#[component]
pub(super) fn Onward(
    org: Organization,
    /// Whether there is a draft to go back to.
    is_draft: bool,
) -> impl IntoView {
    let (rest, text) = if is_draft { ("/policy/draft", "Back to the draft") } else { ("/policy/edit", "Edit policy") };
    let href = org.path(rest);
    view! {
        <div class="page-actions mt-4">
            <ButtonLink href>{text}</ButtonLink>
        </div>
    }
}

/// The page over the visits of one member.
///
/// # Errors
/// A page about it.
pub async fn visits_page(org: Organization, Path((_, member)): MemberPath) -> Result<Response, Fault> {
    let id = member_id(&member)?;
    let (name, visits) = policy::replay_of(&org.access, Subject::Draft, id).await?;
    let title = format!("Replay of {}", isolated(&name.name));
    let content = org.clone();
    let page = move || {
        let profile = content.path(&format!("/members/{id}"));
        view! {
            <Breadcrumb crumbs=crumbs_below(&content, "Replay", "/policy/replay") />
            <PageHeader
                title=name.name
                lead=name.email
                actions=move || view! { <ButtonLink href=profile>"Show member"</ButtonLink> }
            />
            <Visits zone=content.page.zone() visits />
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// Each visit, and what would have come of it.
#[component]
fn Visits(zone: Zone, visits: Vec<JudgedVisit>) -> impl IntoView {
    if visits.is_empty() {
        let text = "They have not come by in the last 90 days.";
        return view! {
            <Panel>
                <EmptyState drawing=Drawing::Search title="No visits" text />
            </Panel>
        }
        .into_any();
    }
    let rows = visits.into_iter().map(|visit| view! { <Line zone=zone.clone() visit /> });
    let rows = rows.collect_view();
    view! {
        <Panel>
            <Table
                label="Visits"
                head=|| {
                    view! {
                        <ColumnHeader label="When" />
                        <ColumnHeader label="Address" />
                        <ColumnHeader label="That day" kind=CellKind::Number />
                        <ColumnHeader label="Outcome" />
                        <ColumnHeader label="Rules" kind=CellKind::Prose />
                    }
                }
            >
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Line(zone: Zone, visit: JudgedVisit) -> impl IntoView {
    let JudgedVisit { at, ip, times: count, decision } = visit;
    let (outcome, rules) = (decision.outcome, decision.rules);
    let address = ip.map_or_else(|| "–".to_owned(), |ip| ip.to_canonical().to_string());
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <span class="font-medium">
                    <ExactTime at zone />
                </span>
            </Cell>
            <Cell label="Address" kind=CellKind::Muted>
                <code class="mono">{address}</code>
            </Cell>
            <Cell label="That day" kind=CellKind::Number>{times(count.into())}</Cell>
            <Cell label="Outcome">
                <OutcomeBadge outcome />
            </Cell>
            <Cell label="Rules" kind=CellKind::Prose>
                <RuleTags rules />
            </Cell>
        </Row>
    }
}
