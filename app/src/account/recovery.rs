//! Recovery codes: the card on the page "Security", and the page that shows new ones.

use axum::http::{HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::factors::{FEW_RECOVERY_CODES, RecoveryCode};
use leptos::prelude::*;
use server::factors;

use super::render;
use crate::context::PageContext;
use crate::forms::Answer;
use crate::ui::{
    Badge, Breadcrumb, Button, ButtonLink, ButtonVariant, Card, CodeList, CopyButton, Crumb, FlashTone, Form, Narrow,
    Notice, PageHeader, PrintButton, Tone,
};

/// How many codes are left, and the way to new ones.
#[component]
pub(super) fn RecoveryCard(
    /// Whether there is a factor whose loss they would make good.
    needed: bool,
    left: u32,
) -> impl IntoView {
    let (tone, state) = match left {
        0 => (Tone::Bad, "None".to_owned()),
        1..=FEW_RECOVERY_CODES => (Tone::Warn, format!("{left} left")),
        _ => (Tone::Ok, format!("{left} left")),
    };
    let text = match (needed, left) {
        (false, _) => "Set up an authenticator app or a passkey first: they let you in when it is gone.",
        (true, 0) => "Without them, a lost phone locks you out. Generate them now, and put them away.",
        (true, _) => {
            "Each works once, beside your password, in place of your authenticator app or passkey. New ones replace all that are left."
        }
    };
    view! {
        <Card
            id="recovery-codes"
            title="Recovery codes"
            lead="The way in when your phone is gone."
            actions=move || needed.then(|| view! { <Badge tone label=state /> })
        >
            <p class="text-muted">{text}</p>
            {needed
                .then(|| {
                    view! {
                        <Form action="/account/security/recovery-codes" class="mt-4">
                            <Button>"Generate recovery codes"</Button>
                        </Form>
                    }
                })}
        </Card>
    }
}

/// Makes new codes and shows them, this once.
///
/// # Errors
/// A page about it.
pub async fn generate_recovery_codes(page: PageContext) -> Answer {
    let codes = factors::generate_recovery_codes(&page.request, page.signed_in()?).await?;
    let view = move || view! { <Codes codes /> }.into_any();
    let mut response = render(&page, "Recovery codes", view).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[component]
fn Codes(codes: Vec<RecoveryCode>) -> impl IntoView {
    let lines: Vec<String> = codes.iter().map(ToString::to_string).collect();
    let file = format!("Recovery codes for Portcullis. Each works once.\n\n{}\n", lines.join("\n"));
    let file = format!("data:text/plain;base64,{}", STANDARD.encode(file));
    view! {
        <Breadcrumb crumbs=vec![Crumb { label: "Security".into(), href: "/account/security".into() }] />
        <PageHeader title="Recovery codes" lead="Put them away where you find them without your phone." />
        <Narrow>
            <section class="panel card-body mb-5">
                <Notice tone=FlashTone::Warning>
                    "They are shown this once. Each lets you in once, beside your password. Those of before work no longer."
                </Notice>
                <CodeList id="codes" codes=lines />
                <div class="mt-4 flex flex-wrap gap-2">
                    <CopyButton target="codes" />
                    <a class="btn btn-line" href=file download="portcullis-recovery-codes.txt">
                        "Download"
                    </a>
                    <PrintButton />
                    <ButtonLink href="/account/security" variant=ButtonVariant::Primary>
                        "I have stored them"
                    </ButtonLink>
                </div>
            </section>
        </Narrow>
    }
}
