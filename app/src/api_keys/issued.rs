//! A secret that was just made, shown this once.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use leptos::prelude::*;
use server::api_keys::Issued;

use super::{address, crumbs};
use crate::context::Organization;
use crate::ui::{Breadcrumb, Card, CopyButton, Narrow, PageHeader, SecretPanel};

/// Shows a secret in the answer itself: it is kept nowhere, so it cannot be shown again.
pub(super) async fn issued_page(org: &Organization, issued: Issued) -> Response {
    let Issued { id, name, secret } = issued;
    let content = org.clone();
    let secret = secret.expose().to_owned();
    let page = move || {
        let example = format!(
            "curl -H \"Authorization: Bearer $PORTCULLIS_KEY\" {}/api/v1/members",
            content.page.state.portal.settings().base_url
        );
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader title=name lead="Put the key where its program finds it, and nowhere else." />
            <Narrow>
                <SecretPanel
                    label="API key"
                    value=secret
                    text="Whoever has it can do what its scopes say. It is shown this once: nobody can look it up later, and a lost one is rotated."
                    done=Some(address(&content, id, ""))
                />
                <Card
                    title="Try it"
                    lead="Set it as PORTCULLIS_KEY in the program’s environment first, so that it stands in no script."
                    actions=move || view! { <CopyButton target="example" of="the example" /> }
                >
                    <pre class="mono overflow-x-auto text-sm" id="example" tabindex="0">
                        {example}
                    </pre>
                </Card>
            </Narrow>
        }
        .into_any()
    };
    let mut response = org.render("API key", page).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
