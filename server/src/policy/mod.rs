//! The security policy: what an organization asks of its members.
//!
//! The gate judges everybody who comes in by it (`access::enter`), with a row that it reads anyway and the policy that it
//! has kept. `domain::policy` holds the words and the judgement; here it is drafted, put into force and put back, and
//! people are reminded of it.

mod admission;
mod alarm;
mod answers;
mod draft;
mod enforce;
mod enforced;
mod exceptions;
mod noted;
mod passwords;
mod proposed;
mod rates;
mod reminders;
mod replay;
mod sql;
mod unsaved;
mod versions;
mod yaml;

use std::sync::Arc;

use domain::audit::Action;
use domain::policy::{EnforcedPolicy, Facts, Outcome, Rule, SignInMethods, SignInPolicy, Staleness};
use domain::roles::{Permission, RoleBook};
use domain::slug::Slug;
use time::OffsetDateTime;

pub(crate) use admission::admit;
pub(crate) use alarm::sound as sound_alarm;
pub(crate) use answers::Answers;
pub use draft::{Editing, Overtaken, Saved, discard_draft, edit, import, save_draft, text, use_template};
pub use enforce::{EnforceForm, Lockout, Review, enforce, review};
pub(crate) use enforced::{Policies, in_force, open};
pub(crate) use exceptions::end_outgrown;
pub use exceptions::{end_exception, except, exceptions, is_excepted};
pub(crate) use noted::Noted;
pub use passwords::{AskedPassword, asked_password, choose_password};
pub(crate) use proposed::{ProposedPolicy, carry, changes_of, hold, parse_enforce, propose, propose_back, summary};
pub(crate) use rates::Rates;
pub(crate) use reminders::{REMINDED, remind_these};
pub use reminders::{Reminders, remind};
pub use replay::{
    AffectedName, AffectedPerson, JudgedVisit, ReplayView, Subject, TryForm, end_trial, replay, replay_of, try_draft,
};
pub use unsaved::unsaved;
pub use versions::{RollBackForm, roll_back, version, versions};

use crate::access::{self, Access};
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::Visitor;
use crate::store::TenantTx;

pub(crate) const VIEWED: Action = Action::new("policy.viewed");

/// The policy, for whoever looks at it.
#[derive(Clone, Debug)]
pub struct PolicyView {
    /// The policy that is in force.
    pub policy: Arc<EnforcedPolicy>,
    /// What it asks of a sign-in, and since when.
    pub sign_in: SignInPolicy,
    /// Its version.
    pub enforced: i64,
    /// The draft's version, if there is one.
    pub draft: Option<i64>,
    /// The version that is tried, and since when, if one is.
    pub tried: Option<(i64, OffsetDateTime)>,
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
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let sign_in = *access.policy();
    let since = access.request().now - reminders::PAUSE;
    let mut tx = access.begin().await?;
    let head = sql::head(tx.conn()).await?;
    let (reminded, unreminded) = match sign_in.asked() {
        Some(methods) => sql::reminders::count_missing(tx.conn(), methods, since).await?,
        None => (0, 0),
    };
    tx.close();
    let policy = access.enforced().clone();
    Ok(PolicyView {
        policy,
        sign_in,
        enforced: head.enforced,
        draft: head.draft,
        tried: head.tried.zip(head.tried_since),
        reminded,
        unreminded,
    })
}

/// The policy that is in force, for programs.
#[derive(Clone, Debug)]
pub struct PolicyText {
    /// Its version.
    pub version: i64,
    /// As it can be brought back.
    pub yaml: String,
    /// The same as a value.
    pub settings: serde_json::Value,
}

/// Writes the policy that is in force, by these roles' names.
pub(crate) async fn written(mut tx: TenantTx, book: &RoleBook) -> Result<PolicyText, Error> {
    let head = sql::head(tx.conn()).await?;
    let policy = tx.open_policy(head.enforced).await?;
    tx.close();
    let policy = policy.document();
    Ok(PolicyText { version: head.enforced, yaml: yaml::write(policy, book)?, settings: yaml::value(policy, book)? })
}

/// Notes what is known of somebody who has come by, for those who want to know what another policy would have done.
pub(crate) async fn note_visit(
    tx: &mut TenantTx,
    visitor: &Visitor,
    facts: &Facts<'_>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sql::visits::note(tx.conn(), (visitor.account.id, visitor.session.0), facts, now).await
}

/// What an organization asks of somebody who is to set up a second factor.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The organization's name.
    pub organization: String,
    /// What it asks.
    pub policy: SignInPolicy,
    /// Until when they get in without, unless they have what is asked for.
    pub due: Option<OffsetDateTime>,
    /// The ways of signing in that are accepted, where they have none of these.
    pub ways: Option<SignInMethods>,
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
    let (tx, entrance) = access::open(request, tenant, visitor).await?;
    tx.close();
    let policy = entrance.sign_in();
    let due = policy.mfa.filter(|mfa| !mfa.methods.accept(visitor.factors.factors()));
    let due = due.map(|mfa| mfa.due(entrance.member.joined_at));
    let decision = access::decide(&entrance, visitor, request, None);
    let ways = entrance.policy.document().sign_in_methods;
    let has_none = decision.rules.contain(Rule::SignInMethods) && !ways.are_open_to(visitor.factors.factors());
    Ok(Some(Asked { organization: tenant.name.clone(), policy, due, ways: has_none.then_some(ways) }))
}

/// What an organization of somebody's says to the proof that they have given last.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// Why it asks for another one before they come in, if it does.
    pub stale: Option<Staleness>,
    /// The ways of signing in that it accepts.
    pub ways: SignInMethods,
    /// Whether it is fresh enough for what is worth one.
    pub is_fresh: bool,
    /// For how many minutes one counts for that.
    pub minutes: u32,
}

/// What an organization of somebody's says to their last proof; nothing where the slug is none of theirs, or lets nobody in.
///
/// # Errors
/// The database does not answer.
pub async fn proof(request: &RequestContext, visitor: &Visitor, slug: &str) -> Result<Option<Proof>, Error> {
    let tenant = visitor.memberships.all.iter().find(|tenant| tenant.slug == slug);
    let Some(tenant) = tenant else { return Ok(None) };
    let (tx, entrance) = match access::open(request, tenant, visitor).await {
        Ok(opened) => opened,
        Err(Error::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    tx.close();
    let decision = access::decide(&entrance, visitor, request, None);
    let stale = match decision.outcome {
        Outcome::SignInAgain(why) => Some(why),
        _ => None,
    };
    let document = entrance.policy.document();
    // Whoever is excepted from them may come in any way, and whoever has none of them sets one up before.
    let is_bound =
        decision.rules.contain(Rule::SignInMethods) && document.sign_in_methods.are_open_to(visitor.factors.factors());
    let ways = if is_bound { document.sign_in_methods } else { SignInMethods::ALL };
    let is_fresh = access::is_fresh(visitor, &entrance.policy, request.now);
    Ok(Some(Proof { stale, ways, is_fresh, minutes: document.step_up_minutes }))
}
