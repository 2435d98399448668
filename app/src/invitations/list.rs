//! The list of an organization's invitations, and the form "Invite member".

use axum::response::Response;
use domain::invitations::{Invitation, InvitationState, MailState};
use domain::paging::{Cursor, Page};
use domain::roles::Role;
use leptos::prelude::*;
use server::invitations;

use crate::context::Organization;
use crate::members::role_options;
use crate::problems::Fault;
use crate::ui::{
    Badge, Button, ButtonLink, ButtonVariant, CancelLink, Cell, CellKind, ColumnHeader, Crumb, Drawing, EmptyState,
    ErrorSummary, Field, FieldKind, Form, FormFoot, FormPage, IconName, MenuItem, PageHeader, Pager, Panel, Row,
    RowMenu, SelectField, Table, TimeAgo, Tone,
};

/// The list.
///
/// # Errors
/// A page about it.
pub async fn page(org: Organization) -> Result<Response, Fault> {
    let cursor = org.page.query_value("page").and_then(|text| Cursor::decode(&text));
    let list = invitations::list(&org.access, cursor.as_ref()).await?;
    let content = org.clone();
    let page = move || {
        let new = content.path("/invitations/new");
        let again = new.clone();
        let empty = list.rows.is_empty();
        view! {
            <PageHeader
                title="Invitations"
                lead="Who was invited, and what became of it. An invitation is good for seven days."
                actions=move || {
                    view! {
                        <ButtonLink href=new variant=ButtonVariant::Primary icon=IconName::USER_PLUS dialog=true>
                            "Invite member"
                        </ButtonLink>
                    }
                }
            />
            {if empty {
                view! {
                    <EmptyState
                        drawing=Drawing::Letter
                        title="Nobody was invited yet"
                        text="Invite a colleague by mail, or pass on a link."
                        action=move || view! { <ButtonLink href=again dialog=true>"Invite somebody"</ButtonLink> }
                    />
                }
                    .into_any()
            } else {
                view! { <Invitations org=content list /> }.into_any()
            }}
        }
        .into_any()
    };
    Ok(org.render("Invitations", page).await)
}

#[component]
fn Invitations(org: Organization, list: Page<Invitation>) -> impl IntoView {
    let range = format!("{} of {}", list.rows.len(), list.total);
    let turn = |cursor: Option<String>| cursor.map(|cursor| format!("{}?page={cursor}", org.path("/invitations")));
    let (newer, older) = (turn(list.previous), turn(list.next));
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
                        <ColumnHeader label="Invited by" />
                        <ColumnHeader label="Sent" />
                        <ColumnHeader label="Actions" kind=CellKind::Actions />
                    }
                }
            >
                {list.rows.into_iter().map(|invitation| view! { <InvitationRow org=org.clone() invitation /> }).collect_view()}
            </Table>
            <Pager range newer older />
        </Panel>
    }
}

#[component]
fn InvitationRow(org: Organization, invitation: Invitation) -> impl IntoView {
    let (now, zone) = (org.page.request.now, org.page.zone());
    let (tone, state) = match invitation.state {
        InvitationState::Pending if invitation.is_open(now) => (Tone::Info, "Pending"),
        InvitationState::Pending => (Tone::Warn, "Expired"),
        InvitationState::Accepted => (Tone::Ok, "Accepted"),
        InvitationState::Declined => (Tone::Idle, "Declined"),
        InvitationState::Revoked => (Tone::Idle, "Revoked"),
    };
    let mail = match invitation.mail {
        Some(MailState::Waiting) => "Waiting",
        Some(MailState::Sent) => "Sent",
        Some(MailState::Failed) => "Failed",
        Some(MailState::Cancelled) | None => "–",
    };
    let items = menu(&org, &invitation);
    let (email, subject, id) = (invitation.email.clone(), invitation.email, invitation.id.to_string());
    let inviter = invitation.invited_by.unwrap_or_else(|| "A former member".into());
    view! {
        <Row>
            <Cell kind=CellKind::Main>
                <span class="font-medium break-all">{email}</span>
            </Cell>
            <Cell label="Role">{invitation.role.name()}</Cell>
            <Cell label="State">
                <Badge tone label=state />
            </Cell>
            <Cell label="Mail" kind=CellKind::Muted>{mail}</Cell>
            <Cell label="Invited by" kind=CellKind::Muted>{inviter}</Cell>
            <Cell label="Sent" kind=CellKind::Muted>
                <TimeAgo at=invitation.created_at now zone />
            </Cell>
            <Cell kind=CellKind::Actions>
                {(!items.is_empty())
                    .then(|| view! { <RowMenu subject id items /> })}
            </Cell>
        </Row>
    }
}

fn menu(org: &Organization, invitation: &Invitation) -> Vec<MenuItem> {
    let mine = org.access.permissions().cover(invitation.role.permissions());
    if invitation.state != InvitationState::Pending || !mine {
        return Vec::new();
    }
    let path = |act: &str| org.path(&format!("/invitations/{}/{act}", invitation.id));
    let mut items = vec![MenuItem::post(IconName::SEND, "Resend", path("resend"))];
    if invitation.is_open(org.page.request.now) {
        items.push(MenuItem::post(IconName::LINK, "Copy link", path("link")));
    }
    items.push(MenuItem::Separator);
    items.push(MenuItem::post(IconName::BAN, "Revoke", path("revoke")).dangerous());
    items
}

/// The form "Invite member".
///
/// # Errors
/// A page about it.
pub async fn new_page(org: Organization) -> Result<Response, Fault> {
    invitations::prepare(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let action = content.path("/invitations");
        let form = content.page.form(&action);
        let errors = form.errors();
        let crumbs = vec![Crumb { label: "Invitations".into(), href: action.clone() }];
        view! {
            <FormPage
                title="Invite member"
                lead="They get a mail with a link that is good for seven days, and for this address only."
                crumbs
                notice=move || view! { <ErrorSummary errors title="The invitation was not sent" /> }
            >
                <Form action=action.clone()>
                    <Field
                        name="email"
                        label="Email"
                        kind=FieldKind::Email
                        value=form.value_or("email", "")
                        error=form.error("email")
                        required=true
                        autofocus=true
                    />
                    <SelectField
                        name="role"
                        label="Role"
                        options=role_options(&content)
                        value=form.value_or("role", Role::Member.code())
                        help="What they may do once they have joined. You can change it later."
                        error=form.error("role")
                    />
                    <FormFoot>
                        <CancelLink href=action />
                        <Button variant=ButtonVariant::Primary icon=IconName::SEND>"Send invitation"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Invite member", page).await)
}
