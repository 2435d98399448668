//! The forms of keys and service accounts.

use axum::Form;
use axum::extract::Path;
use domain::api_keys::{KeyForm, RotateForm, ServiceAccountForm};
use domain::problem::Problem;
use server::{Error, api_keys};

use super::issued::issued_page;
use super::{KeyDone, KeyPath, account_address, account_id, address, key_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::roles::{Pairs, texts};

/// Makes a key and shows its secret, this once.
///
/// # Errors
/// A page about it.
pub async fn create(org: Organization, Form(pairs): Pairs) -> Answer {
    let form = KeyForm::from_pairs(texts(&pairs));
    match api_keys::create(&org.access, &form).await {
        Ok(issued) => Ok(issued_page(&org, issued).await),
        Err(error) => {
            // Where others have to approve it, the page shows what was typed in the form that asks them.
            let asks = matches!(error, Error::Refused(Problem::ApprovalFirst));
            let action = org.path(if asks { "/keys/new/ask" } else { "/keys" });
            forms::back_at(&org.page, &org.path("/keys/new"), &action, &form, error)
        }
    }
}

/// Changes a key.
///
/// # Errors
/// A page about it.
pub async fn change(org: Organization, Path((_, key)): KeyPath, Form(pairs): Pairs) -> Answer {
    let id = key_id(&key)?;
    let form = KeyForm::from_pairs(texts(&pairs));
    let page = address(&org, id, "");
    match api_keys::change(&org.access, id, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::Key(KeyDone::Changed))),
        Err(error) => forms::back_or_ask(&org.page, &page, &form, error),
    }
}

/// Gives a key another secret and shows that, this once.
///
/// # Errors
/// A page about it.
pub async fn rotate(org: Organization, Path((_, key)): KeyPath, Form(form): Form<RotateForm>) -> Answer {
    let id = key_id(&key)?;
    match api_keys::rotate(&org.access, id, &form).await {
        Ok(issued) => Ok(issued_page(&org, issued).await),
        Err(error) => forms::back(&org.page, &address(&org, id, ""), &form, error),
    }
}

/// Takes a key back.
///
/// # Errors
/// A page about it.
pub async fn revoke(org: Organization, Path((_, key)): KeyPath) -> Answer {
    let id = key_id(&key)?;
    let page = address(&org, id, "");
    match api_keys::revoke(&org.access, id).await {
        Ok(_) => Ok(forms::done(&org.page, &page, Done::Key(KeyDone::Revoked))),
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}

/// Makes a service account.
///
/// # Errors
/// A page about it.
pub async fn create_account(org: Organization, Form(form): Form<ServiceAccountForm>) -> Answer {
    match api_keys::create_account(&org.access, &form).await {
        Ok(id) => Ok(forms::done(&org.page, &account_address(&org, id, ""), Done::Key(KeyDone::AccountCreated))),
        Err(error) => forms::back(&org.page, &org.path("/keys/accounts/new"), &form, error),
    }
}

/// Changes a service account.
///
/// # Errors
/// A page about it.
pub async fn change_account(
    org: Organization,
    Path((_, account)): KeyPath,
    Form(form): Form<ServiceAccountForm>,
) -> Answer {
    let id = account_id(&account)?;
    let page = account_address(&org, id, "");
    match api_keys::change_account(&org.access, id, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::Key(KeyDone::AccountChanged))),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}

/// Has a service account's keys open nothing.
///
/// # Errors
/// A page about it.
pub async fn disable_account(org: Organization, Path((_, account)): KeyPath) -> Answer {
    let id = account_id(&account)?;
    let done = api_keys::disable_account(&org.access, id).await.map(|_| KeyDone::AccountDisabled);
    answer(&org, &account_address(&org, id, ""), done)
}

/// Has them work again.
///
/// # Errors
/// A page about it.
pub async fn enable_account(org: Organization, Path((_, account)): KeyPath) -> Answer {
    let id = account_id(&account)?;
    let done = api_keys::enable_account(&org.access, id).await.map(|_| KeyDone::AccountEnabled);
    answer(&org, &account_address(&org, id, ""), done)
}

/// Lets whoever asks stand for a service account.
///
/// # Errors
/// A page about it.
pub async fn take_over(org: Organization, Path((_, account)): KeyPath) -> Answer {
    let id = account_id(&account)?;
    let done = api_keys::take_over(&org.access, id).await.map(|_| KeyDone::AccountTakenOver);
    answer(&org, &account_address(&org, id, ""), done)
}

/// Says on a page what was done, or why it was not.
fn answer(org: &Organization, page: &str, done: Result<KeyDone, Error>) -> Answer {
    match done {
        Ok(done) => Ok(forms::done(&org.page, page, Done::Key(done))),
        Err(error) => forms::back(&org.page, page, &(), error),
    }
}
