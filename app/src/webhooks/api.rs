//! The forms of the webhooks' pages.

use axum::Form;
use axum::extract::Path;
use domain::ids::EndpointId;
use domain::webhooks::EndpointForm;
use serde::{Deserialize, Serialize};
use server::Error;
use server::webhooks::{self, ReplayForm, Revealed};

use super::delivery::{DeliveryPath, delivery_id};
use super::secret::secret_page;
use super::{EndpointPath, WebhookDone, address, endpoint_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::roles::{Pairs, texts};

/// Back to a page of the webhook's, with what was done or what is wrong.
fn answer(org: &Organization, page: &str, form: &impl Serialize, outcome: Result<WebhookDone, Error>) -> Answer {
    match outcome {
        Ok(done) => Ok(forms::done(&org.page, page, Done::Webhook(done))),
        Err(error) => forms::back(&org.page, page, form, error),
    }
}

/// Adds a webhook, and shows its signing secret.
///
/// # Errors
/// A page about it.
pub async fn create(org: Organization, Form(pairs): Pairs) -> Answer {
    let form = EndpointForm::from_pairs(texts(&pairs));
    match webhooks::create(&org.access, &form).await {
        Ok(created) => {
            let revealed = Revealed { secret: created.secret, former: None };
            secret_page(org, created.id, "The webhook is added, and a test event is on its way to it.", revealed).await
        }
        Err(error) => forms::back(&org.page, &org.path("/webhooks/new"), &form, error),
    }
}

/// Changes one.
///
/// # Errors
/// A page about it.
pub async fn change(org: Organization, Path((_, endpoint)): EndpointPath, Form(pairs): Pairs) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let form = EndpointForm::from_pairs(texts(&pairs));
    let outcome = webhooks::change(&org.access, id, &form).await;
    answer(&org, &address(&org, id, ""), &form, outcome.map(|()| WebhookDone::Saved))
}

/// Has messages sent to it again.
///
/// # Errors
/// A page about it.
pub async fn enable(org: Organization, Path((_, endpoint)): EndpointPath) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let outcome = webhooks::enable(&org.access, id).await;
    answer(&org, &address(&org, id, ""), &(), outcome.map(|()| WebhookDone::Enabled))
}

/// Has nothing sent to it, and offers to undo that.
///
/// # Errors
/// A page about it.
pub async fn disable(org: Organization, Path((_, endpoint)): EndpointPath) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let page = address(&org, id, "");
    match webhooks::disable(&org.access, id).await {
        Ok(()) => {
            let undo = address(&org, id, "/enable");
            Ok(forms::done_with_undo(&org.page, &page, Done::Webhook(WebhookDone::Disabled), undo, &[]))
        }
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}

/// The host that was typed.
#[derive(Serialize, Deserialize)]
pub struct DeleteForm {
    #[serde(default)]
    confirmation: String,
}

/// Takes it away.
///
/// # Errors
/// A page about it.
pub async fn delete(org: Organization, Path((_, endpoint)): EndpointPath, Form(form): Form<DeleteForm>) -> Answer {
    let id = endpoint_id(&endpoint)?;
    match webhooks::delete(&org.access, id, &form.confirmation).await {
        Ok(_) => Ok(forms::done(&org.page, &org.path("/webhooks"), Done::Webhook(WebhookDone::Deleted))),
        Err(error) => forms::back(&org.page, org.page.path(), &form, error),
    }
}

/// Shows its signing secret.
///
/// # Errors
/// A page about it.
pub async fn reveal(org: Organization, Path((_, endpoint)): EndpointPath) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let revealed = webhooks::reveal(&org.access, id).await;
    show(org, id, "What messages to this webhook are signed with.", revealed).await
}

/// Makes another signing secret, and shows it.
///
/// # Errors
/// A page about it.
pub async fn rotate(org: Organization, Path((_, endpoint)): EndpointPath) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let revealed = webhooks::rotate(&org.access, id).await.map(|secret| Revealed { secret, former: None });
    let lead =
        "The secret is rotated. For 24 hours messages carry two signatures, by this one and by the one of before.";
    show(org, id, lead, revealed).await
}

async fn show(org: Organization, id: EndpointId, lead: &'static str, revealed: Result<Revealed, Error>) -> Answer {
    match revealed {
        Ok(revealed) => secret_page(org, id, lead, revealed).await,
        Err(error) => forms::back(&org.page, &address(&org, id, ""), &(), error),
    }
}

/// Sends a test event.
///
/// # Errors
/// A page about it.
pub async fn test(org: Organization, Path((_, endpoint)): EndpointPath) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let outcome = webhooks::test(&org.access, id).await;
    answer(&org, &address(&org, id, ""), &(), outcome.map(|()| WebhookDone::Tested))
}

/// Sends a message again.
///
/// # Errors
/// A page about it.
pub async fn replay(org: Organization, Path((_, endpoint, delivery)): DeliveryPath) -> Answer {
    let (id, delivery) = (endpoint_id(&endpoint)?, delivery_id(&delivery)?);
    let outcome = webhooks::replay(&org.access, id, delivery).await;
    let page = address(&org, id, &format!("/deliveries/{delivery}"));
    answer(&org, &page, &(), outcome.map(|()| WebhookDone::Replayed { count: 1 }))
}

/// Sends again what was given up.
///
/// # Errors
/// A page about it.
pub async fn replay_failed(
    org: Organization,
    Path((_, endpoint)): EndpointPath,
    Form(form): Form<ReplayForm>,
) -> Answer {
    let id = endpoint_id(&endpoint)?;
    let outcome = webhooks::replay_failed(&org.access, id, &form).await;
    let page = address(&org, id, "/deliveries");
    answer(&org, &page, &form, outcome.map(|count| WebhookDone::Replayed { count }))
}
