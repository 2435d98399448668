//! Asking: judged as if it were done at once, kept with what it would change, and told to those who can approve it.

use domain::approvals::{AskForm, Change, EXPIRES_AFTER, Quorum, ReplaySummary, Risk};
use domain::audit::{Draft, Personal, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, ApprovalId};
use domain::notifications::Kind;
use domain::problem::Problem;
use domain::roles::{Permission, Role, RoleId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::sql::{self, NewRequest};
use super::{REQUESTED, entry, quorum_among, tell};
use crate::access::Access;
use crate::error::Error;
use crate::jobs;
use crate::members;
use crate::organizations;
use crate::policy::{self, EnforceForm, ProposedPolicy, RollBackForm};
use crate::store::TenantTx;

/// The most requests of an organization that wait.
const WAITING_MAX: u16 = 50;
/// The most of them that one person has asked for: nobody takes the place of all others.
const OWN_MAX: u16 = 5;

/// What is asked for, and what it is about.
pub(super) struct Asked {
    change: Change,
    base: String,
    risk: Risk,
    replay: Option<ReplaySummary>,
    reason: String,
    /// What the entry tells of the member and the role.
    role: Option<(String, String)>,
}

impl Asked {
    /// What takes the place of nothing, and whose change says it all.
    pub(super) fn plain(change: Change, reason: String) -> Self {
        Self { change, base: String::new(), risk: Risk::Medium, replay: None, reason, role: None }
    }
}

/// Why, without which nobody can judge.
pub(super) fn parse_reason(reason: &str) -> Result<String, Error> {
    AskForm { reason: reason.to_owned() }.parse().map_err(|problem| Error::field("reason", problem))
}

/// Asks that the draft be put into force.
///
/// # Errors
/// As [`policy::enforce`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_enforce(access: &Access, form: &EnforceForm) -> Result<ApprovalId, Error> {
    access.require(Permission::ManagePolicy, REQUESTED).await?;
    let (change, reason) = (policy::parse_enforce(form)?, parse_reason(&form.reason)?);
    access.require_fresh()?;
    let replay = replay_of(access, &change).await?;
    ask_for_policy(access, policy::propose(access, change).await?, replay, reason).await
}

/// Asks that an earlier version of the policy be put back.
///
/// # Errors
/// As [`policy::roll_back`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_roll_back(access: &Access, number: i64, form: &RollBackForm) -> Result<ApprovalId, Error> {
    access.require(Permission::ManagePolicy, REQUESTED).await?;
    let reason = parse_reason(&form.reason)?;
    access.require_fresh()?;
    let replay = replay_of(access, &Change::RollBack { version: number }).await?;
    ask_for_policy(access, policy::propose_back(access, number, form).await?, replay, reason).await
}

/// What a version would have done. It is worked out before anything is locked.
async fn replay_of(access: &Access, change: &Change) -> Result<Option<ReplaySummary>, Error> {
    let number = change.version().ok_or(Problem::NotFound)?;
    let (version, _) = policy::version(access, number).await?;
    policy::summary(access, number, &version.policy).await
}

async fn ask_for_policy(
    access: &Access,
    proposed: ProposedPolicy,
    replay: Option<ReplaySummary>,
    reason: String,
) -> Result<ApprovalId, Error> {
    let ProposedPolicy { tx, base, before, after, asked } = proposed;
    if !before.approval_needed.for_policy(after.approval_needed) {
        return Err(Problem::Changed.into());
    }
    let risk = Risk::of_policy(&after.changes_since(&before));
    let asked = Asked { change: asked, base: base.to_string(), risk, replay, reason, role: None };
    add(access, tx, asked).await
}

/// The form that asks that a member get a role.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    /// The role's code.
    pub role: String,
    /// Why.
    pub reason: String,
}

/// Asks that a member get a role that administers, or that another owner be one no more.
///
/// # Errors
/// As [`members::change_role`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_set_role(access: &Access, id: AccountId, form: &RoleForm) -> Result<ApprovalId, Error> {
    access.require(Permission::ManageMembers, REQUESTED).await?;
    let member = members::lookup_to_manage(access, id).await?;
    let unknown = || Error::field("role", FieldProblem::UnknownChoice);
    let role = RoleId::from_code(&form.role).ok_or_else(unknown)?;
    let reason = parse_reason(&form.reason)?;
    if member.role.id() == role {
        return Err(Error::field("role", FieldProblem::Unchanged));
    }
    access.require_fresh()?;
    let (mut tx, proposed) = members::propose_role(access, id, role).await?;
    let (before, after) = (proposed.member.permissions, proposed.permissions);
    let demotes = role != Role::Owner.into() && super::is_needed_to_demote(access, &mut tx, &proposed.member).await?;
    if !demotes && !super::is_needed_for_role(&mut tx, before, after).await? {
        return Err(Problem::Changed.into());
    }
    let asked = Asked {
        change: Change::Role { member: id, role },
        base: proposed.member.role.code(),
        risk: Risk::of_role(before, after),
        replay: None,
        reason,
        role: Some((proposed.member.name, proposed.role.code())),
    };
    add(access, tx, asked).await
}

