//! What an organization asks of its members' sign-in.
//!
//! The gate judges everybody who comes in by it (`access::enter`), with the row that it reads anyway. `domain::policy`
//! holds the words and the judgement; here it is read and changed, and people are reminded of it.

mod reminders;
pub(crate) mod sql;
mod versions;

use domain::audit::{Action, Draft, Fact, Personal, Public};
use domain::fields::FieldProblem;
use domain::policy::{PolicySettings, SignInPolicy, SignInPolicyForm, Staleness};
use domain::problem::Problem;
use domain::roles::Permission;
use domain::slug::Slug;

pub(crate) use reminders::{REMINDED, remind_these};
pub use reminders::{Reminders, remind};
pub use versions::{RollBackForm, roll_back, version, versions};

use crate::access::{self, Access};
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use sql::NewVersion;

const VIEWED: Action = Action::new("policy.viewed");
const CHANGED: Action = Action::new("policy.changed");

/// The policy as it is saved.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) policy: SignInPolicy,
    pub(crate) revision: i64,
}

/// The policy, for whoever looks at it or changes it.
#[derive(Clone, Debug)]
pub struct PolicyView {
    /// What is asked for.
    pub policy: SignInPolicy,
    /// Counts changes: a change names the one that it is of.
    pub revision: i64,
    /// Active members who have not what is asked for, and were reminded less than a day ago.
    pub reminded: u64,
    /// The other active members who have not.
    pub unreminded: u64,
}

impl PolicyView {
    /// How many active members have not what is asked for.
    pub fn missing(&self) -> u64 {
        self.reminded + self.unreminded
    }
}

/// Whether somebody may see the policy, and who complies with it.
pub fn may_view(access: &Access) -> bool {
    access.may(Permission::ManagePolicy) || access.may(Permission::ViewAudit)
}

/// As [`may_view`], for a use case.
///
/// # Errors
/// As [`Access::require`].
pub(crate) async fn require_view(access: &Access, action: Action) -> Result<(), Error> {
    if may_view(access) { Ok(()) } else { access.require(Permission::ViewAudit, action).await }
}

/// The policy, and how many comply.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn view(access: &Access) -> Result<PolicyView, Error> {
    require_view(access, VIEWED).await?;
    let policy = *access.policy();
    let since = access.request().now - reminders::PAUSE;
    let mut tx = access.begin().await?;
    let revision = sql::revision(tx.conn()).await?;
    let (reminded, unreminded) = match policy.mfa {
        Some(mfa) => sql::count_missing(tx.conn(), mfa.methods, since).await?,
        None => (0, 0),
    };
    tx.close();
    Ok(PolicyView { policy, revision, reminded, unreminded })
}

/// Changes the policy. Nothing happens when it is the one that there is.
///
/// # Errors
/// Forbidden; fields that are wrong, among them a second factor that whoever asks does not have themselves; a step-up is
/// needed; somebody else has changed it since the form was shown.
pub async fn change(access: &Access, form: &SignInPolicyForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let (settings, reason) = form.parse()?;
    put(access, &form.revision, &Change { settings, reason, restores: None }).await
}

/// A change of the policy.
struct Change {
    settings: PolicySettings,
    reason: Option<String>,
    /// The version that it puts back.
    restores: Option<i64>,
}

/// Puts a policy in place of the one of this revision, which somebody has seen.
async fn put(access: &Access, revision: &str, change: &Change) -> Result<(), Error> {
    let (request, visitor, settings) = (access.request(), access.visitor(), change.settings);
    if settings.mfa.is_some_and(|mfa| !mfa.methods.accept(visitor.factors.factors())) {
        return Err(Error::field("allow_passkey", FieldProblem::LocksYouOut));
    }
    visitor.require_fresh(request)?;
    let mut tx = access.begin().await?;
    let before = sql::lock(tx.conn()).await?;
    if revision != before.revision.to_string() {
        tx.close();
        return Err(Problem::Changed.into());
    }
    let after = settings.in_place_of(&before.policy, request.now);
    if after == before.policy {
        tx.close();
        return Ok(());
    }
    sql::save(tx.conn(), &after).await?;
    let version = NewVersion {
        number: before.revision + 1,
        settings,
        author: access.account(),
        reason: change.reason.as_deref(),
        restores: change.restores,
    };
    sql::add_version(tx.conn(), &version, request.now).await?;
    let entry = Draft::done(CHANGED, access.actor()).target(
        "organization",
        access.tenant(),
        Public(access.organization().to_owned()),
    );
    let mut entry = difference(entry, &PolicySettings::from(&before.policy), &settings).within(request.audited());
    if let Some(reason) = &change.reason {
        entry = entry.because(Personal(reason.clone()));
    }
    if let Some(restores) = change.restores {
        entry = entry.added("restores", Public(restores.to_string()));
    }
    tx.commit(request, entry).await
}

/// What is not as it was before.
fn difference(entry: Draft, before: &PolicySettings, after: &PolicySettings) -> Draft {
    let pairs = before.codes().into_iter().zip(after.codes());
    pairs.filter(|((_, before), (_, after))| before != after).fold(entry, |entry, ((name, before), (_, after))| {
        entry.changed(name, Fact::Public(before), Fact::Public(after))
    })
}

/// What an organization asks of somebody who is to set up a second factor.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The organization's name.
    pub organization: String,
    /// What it asks.
    pub policy: SignInPolicy,
    /// Until when they get in without, unless they have what is asked for.
    pub due: Option<time::OffsetDateTime>,
}

/// What an organization of somebody's asks of them, whether or not it lets them in by that; nothing where the slug is
/// none of theirs.
///
/// # Errors
/// The organization lets nobody in at present, or not them; the database does not answer.
pub async fn asked(request: &RequestContext, visitor: &Visitor, slug: &str) -> Result<Option<Asked>, Error> {
    let Some(slug) = Slug::asked(slug) else { return Ok(None) };
    let Some(tenant) = visitor.memberships.all.iter().find(|tenant| tenant.slug == slug.as_str()) else {
        return Ok(None);
    };
    let (tx, entrance) = access::open(request.portal().store(), tenant, visitor).await?;
    tx.close();
    let policy = entrance.policy;
    let due = policy.mfa.filter(|_| !policy.is_met_by(visitor.factors.factors()));
    let due = due.map(|mfa| mfa.due(entrance.member.joined_at));
    Ok(Some(Asked { organization: tenant.name.clone(), policy, due }))
}

/// Why an organization of somebody's asks for a proof of who they are before they come in, if it does.
///
/// # Errors
/// The database does not answer.
pub async fn staleness(request: &RequestContext, visitor: &Visitor, slug: &str) -> Result<Option<Staleness>, Error> {
    let tenant = visitor.memberships.all.iter().find(|tenant| tenant.slug == slug);
    let Some(tenant) = tenant else { return Ok(None) };
    let (tx, entrance) = match access::open(request.portal().store(), tenant, visitor).await {
        Ok(opened) => opened,
        Err(Error::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    tx.close();
    Ok(match access::judge(&entrance.policy, visitor, &entrance.member, request) {
        Err(Problem::SignInAgain(why)) => Some(why),
        _ => None,
    })
}
