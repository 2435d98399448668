//! The editor: one form over all sections, whose draft holds for nobody.
//!
//! What is wrong, and what somebody else has saved meanwhile, is answered by the page itself: a list of ten thousand
//! networks does not come back by a cookie.

use std::sync::Arc;

use axum::Form as Sent;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::fields::FieldErrors;
use domain::policy::{Key, PolicyForm, SETTINGS, SecurityPolicy};
use leptos::prelude::*;
use server::Error;
use server::policy::{self, Editing, Overtaken, Saved};

use super::controls::{ADD_ADDRESS, Sheet};
use super::crumbs;
use super::editor::{Different, Editor, Meanwhile, MeanwhileNotice, REPLAY, REVIEW};
use super::parts::called;
use super::posture::PostureCard;
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::problems::Fault;
use crate::texts;
use crate::ui::{Breadcrumb, ButtonLink, ButtonVariant, ErrorSummary, FieldError, IconName, PageHeader, relative};

/// The editor with the draft, or with what is in force.
///
/// # Errors
/// A page about it.
pub async fn edit_page(org: Organization) -> Result<Response, Fault> {
    show(org, None).await
}

/// Saves the draft; or shows it again, with one more address in its list of networks.
///
/// # Errors
/// A page about it.
pub async fn save(org: Organization, Sent(pairs): Sent<Vec<(String, String)>>) -> Answer {
    let taken = |name: &str| pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let (intent, base) = (taken("intent").unwrap_or_default(), taken("base").unwrap_or_default());
    let is_setting = |(field, _): &(String, String)| SETTINGS.iter().any(|setting| setting.code == field);
    let form = PolicyForm(pairs.into_iter().filter(is_setting).collect());
    if intent == ADD_ADDRESS {
        return show(org, Some(Typed { adds_address: true, ..Typed::new(base, form) })).await;
    }
    let typed = match policy::save_draft(&org.access, &base, &form).await {
        Ok(Saved::Draft(_) | Saved::Unchanged) => {
            return Ok(match intent.as_str() {
                REVIEW => Redirect::to(&org.path("/policy/draft")).into_response(),
                REPLAY => Redirect::to(&org.path("/policy/replay")).into_response(),
                _ => forms::done(&org.page, &org.path("/policy/edit"), Done::DraftSaved),
            });
        }
        Ok(Saved::Overtaken(overtaken)) => Typed::overtaken(*overtaken),
        Err(Error::Invalid(errors)) => Typed { errors, ..Typed::new(base, form) },
        Err(error) => return Err(error.into()),
    };
    let mut response = show(org, Some(typed)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// A form that is shown again.
struct Typed {
    /// The version that it was typed over.
    base: String,
    form: PolicyForm,
    errors: FieldErrors,
    meanwhile: Option<Meanwhile>,
    adds_address: bool,
}

impl Typed {
    fn new(base: String, form: PolicyForm) -> Self {
        Self { base, form, errors: FieldErrors::default(), meanwhile: None, adds_address: false }
    }

    /// One's own changes and the other's together: what is saved next is a change of the other's.
    fn overtaken(overtaken: Overtaken) -> Self {
        let Overtaken { base, by, form, taken, kept } = overtaken;
        Self { meanwhile: Some(Meanwhile { by, taken, kept }), ..Self::new(base.to_string(), form) }
    }
}

/// The page, with what was typed or with what is saved.
async fn show(org: Organization, typed: Option<Typed>) -> Result<Response, Fault> {
    let editing = policy::edit(&org.access).await?;
    let book = org.access.book().clone();
    let fresh = || Typed::new(editing.base.to_string(), PolicyForm::of(&editing.policy, &*book));
    let mut typed = typed.unwrap_or_else(fresh);
    if typed.adds_address {
        add_address(&mut typed.form, &editing);
    }
    // What cannot be read yet says nothing of how it would stand.
    let policy = typed.form.parse(&editing.policy, &*book).unwrap_or_else(|_| editing.policy.clone());
    let changes = policy.changes_since(&editing.enforced);
    let Typed { base, form, errors, meanwhile, .. } = typed;
    let sheet = Sheet {
        form,
        defaults: PolicyForm::of(&SecurityPolicy::default(), &*book),
        errors,
        changed: changes.iter().map(|change| (change.setting.key, change.before.clone())).collect(),
        ip: editing.ip,
    };
    let content = org.clone();
    let page = move || {
        let lead = lead(&content, &editing);
        let (posture, before) = (policy.posture(), editing.enforced.posture().score);
        let (templates, text) = (content.path("/policy/templates"), content.path("/policy/text"));
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
            <ErrorSummary errors=lines(&sheet.errors) title="The draft was not saved" />
            {meanwhile.map(|meanwhile| view! { <MeanwhileNotice meanwhile /> })}
            <Editor action=content.path("/policy/edit") base sheet=Arc::new(sheet)>
                <PostureCard posture before=Some(before) editor=Some(String::new()) />
                <Different changes />
            </Editor>
        }
        .into_any()
    };
    Ok(org.render("Edit policy", page).await)
}

/// One more line in the list of networks, for whoever edits.
fn add_address(form: &mut PolicyForm, editing: &Editing) {
    let code = Key::Networks.setting().code;
    if let Some(ip) = editing.ip {
        let list = form.value(code).unwrap_or_default().trim_end();
        let list =
            if list.is_empty() { ip.to_canonical().to_string() } else { format!("{list}\n{}", ip.to_canonical()) };
        form.put(code, list);
    }
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
