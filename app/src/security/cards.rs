//! The cards of what was noticed, of second factors, and of exceptions.

use leptos::prelude::*;
use server::alerts::AlertView;
use server::security::Coverage;

use crate::alerts::{SeverityBadge, noticed};
use crate::context::Organization;
use crate::ui::chart::{Counted, HATCHED, Key, Share, SharePart};
use crate::ui::{Badge, Card, TimeAgo, Tone, number};

/// The room of a card, as high as its row.
#[component]
pub(super) fn Tile(
    /// How wide it is where there is room.
    class: &'static str,
    children: Children,
) -> impl IntoView {
    view! { <div class=format!("tile {class}")>{children()}</div> }
}

/// What was noticed and is not done with, the worst first.
#[component]
pub(super) fn AlertsCard(
    org: Organization,
    /// The first of them.
    alerts: Vec<AlertView>,
    /// How many there are.
    open: u64,
) -> impl IntoView {
    let all = org.path("/security/alerts");
    let quiet = alerts.is_empty();
    let rest = open.saturating_sub(alerts.len() as u64);
    let lines = alerts.into_iter().map(|alert| view! { <Alert org=org.clone() alert /> });
    let lines = lines.collect_view();
    let list = (!quiet).then(|| view! { <ul class="alert-lines">{lines}</ul> });
    let more = (rest > 0).then(|| {
        let (href, text) = (all.clone(), format!("and {} more", number(rest)));
        view! { <p class="mt-3 text-sm"><a class="link" href=href>{text}</a></p> }
    });
    let link = all.clone();
    view! {
        <Card
            title="Open alerts"
            actions=move || {
                view! {
                    {(open > 0).then(|| view! { <a href=all><Badge tone=Tone::Bad label=number(open) /></a> })}
                    <a class="link text-md" href=link>"All alerts"</a>
                }
            }
        >
            {list}
            {more}
            {quiet.then(|| view! { <p class="text-md text-muted">"Nothing that was noticed is open."</p> })}
        </Card>
    }
}

#[component]
fn Alert(org: Organization, alert: AlertView) -> impl IntoView {
    let href = org.path(&format!("/security/alerts/{}", alert.id));
    let (now, zone) = (org.page.request.now, org.page.zone());
    let text = noticed(&alert, &[]);
    view! {
        <li>
            <SeverityBadge severity=alert.severity />
            <div class="min-w-0">
                <a class="link-quiet font-medium" href=href>{alert.rule.name}</a>
                <p class="mt-0.5 text-md text-muted">{text}</p>
            </div>
            <TimeAgo at=alert.last_at now zone />
        </li>
    }
}

/// Who has which second factor.
#[component]
pub(super) fn CoverageCard(org: Organization, coverage: Coverage) -> impl IntoView {
    let Coverage { members, passkey, authenticator, none, privileged_without } = coverage;
    let (on, off) = (org.path("/members?status=active&mfa=on"), org.path("/members?status=active&mfa=off"));
    let part = |label, class, fill, count, href: &str| SharePart {
        key: Key { label, class, fill },
        count,
        href: href.to_owned(),
    };
    let parts = vec![
        part("Passkey", "share-strong", None, passkey, &on),
        part("Authenticator app alone", "share-fair", None, authenticator, &on),
        part("No second factor", "chart-asked", HATCHED, none, &off),
    ];
    let lead = format!("Of {}.", Counted("active member", "active members").of(members));
    let administering = org.path("/members?status=active&can=administer&mfa=off");
    let risk = (privileged_without > 0).then(|| {
        let who = Counted("person who administers", "people who administer").of(privileged_without);
        let verb = if privileged_without == 1 { "has" } else { "have" };
        view! {
            <p class="mt-4 text-md">
                <a class="link" href=administering>{who}</a>
                {format!(" the organization {verb} none.")}
            </p>
        }
    });
    view! {
        <Card title="Second factors" lead>
            <Share id="coverage" title="Second factors of members" what=Counted("member", "members") parts />
            {risk}
        </Card>
    }
}

/// Who is let in although a rule says no.
#[component]
pub(super) fn ExceptionsCard(
    org: Organization,
    /// How many count.
    exceptions: u64,
    /// How many of them end within a week.
    ending: u64,
) -> impl IntoView {
    let href = org.path("/policy/exceptions");
    let text = match exceptions {
        0 => view! {
            <p class="text-md text-muted">"Nobody is excepted: the policy holds for everybody alike."</p>
        }
        .into_any(),
        count => {
            let count = Counted("exception", "exceptions").of(count);
            let rest = match ending {
                0 => " from the policy. None ends within a week.".to_owned(),
                1 => " from the policy. One ends within a week.".to_owned(),
                many => format!(" from the policy. {} end within a week.", number(many)),
            };
            view! { <p class="text-md"><a class="link" href=href.clone()>{count}</a>{rest}</p> }.into_any()
        }
    };
    view! {
        <Card
            title="Policy exceptions"
            actions=move || view! { <a class="link text-md" href=href>"All exceptions"</a> }
        >
            {text}
        </Card>
    }
}
