//! The forms of a person's own pages.

use axum::Form;
use axum::extract::Path;
use domain::accounts::ProfileForm;
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use server::{accounts, sessions};

use super::page::{profile_page, security_page};
use crate::context::{Browser, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Saves name, time zone, theme and the choice about keys.
///
/// # Errors
/// A page about it.
pub async fn save_profile(page: PageContext, Form(form): Form<ProfileForm>) -> Answer {
    let visitor = page.signed_in()?;
    let is_zone = |name: &str| jiff::tz::TimeZone::get(name).is_ok();
    match accounts::change_profile(&page.request, visitor, &form, is_zone).await {
        Ok(()) => Ok(forms::done(&page, "/account", Done::ProfileSaved)),
        Err(error) => forms::back_or_later(&page, "/account", &form, error, profile_page).await,
    }
}

/// The form "Change password". Nothing of it ever comes back.
#[derive(Serialize, Deserialize)]
pub struct PasswordForm {
    #[serde(default, skip_serializing)]
    current: String,
    #[serde(default, skip_serializing)]
    password: String,
}

/// Changes the password.
///
/// # Errors
/// A page about it.
pub async fn change_password(page: PageContext, Browser(session): Browser, Form(form): Form<PasswordForm>) -> Answer {
    let visitor = page.signed_in()?;
    match accounts::change_password(&page.request, visitor, &form.current, &form.password).await {
        Ok(grant) => {
            grant.hand_over(&page.request, &session).await?;
            Ok(forms::done(&page, "/account/security", Done::PasswordChanged))
        }
        Err(error) => forms::back_or_later(&page, "/account/security", &form, error, security_page).await,
    }
}

/// Ends all sessions but this one.
///
/// # Errors
/// A page about it.
pub async fn end_other_sessions(page: PageContext) -> Answer {
    let visitor = page.signed_in()?;
    let count = sessions::end_others(&page.request, visitor).await?;
    Ok(forms::done(&page, "/account/sessions", Done::OtherSessionsEnded { count }))
}

/// Ends the sessions that were selected. What is no session's name selects none.
///
/// # Errors
/// A page about it.
pub async fn end_sessions(page: PageContext, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    let visitor = page.signed_in()?;
    let selected = fields.iter().filter(|(name, _)| name == "selected");
    let ids: Vec<_> = selected.filter_map(|(_, id)| id.parse().ok()).collect();
    let count = sessions::end_several(&page.request, visitor, &ids).await?;
    Ok(forms::done(&page, "/account/sessions", Done::SessionsEnded { count }))
}

/// Ends one session.
///
/// # Errors
/// A page about it.
pub async fn end_session(page: PageContext, Path(session): Path<String>) -> Answer {
    let visitor = page.signed_in()?;
    let id = session.parse().map_err(|_| Problem::NotFound)?;
    sessions::end(&page.request, visitor, id).await?;
    Ok(forms::done(&page, "/account/sessions", Done::SessionEnded))
}
