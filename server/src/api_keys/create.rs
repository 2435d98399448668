//! Making a key.

use domain::api_keys::{KeyForm, KeySecret, NewKey, networks_text};
use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::{ApiKeyId, ServiceAccountId};
use domain::problem::Problem;
use domain::roles::{Permission, Permissions};

use super::secrets::Owner;
use super::{Issued, VIEWED, begin_in, entry, require_scopes, scope_codes, secrets, sql};
use crate::access::Access;
use crate::approvals;
use crate::error::Error;
use crate::sessions;
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
/// Forbidden, also when a scope is one that whoever asks does not hold; fields that are wrong; a step-up is needed; others
/// have to approve a scope ([`Problem::ApprovalFirst`]); all sessions of whoever asks have ended meanwhile
/// ([`Problem::Changed`]).
pub async fn create(access: &Access, form: &KeyForm) -> Result<Issued, Error> {
    access.require(Permission::ManageKeys, CREATED).await?;
    let new = form.parse(access.enforced().document(), access.request().now)?;
    access.require_fresh()?;
    let (mut tx, account) = judge(access, access.begin().await?, &new).await?;
    approvals::require_none_for_key(&mut tx, new.key.scopes).await?;
    issue(access, tx, new, account).await
}

/// Judges that a key is made, as [`create`] does, for whoever asks others for it.
///
/// # Errors
/// As [`create`]; none that a proof is needed.
pub(crate) async fn propose(access: &Access, new: &NewKey) -> Result<TenantTx, Error> {
    Ok(judge(access, access.begin().await?, new).await?.0)
}

/// Makes the key that was approved, in the transaction in which that is used up, by what whoever has asked may do now.
///
/// # Errors
/// As [`create`]; its time is over already ([`Problem::Changed`]).
pub(crate) async fn create_granted(access: &Access, tx: TenantTx, new: NewKey) -> Result<Issued, Error> {
    let now = access.request().now;
    if new.expires_at <= now {
        return Err(Problem::Changed.into());
    }
    new.require_end(access.enforced().document(), now)?;
    let (tx, account) = judge(access, tx, &new).await?;
    issue(access, tx, new, account).await
}

/// Goes on with a transaction if whoever asks may make the key, under the lock: with the name of its service account.
async fn judge(access: &Access, tx: TenantTx, new: &NewKey) -> Result<(TenantTx, Option<String>), Error> {
    let (tx, held) = begin_in(access, tx, CREATED).await?;
    let mut tx = require_scopes(access, tx, (held, new.key.scopes), CREATED).await?;
    if sql::count(tx.conn(), access.request().now).await? >= u64::from(KEYS_MAX) {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(KEYS_MAX)));
    }
    let account = match new.account {
        Some(account) => Some(require_account(&mut tx, account, new.key.scopes).await?),
        None => None,
    };
    Ok((tx, account))
}

/// Makes a key and its secret.
async fn issue(access: &Access, mut tx: TenantTx, new: NewKey, account_name: Option<String>) -> Result<Issued, Error> {
    let request = access.request();
    let NewKey { key, account, expires_at } = new;
    let id = ApiKeyId(request.portal().uuid(request.now));
    let secret = KeySecret::new(request.portal().random());
    let row = sql::NewRow { id, key: &key, account, by: access.account(), secret: &secret, expires_at };
    sql::add(tx.conn(), &row, request.now).await?;
    let owner = Owner { account: account.is_none().then_some(access.account()), issuer: access.account() };
    let platform = tx.enter_platform().await?;
    sessions::hold_all(platform, access.visitor()).await?;
    secrets::add(platform, access.tenant(), id, owner, &secret.hash(), expires_at).await?;
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
