//! Verifying a file of the trail, in the browser of whoever has it.

use axum::response::Response;
use leptos::prelude::*;
use server::audit;

use crate::context::Organization;
use crate::problems::Fault;
use crate::ui::{
    Breadcrumb, Button, ButtonVariant, Card, Crumb, FileField, FlashTone, FormFoot, Narrow, Notice, PageHeader,
    TextArea, VerifyFiles,
};

/// The page. The file is read by the browser, and by nobody else.
///
/// # Errors
/// A page about it.
pub async fn verify_page(org: Organization) -> Result<Response, Fault> {
    audit::prepare(&org.access).await?;
    let content = org.clone();
    let page = move || {
        let crumbs = vec![Crumb { label: "Audit trail".into(), href: content.path("/audit") }];
        let slug = content.access.slug().to_owned();
        view! {
            <Breadcrumb crumbs />
            <PageHeader
                title="Verify"
                lead="An export as NDJSON, the proof of an entry, or a proof that the trail has only grown."
            />
            <Narrow>
                <Card
                    title="In this browser"
                    lead="Nothing is sent anywhere: this page reads the file on your device and checks it here."
                >
                    <div data-verify-asleep="">
                        <Notice>"This needs scripts. The command below does the same without a browser."</Notice>
                    </div>
                    <Choose />
                    <Verdict />
                </Card>
                <OnTheCommandLine slug />
            </Narrow>
            <VerifyFiles />
        }
        .into_any()
    };
    Ok(org.render("Verify", page).await)
}

/// The files, and how far they have been read. No form: there is nothing to send.
#[component]
fn Choose() -> impl IntoView {
    view! {
        <div class="grid gap-4" data-verify="" hidden>
            <FileField name="file" label="Export or proof" help="Which it is, the file says itself." />
            <TextArea
                name="key"
                label="Key (optional)"
                help="The key that has to have signed the file. Take one that you have kept: a key that came with the file proves nothing of whose it is."
                rows=2
                code=true
            />
            <FileField
                name="checkpoints"
                label="Kept checkpoints (optional)"
                help="One or several, each in a file of its own or one behind the other. They show that nothing before them was changed."
                multiple=true
            />
            <div class="progress-line" data-verify-progress="" hidden>
                <progress class="meter" max="100" value="0" aria-label="Read so far"></progress>
                <span class="num">"0 %"</span>
            </div>
            <FormFoot>
                <span data-verify-cancel="" hidden>
                    <Button inert=true>"Cancel"</Button>
                </span>
                <span data-verify-start="">
                    <Button inert=true variant=ButtonVariant::Primary>"Verify"</Button>
                </span>
            </FormFoot>
        </div>
    }
}

/// What the file proves or what is wrong with it, when it has been read.
#[component]
fn Verdict() -> impl IntoView {
    let panel = |name: &'static str, tone: FlashTone| {
        view! {
            <div class="mt-4" data-verdict=name hidden>
                <Notice tone>
                    <strong class="block" data-verdict-title=""></strong>
                    <p class="break-words" data-verdict-text=""></p>
                    <dl class="facts" data-verdict-facts=""></dl>
                </Notice>
            </div>
        }
    };
    view! {
        <div role="status" tabindex="-1" data-verdicts="">
            {panel("good", FlashTone::Success)}
            {panel("partly", FlashTone::Warning)}
            {panel("bad", FlashTone::Error)}
        </div>
    }
}

/// The same without this page.
#[component]
fn OnTheCommandLine(slug: String) -> impl IntoView {
    let command = format!(
        "portcullis audit verify {slug}-audit.ndjson \\\n    --key {slug}-audit-key.txt \\\n    --checkpoint {slug}-checkpoint.txt"
    );
    view! {
        <Card
            title="On the command line"
            lead="The portal’s own program does the same, without a database and without a network. Whoever does not trust this portal takes the program, the key and the checkpoints from elsewhere."
        >
            <pre class="code-block">{command}</pre>
        </Card>
    }
}
