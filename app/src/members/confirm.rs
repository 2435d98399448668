//! Pages that ask once more: before a member is removed, and before somebody leaves.

use axum::extract::Path;
use axum::response::Response;
use domain::members::MemberStatus;
use domain::text::isolated;
use leptos::prelude::*;
use server::members;

use super::page::crumbs;
use super::{MemberPath, member_id};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, Crumb, ErrorSummary, Form, FormFoot, FormPage, TypedConfirmation};

/// Asks once more before a member is removed.
///
/// # Errors
/// A page about it.
pub async fn remove_page(org: Organization, Path((_, member)): MemberPath) -> Result<Response, Fault> {
    let member = members::lookup_to_manage(&org.access, member_id(&member)?).await?;
    let content = org.clone();
    let page = move || {
        let crumbs = crumbs(&content, Some(&member));
        let lead = format!("{} · {}", isolated(&member.name), member.email);
        let cancel = content.path("/members");
        let can_suspend = member.status == MemberStatus::Active;
        view! {
            <Asking org=content title="Remove member" lead failed="The member was not removed" crumbs cancel expected=member.name>
                <p>
                    "They lose access at once, and their API keys are revoked. Their account, and what the audit trail says of them, stays. To come back they have to be invited again."
                </p>
                {can_suspend
                    .then(|| view! { <p class="mt-2">"Suspending keeps somebody out just as well, and can be undone."</p> })}
            </Asking>
        }
        .into_any()
    };
    Ok(org.render("Remove member", page).await)
}

/// Asks once more before somebody leaves.
///
/// # Errors
/// A page about it.
pub async fn leave_page(org: Organization) -> Result<Response, Fault> {
    let content = org.clone();
    let page = move || {
        let crumbs = vec![Crumb { label: "Settings".into(), href: content.path("/settings") }];
        let (name, cancel) = (content.access.organization().to_owned(), content.path("/settings"));
        view! {
            <Asking org=content title="Leave organization" lead=name.clone() failed="You have not left" crumbs cancel expected=name>
                <p>"You lose access at once, and your API keys are revoked. To come back you have to be invited again."</p>
            </Asking>
        }
        .into_any()
    };
    Ok(org.render("Leave organization", page).await)
}

/// A form that wants a name typed, and goes to the address that shows it.
#[component]
pub(crate) fn Asking(
    org: Organization,
    /// The page's title and the button's text.
    title: &'static str,
    lead: String,
    /// What did not happen, above what is wrong.
    failed: &'static str,
    crumbs: Vec<Crumb>,
    /// Where "Cancel" leads.
    cancel: String,
    /// The name to type.
    expected: String,
    /// What it comes to.
    children: Children,
) -> impl IntoView {
    let action = org.page.path().to_owned();
    let form = org.page.form(&action);
    let errors = form.errors();
    view! {
        <FormPage title lead crumbs danger=true notice=move || view! { <ErrorSummary errors title=failed /> }>
            {children()}
            <div class="mt-4">
                <Form action>
                    <TypedConfirmation expected value=form.value_or("confirmation", "") error=form.error("confirmation") />
                    <FormFoot>
                        <CancelLink href=cancel />
                        <Button variant=ButtonVariant::Danger>{title}</Button>
                    </FormFoot>
                </Form>
            </div>
        </FormPage>
    }
}
