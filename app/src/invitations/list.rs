//! The list of an organization's invitations, and the form "Invite member".

use axum::response::Response;
use domain::paging::Cursor;
use domain::policy::Unit;

use domain::roles::Role;
use leptos::prelude::*;
use server::invitations;

use super::table::Invitations;
use crate::context::Organization;
use crate::members::role_options;
use crate::problems::Fault;
use crate::ui::{
    Button, ButtonLink, ButtonVariant, CancelLink, Crumb, Drawing, EmptyState, ErrorSummary, Field, FieldKind, Form,
    FormFoot, FormPage, IconName, PageHeader, SelectField,
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
        let (empty, mailed) = (list.rows.is_empty(), content.page.sends_mail());
        view! {
            <PageHeader
                title="Invitations"
                lead=format!("Who was invited, and what became of it. An invitation is good for {}.", lifetime(&content))
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
                        text=if mailed { "Invite a colleague by mail, or pass on a link." } else { "Invite a colleague, and pass on the link." }
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
        let good = lifetime(&content);
        let lead = if content.page.sends_mail() {
            format!("They get a mail with a link that is good for {good}, and for this address only.")
        } else {
            format!(
                "No mail server is set up here: copy the link afterwards, and pass it on. It is good for {good}, and for this address only."
            )
        };
        view! {
            <FormPage
                title="Invite member"
                lead
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

/// For how long an invitation is good here.
fn lifetime(org: &Organization) -> String {
    Unit::Days.describe(org.access.enforced().document().invitation_days)
}
