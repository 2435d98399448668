//! The editor's sections: each setting by the control that fits its values, and why it is there.

use std::net::IpAddr;
use std::sync::Arc;

use domain::fields::FieldErrors;
use domain::policy::{Key, Kind, Offer, PolicyForm, Section, SecurityPolicy, Setting, Tier};
use leptos::prelude::*;

use super::fields::{Boxes, Line, Mark, NetworkLines, OneOf, bounds, options};
use super::parts::ControlTags;
use crate::texts;
use crate::ui::{Badge, Card, Tone};

/// By this button somebody puts their own address into the list of networks.
pub(super) const ADD_ADDRESS: &str = "add_address";

/// What the fields show.
pub(super) struct Sheet {
    /// What was typed, or what is saved.
    pub(super) form: PolicyForm,
    /// What nobody has changed.
    pub(super) defaults: PolicyForm,
    /// What is wrong.
    pub(super) errors: FieldErrors,
    /// The settings that are not as they are in force.
    pub(super) changed: Vec<Key>,
    /// What is in force.
    pub(super) enforced: SecurityPolicy,
    /// From where whoever edits comes.
    pub(super) ip: Option<IpAddr>,
}

impl Sheet {
    /// What stands in a setting's field.
    pub(super) fn value(&self, setting: &Setting) -> String {
        self.form.value(setting.code).unwrap_or_default().to_owned()
    }

    /// What is wrong with it.
    pub(super) fn error(&self, setting: &Setting) -> Option<String> {
        self.errors.of(setting.code).map(|problem| texts::field(setting.code, problem))
    }

    /// Whether an offer of a setting is ticked.
    pub(super) fn is_ticked(&self, setting: &'static Setting, offer: &Offer) -> bool {
        self.form.values(setting.code).any(|code| code == offer.code)
    }

    /// Whether somebody has to see it: it is wrong, or not what it is by itself.
    fn stands_out(&self, setting: &'static Setting) -> bool {
        self.errors.of(setting.code).is_some() || self.form.values(setting.code).ne(self.defaults.values(setting.code))
    }
}

/// The settings of a section, of which those for people who know why are folded away.
#[component]
pub(super) fn SectionFields(section: Section, sheet: Arc<Sheet>) -> impl IntoView {
    let of = |tier: Tier| section.settings().filter(move |setting| setting.tier == tier);
    let fields = |tier: Tier| {
        let fields = of(tier).map(|setting| view! { <SettingField setting sheet=sheet.clone() /> });
        fields.collect_view()
    };
    let basic = of(Tier::Basic).next().is_some().then(|| fields(Tier::Basic));
    let folds = of(Tier::Advanced).next().is_some();
    let open = of(Tier::Advanced).any(|setting| sheet.stands_out(setting));
    let class = if basic.is_some() { "border-t border-line pt-4" } else { "min-w-0" };
    let advanced = folds.then(|| {
        let fields = fields(Tier::Advanced);
        view! {
            <details open=open class=class>
                <summary class="w-fit rounded-sm text-md text-muted hover:text-base-content">"Advanced settings"</summary>
                <div class="mt-4 grid gap-5">{fields}</div>
            </details>
        }
    });
    view! {
        <Card title=section.label() lead=section.lead() id=format!("section-{}", section.code())>
            <div class="grid gap-5">{basic} {advanced}</div>
        </Card>
    }
}

/// One setting: its control, what is in force instead, and why somebody wants it.
#[component]
fn SettingField(setting: &'static Setting, sheet: Arc<Sheet>) -> impl IntoView {
    let (before, same) = (setting.describe(&sheet.enforced), !sheet.changed.contains(&setting.key));
    let control = match setting.kind {
        Kind::Switch(offer) => view! { <Boxes setting sheet offers=vec![offer] /> }.into_any(),
        Kind::Several(offers) | Kind::AnyOf(offers) => {
            view! { <Boxes setting sheet offers=offers.to_vec() /> }.into_any()
        }
        Kind::Choice(offers) => view! { <OneOf setting sheet offers /> }.into_any(),
        Kind::Number { unit, none, marks, .. } if !marks.is_empty() => {
            let options = options(unit, none, marks, &sheet.value(setting));
            view! { <Mark setting sheet options /> }.into_any()
        }
        Kind::Number { .. } => view! { <Line setting sheet help=bounds(setting) number=true /> }.into_any(),
        Kind::Names(_) => view! { <Line setting sheet help=setting.help.to_owned() number=false /> }.into_any(),
        Kind::Networks => view! { <NetworkLines setting sheet /> }.into_any(),
    };
    view! {
        <div class="max-w-140">
            {control}
            <InForce setting before same />
            <Why setting />
        </div>
    }
}

/// How a setting that was changed is in force. It is there for every one: scripts show those that are changed by then.
#[component]
fn InForce(
    setting: &'static Setting,
    before: String,
    /// Whether it was not changed.
    same: bool,
) -> impl IntoView {
    view! {
        <p
            class="mt-2 flex flex-wrap items-center gap-2 text-sm text-muted"
            data-in-force=setting.code
            hidden=same
        >
            <Badge tone=Tone::Info label="Changed" />
            <span>"In force: " {before}</span>
        </p>
    }
}

/// Why somebody wants a setting, and what it serves.
#[component]
fn Why(setting: &'static Setting) -> impl IntoView {
    view! {
        <details class="mt-1.5 text-sm text-muted">
            <summary class="w-fit rounded-sm hover:text-base-content">
                "Why" <span class="sr-only">": " {setting.label}</span>
            </summary>
            <p class="mt-1">{setting.why}</p>
            <ControlTags controls=setting.controls.iter().collect() />
        </details>
    }
}
