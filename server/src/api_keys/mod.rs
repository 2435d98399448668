//! API keys and service accounts, as members with the right to it look after them.
//!
//! A key is a row of the organization's; its secret's hash is in the platform's table of keys, where `callers` look for it.
//! Both are written in one transaction. Whoever may manage keys sees all of them; nobody gives a key what they do not
//! hold, and nobody gets a secret that opens more than they may do themselves, neither when they get it nor later: who has
//! made the secret is kept with it, and a key may do what they may and whoever answers for it.

mod accounts;
mod change;
mod contain;
mod create;
mod forget;
mod members;
mod reminders;
mod rotate;
pub(crate) mod secrets;
pub(crate) mod sql;

use domain::api_keys::{ApiKey, KeyQuery, KeySecret};
use domain::audit::{Action, Draft, Personal};
use domain::ids::ApiKeyId;
use domain::members::MemberStatus;
use domain::paging::Page;
use domain::problem::Problem;
use domain::roles::{Permission, Permissions};

pub(crate) use accounts::{CREATED as ACCOUNT_CREATED, account_name};
pub use accounts::{
    account, accounts, change_account, create_account, disable_account, enable_account, prepare_account, take_over,
};
pub(crate) use change::{carry_change, propose_change};
pub use change::{change, revoke};
pub(crate) use contain::{disable, enable};
pub(crate) use create::CREATED;
pub use create::{create, prepare};
pub(crate) use create::{create_granted, propose};
pub(crate) use forget::forget;
pub(crate) use members::{Why, end_of_account, revoke_of};
pub(crate) use reminders::tell;
pub use rotate::rotate;
pub(crate) use secrets::sweep;

use crate::access::Access;
use crate::error::Error;
use crate::members as people;
use crate::paging::time_value;
use crate::store::TenantTx;

const VIEWED: Action = Action::new("keys.viewed");

/// A secret that was just made, and the key that it is of. It is shown now or never.
pub struct Issued {
    /// The key.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: String,
    /// What it may do at most.
    pub scopes: Permissions,
    /// The secret.
    pub secret: KeySecret,
}

/// One page of the keys that the query asks for, newest first.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access, query: &KeyQuery) -> Result<Page<ApiKey>, Error> {
    access.require(Permission::ManageKeys, VIEWED).await?;
    let mut tx = access.begin().await?;
    let (rows, total) = sql::list(&mut tx, query, access.enforced().document(), access.request().now).await?;
    tx.close();
    let key = |key: &ApiKey| (time_value(key.created_at), key.id.to_string());
    Ok(Page::assemble(rows, query.cursor.as_ref(), total, key))
}

/// One key.
///
/// # Errors
/// Forbidden; not found.
pub async fn lookup(access: &Access, id: ApiKeyId) -> Result<ApiKey, Error> {
    access.require(Permission::ManageKeys, VIEWED).await?;
    let mut tx = access.begin().await?;
    let key = sql::lookup(&mut tx, id).await?;
    tx.close();
    key.ok_or_else(|| Problem::NotFound.into())
}

/// Begins a change of keys: whoever asks may make it by what is true under the lock, under which one after the other
/// changes keys. Gives what they hold.
async fn begin(access: &Access, action: Action) -> Result<(TenantTx, Permissions), Error> {
    access.require(Permission::ManageKeys, action.clone()).await?;
    let tx = access.begin().await?;
    begin_in(access, tx, action).await
}

/// As [`begin`], in a transaction that was begun before.
async fn begin_in(access: &Access, mut tx: TenantTx, action: Action) -> Result<(TenantTx, Permissions), Error> {
    let locked = people::lock(&mut tx, &[access.account()]).await?;
    let own = locked.iter().find(|member| member.id == access.account() && member.status == MemberStatus::Active);
    match own.map(|own| own.permissions).filter(|held| held.allow(Permission::ManageKeys)) {
        Some(held) => Ok((tx, held)),
        None => Err(deny(access, tx, action, Permission::ManageKeys.code()).await),
    }
}

/// As [`begin`], of one key, which nobody else changes meanwhile.
async fn begin_of(access: &Access, id: ApiKeyId, action: Action) -> Result<(TenantTx, Permissions, ApiKey), Error> {
    let (mut tx, held) = begin(access, action).await?;
    let key = sql::lock(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    Ok((tx, held, key))
}

/// Goes on with a transaction if whoever asks holds all of these scopes.
async fn require_scopes(
    access: &Access,
    tx: TenantTx,
    (held, scopes): (Permissions, Permissions),
    action: Action,
) -> Result<TenantTx, Error> {
    match scopes.without(held).iter().next() {
        None => Ok(tx),
        Some(missing) => Err(deny(access, tx, action, missing.code()).await),
    }
}

/// Ends a transaction, and puts a denial on record in its place.
async fn deny(access: &Access, tx: TenantTx, action: Action, wanted: &'static str) -> Error {
    tx.close();
    match access.deny(action, wanted).await {
        Ok(error) | Err(error) => error,
    }
}

fn entry(access: &Access, action: Action, id: ApiKeyId, name: &str) -> Draft {
    Draft::done(action, access.actor()).target("key", id, Personal(name.to_owned())).within(access.request().audited())
}

/// Scopes as entries have them.
fn scope_codes(scopes: Permissions) -> String {
    scopes.codes().join(" ")
}
