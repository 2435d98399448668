//! Putting a policy into force, and what keeps people from locking themselves out.

use domain::audit::{Action, Draft, Fact, Personal, Public};
use domain::fields::{FieldErrors, FieldProblem};
use domain::members::MemberStatus;
use domain::policy::{
    Author, Classification, Decision, Difference, EnforcedPolicy, Facts, Key, NetworkEntry, Outcome, Rule, Rules,
    SecurityPolicy, SignInMethod, parse_change_reason,
};
use domain::problem::Problem;
use domain::roles::{Permission, Role};
use domain::webhooks::EventKind;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::alarm::WATCHED;
use super::sql::{self, Head};
use super::{VIEWED, draft};
use crate::access::{self, Access};
use crate::detections;
use crate::error::Error;
use crate::members;
use crate::store::TenantTx;
use crate::webhooks;

pub(super) const CHANGED: Action = Action::new("policy.changed");
/// How many owners have to be able to come in, where there are so many.
const OWNERS: usize = 2;

/// The draft, with what it would do.
#[derive(Clone, Debug)]
pub struct Review {
    /// Its version.
    pub version: i64,
    /// Who has saved it.
    pub by: Option<Author>,
    /// When.
    pub saved_at: OffsetDateTime,
    /// What it says.
    pub policy: SecurityPolicy,
    /// What is in force.
    pub enforced: SecurityPolicy,
    /// What is different.
    pub changes: Vec<Difference>,
    /// Who would be locked out: while there is anybody, it cannot be put into force.
    pub lockouts: Vec<Lockout>,
}

impl Review {
    /// Whether other owners have to approve that it is put into force.
    pub fn needs_approval(&self) -> bool {
        self.enforced.approval_needed.for_policy(self.policy.approval_needed)
    }
}

/// Somebody who must not be locked out, and would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lockout {
    /// Whoever asks, by this setting.
    Yourself(Key),
    /// Too many of the owners.
    Owners {
        /// How many could still come in, by what is known of them.
        able: u32,
        /// How many there are.
        all: u32,
        /// What keeps the first of the others out.
        key: Key,
    },
}

impl Lockout {
    fn problem(self) -> (Key, FieldProblem) {
        match self {
            Self::Yourself(key) => (key, FieldProblem::LocksYouOut),
            Self::Owners { able, all, key } => (key, FieldProblem::LocksOwnersOut(able, all)),
        }
    }
}

/// The draft, if there is one.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn review(access: &Access) -> Result<Option<Review>, Error> {
    access.require(Permission::ManagePolicy, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let head = sql::head(tx.conn()).await?;
    if head.draft.is_none() {
        tx.close();
        return Ok(None);
    }
    let version = draft::current(&mut tx, &head).await?;
    let enforced = sql::document(tx.conn(), head.enforced).await?.ok_or(Problem::PolicyUnreadable)?;
    let lockouts = lockouts(access, &mut tx, &version.policy, (&enforced, &head)).await?;
    tx.close();
    Ok(Some(Review {
        version: version.number,
        by: version.author,
        saved_at: version.created_at,
        changes: version.policy.changes_since(&enforced),
        policy: version.policy,
        enforced,
        lockouts,
    }))
}

/// The form that puts a draft into force.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EnforceForm {
    /// The version that was looked at.
    #[serde(default)]
    pub version: String,
    /// Why, if somebody says so.
    #[serde(default)]
    pub reason: String,
    /// How many members may be kept out within a day before the version of before comes back; any number, if it is empty.
    #[serde(default)]
    pub alarm: String,
}

/// Puts the draft into force. It holds from everybody's next request on.
///
/// # Errors
/// Forbidden; a step-up is needed; the draft is another by now; somebody would be locked out who must not be, at the
/// setting that would do it.
pub async fn enforce(access: &Access, form: &EnforceForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, CHANGED).await?;
    let reason = parse_change_reason(&form.reason).map_err(|problem| Error::field("reason", problem))?;
    let alarm = parse_alarm(&form.alarm).map_err(|problem| Error::field("alarm", problem))?;
    access.require_fresh()?;
    let mut tx = access.begin().await?;
    let head = sql::lock(tx.conn()).await?;
    if head.draft.map(|draft| draft.to_string()).as_ref() != Some(&form.version) {
        tx.close();
        return Err(Problem::Changed.into());
    }
    let version = draft::current(&mut tx, &head).await?;
    let change = Change { version: version.number, policy: &version.policy, reason, restores: None, alarm };
    put(access, tx, head, change).await
}

/// A version that is to be in force.
pub(super) struct Change<'a> {
    pub(super) version: i64,
    pub(super) policy: &'a SecurityPolicy,
    pub(super) reason: Option<String>,
    /// The version that it puts back.
    pub(super) restores: Option<i64>,
    /// How many members may be kept out before the one of before comes back.
    pub(super) alarm: Option<i32>,
}

