//! The forms.

use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use serde::{Deserialize, Serialize};
use server::sessions::Stage;
use server::{sessions, sign_in};

use super::page::{forgot_page, forgotten, page as sign_in_page, with_next};
use super::{SECOND_STEP, WayBack};
use crate::context::{Browser, PageContext};
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Address and password, and where to go then.
#[derive(Serialize, Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default, skip_serializing)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs in.
///
/// # Errors
/// A page about it.
pub async fn submit(
    page: PageContext,
    way_back: WayBack,
    Browser(session): Browser,
    Form(form): Form<SignInForm>,
) -> Answer {
    match sign_in::sign_in(&page.request, &form.email, &form.password).await {
        Ok(grant) => {
            let stage = grant.stage;
            grant.hand_over(&page.request, &session).await?;
            Ok(match stage {
                Stage::Full => way_back.follow(&form.next),
                Stage::Password => Redirect::to(&with_next(SECOND_STEP, &form.next)).into_response(),
            })
        }
        Err(error) => {
            let here = with_next("/sign-in", &form.next);
            forms::back_or_later(&page, &here, &form, error, |page| sign_in_page(page, way_back)).await
        }
    }
}

/// Signs out.
///
/// # Errors
/// A page about it.
pub async fn sign_out(page: PageContext, way_back: WayBack, Browser(session): Browser) -> Answer {
    sessions::sign_out(&page.request, &session).await?;
    Ok(way_back.forget(forms::done(&page, "/sign-in", Done::SignedOut)))
}

/// An address.
#[derive(Serialize, Deserialize)]
pub struct ForgotForm {
    #[serde(default)]
    email: String,
}

/// Asks for a link to choose a new password.
///
/// # Errors
/// A page about it.
pub async fn forgot(page: PageContext, Form(form): Form<ForgotForm>) -> Answer {
    match sign_in::request_reset(&page.request, &form.email).await {
        Ok(()) => Ok(forgotten(&page).await),
        Err(error) => forms::back_or_later(&page, "/forgot-password", &form, error, forgot_page).await,
    }
}

/// A new password.
#[derive(Serialize, Deserialize)]
pub struct ResetForm {
    #[serde(default, skip_serializing)]
    password: String,
}

/// Sets it.
///
/// # Errors
/// A page about it.
pub async fn reset(page: PageContext, Path(token): Path<String>, Form(form): Form<ResetForm>) -> Answer {
    match sign_in::reset(&page.request, &token, &form.password).await {
        Ok(()) => Ok(forms::done(&page, "/sign-in", Done::PasswordReset)),
        Err(error) => forms::back(&page, page.path(), &form, error),
    }
}
