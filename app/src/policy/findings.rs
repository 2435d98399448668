//! What came of going over visits with a policy: figures, days, rules, and the people whom it would have affected.

use domain::policy::{Fates, Replayed, Rule};
use leptos::prelude::*;
use server::policy::{AffectedPerson, ReplayView};

use super::chart::Days;
use super::fates::{OutcomeBadge, RuleTags, people, rule_label, times, visits};
use crate::context::Organization;
use crate::ui::{
    Card, Cell, CellKind, ColumnHeader, Drawing, EmptyState, FlashTone, Notice, Panel, Person, Row, Stat, Stats, Table,
    TimeAgo, number,
};

/// All of it, or that nobody has come by.
#[component]
pub(super) fn Findings(
    org: Organization,
    /// What was found.
    found: ReplayView,
    /// Since when there are visits, in words.
    begun: &'static str,
    /// The page below which each member has one; none where they have none.
    page: Option<&'static str>,
) -> impl IntoView {
    let ReplayView { since, replayed, people, .. } = found;
    let Replayed { fates, people: came, days, rules, affected } = replayed;
    if fates.sum() == 0 {
        return view! { <Nobody begun /> }.into_any();
    }
    let (now, all) = (org.page.request.now, affected.len() as u64);
    let harmless = affected.is_empty();
    let layout = if harmless { "min-w-0" } else { "grid items-start gap-x-5 xl:grid-cols-[minmax(0,1fr)_22rem]" };
    let by_rule = (!harmless).then(|| view! { <ByRule rules /> });
    let unharmed = harmless.then(|| {
        view! { <Notice tone=FlashTone::Success>"Everybody would have come in as they did."</Notice> }
    });
    let named = (!harmless).then(|| view! { <Affected org people all page /> });
    view! {
        <Figures fates came affected=all />
        {unharmed}
        <div class=layout>
            <div class="min-w-0">
                <Days days since now />
            </div>
            {by_rule}
        </div>
        {named}
    }
    .into_any()
}

/// There is nothing to go over yet.
#[component]
fn Nobody(begun: &'static str) -> impl IntoView {
    let text = format!("Nobody has come by since {begun}.");
    view! {
        <Panel>
            <EmptyState drawing=Drawing::Search title="No visits yet" text />
        </Panel>
    }
}

/// How many visits and people there are, and what would have come of them.
#[component]
fn Figures(
    fates: Fates,
    /// How many people came by.
    came: u64,
    /// How many of them are affected.
    affected: u64,
) -> impl IntoView {
    let all = fates.sum();
    view! {
        <Stats>
            <Stat label="Visits" value=number(all) note=Some(format!("by {}", people(came))) />
            <Stat label="Would have been kept out" value=number(fates.denied) note=share(fates.denied, all) />
            <Stat
                label="Would have been asked first"
                value=number(fates.stepped_up)
                note=share(fates.stepped_up, all)
            />
            <Stat label="People affected" value=number(affected) note=Some(format!("of {}", number(came))) />
        </Stats>
    }
}

/// How much of all visits some are, if there are some.
fn share(part: u64, all: u64) -> Option<String> {
    match part * 100 / all.max(1) {
        _ if part == 0 => None,
        0 => Some("less than 1% of visits".to_owned()),
        percent => Some(format!("{percent}% of visits")),
    }
}

/// How many visits and people each rule speaks against.
#[component]
fn ByRule(rules: Vec<(Rule, u64, u64)>) -> impl IntoView {
    let lines = rules.into_iter().map(|(rule, count, of)| {
        let figures = format!("{}, {}", visits(count), people(of));
        view! {
            <li class="flex flex-wrap items-baseline justify-between gap-x-4 text-md">
                <span class="font-medium">{rule_label(rule)}</span>
                <span class="num text-sm text-muted">{figures}</span>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Card title="By rule" lead="More than one may speak against a visit.">
            <ul class="grid gap-3">{lines}</ul>
        </Card>
    }
}

/// Those who would have been kept out or asked for something, most often first.
#[component]
fn Affected(
    org: Organization,
    /// The first of them.
    people: Vec<AffectedPerson>,
    /// How many there are.
    all: u64,
    page: Option<&'static str>,
) -> impl IntoView {
    let rest = all.saturating_sub(people.len() as u64);
    let rows = people.into_iter().map(|person| view! { <Line org=org.clone() person page /> });
    let rows = rows.collect_view();
    let more = (rest > 0).then(|| format!("and {} more", number(rest)));
    let more = more.map(|text| view! { <p class="border-t border-line px-4 py-2.5 text-sm text-muted">{text}</p> });
    view! {
        <h2 class="mt-6 mb-3 text-xl font-semibold">"Who would be affected"</h2>
        <Panel>
            <Table
                label="Who would be affected"
                head=|| {
                    view! {
                        <ColumnHeader label="Name" />
                        <ColumnHeader label="Kept out" kind=CellKind::Number />
                        <ColumnHeader label="Asked first" kind=CellKind::Number />
                        <ColumnHeader label="Rules" kind=CellKind::Prose />
                        <ColumnHeader label="Last visit" />
                    }
                }
            >
                {rows}
            </Table>
            {more}
        </Panel>
    }
}

#[component]
fn Line(org: Organization, person: AffectedPerson, page: Option<&'static str>) -> impl IntoView {
    let AffectedPerson { id, name, email, affected } = person;
    let href = page.map(|page| org.path(&format!("{page}/{id}")));
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (at, outcome) = affected.last;
    let (fates, rules) = (affected.fates, affected.rules);
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <Person name email id=id.to_string() href />
            </Cell>
            <Cell label="Kept out" kind=CellKind::Number>{times(fates.denied)}</Cell>
            <Cell label="Asked first" kind=CellKind::Number>{times(fates.stepped_up)}</Cell>
            <Cell label="Rules" kind=CellKind::Prose>
                <RuleTags rules />
            </Cell>
            <Cell label="Last visit" kind=CellKind::Muted>
                <span class="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
                    <TimeAgo at now zone />
                    <OutcomeBadge outcome />
                </span>
            </Cell>
        </Row>
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_whole_or_less_than_one() {
        assert_eq!(share(0, 10), None);
        assert_eq!(share(1, 1000).as_deref(), Some("less than 1% of visits"));
        assert_eq!(share(1, 3).as_deref(), Some("33% of visits"));
        assert_eq!(share(0, 0), None);
    }
}
