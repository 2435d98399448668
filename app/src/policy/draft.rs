//! What the draft changes, before it is put into force.

use axum::response::Response;
use domain::policy::Key;
use leptos::prelude::*;
use server::policy::{self, Lockout, Review};

use super::changes::Changes;
use super::crumbs;
use super::parts::{ChangeFields, called};
use crate::approvals::{AskNote, is_alone};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonLink, ButtonVariant, Card, Drawing, EmptyState, ErrorSummary, Field, FieldKind,
    FlashTone, Form, FormFoot, HiddenField, Narrow, Notice, PageHeader, Panel, exact, field_id,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn draft_page(org: Organization) -> Result<Response, Fault> {
    let review = policy::review(&org.access).await?;
    // Whether there is nobody to ask, where others have to approve it.
    let asks = match &review {
        Some(review) if review.needs_approval() => Some(is_alone(&org, None).await?),
        _ => None,
    };
    let content = org.clone();
    let page = move || match review {
        Some(review) => view! { <Draft org=content review asks /> }.into_any(),
        None => view! { <NoDraft org=content /> }.into_any(),
    };
    Ok(org.render("Review", page).await)
}

#[component]
fn NoDraft(org: Organization) -> impl IntoView {
    let edit = org.path("/policy/edit");
    view! {
        <Breadcrumb crumbs=crumbs(&org) />
        <PageHeader title="Review" />
        <Panel>
            <EmptyState
                drawing=Drawing::Search
                title="There is no draft"
                text="What is in force is all there is. A draft is where a change begins."
                action=move || view! { <ButtonLink href=edit variant=ButtonVariant::Primary>"Edit policy"</ButtonLink> }
            />
        </Panel>
    }
}

#[component]
fn Draft(
    org: Organization,
    review: Review,
    /// Where others have to approve it, whether there is nobody to ask.
    asks: Option<bool>,
) -> impl IntoView {
    let Review { version, by, saved_at, changes, lockouts, .. } = review;
    let action = org.path(if asks.is_some() { "/policy/enforce/ask" } else { "/policy/enforce" });
    let form = org.page.form(&action);
    let when = exact(saved_at, &org.page.zone());
    let lead = format!("Version {version}, saved by {} on {when}. It holds for nobody yet.", called(by.as_ref()));
    let possible = lockouts.is_empty() && !changes.is_empty();
    // Who would be kept out is said at length below.
    let errors = if lockouts.is_empty() { form.errors() } else { Vec::new() };
    let edit = org.path("/policy/edit");
    let kept_out = (!lockouts.is_empty()).then(|| view! { <Lockouts org=org.clone() lockouts /> });
    let tries = !changes.is_empty();
    let acts = if possible {
        view! { <Enforce org=org.clone() version form action asks /> }.into_any()
    } else {
        view! { <Instead org=org.clone() version tries /> }.into_any()
    };
    view! {
        <Breadcrumb crumbs=crumbs(&org) />
        <PageHeader
            title="Review"
            lead
            actions=move || view! { <ButtonLink href=edit>"Continue editing"</ButtonLink> }
        />
        <Narrow>
            <ErrorSummary errors title="The policy was not enforced" />
            {kept_out}
            <Changes title="What it changes" changes anchors=true />
            {acts}
        </Narrow>
    }
}

/// Who would not come in any more, and where that is changed.
#[component]
fn Lockouts(org: Organization, lockouts: Vec<Lockout>) -> impl IntoView {
    let lines = lockouts.into_iter().map(|lockout| {
        let (text, key) = match lockout {
            Lockout::Yourself(key) => (format!("You would be kept out by “{}”.", key.setting().label), key),
            Lockout::Owners { able, all, key } => (owners(able, all, key), key),
        };
        let yourself = matches!(lockout, Lockout::Yourself(_));
        let enrol = (yourself && matches!(key, Key::Mfa | Key::MfaMethods | Key::SignInMethods)).then(|| {
            view! { <a class="link" href="/account/security">"Set up a second factor"</a> }
        });
        let change = format!("{}#{}", org.path("/policy/edit"), field_id(key.setting().code));
        view! {
            <li>
                {text}
                <span class="flex flex-wrap gap-x-4">{enrol} <a class="link" href=change>"Change the setting"</a></span>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Notice tone=FlashTone::Error title="It cannot be enforced like this">
            <ul class="mt-0.5 grid gap-2">{lines}</ul>
        </Notice>
    }
}

/// How many owners are left.
fn owners(able: u32, all: u32, key: Key) -> String {
    let label = key.setting().label;
    match able {
        0 => format!("None of {all} owners could still come in, because of “{label}”."),
        _ => format!("Only {able} of {all} owners could still come in, because of “{label}”."),
    }
}

/// The form that puts the draft into force.
#[component]
fn Enforce(
    org: Organization,
    version: i64,
    form: FormState,
    action: String,
    /// Where others have to approve it, whether there is nobody to ask.
    asks: Option<bool>,
) -> impl IntoView {
    let note = asks.map(|alone| view! { <AskNote alone /> });
    let button = if asks.is_some() { "Ask for approval" } else { "Enforce" };
    view! {
        <Card title="Enforce" lead="It holds from everybody’s next request on. Every version can be put back.">
            {note}
            <Form action>
                <ChangeFields org=org.clone() form=form.clone() name="version" version asks=asks.is_some() />
                <Field
                    name="alarm"
                    label="Alarm"
                    kind=FieldKind::Number
                    value=form.value_or("alarm", "")
                    help="When so many members are kept out within 24 hours, the version before comes back by itself, and the owners are told. Empty for no alarm. Members who are kept out on purpose count, too."
                    error=form.error("alarm")
                />
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>{button}</Button>
                    <Others org=org.clone() tries=true />
                </FormFoot>
            </Form>
        </Card>
    }
}

/// What there is to do with a draft that cannot be put into force.
#[component]
fn Instead(org: Organization, version: i64, tries: bool) -> impl IntoView {
    view! {
        <div class="panel mb-5 px-5 pt-2 pb-3">
            <Form action=org.path("/policy/trial") class="contents">
                <HiddenField name="version" value=version.to_string() />
                <FormFoot>
                    <Others org=org.clone() tries />
                </FormFoot>
            </Form>
        </div>
    }
}

/// The buttons beside the one that enforces: each sends its form elsewhere.
#[component]
fn Others(
    org: Organization,
    /// Whether there is something to try.
    tries: bool,
) -> impl IntoView {
    let (trial, discard) = (org.path("/policy/trial"), org.path("/policy/draft/discard"));
    let replay = org.path("/policy/replay");
    let report = tries.then(|| view! { <Button formaction=trial>"Report only"</Button> });
    let hint = tries.then(|| {
        view! {
            <span class="basis-full text-sm text-muted">
                "Report only keeps nobody out: it shows what would have happened."
            </span>
        }
    });
    view! {
        {report}
        <ButtonLink href=replay>"Replay"</ButtonLink>
        <Button variant=ButtonVariant::Caution formaction=discard>"Discard draft"</Button>
        {hint}
    }
}
