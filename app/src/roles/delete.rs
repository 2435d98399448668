//! The page that asks once more before a role is deleted.

use axum::extract::Path;
use axum::response::Response;
use domain::text::isolated;
use leptos::prelude::*;

use super::crumbs;
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, Form, FormFoot, FormPage};

/// The question.
///
/// # Errors
/// A page about it.
pub async fn delete_page(org: Organization, Path((_, code)): Path<(String, String)>) -> Result<Response, Fault> {
    let (role, _) = server::roles::lookup_to_change(&org.access, &code).await?;
    let content = org.clone();
    let page = move || {
        let back = content.path(&format!("/roles/{}", role.id));
        view! {
            <FormPage
                title=format!("Delete {}", isolated(role.name.as_str()))
                lead="Nobody has it. It cannot be brought back, only made anew."
                crumbs=crumbs(&content)
                danger=true
            >
                <Form action=content.page.path().to_owned()>
                    <FormFoot>
                        <CancelLink href=back />
                        <Button variant=ButtonVariant::Danger>"Delete role"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Delete role", page).await)
}
