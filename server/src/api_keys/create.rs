//! Making a key.

use domain::api_keys::{KeyForm, KeySecret, NewKey, networks_text};
use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::{ApiKeyId, ServiceAccountId};
use domain::problem::Problem;
use domain::roles::{Permission, Permissions};

use super::secrets::Owner;
use super::{Issued, VIEWED, begin, entry, require_scopes, scope_codes, secrets, sql};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

pub(crate) const CREATED: Action = Action::new("key.created");
/// The most keys of an organization that work at a time.
const KEYS_MAX: u16 = 500;

/// Goes on only for whoever may make keys: what the form asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManageKeys, VIEWED).await
}

/// Makes a key.
///
/// # Errors
/// Forbidden, also when a scope is one that whoever asks does not hold; fields that are wrong; a step-up is needed.
pub async fn create(access: &Access, form: &KeyForm) -> Result<Issued, Error> {
    access.require(Permission::ManageKeys, CREATED).await?;
    let request = access.request();
    let NewKey { key, account, expires_at } = form.parse(access.enforced().document(), request.now)?;
    access.require_fresh()?;
    let (tx, held) = begin(access, CREATED).await?;
    let mut tx = require_scopes(access, tx, (held, key.scopes), CREATED).await?;
    if sql::count(tx.conn(), request.now).await? >= u64::from(KEYS_MAX) {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(KEYS_MAX)));
    }
    let account_name = match account {
        Some(account) => Some(require_account(&mut tx, account, key.scopes).await?),
        None => None,
    };
    let id = ApiKeyId(request.portal().uuid(request.now));
    let secret = KeySecret::new(request.portal().random());
    let row = sql::NewRow { id, key: &key, account, by: access.account(), secret: &secret, expires_at };
    sql::add(tx.conn(), &row, request.now).await?;
    let owner = Owner { account: account.is_none().then_some(access.account()), issuer: access.account() };
    secrets::add(tx.enter_platform().await?, access.tenant(), id, owner, &secret.hash(), expires_at).await?;
    tx.leave_platform().await?;
    let mut draft = entry(access, CREATED, id, key.name.as_str())
        .added("scopes", Public(scope_codes(key.scopes)))
        .added("expires_at", Public(expires_at.to_string()));
    if let Some(name) = account_name {
        draft = draft.added("account", Public(name));
    }
    if !key.networks.is_empty() {
        draft = draft.added("networks", Public(networks_text(&key.networks)));
    }
    if let Some(limit) = key.requests_per_minute {
        draft = draft.added("requests_per_minute", Public(limit.to_string()));
    }
    tx.commit(request, draft).await?;
    Ok(Issued { id, name: key.name.as_str().to_owned(), scopes: key.scopes, secret })
}

/// The name of a service account that can have a key with these scopes.
async fn require_account(tx: &mut TenantTx, id: ServiceAccountId, scopes: Permissions) -> Result<String, Error> {
    let account = sql::accounts::lookup(tx, id).await?.filter(|account| account.disabled_at.is_none());
    let account = account.ok_or_else(|| Error::field("account", FieldProblem::UnknownChoice))?;
    match account.held {
        Some(held) if held.cover(scopes) => Ok(account.name.as_str().to_owned()),
        Some(_) => Err(Error::field("scope", FieldProblem::HoldsLess)),
        None => Err(Problem::Changed.into()),
    }
}