/// The most members that an alarm waits for.
const ALARM_MAX: u32 = 10_000;

pub(super) fn parse_alarm(text: &str) -> Result<Option<i32>, FieldProblem> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let number = text.parse::<u32>().ok().filter(|number| (1..=ALARM_MAX).contains(number));
            number.and_then(|number| i32::try_from(number).ok()).map(Some).ok_or(FieldProblem::OutOfRange(1, ALARM_MAX))
        }
    }
}

/// Whether a policy may be put into force by a head that is locked: what it takes the place of.
pub(super) async fn judge(
    access: &Access,
    tx: &mut TenantTx,
    head: &Head,
    policy: &SecurityPolicy,
) -> Result<SecurityPolicy, Error> {
    let before = sql::document(tx.conn(), head.enforced).await?.ok_or(Problem::PolicyUnreadable)?;
    let mut errors = FieldErrors::default();
    for (key, problem) in policy.contradictions() {
        errors.add(key.setting().code, problem);
    }
    require_right(access, tx).await?;
    for lockout in lockouts(access, tx, policy, (&before, head)).await? {
        let (key, problem) = lockout.problem();
        errors.add(key.setting().code, problem);
    }
    if access.role().id() != Role::Owner.into() {
        for key in binding_owners(&before, policy) {
            errors.add(key.setting().code, FieldProblem::OwnersOnly);
        }
    }
    if errors.is_empty() { Ok(before) } else { Err(errors.into()) }
}

