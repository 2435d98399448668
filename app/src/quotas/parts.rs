//! How a quota stands, in a bar and in words.

use domain::quotas::{Counter, Kind};
use leptos::prelude::*;
use server::quotas::QuotaView;
use time::Date;

use crate::ui::chart::{Fill, long_day};
use crate::ui::{Badge, Tone};

/// What holds of it, in a word.
#[component]
pub(super) fn Enforcement(counter: Counter) -> impl IntoView {
    let (tone, label) = match (counter.rule.limit, counter.rule.hard) {
        (None, _) => (Tone::Idle, "No limit"),
        (Some(_), true) => (Tone::Info, "Hard"),
        (Some(_), false) => (Tone::Idle, "Report only"),
    };
    (counter.metric.kind() != Kind::Switch).then(|| view! { <Badge tone label /> })
}

/// The bar, and beside it how much of what.
#[component]
pub(super) fn Standing(counter: Counter) -> impl IntoView {
    let text = in_words(&counter);
    let (kind, limit) = (counter.metric.kind(), counter.rule.limit.filter(|limit| *limit > 0));
    let bar = limit.filter(|_| kind.fills()).map(|limit| {
        let marks = counter.rule.thresholds.percents().to_vec();
        let (used, held) = (counter.used.unsigned_abs(), counter.held.unsigned_abs());
        let label = format!("{}: {text}", counter.metric.name());
        view! { <Fill label used held limit=limit.unsigned_abs() marks /> }
    });
    view! {
        {bar}
        <p class="text-md num">{text}</p>
    }
}

/// How much of what is used.
pub(super) fn in_words(counter: &Counter) -> String {
    let unit = counter.metric.unit();
    let limit = counter.rule.limit;
    match counter.metric.kind() {
        Kind::Switch => unit.show(limit.unwrap_or(1)),
        Kind::Maximum => limit.map_or_else(|| "Any".to_owned(), |limit| format!("At most {}", unit.show(limit))),
        Kind::Gauge | Kind::Level | Kind::Counter(_) => {
            let held = if counter.held > 0 && counter.metric.kind() != Kind::Gauge {
                format!(", and {} held", unit.show(counter.held))
            } else {
                String::new()
            };
            let used = if counter.metric.kind() == Kind::Gauge { counter.fill() } else { counter.used };
            let Some(limit) = limit else { return format!("{} used{held}", unit.show(used)) };
            let share = i128::from(counter.fill()) * 100 / i128::from(limit.max(1));
            format!("{} of {} used{held} ({share} %)", unit.show(used), unit.show(limit))
        }
    }
}

/// When all of it will be used, in words; nothing where nobody can tell.
pub(super) fn outlook(view: &QuotaView) -> Option<String> {
    let full = view.counter.rule.limit.is_some_and(|limit| limit > 0 && view.counter.fill() >= limit);
    if full && view.counter.metric.kind().fills() {
        return Some("All of it is used.".to_owned());
    }
    view.full_on.map(|day: Date| format!("Reaches 100 % on {}, if it goes on as in the last weeks.", long_day(day)))
}
