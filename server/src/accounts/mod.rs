//! What people change of their own accounts.

pub mod address;
mod copies;
mod delete;
pub(crate) mod sql;

use domain::accounts::{Profile, ProfileForm};
use domain::audit::{Action, Draft, Personal, Public};
use domain::email::EmailAddress;
use domain::fields::{FieldErrors, FieldProblem};
use domain::notices::Event;
use domain::policy::SignInMethod;
use time::OffsetDateTime;

pub(crate) use copies::{MEMBER_RENAMED, renew as renew_copies};
pub use delete::{Obstacles, delete, obstacles};

use crate::error::Error;
use crate::notices;
use crate::passwords::{About, SoundPassword};
use crate::request::RequestContext;
use crate::sessions::{self, Grant, Stage, Visitor};
use crate::sign_in;
use crate::step_up;

const PROFILE_CHANGED: Action = Action::new("account.profile_changed");
const PASSWORD_CHANGED: Action = Action::new("account.password_changed");

/// Changes name, time zone, theme and whether single keys do something. `is_time_zone` judges the zone's name.
///
/// # Errors
/// Fields that are wrong; too many names; the database does not answer.
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
    if before.name != profile.name
        && let Err(refusal) = portal.limits().count_renaming(request, visitor)
    {
        // Each leaves an entry in every organization's trail, also of one that keeps the person out.
        tx.end().await?;
        return Err(refusal.on_platform(request).await?);
    }
    sql::change_profile(tx.conn(), account.id, &profile).await?;
    match difference(visitor, &before, &profile) {
        Some(entry) => tx.commit(request, entry.within(request.audited())).await?,
        None => tx.end().await?,
    }
    // Also when the name is the account's already: an earlier change may not have got this far.
    copies::renew(request, &visitor.actor(), account.id, &visitor.memberships.all).await
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

/// Changes the password. Every other session ends; that of somebody whose password is all they sign in with begins anew,
/// since they have just shown who they are. Links to choose another one end too, and mail that would bring more.
///
/// # Errors
/// A step-up is needed, for somebody with a second factor; a wrong current password at the field `current`, a new one that is none at `password`; too many tries.
pub async fn change_password(
    request: &RequestContext,
    visitor: &Visitor,
    current: &str,
    new: &str,
) -> Result<Grant, Error> {
    change_password_if(request, visitor, (current, new), |_| None).await
}

/// As [`change_password`], where `refuse` says what else is wrong with a new one.
pub(crate) async fn change_password_if(
    request: &RequestContext,
    visitor: &Visitor,
    (current, new): (&str, &str),
    refuse: impl FnOnce(&SoundPassword) -> Option<FieldProblem>,
) -> Result<Grant, Error> {
    let has_factors = step_up::ways(request, visitor).await?.any();
    if has_factors {
        // The password alone is not a proof of who has another factor.
        visitor.require_fresh(request)?;
    }
    let portal = request.portal();
    let mut errors = FieldErrors::default();
    if current.is_empty() {
        errors.add("current", FieldProblem::Required);
    } else if !is_current(request, visitor, PASSWORD_CHANGED, current).await? {
        errors.add("current", FieldProblem::WrongPassword);
    }
    let judged = portal.hasher().judge(new, &about(visitor)).await?;
    let new = errors.check("password", judged.and_then(|sound| refuse(&sound).map_or(Ok(sound), Err)));
    let (Some(new), true) = (new, errors.is_empty()) else { return Err(errors.into()) };
    portal.limits().count_sign_in_change(request, visitor).await?;
    let kept = portal.hasher().hash(new, portal.random()).await?;
    let mut tx = portal.store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    sign_in::end_resets(tx.conn(), visitor.account.id, request.now).await?;
    let grant = if has_factors {
        sql::set_password(tx.conn(), visitor.account.id, &kept, request.now).await?;
        sessions::go_on_alone(&mut tx, request, visitor, None).await?
    } else {
        let epoch = sql::change_password_and_end_sessions(tx.conn(), visitor.account.id, &kept, request.now).await?;
        let shown = (Stage::Full, SignInMethod::Password);
        sessions::begin(&mut tx, request, visitor.account.id, epoch, shown).await?.0
    };
    notices::tell(tx.conn(), request, visitor.account.id, Event::PasswordChanged, None).await?;
    let entry = Draft::done(PASSWORD_CHANGED, visitor.actor())
        .unnamed_target("account", visitor.account.id)
        .within(request.audited());
    tx.commit(request, entry).await?;
    Ok(grant)
}

/// What everybody knows about somebody, which makes no password.
fn about(visitor: &Visitor) -> About {
    let account = &visitor.account;
    let organizations = visitor.memberships.all.iter().map(|tenant| tenant.name.as_str());
    About::of([account.name.as_str(), &account.email].into_iter().chain(organizations))
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

/// When the password was chosen; none for an account without one.
///
/// # Errors
/// The database does not answer.
pub async fn password_changed_at(request: &RequestContext, visitor: &Visitor) -> Result<Option<OffsetDateTime>, Error> {
    let mut tx = request.portal().store().platform().await?;
    let at = sql::password_changed_at(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(at)
}
