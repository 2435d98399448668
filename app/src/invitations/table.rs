//! The table of an organization's invitations.

use domain::invitations::{Invitation, InvitationState, MailState};
use domain::paging::Page;
use leptos::prelude::*;

use crate::context::Organization;
use crate::ui::{
    Badge, Button, Cell, CellKind, ColumnHeader, Form, IconName, MenuItem, Pager, Panel, Row, RowMenu, Table, TimeAgo,
    Tone, number,
};

/// The invitations, and what can be done about each.
#[component]
pub(super) fn Invitations(org: Organization, list: Page<Invitation>) -> impl IntoView {
    let range = format!("{} of {}", list.rows.len(), number(list.total));
    let turn = |cursor: Option<String>| cursor.map(|cursor| format!("{}?page={cursor}", org.path("/invitations")));
    let (previous, next) = (turn(list.previous), turn(list.next));
    view! {
        <Panel>
            <Table
                label="Invitations"
                head=|| {
                    view! {
                        <ColumnHeader label="Email" />
                        <ColumnHeader label="Role" />
                        <ColumnHeader label="State" />
                        <ColumnHeader label="Mail" />
                        <ColumnHeader label="Invited" />
                        <ColumnHeader label="Expires" />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {list.rows.into_iter().map(|invitation| view! { <InvitationRow org=org.clone() invitation /> }).collect_view()}
            </Table>
            <Pager range previous next newest_first=true />
        </Panel>
    }
}

#[component]
fn InvitationRow(org: Organization, invitation: Invitation) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let since = zone.clone();
    let (tone, state) = match invitation.state {
        InvitationState::Pending if invitation.is_open(now) => (Tone::Info, "Pending"),
        InvitationState::Pending => (Tone::Warn, "Expired"),
        InvitationState::Accepted => (Tone::Ok, "Accepted"),
        InvitationState::Declined => (Tone::Idle, "Declined"),
        InvitationState::Revoked => (Tone::Idle, "Revoked"),
    };
    let mail = match invitation.mail {
        Some(MailState::Waiting) => "Waiting".into_any(),
        Some(MailState::Sent) => "Sent".into_any(),
        Some(MailState::Failed) => view! { <Badge tone=Tone::Bad label="Failed" /> }.into_any(),
        Some(MailState::Cancelled) => "Not needed".into_any(),
        Some(MailState::Expired) => "Expired".into_any(),
        None => "–".into_any(),
    };
    let expires_at = (invitation.state == InvitationState::Pending).then_some(invitation.expires_at);
    let items = menu(&org, &invitation);
    // Without mail the link is what has to be done next: it stands beside the menu, not in it.
    let link = (!org.page.sends_mail() && can_link(&org, &invitation)).then(|| link_path(&org, &invitation));
    let (email, subject, id) = (invitation.email.clone(), invitation.email, invitation.id.to_string());
    let inviter = invitation.invited_by.unwrap_or_else(|| "A former member".into());
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <Address email />
            </Cell>
            <Cell label="Role">{invitation.role.name().to_owned()}</Cell>
            <Cell label="State">
                <Badge tone label=state />
            </Cell>
            <Cell label="Mail" kind=CellKind::Muted>{mail}</Cell>
            <Cell label="Invited" kind=CellKind::Muted>
                <span>
                    <TimeAgo at=invitation.created_at now zone=since /> " by "
                    <bdi class="inviter" title=inviter.clone()>
                        {inviter.clone()}
                    </bdi>
                </span>
            </Cell>
            <Cell label="Expires" kind=CellKind::Muted>
                {match expires_at {
                    Some(at) => view! { <TimeAgo at now zone /> }.into_any(),
                    None => "–".into_any(),
                }}
            </Cell>
            <Cell kind=CellKind::Actions>
                {link
                    .map(|action| {
                        view! {
                            <Form action class="contents">
                                <Button small=true icon=IconName::LINK>"Copy link"</Button>
                            </Form>
                        }
                    })}
                {(!items.is_empty())
                    .then(|| view! { <RowMenu subject id items /> })}
            </Cell>
        </Row>
    }
}

/// An address. Where there is no room for it in one line it goes on before the `@`, and only then anywhere.
#[component]
fn Address(email: String) -> impl IntoView {
    let (name, host) = email.split_once('@').map_or((email.as_str(), ""), |(name, host)| (name, host));
    let host = (!host.is_empty()).then(|| format!("@{host}"));
    view! {
        <span class="font-medium wrap-anywhere">
            {name.to_owned()}
            {host.map(|host| view! { <wbr /> {host} })}
        </span>
    }
}

/// Whether whoever looks may do something about it.
fn is_mine(org: &Organization, invitation: &Invitation) -> bool {
    invitation.state == InvitationState::Pending && org.access.permissions().cover(invitation.role.permissions())
}

fn can_link(org: &Organization, invitation: &Invitation) -> bool {
    is_mine(org, invitation) && invitation.is_open(org.page.request.now)
}

fn link_path(org: &Organization, invitation: &Invitation) -> String {
    org.path(&format!("/invitations/{}/link", invitation.id))
}

fn menu(org: &Organization, invitation: &Invitation) -> Vec<MenuItem> {
    if !is_mine(org, invitation) {
        return Vec::new();
    }
    let path = |act: &str| org.path(&format!("/invitations/{}/{act}", invitation.id));
    let mailed = org.page.sends_mail();
    let mut items = vec![MenuItem::post(IconName::SEND, "Resend", path("resend"))];
    if mailed && can_link(org, invitation) {
        items.push(MenuItem::post(IconName::LINK, "Copy link", link_path(org, invitation)));
    }
    items.push(MenuItem::Separator);
    items.push(MenuItem::post(IconName::BAN, "Revoke", path("revoke")).dangerous());
    items
}
