//! The invitations of whoever is signed in.

use axum::extract::Path;
use axum::response::Response;
use domain::ids::{InvitationId, TenantId};
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;
use server::invitations::{self, Listed};

use crate::account::render;
use crate::context::PageContext;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::texts;
use crate::ui::{Button, ButtonVariant, Card, Drawing, EmptyState, Form, Narrow, Notice, PageHeader, TimeAgo};

/// The list.
///
/// # Errors
/// A page about it.
pub async fn mine_page(page: PageContext) -> Result<Response, Fault> {
    let visitor = page.signed_in()?;
    let offers = invitations::list_mine(&page.request, visitor).await?;
    let proven = visitor.account.email_proven;
    let content = page.clone();
    let view = move || {
        let text = if proven {
            "When somebody invites you, it is shown here."
        } else {
            "Your address is not confirmed, so only links that you were given lead to invitations."
        };
        let list = if offers.is_empty() {
            view! { <EmptyState drawing=Drawing::Letter title="No open invitations" text /> }.into_any()
        } else {
            let cards =
                offers.into_iter().map(|listed| view! { <OfferCard page=content.clone() listed /> }).collect_view();
            view! { <Narrow>{cards}</Narrow> }.into_any()
        };
        view! { <PageHeader title="Invitations" lead="Organizations that you are invited to." /> {list} }.into_any()
    };
    render(&page, "Invitations", view).await
}

#[component]
fn OfferCard(page: PageContext, listed: Listed) -> impl IntoView {
    let Listed { offer, problem } = listed;
    let path = format!("/invitations/{}/{}", offer.tenant, offer.invitation);
    let inviter = offer.invited_by.unwrap_or_else(|| "Somebody".into());
    let (now, zone) = (page.request.now, page.zone());
    view! {
        <Card title=offer.organization lead=format!("{} invites you as {}.", isolated(&inviter), offer.role.name())>
            {match problem {
                None => view! { <p class="mb-3 text-md text-muted">"Expires " <TimeAgo at=offer.expires_at now zone /></p> }.into_any(),
                Some(problem) => view! { <Notice>{texts::problem(problem).sentence()}</Notice> }.into_any(),
            }}
            <div class="flex gap-2">
                {problem
                    .is_none()
                    .then(|| {
                        view! {
                            <Form action=format!("{path}/accept") class="contents">
                                <Button variant=ButtonVariant::Primary>"Accept invitation"</Button>
                            </Form>
                        }
                    })}
                <Form action=format!("{path}/decline") class="contents">
                    <Button>"Decline"</Button>
                </Form>
            </div>
        </Card>
    }
}

fn ids(tenant: &str, invitation: &str) -> Result<(TenantId, InvitationId), Fault> {
    match (tenant.parse(), invitation.parse()) {
        (Ok(tenant), Ok(invitation)) => Ok((tenant, invitation)),
        _ => Err(Problem::NotFound.into()),
    }
}

/// Accepts one.
///
/// # Errors
/// A page about it.
pub async fn accept_mine(page: PageContext, Path((tenant, invitation)): Path<(String, String)>) -> Answer {
    let visitor = page.signed_in()?;
    let (tenant, invitation) = ids(&tenant, &invitation)?;
    let accepted = invitations::accept_listed(&page.request, visitor, tenant, invitation).await?;
    let done = Done::Joined { organization: accepted.organization };
    Ok(forms::done(&page, &format!("/o/{}", accepted.slug), done))
}

/// Declines one.
///
/// # Errors
/// A page about it.
pub async fn decline_mine(page: PageContext, Path((tenant, invitation)): Path<(String, String)>) -> Answer {
    let visitor = page.signed_in()?;
    let (tenant, invitation) = ids(&tenant, &invitation)?;
    invitations::decline_listed(&page.request, visitor, tenant, invitation).await?;
    Ok(forms::done(&page, "/invitations", Done::InvitationDeclined))
}
