//! Whether somebody may come in now: what is known of them, held against the organization's policy.

use domain::audit::{Action, Draft, Fact, Public};
use domain::ids::GroupId;
use domain::policy::{Allowance, AtTheLimit, Decision, EnforcedPolicy, Excess, Facts, Outcome, Rules};
use domain::problem::Problem;
use domain::roles::{Role, RoleBook, RoleId};
use time::{Duration, OffsetDateTime};

use super::Purpose;
use crate::error::Error;
use crate::members::sql::Entrance;
use crate::policy;
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};
use crate::store::{TenantRef, TenantTx};

/// Coming in, which is on record where it is denied.
const ENTERED: Action = Action::new("organization.entered");

/// Whether somebody has proven so recently who they are as an organization asks.
pub(crate) fn is_fresh(visitor: &Visitor, policy: &EnforcedPolicy, now: OffsetDateTime) -> bool {
    let counts = Duration::minutes(policy.document().step_up_minutes.into());
    now < visitor.elevated_until - (sessions::ELEVATION - counts).max(Duration::ZERO)
}

/// The roles that somebody holds, by themselves, by groups and by inheritance, as far as the policy binds them by these.
/// An owner is bound as an owner alone: nobody binds them more tightly by putting them into a group.
pub(crate) fn roles_of(role: RoleId, groups: &[GroupId], book: &RoleBook) -> Vec<RoleId> {
    if role == Role::Owner.into() {
        return vec![role];
    }
    let carried = groups.iter().filter_map(|id| book.group(*id)).flat_map(|group| group.roles.iter().copied());
    let mut roles: Vec<_> = std::iter::once(role).chain(carried).flat_map(|role| book.ancestry(role)).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// What is known of somebody who comes with a request, and joined then.
pub(crate) fn facts<'a>(
    visitor: &Visitor,
    request: &'a RequestContext,
    roles: &'a [RoleId],
    joined_at: OffsetDateTime,
) -> Facts<'a> {
    Facts {
        factors: visitor.factors.factors(),
        method: visitor.method,
        password: visitor.password,
        joined_at,
        authenticated_at: visitor.authenticated_at,
        pause: visitor.pause,
        newer_sessions: visitor.newer_sessions,
        older_sessions: visitor.older_sessions,
        sessions_inside: None,
        access_ended_at: None,
        roles,
        ip: request.ip,
        region: request.portal().region(),
        excepted: Rules::default(),
    }
}

/// Judges somebody by the organization's policy: until when they have to set up a second factor, if they get in without
/// the one that is asked for.
pub(super) fn judge(
    entrance: &Entrance,
    visitor: &Visitor,
    request: &RequestContext,
) -> Result<Option<OffsetDateTime>, Problem> {
    judge_with(entrance, visitor, request, None)
}

/// What the organization's policy says of somebody, and all that speaks against them.
pub(crate) fn decide(
    entrance: &Entrance,
    visitor: &Visitor,
    request: &RequestContext,
    sessions_inside: Option<u32>,
) -> Decision {
    let Entrance { member, policy, mfa_since, book, excepted, .. } = entrance;
    let roles = roles_of(member.role.id(), &member.groups, book);
    let facts = Facts {
        access_ended_at: member.access_ended_at,
        excepted: *excepted,
        sessions_inside,
        ..facts(visitor, request, &roles, member.joined_at)
    };
    policy.evaluate(&facts, *mfa_since, request.now)
}

fn judge_with(
    entrance: &Entrance,
    visitor: &Visitor,
    request: &RequestContext,
    sessions_inside: Option<u32>,
) -> Result<Option<OffsetDateTime>, Problem> {
    match decide(entrance, visitor, request, sessions_inside).outcome {
        Outcome::Allow => Ok(None),
        Outcome::Remind(until) => Ok(Some(until)),
        Outcome::EnrolFirst => Err(Problem::EnrolFirst),
        Outcome::ChoosePassword => Err(Problem::ChoosePassword),
        Outcome::SignInAgain(why) => Err(Problem::SignInAgain(why)),
        Outcome::Deny(rule) => Err(Problem::KeptOut(rule)),
    }
}

/// What comes of passing the gate.
pub(super) struct Passed {
    /// Until when a second factor is to be set up.
    pub(super) reminder: Option<OffsetDateTime>,
    /// What is left of what they may ask for.
    pub(super) allowance: Option<Allowance>,
    /// How many sessions of others were ended for this one.
    pub(super) ended: usize,
}

/// Counts somebody's request, judges them, and lets a session inside that is not there yet, if so many may be.
pub(super) async fn pass(
    tx: &mut TenantTx,
    entrance: &Entrance,
    (visitor, tenant): (&Visitor, &TenantRef),
    purpose: Purpose,
    request: &RequestContext,
) -> Result<Result<Passed, Problem>, Error> {
    let policy = entrance.policy.document();
    let allowance = if purpose == Purpose::Watch {
        None
    } else {
        match request.portal().rates().take((tenant.id, visitor.account.id), policy, request.now) {
            Ok(allowance) => allowance,
            Err(excess) => return Ok(Err(throttled(excess))),
        }
    };
    let reminder = match judge(entrance, visitor, request) {
        Ok(reminder) => reminder,
        Err(problem) => return Ok(Err(problem)),
    };
    if policy.sessions_in_organization.is_none() || entrance.is_inside(request.now) {
        return Ok(Ok(Passed { reminder, allowance, ended: 0 }));
    }
    // Owners are never shut out by others who are inside.
    let gives_way = policy.at_the_limit == AtTheLimit::EndOldest || entrance.member.role == Role::Owner;
    let newcomer = (visitor.account.id, visitor.session);
    let Some(admission) = policy::admit(tx, request, policy, newcomer, gives_way).await? else {
        return Ok(Ok(Passed { reminder, allowance, ended: 0 }));
    };
    let judged = judge_with(entrance, visitor, request, Some(admission.inside));
    Ok(judged.map(|_| Passed { reminder, allowance, ended: admission.ended }))
}

fn throttled(excess: Excess) -> Problem {
    Problem::Throttled { seconds: u16::try_from(excess.seconds).unwrap_or(u16::MAX) }
}

/// Puts on record that a member was kept out, or asked for too much, once for many times.
pub(super) async fn note_denial(
    request: &RequestContext,
    tenant: &TenantRef,
    visitor: &Visitor,
    problem: Problem,
) -> Result<(), Error> {
    let why = match problem {
        Problem::KeptOut(rule) => rule.code(),
        Problem::Throttled { .. } => "rate_limit",
        _ => return Ok(()),
    };
    let portal = request.portal();
    let what = format!("{ENTERED} {why}");
    if !portal.noted().is_new(tenant.id, visitor.session, &what, request.now) {
        return Ok(());
    }
    let entry = Draft::denied(ENTERED, visitor.actor())
        .target("organization", tenant.id, Fact::Public(tenant.name.clone()))
        .added("rule", Public(why.to_owned()))
        .within(request.audited());
    let mut tx = portal.store().tenant(tenant).await?;
    let reverted = match problem {
        Problem::KeptOut(_) => policy::sound_alarm(&mut tx, request, tenant, visitor.account.id).await?,
        _ => None,
    };
    tx.commit_all(request, std::iter::once(entry).chain(reverted).collect()).await?;
    portal.noted().remember(tenant.id, visitor.session, what, request.now);
    Ok(())
}
