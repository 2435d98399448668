//! The section "Sign-in" as a form.

use domain::fields::FieldProblem;
use domain::policy::{GRACE_DAYS_DEFAULT, GRACE_DAYS_MAX, Limit, Methods, SESSIONS_MAX, SignInPolicy};
use leptos::prelude::*;
use server::policy::PolicyView;

use crate::context::{FormState, Organization};
use crate::ui::{
    Button, ButtonVariant, Card, CheckboxField, Choice, Field, FieldKind, Form, FormFoot, HiddenField, RadioGroup,
    SelectField, SelectOption,
};

/// All settings of the section, saved together.
#[component]
pub(super) fn SignInForm(
    org: Organization,
    view: PolicyView,
    form: FormState,
    /// Somebody else was faster: what comes next is a change of theirs.
    overtaken: bool,
) -> impl IntoView {
    let PolicyView { policy, revision, .. } = view;
    // A form that waited for a proof of who asks is still of the revision that it was typed for.
    let of = form.value("revision").filter(|_| !overtaken).unwrap_or_else(|| revision.to_string());
    view! {
        <Card title="Sign-in" lead="Judged at every request. Whoever falls short is told what to do, and stays signed in elsewhere.">
            <Form action=org.path("/policy/sign-in")>
                <HiddenField name="revision" value=of />
                <SecondFactor policy form=form.clone() />
                <Sessions policy form=form.clone() />
                <Field
                    name="reason"
                    label="Reason"
                    value=form.value_or("reason", "")
                    help="For whoever reads the versions and the audit trail. You may leave it empty."
                    error=form.error("reason")
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>"Save policy"</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

#[component]
fn SecondFactor(policy: SignInPolicy, form: FormState) -> impl IntoView {
    let choice = |value: &str, label: &str, help: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        help: Some(help.to_owned()),
    };
    let choices = vec![
        choice("optional", "Not required", "Everybody decides for themselves."),
        choice("required", "Required", "Who has none sets one up before they come in, once the days below are over."),
    ];
    let mfa = if policy.mfa.is_some() { "required" } else { "optional" };
    let methods = policy.mfa.map_or(Methods::ALL, |mfa| mfa.methods);
    let grace = policy.mfa.map_or(GRACE_DAYS_DEFAULT, |mfa| mfa.grace_days);
    let ticked = |field: &str, saved: bool| form.value(field).map_or(saved, |typed| !typed.is_empty());
    let locked_out = form.problem("allow_passkey") == Some(FieldProblem::LocksYouOut);
    view! {
        <RadioGroup name="mfa" label="Second factor" choices value=form.value_or("mfa", mfa) error=form.error("mfa") />
        <fieldset>
            <legend class="mb-1.5 text-md font-medium">"What counts as one"</legend>
            <div class="grid gap-2.5">
                <CheckboxField
                    name="allow_passkey"
                    label="Passkey"
                    checked=ticked("allow_passkey", methods.passkey)
                    help="Also one that signs in without a password. Nobody can be talked out of it."
                    error=form.error("allow_passkey")
                />
                {locked_out.then(|| view! { <p><a class="link" href="/account/security">"Set up a second factor"</a></p> })}
                <CheckboxField
                    name="allow_authenticator"
                    label="Authenticator app"
                    checked=ticked("allow_authenticator", methods.authenticator)
                    help="A code from a phone, beside the password."
                />
            </div>
        </fieldset>
        <Field
            name="grace_days"
            label="Days to set one up"
            kind=FieldKind::Number
            value=form.value_or("grace_days", &grace.to_string())
            help=format!(
                "From 0 to {GRACE_DAYS_MAX}, counted from when it is asked for, or from when somebody joins. Until then they get in and see a reminder.",
            )
            error=form.error("grace_days")
        />
    }
}

#[component]
fn Sessions(policy: SignInPolicy, form: FormState) -> impl IntoView {
    let typed = |field: &str, limit: Limit| form.value_or(field, &limit.minutes().to_string());
    let sessions = policy.sessions.map(|most| most.to_string()).unwrap_or_default();
    view! {
        <SelectField
            name="idle"
            label="Time-out without use"
            options=options(&Limit::IDLE_OFFERED, policy.idle)
            value=typed("idle", policy.idle)
            help="A session that nobody has used for so long needs a fresh proof before it comes in here. It is measured to five minutes."
            error=form.error("idle")
        />
        <SelectField
            name="absolute"
            label="Time-out in any case"
            options=options(&Limit::ABSOLUTE_OFFERED, policy.absolute)
            value=typed("absolute", policy.absolute)
            help="So long after the last sign-in or proof, also a session in use needs a fresh one."
            error=form.error("absolute")
        />
        <Field
            name="sessions"
            label="Sessions per person"
            kind=FieldKind::Number
            value=form.value_or("sessions", &sessions)
            help=format!(
                "From 1 to {SESSIONS_MAX}: the newest of somebody’s sessions come in here, and older ones wait. Empty for any number.",
            )
            error=form.error("sessions")
        />
    }
}

/// What is offered, and what is saved besides.
fn options(offered: &[Limit], saved: Limit) -> Vec<SelectOption> {
    let mut limits = offered.to_vec();
    limits.push(saved);
    limits.sort();
    limits.dedup();
    limits.into_iter().map(|limit| SelectOption::new(limit.minutes().to_string(), limit.describe())).collect()
}
