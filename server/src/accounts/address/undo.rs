//! Taking back what somebody else has done to an account's address.

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::email::EmailAddress;
use domain::ids::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{CANCELLED, drop_pending, sql};
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::notices;

const GIVEN_BACK: Action = Action::new("account.address_given_back");

/// Drops the change that waits, if one does: an entry tells of it. The account is locked.
pub(crate) async fn drop_unasked(
    conn: &mut PgConnection,
    account: AccountId,
    actor: &Actor<Fact>,
    now: OffsetDateTime,
) -> Result<Option<Draft>, Error> {
    let Some(change) = drop_pending(conn, account, now).await? else { return Ok(None) };
    let entry = Draft::done(CANCELLED, actor.clone()).unnamed_target("account", account);
    Ok(Some(entry.removed("email", Personal(change.email.as_str().to_owned()))))
}

/// Gives an account the address back that it had before, whose reader has just shown to be one: an entry tells of it.
/// Nothing happens when another account has it by now. The account is locked.
pub(crate) async fn give_back(
    conn: &mut PgConnection,
    account: AccountId,
    actor: &Actor<Fact>,
    former: &EmailAddress,
    now: OffsetDateTime,
) -> Result<Option<Draft>, Error> {
    let holder = accounts::lookup_by_email(conn, former).await?;
    if holder.is_some_and(|holder| holder.account.id != account) {
        return Ok(None);
    }
    let Some((_, email)) = accounts::lookup_name(conn, account).await? else { return Ok(None) };
    sql::change_email(conn, account, former, now).await?;
    let entry = Draft::done(GIVEN_BACK, actor.clone()).unnamed_target("account", account);
    Ok(Some(entry.changed("email", Personal(email), Personal(former.as_str().to_owned()))))
}

/// Whether an account can still be given this address back: nobody makes another one with it who has not shown to read
/// its mail.
pub(crate) async fn is_held(conn: &mut PgConnection, email: &EmailAddress, now: OffsetDateTime) -> Result<bool, Error> {
    let held = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM platform.notices WHERE former_email = $1 AND at > $2) AS "held!""#,
        email.as_str(),
        now - notices::ADDRESS_HELD
    )
    .fetch_one(conn)
    .await?;
    Ok(held)
}
