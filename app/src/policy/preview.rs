//! What would come of a visit, by what stands in the editor.

use std::net::IpAddr;

use domain::password::PASSWORD_MIN;
use domain::policy::{Rule, SignInMethod, Unit};
use domain::roles::Role;
use leptos::prelude::*;

use super::fates::rule_label;
use crate::ui::{Badge, Card, Field, FieldKind, SelectField, SelectOption, Tone};

/// How many minutes ago somebody may have shown who they are.
const PROVEN: [u32; 4] = [0, 60, 24 * 60, 8 * 24 * 60];
/// For how many minutes nobody may have used the session.
const UNUSED: [u32; 6] = [0, 20, 60, 8 * 60, 24 * 60, 8 * 24 * 60];

/// For how many days somebody may have had their password.
const HAD: [u32; 4] = [0, 60, 120, 400];

/// A visit to choose, and what would come of it. Scripts show the card, and say that: its fields are no part of the form.
#[component]
pub(super) fn PreviewCard(
    /// The roles that somebody may have.
    roles: Vec<SelectOption>,
    /// From where whoever edits comes.
    ip: Option<IpAddr>,
) -> impl IntoView {
    let address = ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default();
    let refusals = Rule::ALL.into_iter().map(|rule| {
        view! { <li data-rule=rule.code() hidden><Badge tone=Tone::Idle label=rule_label(rule) /></li> }
    });
    let refusals = refusals.collect_view();
    view! {
        <div id="preview" hidden>
            <Card title="What would happen" lead="To somebody who comes by like this.">
                <div class="grid grid-cols-2 gap-3">
                    <SelectField name="preview-role" label="Role" options=roles value=Role::Member.code() form="" />
                    <SelectField name="preview-factor" label="Second factor" options=factors() form="" />
                    <div class="col-span-2">
                        <SelectField name="preview-way" label="Signed in with" options=ways() form="" />
                    </div>
                    <Field
                        name="preview-length"
                        label="Password’s length"
                        kind=FieldKind::Number
                        value=PASSWORD_MIN.to_string()
                        form=""
                    />
                    <SelectField name="preview-strength" label="Its strength" options=strengths() form="" />
                    <SelectField name="preview-age" label="Its age" options=ages() form="" />
                    <div class="col-span-2">
                        <Field name="preview-address" label="Address" kind=FieldKind::Code value=address form="" />
                    </div>
                    <SelectField name="preview-proof" label="Last proof" options=proofs() form="" />
                    <SelectField name="preview-unused" label="Unused for" options=pauses() form="" />
                    <Field
                        name="preview-sessions"
                        label="Other sessions"
                        kind=FieldKind::Number
                        value="0"
                        form=""
                    />
                </div>
                <p class="verdict" id="verdict" aria-live="polite"></p>
                <div id="verdict-rules" class="mt-2 text-sm text-muted" hidden>
                    "Rules that say no"
                    <ul class="mt-1.5 flex flex-wrap gap-1.5">{refusals}</ul>
                </div>
            </Card>
        </div>
    }
}

fn factors() -> Vec<SelectOption> {
    let all = [("", "None"), ("authenticator", "Authenticator app"), ("passkey", "Passkey")];
    all.map(|(value, label)| SelectOption::new(value, label)).into()
}

fn ways() -> Vec<SelectOption> {
    let label = |way: SignInMethod| match way {
        SignInMethod::Password => "The password alone",
        SignInMethod::Code => "The password and a code",
        SignInMethod::PasswordAndPasskey => "The password and a passkey",
        SignInMethod::Passkey => "A passkey alone",
    };
    SignInMethod::ALL.map(|way| SelectOption::new(way.code(), label(way))).into()
}

fn strengths() -> Vec<SelectOption> {
    [("fair", "Fair"), ("strong", "Strong")].map(|(value, label)| SelectOption::new(value, label)).into()
}

fn ages() -> Vec<SelectOption> {
    let label = |days: u32| if days == 0 { "New".to_owned() } else { Unit::Days.describe(days) };
    HAD.map(|days| SelectOption::new(days.to_string(), label(days))).into()
}

fn proofs() -> Vec<SelectOption> {
    let label = |minutes: u32| match minutes {
        0 => "Now".to_owned(),
        minutes => format!("{} ago", Unit::Minutes.describe(minutes)),
    };
    PROVEN.map(|minutes| SelectOption::new(minutes.to_string(), label(minutes))).into()
}

fn pauses() -> Vec<SelectOption> {
    let label = |minutes: u32| match minutes {
        0 => "A moment".to_owned(),
        minutes => Unit::Minutes.describe(minutes),
    };
    UNUSED.map(|minutes| SelectOption::new(minutes.to_string(), label(minutes))).into()
}
