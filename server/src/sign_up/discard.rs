//! Discarding a sign-up that somebody else made with one's address.

use domain::audit::{Action, Actor, Draft, Personal};
use domain::problem::Problem;

use super::confirm::use_up;
use super::sql;
use crate::error::Error;
use crate::request::RequestContext;
use crate::tokens::{self, Purpose, Secret};

const DISCARDED: Action = Action::new("registration.discarded");

/// Discards a sign-up by a link that confirms it: none of its links works any more, and what was typed is gone.
///
/// # Errors
/// Why the link is not good.
pub async fn discard(request: &RequestContext, secret: &str) -> Result<(), Error> {
    let secret = Secret::from_address(secret);
    let mut tx = request.portal().store().platform().await?;
    let token = tokens::judge(tokens::lookup(tx.conn(), Purpose::Registration, &secret).await?, request.now)?;
    let row = sql::lookup(tx.conn(), token.subject).await?.ok_or(Problem::LinkUsed)?;
    use_up(request, tx.conn(), &secret, token.subject).await?;
    let entry = Draft::done(DISCARDED, Actor::stranger())
        .target("registration", token.subject, Personal(row.email.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await
}
