//! The forms of those who ask for an export or a key, and of those to whom it was granted.

use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect};
use domain::api_keys::KeyForm;
use domain::audit::AuditQuery;
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use server::approvals::{self, Handed};
use server::audit::Format;

use super::api::{asked_at, is_overtaken};
use super::{ApprovalPath, address, approval_id};
use crate::api_keys::{KeyPath, issued_page, key_id};
use crate::audit::{ask_address, list_address};
use crate::context::Organization;
use crate::forms::{self, Answer};
use crate::roles::{Pairs, texts};

/// The form that asks for an export.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportForm {
    format: String,
    query: String,
    reason: String,
}

/// Asks that the audit trail be exported.
///
/// # Errors
/// A page about it.
pub async fn ask_to_export(org: Organization, Form(form): Form<ExportForm>) -> Answer {
    let format = Format::from_code(&form.format).ok_or(Problem::BadRequest)?;
    let query = AuditQuery::from_text(&form.query).from_the_start();
    let outcome = approvals::ask_to_export(&org.access, format, &query, &form.reason).await;
    // The list offers the file itself, where nobody has to approve it by now.
    let page = if is_overtaken(&outcome) { list_address(&org, &query) } else { ask_address(&org, format, &query) };
    asked_at(&org, (&page, org.page.path()), &form, outcome)
}

/// The form that asks for a key, with what asks alone.
#[derive(Serialize)]
struct AskedKey<'a> {
    #[serde(flatten)]
    form: &'a KeyForm,
    reason: &'a str,
}

impl<'a> AskedKey<'a> {
    fn of(form: &'a KeyForm, pairs: &'a [(String, String)]) -> Self {
        let reason = texts(pairs).find(|(name, _)| *name == "reason").map(|(_, value)| value);
        Self { form, reason: reason.unwrap_or_default() }
    }
}

/// Asks that a key with sensitive scopes may be made.
///
/// # Errors
/// A page about it.
pub async fn ask_to_create_key(org: Organization, Form(pairs): Pairs) -> Answer {
    let form = KeyForm::from_pairs(texts(&pairs));
    let asked = AskedKey::of(&form, &pairs);
    let outcome = approvals::ask_to_create_key(&org.access, &form, asked.reason).await;
    let action = if is_overtaken(&outcome) { org.path("/keys") } else { org.page.path().to_owned() };
    asked_at(&org, (&org.path("/keys/new"), &action), &asked, outcome)
}

/// Asks that a key may do more.
///
/// # Errors
/// A page about it.
pub async fn ask_to_widen_key(org: Organization, Path((_, key)): KeyPath, Form(pairs): Pairs) -> Answer {
    let id = key_id(&key)?;
    let form = KeyForm::from_pairs(texts(&pairs));
    let asked = AskedKey::of(&form, &pairs);
    let outcome = approvals::ask_to_widen_key(&org.access, id, &form, asked.reason).await;
    let page = org.path(&format!("/keys/{id}"));
    let action = if is_overtaken(&outcome) { page.clone() } else { org.page.path().to_owned() };
    asked_at(&org, (&page, &action), &asked, outcome)
}

/// Does what was granted: leads to the file, or shows the key’s secret, this once.
///
/// # Errors
/// A page about it.
pub async fn hand_over(org: Organization, Path((_, approval)): ApprovalPath) -> Answer {
    let id = approval_id(&approval)?;
    match approvals::hand_over(&org.access, id).await {
        Ok(Handed::Export(ticket)) => Ok(Redirect::to(&org.path(&format!("/audit/exports/{ticket}"))).into_response()),
        Ok(Handed::Key(issued)) => Ok(issued_page(&org, issued).await),
        Err(error) => forms::back(&org.page, &address(&org, id, ""), &(), error),
    }
}