/// Asks that the organization be deleted, for an owner who has typed its name.
///
/// # Errors
/// As [`organizations::schedule_deletion`]; no reason; nobody has to approve it ([`Problem::Changed`]).
pub async fn ask_to_delete(access: &Access, typed: &str, reason: &str) -> Result<ApprovalId, Error> {
    access.require(Permission::ManageOwners, REQUESTED).await?;
    let reason = parse_reason(reason)?;
    access.require_fresh()?;
    let (mut tx, _) = organizations::propose_deletion(access, typed).await?;
    if !policy::in_force(&mut tx).await?.document().approval_needed.deletion {
        return Err(Problem::Changed.into());
    }
    let (change, risk) = (Change::Deletion, Risk::High);
    add(access, tx, Asked { change, base: String::new(), risk, replay: None, reason, role: None }).await
}

/// Keeps a request that was judged in this transaction, and tells those who can approve it. Who asks for the same again is
/// led to what they have asked before.
pub(super) async fn add(access: &Access, mut tx: TenantTx, asked: Asked) -> Result<ApprovalId, Error> {
    let request = access.request();
    let owners = members::lock_owners(&mut tx).await?;
    let others = owners.iter().map(|owner| owner.id).filter(|owner| *owner != access.account());
    let others: Vec<_> = others.collect();
    let quorum = quorum_among(&owners, &asked.change, asked.risk, access.account());
    let new = NewRequest {
        id: ApprovalId(request.portal().uuid(request.now)),
        change: asked.change,
        base: &asked.base,
        replay: asked.replay,
        risk: asked.risk,
        quorum,
        by: access.account(),
        reason: &asked.reason,
        expires_at: request.now + EXPIRES_AFTER,
    };
    if let Some(same) = sql::find_same(tx.conn(), &new, request.now).await? {
        tx.close();
        return Ok(same);
    }
    if sql::count_waiting(tx.conn(), request.now).await? >= u64::from(WAITING_MAX) {
        return Err(Error::field("reason", FieldProblem::TooManyOfThem(WAITING_MAX)));
    }
    if sql::waiting(tx.conn(), Some(access.account()), request.now).await?.len() >= usize::from(OWN_MAX) {
        return Err(Error::field("reason", FieldProblem::TooManyOfThem(OWN_MAX)));
    }
    sql::add(tx.conn(), &new, request.now).await?;
    announce(access, &mut tx, &new, &others).await?;
    let entry = requested(access, &new, asked.role, new.runs_at(request.now));
    let id = new.id;
    tx.commit(request, entry).await?;
    Ok(id)
}

/// Tells those who can approve it. Where too few owners can, all who administer are told that it will happen, and whoever
/// asks is, too: somebody else may use their session.
async fn announce(access: &Access, tx: &mut TenantTx, new: &NewRequest<'_>, others: &[AccountId]) -> Result<(), Error> {
    let (request, tenant) = (access.request(), access.tenant_ref());
    let (what, approval) = (new.change.name().to_owned(), new.id);
    let by = Some((access.account(), access.visitor().account.name.as_str()));
    match new.quorum {
        Quorum::Approvals(_) => tell(request, tx, tenant, others, (by, Kind::ApprovalAsked { what, approval })).await,
        Quorum::Delay(delay) => {
            jobs::wake(tx, request, tenant.id, approval, request.now + delay).await?;
            let told = members::sql::holders(tx, Permission::ManageRoles).await?;
            let told: Vec<_> = told.into_iter().map(|(id, _)| id).collect();
            let hours = u32::try_from(delay.whole_hours()).unwrap_or(u32::MAX);
            tell(request, tx, tenant, &told, (by, Kind::DelayBegun { what, approval, hours })).await
        }
    }
}

fn requested(
    access: &Access,
    new: &NewRequest<'_>,
    role: Option<(String, String)>,
    runs_at: Option<OffsetDateTime>,
) -> Draft {
    let mut entry = entry(REQUESTED, access.actor(), new.id, &new.change).added("risk", new.risk.code());
    if let Some(version) = new.change.version() {
        entry = entry.added("version", Public(version.to_string()));
    }
    if let Some((member, role)) = role {
        entry = entry.added("member", Personal(member)).added("role", Public(role));
    }
    if let Change::Export { format, query } = &new.change {
        entry = entry.added("format", format.code());
        if !query.is_empty() {
            // It may hold names.
            entry = entry.added("filter", Personal(query.clone()));
        }
    }
    if let Some(key) = new.change.key() {
        entry = entry.added("key", Personal(key.name.as_str().to_owned()));
        entry = entry.added("scopes", Public(key.scopes.codes().join(" ")));
    }
    entry = match (new.quorum, runs_at) {
        (Quorum::Approvals(needed), _) => entry.added("approvals", Public(needed.to_string())),
        (Quorum::Delay(_), Some(at)) => entry.added("runs_at", Public(at.to_string())),
        (Quorum::Delay(_), None) => entry,
    };
    entry.because(Personal(new.reason.to_owned())).within(access.request().audited())
}
