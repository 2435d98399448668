//! Notices: what just happened, or what the reader should know before going on.

use super::{
    button::Button,
    form::HiddenField,
    icons::{Icon, IconName},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlashTone {
    /// Something was done.
    Success,
    /// Something was not done.
    Error,
    /// Something is about to matter.
    Warning,
    /// Something to know.
    #[default]
    Info,
}

impl FlashTone {
    fn class(self) -> &'static str {
        match self {
            Self::Success => "notice notice-success",
            Self::Error => "notice notice-error",
            Self::Warning => "notice notice-warning",
            Self::Info => "notice",
        }
    }

    fn icon(self) -> IconName {
        match self {
            Self::Success => IconName::CIRCLE_CHECK,
            Self::Error => IconName::CIRCLE_ALERT,
            Self::Warning => IconName::TRIANGLE_ALERT,
            Self::Info => IconName::INFO,
        }
    }
}

/// A form that takes back what a notice tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Where it goes.
    pub action: String,
    /// What it says, by field name.
    pub values: Vec<(String, String)>,
}

/// The outcome of the act before, once, at the top of the page. It is in the page from the start, and live regions
/// announce only what changes: so it takes the focus, as `ErrorSummary` does, and is read first.
#[component]
pub fn Flash(
    /// What it is about.
    tone: FlashTone,
    /// One sentence.
    #[prop(into)]
    text: String,
    /// How to take it back.
    #[prop(optional_no_strip)]
    undo: Option<Undo>,
) -> impl IntoView {
    let role = if tone == FlashTone::Error { "alert" } else { "status" };
    view! {
        <div class=tone.class()>
            <Icon name=tone.icon() />
            <div role=role tabindex="-1" autofocus>
                {text}
            </div>
            {undo.map(undo_form)}
        </div>
    }
}

fn undo_form(Undo { action, values }: Undo) -> impl IntoView {
    view! {
        <form method="post" action=action>
            {values.into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view()}
            <Button small=true>
                "Undo"
            </Button>
        </form>
    }
}

/// A standing remark within a page: not an outcome, so nothing announces it.
#[component]
pub fn Notice(
    /// What it is about.
    #[prop(optional)]
    tone: FlashTone,
    /// A few words in bold before the rest.
    #[prop(optional, into)]
    title: Option<String>,
    /// The remark.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=tone.class()>
            <Icon name=tone.icon() />
            <div>
                {title.map(|title| view! { <strong class="block">{title}</strong> })}
                {children()}
            </div>
        </div>
    }
}
