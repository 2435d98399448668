//! The frames that pages stand in: one for signed-in people, one for the way in.

use super::{
    brand::Brand,
    icons::{Icon, IconName},
    live::Live,
    nav::{FrameData, NavItem},
    palette::KeyboardDialogs,
    sidebar::Sidebar,
};
use leptos::{children::ViewFnOnce, prelude::*};

/// Sidebar and content. Below 768 px the sidebar is a drawer behind a button of the top bar; the same element, as a
/// popover, so it opens without scripts and closes by Escape or a tap beside it.
#[component]
pub fn Frame(
    /// What is around the content.
    data: FrameData,
    /// The page.
    children: Children,
) -> impl IntoView {
    let (organization, notifications) = (data.organization.clone(), data.notifications.clone());
    let place = organization.as_ref().map_or_else(|| "Portcullis".to_owned(), |org| org.name.clone());
    view! {
        <a class="btn btn-primary skip" href="#main">
            "Skip to content"
        </a>
        <div class="frame">
            <Sidebar data />
            <div class="min-w-0">
                <header class="topbar">
                    <button type="button" class="btn btn-ghost btn-square" popovertarget="sidebar" aria-label="Open navigation">
                        <Icon name=IconName::MENU />
                    </button>
                    <strong>{place}</strong>
                    <Bell notifications />
                    <button type="button" class="btn btn-ghost btn-square needs-scripts" data-palette="" aria-label="Search or jump to">
                        <Icon name=IconName::SEARCH />
                    </button>
                </header>
                <main class="content" id="main" tabindex="-1">
                    {children()}
                </main>
            </div>
        </div>
        <KeyboardDialogs organization />
        <Live />
    }
}

/// The way to notifications in the top bar of a phone.
#[component]
fn Bell(notifications: NavItem) -> impl IntoView {
    let NavItem { label, href, icon, badge, .. } = notifications;
    let (label, dot) = match badge {
        Some(badge) => (format!("{label}, {} unread", badge.text), true),
        None => (label, false),
    };
    view! {
        <a class="btn btn-ghost btn-square" href=href aria-label=label>
            <Icon name=icon />
            {dot.then(|| view! { <span class="dot"></span> })}
        </a>
    }
}

/// A card in the middle of an empty page: sign-in, sign-up, links from mail.
#[component]
pub fn AuthFrame(
    /// What to do here; an `<h1>`.
    #[prop(into)]
    title: String,
    /// One sentence under the title.
    #[prop(optional, into)]
    lead: Option<String>,
    /// A line under the card, e.g. the way to the other form.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    /// Scripts have something to add here, and are loaded.
    #[prop(optional)]
    live: bool,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="auth" id="main">
            <div class="auth-column">
                <p class="mb-5 text-center">
                    <Brand />
                </p>
                <div class="panel p-6">
                    <h1 class="text-xl font-semibold">{title}</h1>
                    {lead.map(|lead| view! { <p class="mt-1 text-md text-muted">{lead}</p> })}
                    <div class="mt-4">{children()}</div>
                </div>
                {foot.map(|foot| view! { <div class="auth-foot">{foot.run()}</div> })}
            </div>
        </main>
        {live.then(|| view! { <Live /> })}
    }
}
