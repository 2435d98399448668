//! The first page of an organization.

use axum::response::Response;
use domain::organizations::Overview;
use domain::roles::Permission;
use leptos::prelude::*;
use server::{audit, organizations};

use crate::audit::Timeline;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    ButtonLink, ButtonVariant, Card, Drawing, EmptyState, IconName, PageHeader, Panel, Stat, Stats, number,
};

/// Figures, and what happened last.
///
/// # Errors
/// A page about it.
pub async fn overview(org: Organization) -> Result<Response, Fault> {
    let figures = organizations::overview(&org.access).await?;
    let latest = if org.access.may(Permission::ViewAudit) { audit::recent(&org.access, 8).await? } else { Vec::new() };
    let content = org.clone();
    let page = move || {
        let access = &content.access;
        let invite = access.may(Permission::InviteMembers).then(|| content.path("/invitations/new"));
        let alone = invite.clone().filter(|_| figures.active_members == 1 && figures.pending_invitations == 0);
        let trail = content.path("/audit");
        let lead = format!("You are here as {}.", access.role().name());
        view! {
            <PageHeader
                title=access.organization().to_owned()
                lead
                actions=move || {
                    invite
                        .map(|href| {
                            view! {
                                <ButtonLink href variant=ButtonVariant::Primary icon=IconName::USER_PLUS dialog=true>
                                    "Invite member"
                                </ButtonLink>
                            }
                        })
                }
            />
            <Figures org=content.clone() figures=figures.clone() />
            {alone.map(|href| view! { <FirstStep href mailed=content.page.sends_mail() /> })}
            {(!latest.is_empty())
                .then(|| {
                    view! {
                        <Card title="Latest activity" actions=move || view! { <a class="link" href=trail>"Audit trail"</a> }>
                            <Timeline org=content entries=latest />
                        </Card>
                    }
                })}
        }
        .into_any()
    };
    Ok(org.render("Overview", page).await)
}

/// What somebody does in an organization that is new.
#[component]
fn FirstStep(href: String, mailed: bool) -> impl IntoView {
    let text = if mailed {
        "Invite the people who work with you. They get a mail with a link, and join with it."
    } else {
        "Invite the people who work with you, and pass the links on. They join with them."
    };
    view! {
        <Panel>
            <EmptyState
                drawing=Drawing::Letter
                title="You are the only one here so far"
                text
                action=move || view! { <ButtonLink href dialog=true>"Invite somebody"</ButtonLink> }
            />
        </Panel>
    }
}

#[component]
fn Figures(org: Organization, figures: Overview) -> impl IntoView {
    let suspended = (figures.suspended_members > 0).then(|| format!("{} suspended", figures.suspended_members));
    let owners = (figures.owners == 1).then_some("Appoint a second one");
    let invitations = org.access.may(Permission::InviteMembers).then(|| org.path("/invitations"));
    let audit = org.access.may(Permission::ViewAudit).then(|| org.path("/audit"));
    view! {
        <Stats>
            <Stat label="Active members" value=number(figures.active_members) note=suspended href=Some(org.path("/members?status=active")) />
            <Stat label="Owners" value=number(figures.owners) note=owners.map(str::to_owned) href=Some(org.path("/members?role=owner")) />
            <Stat label="Pending invitations" value=number(figures.pending_invitations) href=invitations />
            <Stat label="Audit entries" value=number(figures.audit_entries) href=audit />
        </Stats>
    }
}
