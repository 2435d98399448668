//! What is typed in the editor, as it would have judged those who came by: nothing of it is saved.

use axum::Form as Sent;
use domain::problem::Problem;
use leptos::prelude::*;
use server::Error;
use server::policy;

use super::editor::EDIT;
use super::findings::Findings;
use super::replay::AsIfAlways;
use super::typed::Typed;
use super::{crumbs, edit};
use crate::context::Organization;
use crate::forms::Answer;
use crate::policy_live::SAVE;
use crate::ui::{Breadcrumb, Button, ButtonVariant, FlashTone, Form, HiddenField, Notice, PageHeader};

/// The page. What is wrong leads back to the editor.
///
/// # Errors
/// A page about it.
pub async fn replay_unsaved(org: Organization, Sent(pairs): Sent<Vec<(String, String)>>) -> Answer {
    let (typed, _) = Typed::sent(pairs);
    let subject = match policy::unsaved(&org.access, &typed.base, &typed.form).await {
        Ok(subject) => subject,
        Err(Error::Invalid(errors)) => {
            return edit::again(org, Typed { errors, failed: "Nothing was replayed", ..typed }).await;
        }
        Err(error) => return Err(error.into()),
    };
    let found = policy::replay(&org.access, subject).await?.ok_or(Problem::NotFound)?;
    let content = org.clone();
    let page = move || {
        let action = content.path("/policy/edit");
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Replay"
                lead="What these settings would have done in the last 90 days, by everybody who came by."
            />
            <Notice tone=FlashTone::Warning title="Nothing was saved">
                "The settings are as you typed them. The visits of one member can be seen once they are a draft."
                <Onward action typed />
            </Notice>
            <Findings org=content found begun="visits are recorded" page=None />
            <AsIfAlways />
        }
        .into_any()
    };
    Ok(org.render("Replay", page).await)
}

/// The ways on, which take along what was typed.
#[component]
fn Onward(
    /// Where the editor's form goes.
    action: String,
    typed: Typed,
) -> impl IntoView {
    let Typed { base, form, .. } = typed;
    let fields = form.0.into_iter().map(|(name, value)| view! { <HiddenField name value /> });
    let fields = fields.collect_view();
    view! {
        <Form action class="mt-2 flex flex-wrap gap-2">
            <HiddenField name="base" value=base />
            {fields}
            <Button variant=ButtonVariant::Primary name="intent" value=SAVE>"Save draft"</Button>
            <Button name="intent" value=EDIT>"Back to the editor"</Button>
        </Form>
    }
}
