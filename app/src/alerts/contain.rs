//! What can be done at once against what was noticed, and taken back.

use domain::detections::Containment;
use domain::roles::Permission;
use leptos::prelude::*;
use server::alerts::AlertView;
use server::audit::EntryView;
use time::OffsetDateTime;

use super::address;
use super::words::onward;
use super::workflow::Forms;
use crate::context::Organization;
use crate::ui::{Button, ButtonVariant, Card, Form, HiddenField, TimeAgo};

/// What can be done, whether it is done and can be undone, and why it is not possible.
type Measure = (Containment, bool, Option<&'static str>);

/// What can be done next.
#[component]
pub(super) fn Next(
    org: Organization,
    alert: AlertView,
    containments: Vec<Measure>,
    /// What was done so far: it tells when.
    history: Vec<EntryView>,
    /// One of which may have come back.
    forms: Forms,
) -> impl IntoView {
    let none = containments.is_empty();
    let lines = containments.into_iter().map(|measure| {
        let (at, error) = (done_at(&alert, &history, measure.0), forms.hindered(measure.0));
        view! { <Line org=org.clone() alert=alert.clone() measure at error /> }
    });
    let lines = lines.collect_view();
    let member = alert.account.as_ref().filter(|(_, name)| name.is_some());
    let member = member.map(|(id, _)| ("Look at the member", org.path(&format!("/members/{id}"))));
    let manages_keys = org.access.may(Permission::ManageKeys);
    let key = alert.key.as_ref().filter(|(_, name)| name.is_some() && manages_keys);
    let key = key.map(|(id, _)| ("Look at the API key", org.path(&format!("/keys/{id}"))));
    let pages = onward(alert.rule.rule).iter().map(|(label, rest)| (*label, org.path(rest)));
    let ways = member.into_iter().chain(key).chain(pages).map(|(label, href)| {
        view! { <li><a class="link" href=href>{label}</a></li> }
    });
    let ways = ways.collect::<Vec<_>>();
    let ways =
        (!ways.is_empty()).then(|| view! { <ul class="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-md">{ways}</ul> });
    let measures = (!none).then(|| view! { <ul class="lines">{lines}</ul> });
    let hint = none.then(|| {
        view! { <p class="text-md text-muted">"There is nobody to keep out. Find out what happened."</p> }
    });
    view! {
        <Card title="What to do next">
            {measures}
            {hint}
            {ways}
        </Card>
    }
}

/// One of them: a button, or what came of it, or why there is none.
#[component]
fn Line(
    org: Organization,
    alert: AlertView,
    measure: Measure,
    at: Option<OffsetDateTime>,
    /// The id and the text of what was wrong with it.
    error: Option<(String, String)>,
) -> impl IntoView {
    let (containment, done, obstacle) = measure;
    let acts = org.access.may(Permission::RespondToAlerts);
    let (now, zone) = (org.page.request.now, org.page.zone());
    let state = (done || at.is_some()).then(|| {
        let when = at.map(|at| view! { <TimeAgo at now zone /> });
        view! { <p class="mt-0.5 text-sm font-medium">"Done " {when}</p> }
    });
    let error = error.map(|(id, text)| view! { <p class="field-error" id=id>{text}</p> });
    let hindered = obstacle.map(|why| view! { <p class="mt-0.5 text-sm text-muted">{why}</p> });
    let (rest, text, variant) = if done {
        ("/release", "Undo".to_owned(), ButtonVariant::Outline)
    } else {
        ("/contain", containment.name().to_owned(), ButtonVariant::Caution)
    };
    let label = if done { format!("Undo: {}", containment.name()) } else { text.clone() };
    let button = (acts && (done || obstacle.is_none())).then(|| {
        view! {
            <Form action=address(&org, alert.id, rest) class="contents">
                <HiddenField name="containment" value=containment.code() />
                <Button variant label>{text}</Button>
            </Form>
        }
    });
    view! {
        <li>
            <div>
                <span class="font-medium">{containment.name()}</span>
                <p class="text-sm text-muted">{containment.describe()}</p>
                {state}
                {hindered}
                {error}
            </div>
            {button}
        </li>
    }
}

/// When something was done that is not undone: sessions and keys end for good, and of the rest the history tells.
fn done_at(alert: &AlertView, history: &[EntryView], containment: Containment) -> Option<OffsetDateTime> {
    match containment {
        // The one does what the other does, too.
        Containment::EndSessions => alert.sessions_ended_at,
        Containment::EndAccess => told_at(history, containment),
        Containment::Suspend => told_at(history, containment).filter(|_| alert.suspended),
        Containment::DisableKey => told_at(history, containment).filter(|_| alert.key_disabled),
    }
}

/// When the history says that something was done last.
fn told_at(history: &[EntryView], containment: Containment) -> Option<OffsetDateTime> {
    let of = |entry: &&EntryView| {
        let code = Some(containment.code());
        entry.action == "alert.contained" && entry.changes.iter().any(|(_, _, after)| after.as_deref() == code)
    };
    history.iter().filter(of).map(|entry| entry.at).max()
}
