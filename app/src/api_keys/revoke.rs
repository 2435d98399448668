//! The question before a key is revoked.

use axum::extract::Path;
use axum::response::Response;
use domain::text::isolated;
use leptos::prelude::*;
use server::api_keys;

use super::{KeyPath, address, crumbs, key_id};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, Form, FormFoot, FormPage};

/// The page.
///
/// # Errors
/// A page about it.
pub async fn revoke_page(org: Organization, Path((_, key)): KeyPath) -> Result<Response, Fault> {
    let key = api_keys::lookup(&org.access, key_id(&key)?).await?;
    let content = org.clone();
    let page = move || {
        let title = format!("Revoke {}", isolated(key.name.as_str()));
        let back = address(&content, key.id, "");
        view! {
            <FormPage
                title
                lead="Programs that come with it are refused from their next request on. It cannot be undone."
                crumbs=crumbs(&content)
                danger=true
            >
                <Form action=content.page.path().to_owned()>
                    <FormFoot>
                        <CancelLink href=back />
                        <Button variant=ButtonVariant::Danger>"Revoke key"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render("Revoke key", page).await)
}
