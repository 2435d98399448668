//! Exceptions from the policy: for one member and one rule, for some days, with a reason.

use domain::audit::{Action, Actor, Draft, Fact, Personal, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, ExceptionId};
use domain::members::MemberStatus;
use domain::policy::{Exception, ExceptionForm};
use domain::problem::Problem;
use domain::roles::Permission;

use super::sql::exceptions as sql;
use super::{VIEWED, may_view, require_view};
use crate::access::Access;
use crate::error::Error;
use crate::members;
use crate::request::RequestContext;
use crate::store::TenantTx;

const EXCEPTED: Action = Action::new("policy.exception_made");
const EXCEPTION_ENDED: Action = Action::new("policy.exception_ended");

/// The exceptions that count, and the last ones that do not any more.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn exceptions(access: &Access) -> Result<Vec<Exception>, Error> {
    require_view(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let all = sql::list(tx.conn(), access.request().now).await?;
    tx.close();
    Ok(all)
}

/// Whether somebody is excepted from a rule at present, as far as whoever asks may know that: a promotion ends it.
///
/// # Errors
/// The database does not answer.
pub async fn is_excepted(access: &Access, account: AccountId) -> Result<bool, Error> {
    if !may_view(access) {
        return Ok(false);
    }
    let mut tx = access.begin().await?;
    let any = sql::any_of(tx.conn(), account, access.request().now).await?;
    tx.close();
    Ok(any)
}

/// Makes an exception. Nobody makes one for themselves, or for whoever may do more than they.
///
/// # Errors
/// Forbidden; fields that are wrong; oneself; a step-up is needed.
pub async fn except(access: &Access, form: &ExceptionForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, EXCEPTED).await?;
    let new = form.parse()?;
    access.require_fresh()?;
    let request = access.request();
    let mut tx = access.begin().await?;
    let no_such = || Error::field("email", FieldProblem::NoSuchMember);
    let account = members::sql::id_of(tx.conn(), &new.email).await?.ok_or_else(no_such)?;
    if account == access.account() {
        tx.close();
        return Err(Problem::Yourself.into());
    }
    // Both rows stay as they are: neither is promoted or demoted meanwhile.
    let locked = members::lock(&mut tx, &[account, access.account()]).await?;
    let find = |id| locked.iter().find(|member| member.id == id).cloned();
    let (member, own) = (find(account).ok_or_else(no_such)?, find(access.account()).ok_or(Problem::Forbidden)?);
    let both_active = [&member, &own].iter().all(|one| one.status == MemberStatus::Active);
    if !both_active || !own.permissions.allow(Permission::ManagePolicy) || !own.permissions.cover(member.permissions) {
        tx.close();
        return Err(access.deny(EXCEPTED, member.role.code()).await?);
    }
    let exception = sql::NewException {
        id: ExceptionId(request.portal().uuid(request.now)),
        account,
        rule: new.rule,
        reason: &new.reason,
        until: request.now + new.lasts,
        by: access.account(),
    };
    // One of each: a new one takes the place of the one before.
    sql::end_former(tx.conn(), account, new.rule, request.now).await?;
    sql::add(tx.conn(), &exception, request.now).await?;
    let entry = Draft::done(EXCEPTED, access.actor())
        .target("member", account, Personal(member.name))
        .added("rule", Public(new.rule.code().to_owned()))
        .added("until", Public(exception.until.to_string()))
        .because(Personal(new.reason.clone()))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Ends an exception before its time.
///
/// # Errors
/// Forbidden, also when it is of somebody who may do more; not found, also when it has ended; a step-up is needed.
pub async fn end_exception(access: &Access, id: ExceptionId) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, EXCEPTION_ENDED).await?;
    let request = access.request();
    let mut tx = access.begin().await?;
    let account = sql::whose(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    access.require_fresh()?;
    let locked = members::lock(&mut tx, &[account, access.account()]).await?;
    let find = |id| locked.iter().find(|member| member.id == id);
    let (member, own) = (find(account).ok_or(Problem::NotFound)?, find(access.account()).ok_or(Problem::Forbidden)?);
    if !own.permissions.allow(Permission::ManagePolicy) || !own.permissions.cover(member.permissions) {
        tx.close();
        return Err(access.deny(EXCEPTION_ENDED, member.role.code()).await?);
    }
    let rule = sql::end(tx.conn(), id, request.now).await?.ok_or(Problem::NotFound)?;
    let entry = Draft::done(EXCEPTION_ENDED, access.actor())
        .unnamed_target("member", account)
        .removed("rule", Public(rule))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Ends the exceptions of somebody who has come to hold much that they did not hold before, in the transaction of that: they
/// were made for who could do less harm. Who thinks otherwise makes them anew. The entries of it, by whoever has promoted.
pub(crate) async fn end_outgrown(
    tx: &mut TenantTx,
    request: &RequestContext,
    by: &Actor<Fact>,
    account: AccountId,
) -> Result<Vec<Draft>, Error> {
    let rules = sql::end_all_of(tx.conn(), account, request.now).await?;
    let entry = |rule: String| {
        Draft::done(EXCEPTION_ENDED, by.clone())
            .unnamed_target("member", account)
            .removed("rule", Public(rule))
            .within(request.audited())
    };
    Ok(rules.into_iter().map(entry).collect())
}
