//! What would have come of visits, in words.

use domain::policy::{Outcome, Rule, Rules};
use leptos::prelude::*;

use crate::ui::{Badge, Tone, number};

/// What people call a rule.
pub(super) fn rule_label(rule: Rule) -> &'static str {
    rule.key().map_or("Access ended", |key| key.setting().label)
}

/// How many visits there are.
pub(super) fn visits(count: u64) -> String {
    if count == 1 { "1 visit".to_owned() } else { format!("{} visits", number(count)) }
}

/// How many people there are.
pub(super) fn people(count: u64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{} people", number(count)) }
}

/// How often something would have come of visits; a dash for never.
pub(super) fn times(count: u64) -> String {
    if count == 0 { "–".to_owned() } else { format!("{}×", number(count)) }
}

/// What would have come of a visit.
#[component]
pub(super) fn OutcomeBadge(outcome: Outcome) -> impl IntoView {
    let (tone, label) = match outcome {
        Outcome::Allow | Outcome::Remind(_) => (Tone::Ok, "Comes in"),
        Outcome::EnrolFirst | Outcome::SignInAgain(_) | Outcome::ChoosePassword => (Tone::Warn, "Asked first"),
        Outcome::Deny(_) => (Tone::Bad, "Kept out"),
    };
    view! { <Badge tone label /> }
}

/// The rules that would have said no.
#[component]
pub(super) fn RuleTags(rules: Rules) -> impl IntoView {
    if rules.is_empty() {
        return "–".into_any();
    }
    let tags = rules.iter().map(|rule| {
        view! { <li><Badge tone=Tone::Idle label=rule_label(rule) /></li> }
    });
    let tags = tags.collect_view();
    view! { <ul class="flex flex-wrap gap-1.5">{tags}</ul> }.into_any()
}
