//! One key: what it is, what it may do and why not, and what can be done with it.

use axum::extract::Path;
use axum::response::Response;
use domain::api_keys::{ApiKey, KeyState, KeyStop, Overlap};
use domain::problem::Problem;
use domain::roles::{Permission, Permissions};
use leptos::prelude::*;
use server::api_keys;

use super::form::{Asking, Basics};
use super::parts::{ActsFor, StateBadge, called, end_reason, hint};
use super::{KeyPath, address, crumbs, key_id};
use crate::approvals::{AskNote, ReasonField};
use crate::context::{FormState, Organization};
use crate::problems::Fault;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, ButtonVariant, Card, DangerZone, ErrorSummary, ExactTime, Fact, Facts,
    FlashTone, Form, FormFoot, Narrow, Notice, PageHeader, SelectField, SelectOption, TimeAgo, Tone,
};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn key_page(org: Organization, Path((_, key)): KeyPath) -> Result<Response, Fault> {
    let key = api_keys::lookup(&org.access, key_id(&key)?).await?;
    let title = key.name.as_str().to_owned();
    let content = org.clone();
    let (at_once, asks) = (format!("/keys/{}", key.id), format!("/keys/{}/ask", key.id));
    let Asking { form, action, asks } = Asking::of(&org, (&at_once, &asks)).await?;
    let rotation = org.page.form(&address(&org, key.id, "/rotate"));
    let page = move || {
        let state = key.state(content.access.enforced().document(), content.page.request.now);
        let is_over = key.revoked_at.is_some();
        let why_not = why_not_rotate(&content, &key);
        let revoke = address(&content, key.id, "/revoke");
        let overtaken = content.page.flash.problem == Some(Problem::Changed);
        let errors = if overtaken { Vec::new() } else { [form.errors(), rotation.errors()].concat() };
        let about = view! { <About org=content.clone() key_now=key.clone() state /> };
        let forms = (!is_over).then(|| {
            view! {
                <Change org=content.clone() key_now=key.clone() form action asks />
                <Rotate org=content.clone() key_now=key.clone() form=rotation why_not />
                <DangerZone title="Revoke key" text="It opens nothing any more, from its next request on.">
                    <ButtonLink href=revoke variant=ButtonVariant::Caution dialog=true>
                        "Revoke key"
                    </ButtonLink>
                </DangerZone>
            }
        });
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title=key.name.as_str().to_owned() actions=move || view! { <StateBadge state /> } />
            <Narrow>
                <ErrorSummary errors title="Nothing was changed" />
                <Remarks org=content.clone() key_now=key.clone() state />
                {about}
                <May key_now=key.clone() now=content.page.request.now />
                {forms}
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render(&title, page).await)
}

/// What is worth a word.
#[component]
fn Remarks(org: Organization, key_now: ApiKey, state: KeyState) -> impl IntoView {
    let now = org.page.request.now;
    let works = matches!(state, KeyState::Active | KeyState::Expiring);
    let why = key_now.stopped().filter(|_| state == KeyState::Stopped);
    let stopped = why.map(|why| ("It opens nothing at present", stop_reason(why)));
    let expired = (state == KeyState::Expired).then(|| {
        let policy = org.access.enforced().document();
        let rotates = key_now.end(policy).1 == domain::api_keys::KeyEnd::Rotation;
        let text = if rotates { "Rotate it, and it works again." } else { "Create another one if it is still needed." };
        ("Its time is over", text)
    });
    let unused = (works && key_now.is_unused(now))
        .then_some(("Nobody uses it", "If no program misses it, revoke it: what is not there cannot be stolen."));
    let unneeded = (works && !key_now.unneeded(now).is_empty()).then_some((
        "It may do more than it does",
        "Below stands which scopes it has never used. Take those away that it will not need.",
    ));
    let lost = (works && !key_now.lost().is_empty()).then_some((
        "It may do less than its scopes say",
        "Whoever answers for it, or has made its secret, does not hold all of them any more.",
    ));
    let remarks = [stopped, expired, unused, unneeded, lost].into_iter().flatten();
    remarks.map(|(title, text)| view! { <Notice tone=FlashTone::Warning title>{text}</Notice> }).collect_view()
}

/// Why it opens nothing, and what helps.
fn stop_reason(why: KeyStop) -> &'static str {
    match why {
        KeyStop::Disabled => "Somebody has disabled it because of an alert. Undo that there, or rotate it.",
        KeyStop::Holder => "Whoever answers for it may not come in, or its service account is disabled.",
        KeyStop::IssuerSuspended => {
            "Its secret was made by somebody who is suspended: rotate it, and it works with a new one."
        }
        KeyStop::IssuerGone => "Its secret was made by a former member, who has left: rotate it.",
    }
}

