//! Service accounts: made, changed, disabled, and taken over by another member.

use domain::api_keys::{NewServiceAccount, ServiceAccount, ServiceAccountForm};
use domain::audit::{Action, Draft, Personal, Public};
use domain::fields::FieldProblem;
use domain::ids::ServiceAccountId;
use domain::problem::Problem;
use domain::roles::{Permission, Permissions};

use super::{VIEWED, begin, require_scopes, sql};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

pub(crate) const CREATED: Action = Action::new("service_account.created");
const CHANGED: Action = Action::new("service_account.changed");
const DISABLED: Action = Action::new("service_account.disabled");
const ENABLED: Action = Action::new("service_account.enabled");
const TAKEN_OVER: Action = Action::new("service_account.taken_over");
/// The most service accounts of an organization.
const ACCOUNTS_MAX: u16 = 200;
/// How entries call the two states of one.
const ACTIVE: &str = "active";
const OFF: &str = "disabled";

/// Every service account, by name.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn accounts(access: &Access) -> Result<Vec<ServiceAccount>, Error> {
    prepare_account(access).await?;
    let mut tx = access.begin().await?;
    let accounts = sql::accounts::list(&mut tx).await?;
    tx.close();
    Ok(accounts)
}

/// One service account.
///
/// # Errors
/// Forbidden; not found.
pub async fn account(access: &Access, id: ServiceAccountId) -> Result<ServiceAccount, Error> {
    prepare_account(access).await?;
    let mut tx = access.begin().await?;
    let account = sql::accounts::lookup(&mut tx, id).await?;
    tx.close();
    account.ok_or_else(|| Problem::NotFound.into())
}

/// What a service account is called, for those who see what is asked for it.
pub(crate) async fn account_name(tx: &mut TenantTx, id: Option<ServiceAccountId>) -> Result<Option<String>, Error> {
    let Some(id) = id else { return Ok(None) };
    Ok(sql::accounts::lookup(tx, id).await?.map(|account| account.name.as_str().to_owned()))
}

/// Goes on only for whoever may make service accounts: what the form asks before it is shown.
///
/// # Errors
/// Forbidden.
pub async fn prepare_account(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManageKeys, VIEWED).await
}

/// Makes a service account, for which whoever asks stands.
///
/// # Errors
/// Forbidden; fields that are wrong, a name that another has among them.
pub async fn create_account(access: &Access, form: &ServiceAccountForm) -> Result<ServiceAccountId, Error> {
    access.require(Permission::ManageKeys, CREATED).await?;
    let new = form.parse()?;
    let request = access.request();
    let (mut tx, _) = begin(access, CREATED).await?;
    if sql::accounts::count(tx.conn()).await? >= u64::from(ACCOUNTS_MAX) {
        return Err(Error::field("name", FieldProblem::TooManyOfThem(ACCOUNTS_MAX)));
    }
    let id = ServiceAccountId(request.portal().uuid(request.now));
    sql::accounts::add(tx.conn(), id, &new, access.account(), request.now).await.map_err(taken)?;
    let sponsor = access.visitor().account.name.clone();
    tx.commit(request, entry(access, CREATED, id, new.name.as_str()).added("sponsor", Personal(sponsor))).await?;
    Ok(id)
}

/// Changes a service account's name and description.
///
/// # Errors
/// As [`create_account`]; not found.
pub async fn change_account(access: &Access, id: ServiceAccountId, form: &ServiceAccountForm) -> Result<(), Error> {
    let (mut tx, _, account) = begin_of(access, id, CHANGED).await?;
    let NewServiceAccount { name, description } = form.parse()?;
    if account.name == name && account.description == description {
        tx.close();
        return Ok(());
    }
    sql::accounts::change(tx.conn(), id, &name, &description).await.map_err(taken)?;
    let mut draft = entry(access, CHANGED, id, account.name.as_str());
    if account.name != name {
        draft = draft.changed("name", Public(account.name.to_string()), Public(name.to_string()));
    }
    if account.description != description {
        draft = draft.changed("description", Personal(account.description), Personal(description));
    }
    tx.commit(access.request(), draft).await
}

/// Has a service account's keys open nothing from now on, until it is enabled again.
///
/// # Errors
/// Forbidden; not found; disabled already ([`Problem::Changed`]).
pub async fn disable_account(access: &Access, id: ServiceAccountId) -> Result<ServiceAccount, Error> {
    let (mut tx, _, account) = begin_of(access, id, DISABLED).await?;
    if account.disabled_at.is_some() {
        return Err(Problem::Changed.into());
    }
    sql::accounts::set_disabled(tx.conn(), id, Some(access.request().now)).await?;
    let entry = entry(access, DISABLED, id, account.name.as_str()).changed("status", ACTIVE, OFF);
    tx.commit(access.request(), entry).await?;
    Ok(account)
}

/// Has its keys work again: as if whoever asks made them.
///
/// # Errors
/// Forbidden, also when one of them has a scope that whoever asks does not hold; not found; a step-up is
/// needed, since rights come back; not disabled ([`Problem::Changed`]).
pub async fn enable_account(access: &Access, id: ServiceAccountId) -> Result<ServiceAccount, Error> {
    let (mut tx, held, account) = begin_of(access, id, ENABLED).await?;
    access.require_fresh()?;
    if account.disabled_at.is_none() {
        return Err(Problem::Changed.into());
    }
    let scopes = sql::accounts::scopes_of(tx.conn(), id, access.request().now).await?;
    let mut tx = require_scopes(access, tx, (held, scopes), ENABLED).await?;
    sql::accounts::set_disabled(tx.conn(), id, None).await?;
    let entry = entry(access, ENABLED, id, account.name.as_str()).changed("status", OFF, ACTIVE);
    tx.commit(access.request(), entry).await?;
    Ok(account)
}

/// Lets whoever asks stand for a service account: from now on its keys may do what they may, as far as their scopes say and
/// whoever has made their secrets may it, too.
///
/// # Errors
/// Forbidden; not found; a step-up is needed; it is theirs already ([`Problem::Changed`]).
pub async fn take_over(access: &Access, id: ServiceAccountId) -> Result<ServiceAccount, Error> {
    let (mut tx, _, account) = begin_of(access, id, TAKEN_OVER).await?;
    access.require_fresh()?;
    if account.sponsor.id == access.account() {
        return Err(Problem::Changed.into());
    }
    sql::accounts::set_sponsor(tx.conn(), id, access.account()).await?;
    let before = account.sponsor.name.clone().unwrap_or_else(|| account.sponsor.id.to_string());
    let after = access.visitor().account.name.clone();
    let entry = entry(access, TAKEN_OVER, id, account.name.as_str());
    tx.commit(access.request(), entry.changed("sponsor", Personal(before), Personal(after))).await?;
    Ok(account)
}

/// Begins a change of one service account, which nobody else changes meanwhile. Gives what whoever asks holds, too.
async fn begin_of(
    access: &Access,
    id: ServiceAccountId,
    action: Action,
) -> Result<(TenantTx, Permissions, ServiceAccount), Error> {
    let (mut tx, held) = begin(access, action).await?;
    let account = sql::accounts::lock(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    Ok((tx, held, account))
}

fn taken(error: Error) -> Error {
    error.at("service_accounts_name", "name", FieldProblem::Taken)
}

fn entry(access: &Access, action: Action, id: ServiceAccountId, name: &str) -> Draft {
    Draft::done(action, access.actor())
        .target("service_account", id, Public(name.to_owned()))
        .within(access.request().audited())
}
