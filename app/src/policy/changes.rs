//! What is different between two policies.

use domain::policy::{Difference, Kind};
use leptos::prelude::*;

use super::parts::{LISTED, more_than_listed};
use crate::ui::{Badge, Card, Icon, IconName, Tone, field_id};

/// What is set otherwise, and how.
#[component]
pub(crate) fn Changes(
    /// What they are of.
    #[prop(into)]
    title: String,
    /// The changes.
    changes: Vec<Difference>,
    /// Each can be linked to as the field that it is of: at most one list of a page.
    #[prop(optional)]
    anchors: bool,
) -> impl IntoView {
    let none = changes.is_empty();
    let lines = changes.into_iter().map(|change| view! { <Change change anchors /> }).collect_view();
    let list = (!none).then(|| view! { <ul class="grid gap-3">{lines}</ul> });
    view! {
        <Card title>
            {none.then(|| view! { <p class="text-muted">"Nothing that can be set."</p> })}
            {list}
        </Card>
    }
}

#[component]
fn Change(change: Difference, anchors: bool) -> impl IntoView {
    let (tone, direction) = direction(&change);
    let id = anchors.then(|| field_id(change.setting.code));
    let Difference { setting, before, after, added, removed, .. } = change;
    let items = (!added.is_empty() || !removed.is_empty()).then(|| view! { <Items added removed /> });
    view! {
        <li id=id class="border-t border-line pt-3 first:border-0 first:pt-0">
            <div class="flex flex-wrap items-center gap-2">
                <span class="font-medium">{setting.label}</span>
                <Badge tone label=direction />
            </div>
            <span class="block text-muted">{before} " → " {after}</span>
            {items}
        </li>
    }
}

/// Which way a setting went. Of two lists of which neither is empty, nobody sees at a glance which lets fewer in.
fn direction(change: &Difference) -> (Tone, &'static str) {
    let setting = change.setting;
    let is_list = matches!(setting.kind, Kind::Networks | Kind::Names(_));
    let had_none = change.before == setting.kind.describe(&setting.default_value());
    if !change.is_stricter {
        (Tone::Warn, "Laxer")
    } else if is_list && !had_none {
        (Tone::Info, "Changed")
    } else {
        (Tone::Ok, "Stricter")
    }
}

/// What is new in a list and what is gone from it, each with the word that says so to whoever does not see the sign.
#[component]
fn Items(added: Vec<String>, removed: Vec<String>) -> impl IntoView {
    let line = |item: String, icon, class: &'static str, word: &'static str| {
        view! {
            <li class="flex items-baseline gap-2">
                <span class=class><Icon name=icon /></span>
                <span class="sr-only">{word} ": "</span>
                <span class="min-w-0">{item}</span>
            </li>
        }
    };
    let (new, gone) = (added.len(), removed.len());
    let added = added.into_iter().take(LISTED).map(|it| line(it, IconName::PLUS, "text-success", "Added"));
    let added = added.collect_view();
    let removed = removed.into_iter().take(LISTED).map(|it| line(it, IconName::MINUS, "text-error", "Removed"));
    let removed = removed.collect_view();
    view! {
        <ul class="mt-1.5 grid gap-0.5 text-md">
            {added} {more_than_listed(new)} {removed} {more_than_listed(gone)}
        </ul>
    }
}
