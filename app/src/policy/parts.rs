//! What several of the policy's pages show.

use domain::policy::{Author, Control, Key, Networks, RoleNames as _, Section, SecurityPolicy, Setting};
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;

use crate::context::{FormState, Organization};
use crate::ui::{Badge, Card, Fact, Facts, Field, HiddenField, Tone, number};

/// How many items of a list a page shows.
pub(super) const LISTED: usize = 20;

/// A card for each section: what counts at present, in words.
#[component]
pub(super) fn Sections(org: Organization, policy: SecurityPolicy) -> impl IntoView {
    let fact = |setting: &'static Setting| {
        let value = match setting.key {
            Key::Networks if !policy.networks.is_empty() => network_list(&org, &policy.networks).into_any(),
            _ => setting.describe(&policy).into_any(),
        };
        view! { <Fact term=setting.label>{value}</Fact> }
    };
    let card = |section: Section| {
        let facts = section.settings().filter(|setting| setting.counts_in(&policy)).map(fact).collect_view();
        view! {
            <Card title=section.label() lead=section.lead()>
                <Facts>{facts}</Facts>
            </Card>
        }
    };
    Section::ALL.into_iter().map(card).collect_view()
}

/// Networks line by line, with what they are called and whom they bind.
fn network_list(org: &Organization, networks: &Networks) -> impl IntoView + use<> {
    let book = org.access.book();
    let lines = networks.entries().iter().take(LISTED).map(|entry| {
        let network = entry.network.to_string();
        let name = (!entry.name.is_empty()).then(|| isolated(&entry.name).into_owned());
        let roles: Vec<_> = entry.roles.iter().map(|role| book.name_of(*role)).collect();
        let bound = (!roles.is_empty()).then(|| format!("for {}", roles.join(", ")));
        view! {
            <li class="flex flex-wrap items-baseline gap-x-2">
                <code class="mono">{network}</code>
                {name.map(|name| view! { <span>{name}</span> })}
                {bound.map(|bound| view! { <span class="text-sm text-muted">{bound}</span> })}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <ul class="grid gap-1">{lines} {more_than_listed(networks.entries().len())}</ul> }
}

/// The last line of a list of which not all items are shown.
pub(super) fn more_than_listed(items: usize) -> Option<impl IntoView + use<>> {
    let rest = items.checked_sub(LISTED).filter(|rest| *rest > 0)?;
    Some(view! { <li class="text-muted">{format!("and {} more", number(rest as u64))}</li> })
}

/// The clauses that a setting serves.
#[component]
pub(super) fn ControlTags(controls: Vec<&'static Control>) -> impl IntoView {
    let tags = controls.into_iter().map(|control| {
        view! { <li><Badge tone=Tone::Idle label=control.to_string() /></li> }
    });
    let tags = tags.collect_view();
    view! { <ul class="mt-1.5 flex flex-wrap gap-1.5">{tags}</ul> }
}

/// What somebody is called within a sentence.
pub(super) fn called(author: Option<&Author>) -> String {
    match author.map(|author| author.name.as_deref()) {
        Some(Some(name)) => isolated(name).into_owned(),
        Some(None) => "somebody who left".to_owned(),
        None => "somebody".to_owned(),
    }
}

/// Which version somebody changes, and why: the fields that putting a draft into force and rolling back have in common.
#[component]
pub(super) fn ChangeFields(
    org: Organization,
    form: FormState,
    /// The name of the field that holds the version.
    name: &'static str,
    /// The version that is there now.
    version: i64,
    /// Other owners approve it, who have to know why.
    #[prop(optional)]
    asks: bool,
) -> impl IntoView {
    let help = if asks {
        "For the owners who decide, and for whoever reads the versions and the audit trail."
    } else {
        "For whoever reads the versions and the audit trail. You may leave it empty."
    };
    let overtaken = form.came_back() && org.page.flash.problem == Some(Problem::Changed);
    // A form that waited for a proof of who asks is still of the version that was seen.
    let of = form.value(name).filter(|_| !overtaken).unwrap_or_else(|| version.to_string());
    view! {
        <HiddenField name value=of />
        <Field
            name="reason"
            label="Reason"
            value=form.value_or("reason", "")
            help
            error=form.error("reason")
            required=asks
        />
    }
}
