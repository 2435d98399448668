//! Resetting the sign-in factors of a member who has lost them.

use axum::extract::Path;
use axum::response::Response;
use domain::members::REASON_MAX;
use domain::text::isolated;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server::members;

use super::page::crumbs;
use super::{MemberPath, member_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::ui::{Button, ButtonVariant, CancelLink, ErrorSummary, Form, FormFoot, FormPage, TextArea};

const TITLE: &str = "Reset sign-in factors";

/// Says what it comes to, and asks why.
///
/// # Errors
/// A page about it.
pub async fn factors_page(org: Organization, Path((_, member)): MemberPath) -> Result<Response, Fault> {
    let member = members::lookup_to_manage(&org.access, member_id(&member)?).await?;
    let content = org.clone();
    let page = move || {
        let action = content.page.path().to_owned();
        let form = content.page.form(&action);
        let errors = form.errors();
        view! {
            <FormPage
                title=TITLE
                lead=format!("{} · {}", isolated(&member.name), member.email)
                danger=true
                crumbs=crumbs(&content, Some(&member))
                notice=move || view! { <ErrorSummary errors title="The factors were not reset" /> }
            >
                <p>
                    "Their authenticator apps, passkeys and recovery codes are removed, and they are signed out everywhere. From then on their password alone signs them in, until they set up another factor. Both of you get a mail."
                </p>
                <p class="mt-2">"Make sure that it is them who asks: call them, or see them."</p>
                <div class="mt-4">
                    <Form action>
                        <TextArea
                            name="reason"
                            label="Reason"
                            value=form.value_or("reason", "")
                            help="The member reads it, and so does whoever reads the audit trail."
                            error=form.error("reason")
                            required=true
                            rows=2
                            maxlength=u32::from(REASON_MAX)
                        />
                        <FormFoot>
                            <CancelLink href=content.path("/members") />
                            <Button variant=ButtonVariant::Danger>{TITLE}</Button>
                        </FormFoot>
                    </Form>
                </div>
            </FormPage>
        }
        .into_any()
    };
    Ok(org.render(TITLE, page).await)
}

/// Why.
#[derive(Serialize, Deserialize)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

/// Resets them.
///
/// # Errors
/// A page about it.
pub async fn reset_factors(
    org: Organization,
    Path((_, member)): MemberPath,
    axum::Form(form): axum::Form<ReasonForm>,
) -> Answer {
    match members::reset_factors(&org.access, member_id(&member)?, &form.reason).await {
        Ok(member) => Ok(forms::done(&org.page, &org.path("/members"), Done::FactorsReset { name: member.name })),
        Err(error) => forms::back(&org.page, org.page.path(), &form, error),
    }
}
