//! The page with a signing secret, in the answer to the form that asked for it: it is in no address and no cookie.

use axum::response::Response;
use domain::ids::EndpointId;
use leptos::prelude::*;
use server::webhooks::{Revealed, lookup};

use super::parts::HowToVerify;
use super::{address, crumbs_below};
use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{Breadcrumb, Card, ExactTime, Narrow, PageHeader, SecretPanel};

/// The page.
///
/// # Errors
/// A page about it.
pub(super) async fn secret_page(
    org: Organization,
    id: EndpointId,
    lead: &'static str,
    revealed: Revealed,
) -> Result<Response, Fault> {
    let host = lookup(&org.access, id).await?.host();
    let content = org.clone();
    let page = move || {
        let crumbs = crumbs_below(&content, id, &host);
        let (done, zone) = (address(&content, id, ""), content.page.zone());
        let former = revealed.former.map(|(secret, at)| {
            view! {
                <Card title="Secret of before">
                    <pre class="code-block">{secret.to_string()}</pre>
                    <p class="mt-2 text-md text-muted">"Until " <ExactTime at zone /> " messages are signed with it, too."</p>
                </Card>
            }
        });
        view! {
            <Breadcrumb crumbs />
            <PageHeader title="Signing secret" lead />
            <Narrow>
                <SecretPanel
                    label="Signing secret"
                    value=revealed.secret.to_string()
                    text="Whoever has it can sign messages that look like ours. Keep it where your program reads its other secrets."
                    done=Some(done)
                />
                {former}
                <HowToVerify />
            </Narrow>
        }
        .into_any()
    };
    Ok(org.render("Signing secret", page).await)
}
