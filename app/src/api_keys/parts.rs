//! What several of the pages about keys show.

use domain::api_keys::{ApiKey, KEY_PREFIX, KeyEnd, KeyState};
use domain::policy::Author;
use domain::text::isolated;
use leptos::prelude::*;

use super::account_address;
use crate::context::Organization;
use crate::ui::{Badge, Tone};

/// How a key stands.
#[component]
pub(super) fn StateBadge(state: KeyState) -> impl IntoView {
    let tone = match state {
        KeyState::Active => Tone::Ok,
        KeyState::Expiring => Tone::Warn,
        KeyState::Stopped | KeyState::Expired => Tone::Bad,
        KeyState::Revoked => Tone::Idle,
    };
    view! { <Badge tone label=state.name() /> }
}

/// What may be shown of a secret.
pub(super) fn hint(key: &ApiKey) -> String {
    format!("{KEY_PREFIX}{}…", key.hint)
}

/// What a member is called.
pub(super) fn called(author: &Author) -> String {
    author.name.as_deref().map_or_else(|| "a former member".to_owned(), |name| isolated(name).into_owned())
}

/// For whom a key acts, with the way there.
#[component]
pub(super) fn ActsFor(org: Organization, key: ApiKey) -> impl IntoView {
    let (href, name) = if let Some((id, name)) = key.holder.account {
        (Some(account_address(&org, id, "")), name.as_str().to_owned())
    } else {
        let member = key.holder.member;
        let href = member.name.is_some().then(|| org.path(&format!("/members/{}", member.id)));
        (href, member.name.unwrap_or_else(|| "A former member".to_owned()))
    };
    match href {
        Some(href) => view! { <a class="link-quiet" href=href><bdi>{name}</bdi></a> }.into_any(),
        None => view! { <bdi>{name}</bdi> }.into_any(),
    }
}

/// Why a key stops when it does.
pub(super) fn end_reason(end: KeyEnd) -> String {
    match end.key() {
        None => "It was made for so long.".to_owned(),
        Some(key) => format!("By “{}” of the security policy.", key.setting().label),
    }
}
