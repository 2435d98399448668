//! The form "Add webhook", and the page that asks once more before one is deleted.

use axum::extract::Path;
use axum::response::Response;
use leptos::prelude::*;
use server::webhooks;

use super::parts::{EndpointFields, HowToVerify};
use super::{EndpointPath, address, crumbs, crumbs_below, endpoint_id};
use crate::context::Organization;
use crate::members::confirm::Asking;
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, ErrorSummary, Form, FormFoot, FormPage, Narrow};

/// The form "Add webhook".
///
/// # Errors
/// A page about it.
pub async fn new_page(org: Organization) -> Result<Response, Fault> {
    let offered = webhooks::prepare(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let action = content.path("/webhooks");
        let form = content.page.form(&action);
        let errors = form.errors();
        view! {
            <FormPage
                title="Add webhook"
                lead="It gets a test event at once, and then what you choose here."
                crumbs=crumbs(&content)
                notice=move || view! { <ErrorSummary errors title="The webhook was not added" /> }
            >
                <Form action=action.clone()>
                    <EndpointFields
                        form
                        url=String::new()
                        description=String::new()
                        chosen=Vec::new()
                        offered
                    />
                    <FormFoot>
                        <CancelLink href=action />
                        <Button variant=ButtonVariant::Primary>"Add webhook"</Button>
                    </FormFoot>
                </Form>
            </FormPage>
            <Narrow><HowToVerify /></Narrow>
        }
        .into_any()
    };
    Ok(org.render("Add webhook", page).await)
}

/// Asks once more before a webhook is deleted.
///
/// # Errors
/// A page about it.
pub async fn delete_page(org: Organization, Path((_, endpoint)): EndpointPath) -> Result<Response, Fault> {
    let endpoint = webhooks::lookup(&org.access, endpoint_id(&endpoint)?).await?;
    let content = org.clone();
    let page = move || {
        let host = endpoint.host();
        let crumbs = crumbs_below(&content, endpoint.id, &host);
        let cancel = address(&content, endpoint.id, "");
        view! {
            <Asking
                org=content
                title="Delete webhook"
                lead=host.clone()
                failed="The webhook was not deleted"
                crumbs
                cancel
                expected=host
            >
                <p>
                    "Nothing is sent to it any more. Its signing secret and the record of what was sent are deleted for good."
                </p>
                <p class="mt-2">"Disabling it stops the messages just as well, and can be undone."</p>
            </Asking>
        }
        .into_any()
    };
    Ok(org.render("Delete webhook", page).await)
}
