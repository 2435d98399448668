//! A secret that was just made, shown this once.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::roles::{Permission, Permissions};
use leptos::prelude::*;
use server::api_keys::Issued;

use super::{address, crumbs};
use crate::context::Organization;
use crate::ui::{Breadcrumb, Card, CopyButton, Narrow, PageHeader, SecretPanel};

/// A request to show by example: the scope that it takes, its path, and its body, if it has one.
type Example = (Permission, &'static str, Option<&'static str>);

/// Of these the first is shown that a key may make: what only reads, before what leaves something behind.
const EXAMPLES: [Example; 8] = [
    (Permission::ViewMembers, "/api/v1/members", None),
    (
        Permission::CheckAccess,
        "/api/v1/check",
        Some(r#"{"subject": "ada@acme.example", "permission": "members.view"}"#),
    ),
    (Permission::ViewUsage, "/api/v1/quotas", None),
    (Permission::ViewAudit, "/api/v1/audit/events", None),
    (Permission::InviteMembers, "/api/v1/invitations", None),
    (Permission::ViewOrganization, "/api/v1/roles", None),
    (Permission::UseQuotas, "/api/v1/quotas/reservations", Some(r#"{"amounts": {"requests_per_day": 1}}"#)),
    (
        Permission::IngestAudit,
        "/api/v1/audit/events",
        Some(r#"{"events": [{"id": "first-try", "name": "service.tried"}]}"#),
    ),
];

/// How a program makes a request that these scopes allow; none, where the API has nothing for them.
fn example(scopes: Permissions, base_url: &str) -> Option<String> {
    let (_, path, body) = EXAMPLES.into_iter().find(|(scope, ..)| scopes.allow(*scope))?;
    let request = format!("curl -H \"Authorization: Bearer $PORTCULLIS_KEY\" {base_url}{path}");
    Some(match body {
        Some(body) => format!("{request} \\\n  -H 'Content-Type: application/json' -d '{body}'"),
        None => request,
    })
}

/// Shows a secret in the answer itself: it is kept nowhere, so it cannot be shown again.
pub(crate) async fn issued_page(org: &Organization, issued: Issued) -> Response {
    let Issued { id, name, scopes, secret } = issued;
    let content = org.clone();
    let secret = secret.expose().to_owned();
    let page = move || {
        let example = example(scopes, &content.page.state.portal.settings().base_url);
        let example = example.map(|example| view! { <TryIt example /> });
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
                {example}
            </Narrow>
        }
        .into_any()
    };
    let mut response = org.render("API key", page).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[component]
fn TryIt(example: String) -> impl IntoView {
    view! {
        <Card
            title="Try it"
            lead="Set it as PORTCULLIS_KEY in the program’s environment first, so that it stands in no script."
            actions=move || view! { <CopyButton target="example" of="the example" /> }
        >
            <pre class="mono overflow-x-auto text-sm" id="example" tabindex="0">
                {example}
            </pre>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_one_that_the_key_may_make() {
        let document = crate::api::document("http://localhost:3000");
        for (scope, path, body) in EXAMPLES {
            let method = if body.is_some() { "post" } else { "get" };
            let needed = &document["paths"][path][method]["security"][0]["key"];
            assert_eq!(*needed, serde_json::json!([scope.code()]), "{method} {path}");
            let shown = example(Permissions::of(&[scope]), "http://localhost:3000").unwrap();
            assert!(shown.contains(&format!("http://localhost:3000{path}")), "{shown}");
            if let Some(body) = body {
                assert!(serde_json::from_str::<serde_json::Value>(body).is_ok() && shown.contains(body), "{shown}");
            }
        }
        let only_checks = example(Permissions::of(&[Permission::CheckAccess]), "").unwrap();
        assert!(!only_checks.contains("/members "), "{only_checks}");
        assert_eq!(example(Permissions::of(&[Permission::ManageWebhooks]), ""), None);
    }
}