/// Puts a version into force that is kept already, by a head that is locked.
pub(super) async fn put(access: &Access, mut tx: TenantTx, head: Head, change: Change<'_>) -> Result<(), Error> {
    let (request, policy) = (access.request(), change.policy);
    let before = judge(access, &mut tx, &head, policy).await?;
    if !access.is_on_behalf() && before.approval_needed.for_policy(policy.approval_needed) {
        return Err(Problem::ApprovalFirst.into());
    }
    let mfa_since = policy.mfa_since(&before, head.mfa_since, request.now);
    let newest = head.newest.max(change.version);
    // What was tried is in force, or stays beside what is.
    let other = |version: &i64| *version != change.version;
    let (draft, tried) = (head.draft.filter(other), head.tried.filter(other));
    let back = head.enforced;
    sql::forget_kept_out(tx.conn()).await?;
    let head = Head {
        newest,
        enforced: change.version,
        alarm_people: change.alarm,
        alarm_until: change.alarm.map(|_| request.now + WATCHED),
        alarm_back: change.alarm.map(|_| back),
        draft,
        mfa_since,
        tried,
        tried_since: head.tried_since.filter(|_| tried.is_some()),
    };
    sql::save(tx.conn(), &head).await?;
    sql::note_enforced(tx.conn(), change.version, Some(access.account()), change.reason.as_deref(), request.now)
        .await?;
    let weakened = detections::weakened(request, access.account(), &before, policy);
    tx.record(weakened);
    let entry = Draft::done(CHANGED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("version", Public(change.version.to_string()));
    let data = webhooks::events::policy_enforced(
        change.version,
        change.restores,
        Some(access.account()),
        &policy.changes_since(&before),
    );
    webhooks::post(&mut tx, request.portal(), EventKind::PolicyEnforced, data, request.now).await?;
    let mut entry = difference(entry, &before, policy).within(request.audited());
    if let Some(reason) = change.reason {
        entry = entry.because(Personal(reason));
    }
    if let Some(restores) = change.restores {
        entry = entry.added("restores", Public(restores.to_string()));
    }
    tx.commit(request, entry).await
}

/// What is not as it was before.
pub(super) fn difference(entry: Draft, before: &SecurityPolicy, after: &SecurityPolicy) -> Draft {
    after.changes_since(before).into_iter().fold(entry, |entry, change| {
        let setting = change.setting;
        let code = |policy| Fact::Public(setting.kind.code(&setting.get(policy)));
        entry.changed(setting.code, code(before), code(after))
    })
}

/// Goes on only if whoever asks may still change the policy: their row stays as it is until this is done.
async fn require_right(access: &Access, tx: &mut TenantTx) -> Result<(), Error> {
    let locked = members::lock(tx, &[access.account()]).await?;
    let own = locked.iter().find(|member| member.id == access.account());
    let may =
        own.is_some_and(|own| own.status == MemberStatus::Active && own.permissions.allow(Permission::ManagePolicy));
    if may { Ok(()) } else { Err(Problem::Forbidden.into()) }
}

/// The settings in which one policy binds owners otherwise than another, or takes away what only they are to take away:
/// nobody below them does that.
fn binding_owners(before: &SecurityPolicy, after: &SecurityPolicy) -> Vec<Key> {
    let of_owners = |policy: &SecurityPolicy| {
        let binds = |entry: &&NetworkEntry| entry.roles.is_empty() || entry.roles.contains(&Role::Owner.into());
        policy
            .networks
            .entries()
            .iter()
            .filter(binds)
            .map(|entry| (entry.network, entry.roles.is_empty()))
            .collect::<Vec<_>>()
    };
    let is_opened =
        before.classification == Classification::Restricted && after.classification != before.classification;
    let keys = [
        (Key::Networks, of_owners(before) != of_owners(after)),
        (Key::Regions, before.regions != after.regions),
        (Key::Classification, is_opened),
        (Key::ApprovalNeeded, before.approval_needed != after.approval_needed),
    ];
    keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

/// Who must not be locked out, and would be: whoever asks, at once; and owners, until fewer than two of them could come
/// in, or the only one.
async fn lockouts(
    access: &Access,
    tx: &mut TenantTx,
    policy: &SecurityPolicy,
    (before, head): (&SecurityPolicy, &Head),
) -> Result<Vec<Lockout>, Error> {
    let request = access.request();
    let mfa_since = policy.mfa_since(before, head.mfa_since, request.now);
    let ready = EnforcedPolicy::new(policy.clone());
    // Of who is not there it is not known with what they come, and from where. They were there when they asked.
    let mut found = if access.is_on_behalf() { Vec::new() } else { own_lockouts(access, policy, (&ready, mfa_since)) };
    if !found.is_empty() {
        // Whoever asks comes first: it may be the same that keeps the others out.
        return Ok(found);
    }
    let in_force = EnforcedPolicy::new(before.clone());
    let owners = sql::owners::active(tx.conn()).await?;
    let all = owners.len();
    let (mut able, mut keeps_out) = (0, None);
    for owner in owners {
        // Whoever asks is known by their request.
        let is_here = owner.id == access.account() && !access.is_on_behalf();
        let ip = if is_here { request.ip } else { owner.ip };
        let roles = access::roles_of(Role::Owner.into(), &owner.groups, access.book());
        let facts = Facts {
            factors: owner.factors,
            method: SignInMethod::best_with(owner.factors),
            // Of which they can choose another.
            password: None,
            joined_at: owner.joined_at,
            authenticated_at: request.now,
            pause: Duration::ZERO,
            newer_sessions: 0,
            older_sessions: 0,
            sessions_inside: None,
            access_ended_at: None,
            roles: &roles,
            ip,
            region: request.portal().region(),
            excepted: Rules::default(),
        };
        match shut_out_by(ready.evaluate(&facts, mfa_since, request.now)) {
            // What keeps them out already is nothing that this does.
            Some(rule) => {
                if shut_out_by(in_force.evaluate(&facts, head.mfa_since, request.now)).is_none() {
                    keeps_out = keeps_out.or(rule.key());
                }
            }
            None => able += 1,
        }
    }
    if let Some(key) = keeps_out.filter(|_| able < all.min(OWNERS)) {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        found.push(Lockout::Owners { able: number(able), all: number(all), key });
    }
    Ok(found)
}

/// By what whoever asks would be locked out themselves, with the session that they are using.
fn own_lockouts(
    access: &Access,
    policy: &SecurityPolicy,
    (ready, mfa_since): (&EnforcedPolicy, Option<OffsetDateTime>),
) -> Vec<Lockout> {
    let (request, visitor) = (access.request(), access.visitor());
    let mut found = Vec::new();
    let own = access::roles_of(access.role().id(), access.groups(), access.book());
    let facts = Facts { excepted: access.excepted(), ..access::facts(visitor, request, &own, access.joined_at()) };
    if policy.mfa && !policy.mfa_methods.accept(facts.factors) {
        found.push(Lockout::Yourself(Key::MfaMethods));
    }
    let excepted = facts.excepted.contain(Rule::SignInMethods);
    if !excepted && !policy.sign_in_methods.are_open_to(facts.factors) {
        found.push(Lockout::Yourself(Key::SignInMethods));
    }
    if let Outcome::Deny(rule) = ready.evaluate(&facts, mfa_since, request.now).outcome {
        found.extend(rule.key().map(Lockout::Yourself));
    }
    found
}

/// The rule by which somebody does not come in who shows all that they have.
fn shut_out_by(decision: Decision) -> Option<Rule> {
    match decision.outcome {
        Outcome::Deny(rule) => Some(rule),
        _ => Some(Rule::SignInMethods).filter(|rule| decision.rules.contain(*rule)),
    }
}
