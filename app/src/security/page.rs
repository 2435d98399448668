//! The dashboard: what is most urgent stands first.

use axum::response::Response;
use domain::detections::Span;
use domain::roles::Permission;
use leptos::prelude::*;
use server::policy::may_view;
use server::security::{self, Dashboard};

use super::cards::{AlertsCard, CoverageCard, ExceptionsCard, Tile};
use super::log::LogCard;
use super::people::{Here, NetworksCard, RiskyCard};
use super::trends::{HeatCard, Trend, TrendCard};
use super::words::{SPANS, compared, span_name};
use crate::alerts::network_name;
use crate::context::Organization;
use crate::policy::PostureCard;
use crate::problems::Fault;
use crate::ui::{
    ButtonLink, ButtonVariant, FilterOption, LiveRegion, LiveStatus, PageHeader, Segments, Stat, Stats, number,
};

/// The most shortcomings of the policy that are shown.
const SHORTCOMINGS: usize = 3;

/// The page.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let span = org.page.query_value("range").and_then(|code| Span::from_code(&code)).unwrap_or_default();
    let board = security::dashboard(&org.access, span).await?;
    let content = org.clone();
    let page = move || {
        view! {
            <Header org=content.clone() span />
            <LiveRegion address=content.path("/security/live")>
                {figures(&content, &board)}
                <Board org=content board />
            </LiveRegion>
        }
        .into_any()
    };
    Ok(org.render("Security", page).await)
}

/// The title, and the spans to choose from.
#[component]
fn Header(org: Organization, span: Span) -> impl IntoView {
    let (alerts, rules) = (org.path("/security/alerts"), org.path("/security/rules"));
    let option = |one: Span| FilterOption {
        label: span_name(one).to_owned(),
        href: org.path(&format!("/security?range={}", one.code())),
        current: one == span,
    };
    let options: Vec<_> = SPANS.into_iter().map(option).collect();
    let lead = format!("The last {0}, compared with the {0} before.", span_name(span));
    view! {
        <PageHeader
            title="Security"
            lead
            actions=move || {
                view! {
                    <LiveStatus />
                    <ButtonLink href=rules variant=ButtonVariant::Ghost>"Detections"</ButtonLink>
                    <ButtonLink href=alerts>"Alerts"</ButtonLink>
                }
            }
        />
        <div class="mb-5">
            <Segments label="Time range" options />
        </div>
    }
}

/// What is counted, each beside the span before, and leading to what it counts.
fn figures(org: &Organization, board: &Dashboard) -> impl IntoView + use<> {
    let denied = org.path(&format!("/audit?range={}&outcome=denied", board.span.code()));
    let seen = org.path("/members?sort=-seen");
    let stats = [
        ("Sign-ins", &board.sign_ins, "#sign-ins-rows".to_owned()),
        ("Failed sign-ins", &board.failures, "#failures-rows".to_owned()),
        ("Denied or kept out", &board.denials, denied),
    ];
    let stats = stats.into_iter().map(|(label, series, href)| {
        let (now, before) = series.comparable;
        let note = Some(compared(now, before, board.span));
        view! { <Stat label value=number(series.total()) note href=Some(href) /> }
    });
    let (stats, sessions) = (stats.collect_view(), number(board.sessions));
    view! {
        <Stats>
            {stats}
            <Stat label="Active sessions" value=sessions note=Some("right now".to_owned()) href=Some(seen) />
        </Stats>
    }
}

/// The cards.
#[component]
fn Board(org: Organization, board: Dashboard) -> impl IntoView {
    let Dashboard { span, from, posture, sign_ins, failures, heat, coverage, risky, log, set_aside, .. } = board;
    let Dashboard { alerts, open_alerts: open, exceptions, exceptions_ending: ending, sessions, networks, .. } = board;
    let networks = networks.into_iter().map(|here| Here {
        network: here.network.map(network_name),
        sessions: here.sessions,
        members: here.members,
    });
    let networks = networks.collect();
    let editor = org.access.may(Permission::ManagePolicy).then(|| org.path("/policy/edit"));
    let policy = may_view(&org.access).then(|| org.path("/policy"));
    let zone = org.page.zone();
    let trend = |trend, series| view! { <TrendCard trend series from span zone=zone.clone() /> }.into_any();
    let tiles = [
        ("lg:col-span-7", view! { <AlertsCard org=org.clone() alerts open /> }.into_any()),
        ("lg:col-span-5", view! { <PostureCard posture editor most=SHORTCOMINGS policy /> }.into_any()),
        ("lg:col-span-6", trend(Trend::SignIns, sign_ins)),
        ("lg:col-span-6", trend(Trend::Failures, failures)),
        ("lg:col-span-7", view! { <RiskyCard org=org.clone() risky /> }.into_any()),
        ("lg:col-span-5", view! { <CoverageCard org=org.clone() coverage /> }.into_any()),
        ("lg:col-span-7", view! { <HeatCard heat=Box::new(heat) /> }.into_any()),
        ("lg:col-span-5", view! { <NetworksCard org=org.clone() networks sessions /> }.into_any()),
        ("lg:col-span-6", view! { <ExceptionsCard org=org.clone() exceptions ending /> }.into_any()),
        ("lg:col-span-6", view! { <LogCard org log set_aside /> }.into_any()),
    ];
    let tiles = tiles.into_iter().map(|(class, card)| view! { <Tile class>{card}</Tile> }).collect_view();
    view! { <div class="grid gap-x-5 lg:grid-cols-12">{tiles}</div> }
}
