//! What is asked for where a file or a key comes of it, and the button of whoever it was granted to.

use domain::api_keys::{KeyChange, NewKey, networks_text};
use domain::approvals::{Change, sensitive};
use domain::ids::ApiKeyId;
use domain::policy::Networks;
use domain::roles::Permissions;
use leptos::prelude::*;
use server::approvals::RequestView;

use super::address;
use super::words::called;
use crate::context::Organization;
use crate::ui::{Badge, Button, ButtonVariant, Card, ExactTime, Fact, Facts, Form, Tone};

/// The key that is to be made.
#[component]
pub(super) fn KeyToBe(
    org: Organization,
    request: RequestView,
    key: NewKey,
    /// What the service account is called that it is for.
    account: Option<String>,
) -> impl IntoView {
    let zone = org.page.zone();
    let NewKey { key, account: is_for, expires_at: at } = key;
    let acts_for = match (is_for, account) {
        (Some(_), Some(name)) => name,
        (Some(_), None) => "A service account that is gone".to_owned(),
        (None, _) => called(&request.requested_by),
    };
    let (name, networks, limit, scopes) =
        (key.name.as_str().to_owned(), places(&key.networks), limit(&key), key.scopes);
    view! {
        <Card title="The key" lead="Whoever asked is shown its secret, once.">
            <Facts>
                <Fact term="Name"><bdi>{name}</bdi></Fact>
                <Fact term="Acts for"><bdi>{acts_for}</bdi></Fact>
                <Fact term="May do"><Scopes scopes before=None /></Fact>
                <Fact term="Ends"><ExactTime at zone /></Fact>
                <Fact term="Allowed networks">{networks}</Fact>
                <Fact term="Requests in a minute">{limit}</Fact>
            </Facts>
        </Card>
    }
}

/// The key that is to do more, as it was when it was asked for and as it is to be.
#[component]
pub(super) fn KeyWidened(org: Organization, key: ApiKeyId, before: KeyChange, after: KeyChange) -> impl IntoView {
    let href = org.path(&format!("/keys/{key}"));
    let name = before.name.as_str().to_owned();
    let renamed = (before.name != after.name).then(|| {
        let name = after.name.as_str().to_owned();
        view! { <Fact term="Name then"><bdi>{name}</bdi></Fact> }
    });
    let lost = before.scopes.without(after.scopes);
    let lost = (!lost.is_empty()).then(|| view! { <Fact term="No more"><Scopes scopes=lost before=None /></Fact> });
    let both = |before: String, after: String| if before == after { after } else { format!("{before} → {after}") };
    let networks = both(places(&before.networks), places(&after.networks));
    let limits = both(limit(&before), limit(&after));
    let (scopes, held) = (after.scopes, Some(before.scopes));
    view! {
        <Card title="What it changes">
            <Facts>
                <Fact term="Key">
                    <a class="link" href=href><bdi>{name}</bdi></a>
                </Fact>
                {renamed}
                <Fact term="May do then"><Scopes scopes before=held /></Fact>
                {lost}
                <Fact term="Allowed networks">{networks}</Fact>
                <Fact term="Requests in a minute">{limits}</Fact>
            </Facts>
        </Card>
    }
}

/// Scopes, each with what is to be known of it.
#[component]
fn Scopes(
    scopes: Permissions,
    /// What the key may do already, if there is one.
    before: Option<Permissions>,
) -> impl IntoView {
    let (sensitive, new) = (sensitive(scopes), before.map(|before| scopes.without(before)).unwrap_or_default());
    let lines = scopes.iter().map(|scope| {
        let is_new = new.allow(scope).then(|| view! { <Badge tone=Tone::Info label="New" /> });
        let is_sensitive = sensitive.allow(scope).then(|| view! { <Badge tone=Tone::Warn label="Sensitive" /> });
        view! {
            <li class="flex flex-wrap items-center gap-2">
                <span>{scope.describe()}</span>
                {is_sensitive}
                {is_new}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <ul class="grid gap-1.5">{lines}</ul> }
}

fn places(networks: &Networks) -> String {
    if networks.is_empty() { "Everywhere".to_owned() } else { networks_text(networks).replace('\n', ", ") }
}

fn limit(key: &KeyChange) -> String {
    key.requests_per_minute.map_or_else(|| "No limit of its own".to_owned(), |limit| limit.to_string())
}

/// The button with which whoever has asked does what was granted.
#[component]
pub(super) fn Use(org: Organization, request: RequestView) -> impl IntoView {
    let (at, zone) = (request.expires_at, org.page.zone());
    let (button, what) = match request.change {
        Change::Key { .. } => ("Create the key", "Its secret is shown once."),
        _ => ("Make the export", "A download that breaks off can be gone on with."),
    };
    view! {
        <Card title="It is approved" lead="You can do it once.">
            <p class="mb-4">
                {what} " The approval is good until " <ExactTime at zone /> "."
            </p>
            <Form action=address(&org, request.id, "/use")>
                <Button variant=ButtonVariant::Primary>{button}</Button>
            </Form>
        </Card>
    }
}
