//! What several of the webhooks' pages show.

use domain::webhooks::EventKind;
use leptos::prelude::*;

use crate::context::FormState;
use crate::ui::{Card, CheckboxField, CheckboxGroup, Field, field_id};

/// Where messages go, what it is for, and which they are.
#[component]
pub(super) fn EndpointFields(
    form: FormState,
    /// What stands there before.
    url: String,
    description: String,
    chosen: Vec<EventKind>,
    /// What can be chosen.
    offered: Vec<EventKind>,
) -> impl IntoView {
    let codes = || chosen.iter().map(|kind| kind.code().to_owned()).collect();
    let chosen: Vec<String> = form.values("event").unwrap_or_else(codes);
    let boxes = offered.into_iter().map(|kind| {
        let (code, label) = (kind.code(), format!("{} ({})", kind.name(), kind.code()));
        let checked = chosen.iter().any(|chosen| chosen == code);
        let id = field_id(&format!("event-{}", code.replace('.', "-")));
        view! { <CheckboxField name="event" label value=code checked help=kind.describe() id /> }
    });
    let boxes = boxes.collect_view();
    view! {
        <Field
            name="url"
            label="Endpoint URL"
            value=form.value_or("url", &url)
            help="An https address of yours. It answers within 10 seconds with a status from 200 to 299."
            placeholder="https://example.com/webhooks"
            error=form.error("url")
            required=true
        />
        <Field
            name="description"
            label="Description"
            value=form.value_or("description", &description)
            help="What it is for. Optional."
            error=form.error("description")
        />
        <CheckboxGroup name="event" label="Events" error=form.error("event")>
            {boxes}
        </CheckboxGroup>
    }
}

/// How a receiver knows that a message is true.
#[component]
pub(super) fn HowToVerify() -> impl IntoView {
    view! {
        <Card
            title="Verify what you receive"
            lead="Every message is signed as the Standard Webhooks specification says. Libraries for most languages check signature and age in one call."
        >
            <pre class="code-block">
                {"from standardwebhooks import Webhook  # pip install standardwebhooks\n\nevent = Webhook(\"whsec_…\").verify(request.body, request.headers)"}
            </pre>
            <p class="mt-3 text-md text-muted">
                "By hand: the header webhook-signature holds “v1,” and the Base64 of HMAC-SHA256 over webhook-id, webhook-timestamp and the body as it came, joined by dots; the key is what stands behind “whsec_”, decoded from Base64. Refuse a timestamp that is older than five minutes, and a webhook-id that you have seen."
            </p>
        </Card>
    }
}
