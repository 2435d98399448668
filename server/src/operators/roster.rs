//! Who is an operator: for the command line, where alone that is decided.

use domain::audit::{Action, Actor, Draft, Fact, Personal};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::ids::AccountId;
use domain::operators::OperatorForm;
use domain::problem::Problem;
use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::sql;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::passwords::About;
use crate::request::RequestContext;
use crate::store::PlatformTx;

const ADDED: Action = Action::new("operator.added");
const REMOVED: Action = Action::new("operator.removed");

/// An operator.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorRow {
    /// Their account.
    pub account: AccountId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they have a second factor: without one the console does not open.
    pub second_factor: bool,
    /// Since when they are one.
    #[serde(with = "time::serde::rfc3339")]
    pub added_at: OffsetDateTime,
}

/// Somebody who was made an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The name of their account.
    pub name: String,
    /// Whether the account was made for it.
    pub is_new: bool,
}

/// Every operator, by address.
///
/// # Errors
/// The database does not answer.
pub async fn list(request: &RequestContext) -> Result<Vec<OperatorRow>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let rows = sql::list_operators(tx.conn()).await?;
    tx.end().await?;
    Ok(rows)
}

/// Whether there is an account of this address: for another one a name and a password are needed.
///
/// # Errors
/// No address, at the field `email`.
pub async fn has_account(request: &RequestContext, email: &str) -> Result<bool, Error> {
    let mut tx = request.portal().store().platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &address(email)?).await?;
    tx.end().await?;
    Ok(known.is_some())
}

/// Makes somebody an operator; their account as well, if there is none of the address. An account whose address nobody has
/// proven may be anybody's who has been given a link.
///
/// # Errors
/// Fields that are wrong; the account's address is not proven ([`FieldProblem::Taken`], at the field `email`); one already
/// ([`Problem::Changed`]).
pub async fn add(request: &RequestContext, form: &OperatorForm) -> Result<Added, Error> {
    let email = address(&form.email)?;
    let mut tx = request.portal().store().administer_platform().await?;
    let known = accounts::lookup_by_email(tx.conn(), &email).await?;
    let (account, added) = match known {
        Some(known) => {
            let account = known.account;
            if !account.email_proven && !sql::is_operator(tx.conn(), account.id).await? {
                return Err(Error::field("email", FieldProblem::Taken));
            }
            (account.id, Added { name: account.name, is_new: false })
        }
        None => make_account(request, &mut tx, form).await?,
    };
    if !sql::add_operator(tx.conn(), account, request.now).await? {
        return Err(Problem::Changed.into());
    }
    tx.commit(request, entry(request, (ADDED, Actor::operator()), account, &email)).await?;
    Ok(added)
}

async fn make_account(
    request: &RequestContext,
    tx: &mut PlatformTx,
    form: &OperatorForm,
) -> Result<(AccountId, Added), Error> {
    let portal = request.portal();
    let about = About::of([form.name.as_str(), &form.email]);
    let (new, password) = form.parse(portal.hasher().judge(&form.password, &about).await?)?;
    let password = portal.hasher().hash(password, portal.random()).await?;
    let id = AccountId(portal.uuid(request.now));
    let account = accounts::NewAccount {
        id,
        email: &new.email,
        name: &new.name,
        email_proven_at: None,
        password: Some(&password),
    };
    accounts::add(tx.conn(), &account, request.now).await?;
    Ok((id, Added { name: new.name.as_str().to_owned(), is_new: true }))
}

/// Makes an operator none: the console is closed to them at their next request. Their account stays.
///
/// # Errors
/// Not found, where there is no such operator.
pub async fn remove(request: &RequestContext, email: &str) -> Result<(), Error> {
    let email = address(email)?;
    let mut tx = request.portal().store().administer_platform().await?;
    let account = sql::remove_operator(tx.conn(), &email).await?.ok_or(Problem::NotFound)?;
    tx.commit(request, entry(request, (REMOVED, Actor::operator()), account, &email)).await
}

/// What is on record when an account goes, of an operator: they are none any more.
pub(crate) async fn removed_with_account(
    request: &RequestContext,
    conn: &mut PgConnection,
    (account, actor): (AccountId, Actor<Fact>),
    email: &EmailAddress,
) -> Result<Option<Draft>, Error> {
    let is_operator = sql::is_operator(conn, account).await?;
    Ok(is_operator.then(|| entry(request, (REMOVED, actor), account, email)))
}

fn entry(
    request: &RequestContext,
    (action, actor): (Action, Actor<Fact>),
    account: AccountId,
    email: &EmailAddress,
) -> Draft {
    Draft::done(action, actor).target("account", account, Personal(email.as_str().to_owned())).within(request.audited())
}

fn address(raw: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(raw).map_err(|problem| Error::field("email", problem))
}
