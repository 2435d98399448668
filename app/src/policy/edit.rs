//! The editor: one form over all sections, whose draft holds for nobody.
//!
//! What is wrong, and what somebody else has saved meanwhile, is answered by the page itself: a list of ten thousand
//! networks does not come back by a cookie.

use std::sync::Arc;

use axum::Form as Sent;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::fields::FieldErrors;
use domain::policy::{PolicyForm, SecurityPolicy};
use leptos::prelude::*;
use server::Error;
use server::policy::{self, Editing, Saved};

use super::controls::{ADD_ADDRESS, Sheet};
use super::crumbs;
use super::different::Different;
use super::editor::{EDIT, Editor, KeptNotice, MeanwhileNotice};
use super::known::{known, roles};
use super::parts::called;
use super::posture::PostureCard;
use super::preview::PreviewCard;
use super::typed::Typed;
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::policy_live::{PolicyLive, REVIEW};
use crate::problems::Fault;
use crate::texts;
use crate::ui::{Breadcrumb, ButtonLink, ButtonVariant, ErrorSummary, FieldError, IconName, PageHeader, relative};

/// The editor with the draft, or with what is in force.
///
/// # Errors
/// A page about it.
pub async fn edit_page(org: Organization) -> Result<Response, Fault> {
    let editing = policy::edit(&org.access).await?;
    show(org, editing, None).await
}

/// Saves the draft; or shows it again, with one more address in its list of networks.
///
/// # Errors
/// A page about it.
pub async fn save(org: Organization, Sent(pairs): Sent<Vec<(String, String)>>) -> Answer {
    let (mut typed, intent) = Typed::sent(pairs);
    if intent == ADD_ADDRESS || intent == EDIT {
        let editing = policy::edit(&org.access).await?;
        if intent == ADD_ADDRESS {
            typed.add_address(&editing);
        }
        return show(org, editing, Some(typed)).await;
    }
    match policy::save_draft(&org.access, &typed.base, &typed.form).await {
        Ok(Saved::Draft(_) | Saved::Unchanged) => Ok(match intent.as_str() {
            REVIEW => Redirect::to(&org.path("/policy/draft")).into_response(),
            _ => forms::done(&org.page, &org.path("/policy/edit"), Done::DraftSaved),
        }),
        Ok(Saved::Overtaken(overtaken)) => again(org, Typed::overtaken(*overtaken)).await,
        Err(Error::Invalid(errors)) => again(org, Typed { errors, ..typed }).await,
        Err(error) => Err(error.into()),
    }
}

/// The editor with what was typed, for whoever has to look at it once more.
pub(super) async fn again(org: Organization, typed: Typed) -> Answer {
    let editing = policy::edit(&org.access).await?;
    let mut response = show(org, editing, Some(typed)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The page, with what was typed or with what is saved.
async fn show(org: Organization, editing: Editing, typed: Option<Typed>) -> Result<Response, Fault> {
    let book = org.access.book().clone();
    let known = known(&org, &editing, typed.is_some());
    let fresh = || Typed::new(editing.base.to_string(), PolicyForm::of(&editing.policy, &*book));
    let Typed { base, form, errors, failed, meanwhile } = typed.unwrap_or_else(fresh);
    // What cannot be read yet says nothing of how it would stand.
    let policy = form.parse(&editing.policy, &*book).unwrap_or_else(|_| editing.policy.clone());
    let changes = policy.changes_since(&editing.enforced);
    let sheet = Sheet {
        form,
        defaults: PolicyForm::of(&SecurityPolicy::default(), &*book),
        errors,
        changed: changes.iter().map(|change| change.setting.key).collect(),
        enforced: editing.enforced.clone(),
        ip: editing.ip,
    };
    let content = org.clone();
    let page = move || {
        let lead = lead(&content, &editing);
        let (posture, before) = (policy.posture(), editing.enforced.posture().score);
        let (templates, text) = (content.path("/policy/templates"), content.path("/policy/text"));
        let (action, replay) = (content.path("/policy/edit"), content.path("/policy/replay"));
        let (roles, ip) = (roles(&content), editing.ip);
        view! {
            <Breadcrumb crumbs=crumbs(&content) />
            <PageHeader
                title="Edit policy"
                lead
                actions=move || {
                    view! {
                        <ButtonLink href=text variant=ButtonVariant::Ghost icon=IconName::FILE_TEXT>"Text"</ButtonLink>
                        <ButtonLink href=templates>"Templates"</ButtonLink>
                    }
                }
            />
            <ErrorSummary errors=lines(&sheet.errors) title=failed />
            {meanwhile.map(|meanwhile| view! { <MeanwhileNotice meanwhile /> })}
            <KeptNotice />
            <Editor action replay base sheet=Arc::new(sheet)>
                <PostureCard posture before=Some(before) editor=Some(String::new()) />
                <PreviewCard roles ip />
                <Different changes enforced=editing.enforced />
            </Editor>
            <PolicyLive known />
        }
        .into_any()
    };
    Ok(org.render("Edit policy", page).await)
}

/// What is edited.
fn lead(org: &Organization, editing: &Editing) -> String {
    if editing.is_draft {
        let when = relative(editing.saved_at, org.page.request.now);
        format!("A draft that {} saved {when}. It holds for nobody before it is enforced.", called(editing.by.as_ref()))
    } else {
        "It begins with what is in force. What you save is a draft, and holds for nobody before it is enforced."
            .to_owned()
    }
}

/// All that is wrong, for the summary above the form.
fn lines(errors: &FieldErrors) -> Vec<FieldError> {
    let line =
        |(code, problem)| FieldError::at(code, format!("{}: {}", texts::label("", code), texts::field(code, problem)));
    errors.iter().map(line).collect()
}
