//! The sidebar: which organization, where in it, and who is signed in.

use super::{
    avatar::{Avatar, Mark},
    brand::Logo,
    icons::{Icon, IconName},
    menu::{MenuItem, MenuItems},
    nav::{FrameData, NavItem, NavSection, OrgLink, PersonBadge},
};
use leptos::prelude::*;

/// The whole column; also the drawer of a phone (see `Frame`).
#[component]
pub(super) fn Sidebar(data: FrameData) -> impl IntoView {
    let FrameData { organization, organizations, person, nav, pending_invitations, notifications } = data;
    view! {
        <aside class="sidebar" id="sidebar" popover="auto" aria-label="Sidebar">
            <OrganizationSwitcher organization organizations />
            <button type="button" class="sidebar-search needs-scripts" data-palette="" title="Search or jump to">
                <Icon name=IconName::SEARCH />
                <span>"Search or jump to"</span>
                <kbd class="keys" aria-hidden="true">
                    "Ctrl K"
                </kbd>
            </button>
            <nav class="sidebar-nav" aria-label="Main">
                {nav.into_iter().map(section).collect_view()}
            </nav>
            <div class="sidebar-foot">
                {line(notifications)}
                <AccountMenu person pending_invitations />
            </div>
        </aside>
    }
}

#[component]
fn OrganizationSwitcher(organization: Option<OrgLink>, organizations: Vec<OrgLink>) -> impl IntoView {
    let current = organization.as_ref().map(|org| org.slug.clone());
    let line = |org: OrgLink| {
        let is_current = current.as_deref() == Some(org.slug.as_str());
        organization_line(org, is_current)
    };
    let lines = organizations.into_iter().map(line).collect_view();
    let shown = match organization {
        Some(OrgLink { name, note, .. }) => view! {
            <Mark name=name.clone() />
            <span class="sidebar-text">
                <span class="sidebar-name" title=name.clone()>
                    {name.clone()}
                </span>
                {(!note.is_empty()).then(|| view! { <span>{note}</span> })}
            </span>
        }
        .into_any(),
        None => view! {
            <span class="mark" aria-hidden="true">
                <Logo />
            </span>
            <span class="sidebar-text">
                <span class="sidebar-name">"Portcullis"</span>
            </span>
        }
        .into_any(),
    };
    view! {
        <div>
            <button type="button" class="sidebar-row" popovertarget="organizations" title="Switch organization">
                {shown}
                <Icon name=IconName::CHEVRONS_UP_DOWN />
            </button>
            <div class="pop" id="organizations" popover="auto">
                <p class="pop-heading">"Organizations"</p>
                <ul>
                    {lines} <li class="pop-line" aria-hidden="true"></li> <li>
                        <a class="pop-item" href="/organizations/new">
                            <Icon name=IconName::PLUS />
                            <span>"Create organization"</span>
                        </a>
                    </li>
                </ul>
            </div>
        </div>
    }
}

fn organization_line(org: OrgLink, is_current: bool) -> impl IntoView {
    view! {
        <li>
            <a class="pop-item" href=format!("/o/{}", org.slug) aria-current=is_current.then_some("true")>
                <Mark name=org.name.clone() small=true />
                <span>{org.name.clone()}</span>
                {is_current.then(|| view! { <Icon name=IconName::CHECK /> })}
            </a>
        </li>
    }
}

fn section(section: NavSection) -> impl IntoView {
    let heading = section.label.clone().map(|label| view! { <h2 class="sidebar-heading">{label}</h2> });
    view! {
        <section class="sidebar-section" aria-label=section.label>
            {heading}
            {section.items.into_iter().map(line).collect_view()}
        </section>
    }
}

fn line(item: NavItem) -> impl IntoView {
    let badge =
        item.badge.map(|badge| view! { <span class=format!("{} count", badge.tone.class())>{badge.text}</span> });
    view! {
        <a class="nav-item" href=item.href aria-current=item.current.then_some("page") title=item.label.clone() data-key=item.key.map(String::from)>
            <Icon name=item.icon />
            <span>{item.label.clone()}</span>
            {badge}
        </a>
    }
}

#[component]
fn AccountMenu(person: PersonBadge, pending_invitations: u32) -> impl IntoView {
    let PersonBadge { id, name, email } = person;
    let (invitations, waiting) = match pending_invitations {
        0 => ("Your invitations".to_owned(), String::new()),
        1 => ("Your invitations (1)".to_owned(), ", 1 invitation".to_owned()),
        count => (format!("Your invitations ({count})"), format!(", {count} invitations")),
    };
    let items = vec![
        MenuItem::link(IconName::CIRCLE_USER, "Account", "/account"),
        MenuItem::link(IconName::MAIL, invitations, "/invitations"),
        MenuItem::Separator,
        MenuItem::post(IconName::LOG_OUT, "Sign out", "/sign-out"),
    ];
    view! {
        <div>
            <button type="button" class="sidebar-row" popovertarget="account" aria-label=format!("Account menu of {name}{waiting}")>
                <Avatar name=name.clone() id />
                <span class="sidebar-text">
                    <bdi class="text-md font-medium">{name.clone()}</bdi>
                    <span>{email.clone()}</span>
                </span>
                {(pending_invitations > 0).then(|| view! { <span class="dot"></span> })}
                <Icon name=IconName::ELLIPSIS />
            </button>
            <div class="pop pop-above" id="account" popover="auto">
                <p class="pop-heading">{email.clone()}</p>
                <MenuItems items />
            </div>
        </div>
    }
}
