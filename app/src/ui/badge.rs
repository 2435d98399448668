//! Badges: a state in one or two words. The words carry the meaning, the colour only repeats it.

use super::icons::{Icon, IconName};
use leptos::prelude::*;

/// What a state means for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it should be: "Active".
    Ok,
    /// Needs attention soon: "Needs MFA".
    Warn,
    /// Wrong or stopped: "Suspended".
    Bad,
    /// Worth knowing: "Draft".
    Info,
    /// Neither: "Inactive".
    #[default]
    Idle,
}

impl Tone {
    /// The CSS class that colours a tag.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "tag tag-ok",
            Self::Warn => "tag tag-warn",
            Self::Bad => "tag tag-bad",
            Self::Info => "tag tag-info",
            Self::Idle => "tag tag-idle",
        }
    }
}

/// A state beside the thing that is in it.
#[component]
pub fn Badge(
    /// What the state means.
    tone: Tone,
    /// The state in words, in sentence case.
    #[prop(into)]
    label: String,
    /// A sign before the words.
    #[prop(optional)]
    icon: Option<IconName>,
) -> impl IntoView {
    view! {
        <span class=tone.class()>
            {icon.map(|name| view! { <Icon name /> })}
            {label}
        </span>
    }
}
