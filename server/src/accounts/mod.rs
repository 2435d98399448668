//! What people change of their own accounts.

pub(crate) mod sql;

use domain::accounts::{Profile, ProfileForm};
use domain::audit::{Action, Draft, Personal, Public};
use domain::email::EmailAddress;
use domain::fields::{FieldErrors, FieldProblem};
use domain::problem::Problem;

use crate::error::Error;
use crate::members;
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Stage, Visitor};
use crate::sign_in;
use crate::step_up;
use crate::store::TenantRef;

const PROFILE_CHANGED: Action = Action::new("account.profile_changed");
const PASSWORD_CHANGED: Action = Action::new("account.password_changed");
pub(crate) const MEMBER_RENAMED: Action = Action::new("member.renamed");

/// Changes name, time zone, theme and whether single keys do something. `is_time_zone` judges the zone's name.
///
/// # Errors
/// Fields that are wrong; the database does not answer.
pub async fn change_profile(
    request: &RequestContext,
    visitor: &Visitor,
    form: &ProfileForm,
    is_time_zone: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let parsed = form.parse();
    if !is_time_zone(&form.time_zone) {
        let mut errors = parsed.err().unwrap_or_default();
        errors.add("time_zone", FieldProblem::UnknownChoice);
        return Err(errors.into());
    }
    let profile = parsed?;
    let account = &visitor.account;
    let portal = request.portal();
    let mut tx = portal.store().platform().await?;
    let before = sql::lock_profile(tx.conn(), account.id).await?;
    sql::change_profile(tx.conn(), account.id, &profile).await?;
    match difference(visitor, &before, &profile) {
        Some(entry) => tx.commit(request, entry.within(request.audited())).await?,
        None => tx.end().await?,
    }
    // Also when the name is the account's already: an earlier change may not have got this far.
    for tenant in &visitor.memberships.all {
        match rename_member(request, visitor, tenant, &profile).await {
            // It shows the former name until the profile is saved again.
            Ok(()) | Err(Error::Refused(Problem::OrganizationBehind)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The entry of a change, if it is one, by what was there before under the lock.
fn difference(visitor: &Visitor, before: &Profile, after: &Profile) -> Option<Draft> {
    let name = |profile: &Profile| Personal(profile.name.as_str().to_owned());
    let unchanged = Draft::done(PROFILE_CHANGED, visitor.actor()).target("account", visitor.account.id, name(before));
    let mut entry = unchanged.clone();
    if before.name != after.name {
        entry = entry.changed("name", name(before), name(after));
    }
    if before.time_zone != after.time_zone {
        entry = entry.changed("time_zone", Public(before.time_zone.clone()), Public(after.time_zone.clone()));
    }
    if before.theme != after.theme {
        entry = entry.changed("theme", before.theme.code(), after.theme.code());
    }
    if before.shortcuts != after.shortcuts {
        let word = |on| if on { "on" } else { "off" };
        entry = entry.changed("keyboard_shortcuts", word(before.shortcuts), word(after.shortcuts));
    }
    (entry != unchanged).then_some(entry)
}

/// Renews an organization's own copy of a member's name.
async fn rename_member(
    request: &RequestContext,
    visitor: &Visitor,
    tenant: &TenantRef,
    profile: &Profile,
) -> Result<(), Error> {
    let account = &visitor.account;
    let mut tx = request.portal().store().tenant(tenant).await?;
    let member = members::sql::lookup(tx.conn(), account.id).await?;
    let Some(member) = member.filter(|member| member.name != profile.name.as_str()) else {
        tx.close();
        return Ok(());
    };
    members::sql::rename(tx.conn(), account.id, &profile.name).await?;
    let entry = Draft::done(MEMBER_RENAMED, visitor.actor())
        .target("member", account.id, Personal(member.name.clone()))
        .changed("name", Personal(member.name), Personal(profile.name.as_str().to_owned()))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Changes the password. Every session ends, and the one that asked begins anew; links to choose
/// another one end too, and mail that would bring more.
///
/// # Errors
/// A step-up is needed, for somebody with a second factor; a wrong current password at the field `current`, a new one that is none at `password`; too many tries.
pub async fn change_password(
    request: &RequestContext,
    visitor: &Visitor,
    current: &str,
    new: &str,
) -> Result<Grant, Error> {
    if step_up::ways(request, visitor).await?.any() {
        // The password alone is not a proof of who has another factor, and what begins here is a fresh session.
        visitor.require_fresh(request)?;
    }
    let portal = request.portal();
    let mut errors = FieldErrors::default();
    if current.is_empty() {
        errors.add("current", FieldProblem::Required);
    } else if !is_current(request, visitor, PASSWORD_CHANGED, current).await? {
        errors.add("current", FieldProblem::WrongPassword);
    }
    let new = errors.check("password", portal.hasher().judge(new).await?);
    let (Some(new), true) = (new, errors.is_empty()) else { return Err(errors.into()) };
    let hash = portal.hasher().hash(new, portal.random()).await?;
    let mut tx = portal.store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let epoch = sql::change_password_and_end_sessions(tx.conn(), visitor.account.id, &hash, request.now).await?;
    sign_in::end_resets(tx.conn(), visitor.account.id, request.now).await?;
    let (grant, _) = sessions::begin(&mut tx, request, visitor.account.id, epoch, Stage::Full).await?;
    let entry = Draft::done(PASSWORD_CHANGED, visitor.actor())
        .unnamed_target("account", visitor.account.id)
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(grant)
}

/// Whether this is the person's password. A wrong one is on record as a failure of what they want. Tries are counted
/// apart from those at the sign-in, which strangers make, too.
pub(crate) async fn is_current(
    request: &RequestContext,
    visitor: &Visitor,
    wanted: Action,
    password: &str,
) -> Result<bool, Error> {
    let portal = request.portal();
    let email = EmailAddress::stored(&visitor.account.email);
    portal.limits().password_proof.count(request, visitor.actor(), &visitor.account.id).await?;
    let mut tx = portal.store().platform().await?;
    let known = sql::lookup_by_email(tx.conn(), &email).await?;
    tx.end().await?;
    let stored = known.as_ref().and_then(|known| known.password_hash.as_deref());
    if portal.hasher().verify(password, stored).await? {
        portal.limits().password_proof.forgive(&visitor.account.id);
        return Ok(true);
    }
    let tx = portal.store().platform().await?;
    let entry =
        Draft::failed(wanted, visitor.actor()).unnamed_target("account", visitor.account.id).within(request.audited());
    tx.commit(request, entry).await?;
    Ok(false)
}