/// What it is.
#[component]
fn About(org: Organization, key_now: ApiKey, state: KeyState) -> impl IntoView {
    let key = key_now;
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (end, why) = key.end(org.access.enforced().document());
    let time = |at| view! { <ExactTime at zone=zone.clone() /> };
    let answers = key.holder.account.is_some().then(|| called(&key.holder.member));
    let ends = match key.revoked_at {
        Some(at) => view! { "Revoked " {time(at)} }.into_any(),
        None => view! { {time(end)} <span class="block text-sm text-muted">{end_reason(why)}</span> }.into_any(),
    };
    let used = match (key.last_used_at, key.last_used_ip.clone()) {
        (Some(at), ip) => {
            let ip = ip.map(|ip| view! { " from " <code class="mono">{ip}</code> });
            view! { <TimeAgo at now zone=zone.clone() /> {ip} }.into_any()
        }
        (None, _) => "Never".into_any(),
    };
    let former = key.former_until.filter(|until| *until > now);
    let former = former.map(&time);
    let former = former.map(|until| view! { <Fact term="Former secret works until">{until}</Fact> });
    let limit = key.requests_per_minute.map(|limit| view! { <Fact term="Requests in a minute">{limit}</Fact> });
    let (key_hint, maker, issuer) = (hint(&key), called(&key.created_by), called(&key.issuer.member));
    let (created, issued) = (time(key.created_at), time(key.issued_at));
    let networks: Vec<_> = key.networks.entries().iter().map(|entry| entry.network.to_string()).collect();
    let networks = if networks.is_empty() { "Everywhere".to_owned() } else { networks.join(", ") };
    let acts = org.clone();
    view! {
        <Card title="Key">
            <Facts>
                <Fact term="Begins with">
                    <code class="mono">{key_hint}</code>
                </Fact>
                <Fact term="State">
                    <StateBadge state />
                </Fact>
                <Fact term="Acts for">
                    <ActsFor org=acts key=key.clone() />
                </Fact>
                {answers.map(|name| view! { <Fact term="Who stands for it">{name}</Fact> })}
                <Fact term="Made">{created} " by " {maker}</Fact>
                <Fact term="Secret of">{issued} " by " {issuer}</Fact>
                {former}
                <Fact term="Ends">{ends}</Fact>
                <Fact term="Last used">{used}</Fact>
                <Fact term="Allowed networks">{networks}</Fact>
                {limit}
            </Facts>
        </Card>
    }
}

/// What it may do, and why not.
#[component]
fn May(key_now: ApiKey, now: time::OffsetDateTime) -> impl IntoView {
    let (lost, unneeded) = (key_now.lost(), key_now.unneeded(now));
    let line = |scope: Permission| {
        let badge =
            |of: Permissions, tone, label: &'static str| of.allow(scope).then(|| view! { <Badge tone label /> });
        let not_now = badge(lost, Tone::Bad, "Not held by those behind it");
        let unused = badge(unneeded, Tone::Info, "Never used");
        view! {
            <li class="flex flex-wrap items-center gap-2">
                <span>{scope.describe()}</span>
                <code class="mono text-sm text-muted">{scope.code()}</code>
                {not_now}
                {unused}
            </li>
        }
    };
    let lines = key_now.scopes.iter().map(line).collect_view();
    view! {
        <Card title="What it may do" lead="Of its scopes what is held, at any time, by whoever answers for it and by whoever has made its secret.">
            <ul class="grid gap-1.5">{lines}</ul>
        </Card>
    }
}

/// The form that changes it.
#[component]
fn Change(
    org: Organization,
    key_now: ApiKey,
    form: FormState,
    action: String,
    /// Where others have to approve it, whether too few owners could.
    asks: Option<bool>,
) -> impl IntoView {
    let button = if asks.is_some() { "Ask for approval" } else { "Save key" };
    view! {
        <Card title="Change it" lead="It holds from the key’s next request on.">
            {asks.map(|alone| view! { <AskNote alone /> })}
            <Form action>
                <Basics org key_now=Some(key_now) form=form.clone() />
                {asks.map(|_| view! { <ReasonField form /> })}
                <FormFoot>
                    <Button variant=ButtonVariant::Primary>{button}</Button>
                </FormFoot>
            </Form>
        </Card>
    }
}

/// Why whoever looks may not give it another secret, if that is so.
fn why_not_rotate(org: &Organization, key: &ApiKey) -> Option<&'static str> {
    let access = &org.access;
    if !access.permissions().cover(key.scopes) {
        return Some("Whoever rotates a key gets to see its secret: that is for those who may do all that it may.");
    }
    let is_own = key.issuer.member.id == access.account() && key.disabled_by.is_none();
    let asks = !is_own && access.enforced().document().approval_needed.for_key(key.scopes);
    asks.then_some("Other owners approve keys with such scopes: revoke this one and ask for another.")
}

/// The form that gives it another secret, for whoever may.
#[component]
fn Rotate(
    org: Organization,
    key_now: ApiKey,
    form: FormState,
    /// Why whoever looks may not.
    why_not: Option<&'static str>,
) -> impl IntoView {
    let action = address(&org, key_now.id, "/rotate");
    let options = Overlap::ALL.iter().map(|overlap| SelectOption::new(overlap.code(), overlap.name())).collect();
    let content = if let Some(why) = why_not {
        view! { <p class="text-muted">{why}</p> }.into_any()
    } else {
        view! {
            <Form action>
                <SelectField
                    name="overlap"
                    label="Former secret works for"
                    options
                    value=form.value_or("overlap", Overlap::default().code())
                    help="Long enough to give every copy of the program the new one. Not at all, if somebody else may have it."
                    error=form.error("overlap")
                />
                <FormFoot>
                    <Button>"Rotate key"</Button>
                </FormFoot>
            </Form>
        }
        .into_any()
    };
    view! {
        <Card title="Rotate it" lead="It gets a new secret, which is shown once, and keeps all else.">{content}</Card>
    }
}
