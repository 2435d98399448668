//! The forms of an organization's invitations.

use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use domain::ids::InvitationId;
use domain::invitations::{Invitation, InviteForm};
use domain::problem::Problem;
use leptos::prelude::*;
use server::invitations::InvitationLink;
use server::{Error, invitations};

use super::list;
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{Breadcrumb, Crumb, Narrow, PageHeader, SecretPanel};

type InvitationPath = Path<(String, String)>;

fn invitation_id(text: &str) -> Result<InvitationId, Error> {
    text.parse().map_err(|_| Problem::NotFound.into())
}

/// Invites somebody.
///
/// # Errors
/// A page about it.
pub async fn invite(org: Organization, Form(form): Form<InviteForm>) -> Answer {
    match invitations::invite(&org.access, &form).await {
        Ok(_) => {
            let email = form.email.trim().to_lowercase();
            let mailed = org.page.sends_mail();
            let done = if mailed { Done::InvitationSent { email } } else { Done::InvitationMade { email } };
            Ok(forms::done(&org.page, &org.path("/invitations"), done))
        }
        Err(error) => {
            let form_page = org.path("/invitations/new");
            forms::back_or_later(&org.page, &form_page, &form, error, |page| list::new_page(org.on(page))).await
        }
    }
}

/// Sends the mail again, and gives the invitation its full time again.
///
/// # Errors
/// A page about it.
pub async fn resend(org: Organization, Path((_, invitation)): InvitationPath) -> Answer {
    match invitations::resend(&org.access, invitation_id(&invitation)?).await {
        Ok(Invitation { email, .. }) => {
            let mailed = org.page.sends_mail();
            let done = if mailed { Done::InvitationResent { email } } else { Done::InvitationRenewed { email } };
            Ok(forms::done(&org.page, &org.path("/invitations"), done))
        }
        Err(error) => {
            let list = org.path("/invitations");
            forms::back_or_later(&org.page, &list, &(), error, |page| list::page(org.on(page))).await
        }
    }
}

/// Takes an invitation back.
///
/// # Errors
/// A page about it.
pub async fn revoke(org: Organization, Path((_, invitation)): InvitationPath) -> Answer {
    match invitations::revoke(&org.access, invitation_id(&invitation)?).await {
        Ok(invitation) => {
            Ok(forms::done(&org.page, &org.path("/invitations"), Done::InvitationRevoked { email: invitation.email }))
        }
        Err(error) => forms::back(&org.page, &org.path("/invitations"), &(), error),
    }
}

/// Shows a fresh link, in the answer itself: it is kept nowhere, so it cannot be shown again.
///
/// # Errors
/// A page about it.
pub async fn copy_link(org: Organization, Path((_, invitation)): InvitationPath) -> Result<Response, Fault> {
    let InvitationLink { email, link } = match invitations::copy_link(&org.access, invitation_id(&invitation)?).await {
        Ok(link) => link,
        Err(error) => return forms::back(&org.page, &org.path("/invitations"), &(), error),
    };
    let list = org.path("/invitations");
    let page = move || {
        let crumbs = vec![Crumb { label: "Invitations".into(), href: list.clone() }];
        let lead = format!("Pass it on to {email}, and to nobody else.");
        view! {
            <Breadcrumb crumbs />
            <PageHeader title="Invitation link" lead />
            <Narrow>
                <SecretPanel
                    label="Invitation link"
                    value=link
                    text="Whoever has it can join as the invited person. It is shown this once, works once, and ends with the invitation."
                    done=Some(list)
                />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Invitation link", page).await)
}
