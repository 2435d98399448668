//! The sidebar.

use domain::organizations::OrganizationLink;
use domain::roles::Permission;
use server::policy::may_view;
use server::sessions::Visitor;

use crate::context::{Organization, PageContext};
use crate::notifications::ADDRESS;
use crate::operators::{CAPACITY, NEIGHBOURS, ORGANIZATIONS};
use crate::ui::{FrameData, IconName, NavItem, NavSection, OrgLink, PersonBadge, Tone};

/// The frame of an organization's pages, for whoever has to decide on so many requests.
pub(crate) fn of_organization(org: &Organization, approvals: u64) -> FrameData {
    let access = &org.access;
    let here = org.page.path();
    let item = |icon, label: &str, rest: &str, key| {
        let href = org.path(rest);
        let current =
            if rest.is_empty() { here == href } else { here == href || here.starts_with(&format!("{href}/")) };
        NavItem::new(icon, label, href, current).key(key)
    };
    let mut people = vec![item(IconName::USERS, "Members", "/members", 'm')];
    if access.may(Permission::InviteMembers) {
        people.push(item(IconName::MAIL, "Invitations", "/invitations", 'i'));
    }
    people.push(item(IconName::SHIELD_CHECK, "Roles", "/roles", 'r'));
    people.push(item(IconName::USERS_ROUND, "Groups", "/groups", 'g'));
    let mut nav = vec![
        NavSection { label: None, items: vec![item(IconName::LAYOUT_DASHBOARD, "Overview", "", 'o')] },
        NavSection { label: Some("People".into()), items: people },
    ];
    let mut security = Vec::new();
    if access.may(Permission::ViewAudit) {
        security.push(item(IconName::ACTIVITY, "Security", "/security", 'e'));
    }
    if may_view(access) {
        security.push(item(IconName::KEY_ROUND, "Security policy", "/policy", 'p'));
    }
    if server::approvals::may_view(access) {
        security.push(item(IconName::CHECK, "Approvals", "/approvals", 'v').count(Tone::Warn, approvals));
    }
    if access.may(Permission::ViewAudit) {
        security.push(item(IconName::SCROLL_TEXT, "Audit trail", "/audit", 'a'));
    }
    if !security.is_empty() {
        nav.push(NavSection { label: Some("Security".into()), items: security });
    }
    let mut machines = Vec::new();
    if access.may(Permission::ManageKeys) {
        machines.push(item(IconName::KEY, "API keys", "/keys", 'k'));
    }
    if access.may(Permission::ManageWebhooks) {
        machines.push(item(IconName::SEND, "Webhooks", "/webhooks", 'w'));
    }
    if access.may(Permission::ViewUsage) {
        machines.push(item(IconName::GAUGE, "Quotas", "/quotas", 'u'));
    }
    if !machines.is_empty() {
        nav.push(NavSection { label: Some("Machines".into()), items: machines });
    }
    let settings = item(IconName::SETTINGS, "Settings", "/settings", 's');
    nav.push(NavSection { label: Some("Organization".into()), items: vec![settings] });
    FrameData {
        organization: Some(OrgLink {
            slug: access.slug().to_owned(),
            name: access.organization().to_owned(),
            note: access.role().name().to_owned(),
        }),
        organizations: links(&access.visitor().organizations()),
        person: person(&org.page),
        nav,
        pending_invitations: access.visitor().invitations(),
        notifications: notifications(&org.page, access.visitor()),
    }
}

/// The frame of a person's own pages.
pub(crate) fn of_person(page: &PageContext, visitor: &Visitor) -> FrameData {
    let item = |icon, label: &str, href: &str| NavItem::new(icon, label, href, page.path() == href);
    let items = vec![
        item(IconName::CIRCLE_USER, "Profile", "/account"),
        item(IconName::KEY_ROUND, "Security", "/account/security"),
        item(IconName::MONITOR, "Sessions", "/account/sessions"),
        item(IconName::MAIL, "Invitations", "/invitations"),
    ];
    FrameData {
        organization: None,
        organizations: links(&visitor.organizations()),
        person: person(page),
        nav: vec![NavSection { label: Some("Account".into()), items }],
        pending_invitations: visitor.invitations(),
        notifications: notifications(page, visitor),
    }
}

/// The frame of the operator's console.
pub(crate) fn of_console(page: &PageContext, visitor: &Visitor) -> FrameData {
    let here = page.path();
    let item = |icon, label: &str, href: &str, key| {
        NavItem::new(icon, label, href, here == href || here.starts_with(&format!("{href}/"))).key(key)
    };
    let items = vec![
        item(IconName::BUILDING_2, "Organizations", ORGANIZATIONS, 'o'),
        item(IconName::ACTIVITY, "Noisy neighbours", NEIGHBOURS, 'b'),
        item(IconName::GAUGE, "Capacity", CAPACITY, 'c'),
    ];
    FrameData {
        organization: None,
        organizations: links(&visitor.organizations()),
        person: person(page),
        nav: vec![NavSection { label: Some("Operator".into()), items }],
        pending_invitations: visitor.invitations(),
        notifications: notifications(page, visitor),
    }
}

/// The way to what somebody was told, with the number of what they have not read.
fn notifications(page: &PageContext, visitor: &Visitor) -> NavItem {
    let current = page.path().starts_with(ADDRESS);
    NavItem::new(IconName::BELL, "Notifications", ADDRESS, current).key('n').count(Tone::Info, visitor.unread().into())
}

fn links(organizations: &[OrganizationLink]) -> Vec<OrgLink> {
    let link =
        |link: &OrganizationLink| OrgLink { slug: link.slug.clone(), name: link.name.clone(), note: String::new() };
    organizations.iter().map(link).collect()
}

fn person(page: &PageContext) -> PersonBadge {
    page.visitor.as_ref().map_or_else(
        || PersonBadge { id: String::new(), name: String::new(), email: String::new() },
        |visitor| PersonBadge {
            id: visitor.account.id.to_string(),
            name: visitor.account.name.clone(),
            email: visitor.account.email.clone(),
        },
    )
}
