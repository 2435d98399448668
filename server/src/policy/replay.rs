//! What a policy would have done, by what was known of those who came by; and a policy that is tried beside the one in
//! force, which is the same over what has come since.

use std::net::IpAddr;

use domain::audit::{Action, Draft, Public};
use domain::ids::AccountId;
use domain::policy::{Affected, Decision, EnforcedPolicy, Replay, Replayed, SecurityPolicy, Visit};
use domain::problem::Problem;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::answers::Question;
use super::sql::{self, Head, visits};
use super::{VIEWED, draft, require_view};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

const VISITS_VIEWED: Action = Action::new("member.visits_viewed");
const TRIED: Action = Action::new("policy.tried");
const TRIAL_ENDED: Action = Action::new("policy.trial_ended");

/// How many of those who are affected are told by name.
const NAMED: usize = 100;
/// How many visits of one member are looked at.
const LOOKED_AT: i64 = 200;

/// Which policy goes over the visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The draft, or what is in force where there is none.
    Draft,
    /// The one that is tried, over what has come since.
    Tried,
    /// One that is not saved, with the version that it was begun with.
    Unsaved(i64, Box<SecurityPolicy>),
}

/// Somebody who would have been kept out or asked for something.
#[derive(Clone, Debug)]
pub struct AffectedPerson {
    /// Who.
    pub id: AccountId,
    /// What they are called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What would have become of them.
    pub affected: Affected,
}

/// What a policy would have done.
#[derive(Clone, Debug)]
pub struct ReplayView {
    /// Its version, or the one that it was begun with.
    pub version: i64,
    /// What it says.
    pub policy: SecurityPolicy,
    /// Since when visits were looked at.
    pub since: OffsetDateTime,
    /// What came of them. Of those who are affected, all are here.
    pub replayed: Replayed,
    /// The first of these, by name.
    pub people: Vec<AffectedPerson>,
}

/// Goes over the visits with a policy; nothing, where none is tried.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn replay(access: &Access, subject: Subject) -> Result<Option<ReplayView>, Error> {
    require_view(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let head = sql::head(tx.conn()).await?;
    let Some((version, policy, since)) = subject_of(access, &mut tx, &head, subject).await? else {
        tx.close();
        return Ok(None);
    };
    let replayed = worked_out(access, &mut tx, &policy, since).await?;
    let ids: Vec<_> = replayed.affected.iter().take(NAMED).map(|(id, _)| *id).collect();
    let mut names = visits::names(tx.conn(), &ids).await?;
    tx.close();
    let told = |(id, affected): &(AccountId, Affected)| {
        names.remove(id).map(|(name, email)| AffectedPerson { id: *id, name, email, affected: *affected })
    };
    let people = replayed.affected.iter().take(NAMED).filter_map(told).collect();
    Ok(Some(ReplayView { version, policy, since, replayed, people }))
}

/// What a policy would have done since then: as it was worked out before, if nobody has come by meanwhile.
async fn worked_out(
    access: &Access,
    tx: &mut TenantTx,
    policy: &SecurityPolicy,
    since: OffsetDateTime,
) -> Result<Replayed, Error> {
    let portal = access.request().portal();
    let question = Question::of(access.tenant(), policy)?;
    let revision = visits::revision(tx.conn(), since).await?;
    if let Some(known) = portal.answers().get(question, revision) {
        return Ok(known);
    }
    let Ok(_turn) = portal.replays().try_acquire() else { return Err(Problem::Unavailable.into()) };
    let ready = EnforcedPolicy::new(policy.clone());
    let mut replay = Replay::new(&ready, portal.region());
    let joined = visits::joined(tx.conn()).await?;
    visits::replay(tx.conn(), &mut replay, &joined, since).await?;
    let replayed = replay.finish();
    portal.answers().put(question, revision, &replayed);
    Ok(replayed)
}

async fn subject_of(
    access: &Access,
    tx: &mut TenantTx,
    head: &Head,
    subject: Subject,
) -> Result<Option<(i64, SecurityPolicy, OffsetDateTime)>, Error> {
    let since = access.request().now - visits::KEPT;
    Ok(match subject {
        Subject::Draft => {
            let version = draft::current(tx, head).await?;
            Some((version.number, version.policy, since))
        }
        Subject::Unsaved(version, policy) => Some((version, *policy, since)),
        Subject::Tried => match head.tried.zip(head.tried_since) {
            Some((version, since)) => sql::document(tx.conn(), version).await?.map(|policy| (version, policy, since)),
            None => None,
        },
    })
}

/// A visit, and what would have come of it.
#[derive(Clone, Debug)]
pub struct JudgedVisit {
    /// When.
    pub at: OffsetDateTime,
    /// From where.
    pub ip: Option<IpAddr>,
    /// How often on that day.
    pub times: u32,
    /// What would have come of it.
    pub decision: Decision,
}

/// The visits of one member as a policy would have judged them, the newest first.
///
/// # Errors
/// Forbidden; not found, also where none is tried.
pub async fn replay_of(
    access: &Access,
    subject: Subject,
    id: AccountId,
) -> Result<(AffectedName, Vec<JudgedVisit>), Error> {
    require_view(access, VIEWED).await?;
    access.note_read(VISITS_VIEWED, "account", id).await?;
    let mut tx = access.begin().await?;
    let head = sql::head(tx.conn()).await?;
    let found = subject_of(access, &mut tx, &head, subject).await?;
    let (_, policy, since) = found.ok_or(Problem::NotFound)?;
    let joined_at = visits::joined_at(tx.conn(), id).await?.ok_or(Problem::NotFound)?;
    let (name, email) = visits::names(tx.conn(), &[id]).await?.remove(&id).ok_or(Problem::NotFound)?;
    let seen = visits::of(tx.conn(), id, since, LOOKED_AT).await?;
    tx.close();
    let ready = EnforcedPolicy::new(policy);
    let replay = Replay::new(&ready, access.request().portal().region());
    let judged = seen.into_iter().map(|visits::Seen { visit, ip }| JudgedVisit {
        at: visit.at,
        ip,
        times: visit.times,
        decision: replay.judge(&Visit {
            account: id,
            at: visit.at,
            joined_at,
            authenticated_at: visit.authenticated_at,
            pause: visit.pause,
            newer_sessions: visit.newer_sessions,
            older_sessions: visit.older_sessions,
            factors: visit.factors,
            method: visit.method,
            password: visit.password,
            roles: &visit.roles,
            ip,
            times: visit.times,
        }),
    });
    Ok((AffectedName { name, email }, judged.collect()))
}

/// What a member is called.
#[derive(Clone, Debug)]
pub struct AffectedName {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// The form that has a draft tried.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TryForm {
    /// The version that was looked at.
    #[serde(default)]
    pub version: String,
}

/// Has the draft tried beside what is in force: it keeps nobody out, and what it would do is shown. It stays the draft.
///
/// # Errors
/// Forbidden; the draft is another by now.
pub async fn try_draft(access: &Access, form: &TryForm) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, TRIED).await?;
    let now = access.request().now;
    let mut tx = access.begin().await?;
    let head = sql::lock(tx.conn()).await?;
    let Some(draft) = head.draft.filter(|draft| draft.to_string() == form.version) else {
        tx.close();
        return Err(Problem::Changed.into());
    };
    if head.tried == Some(draft) {
        tx.close();
        return Ok(());
    }
    sql::save(tx.conn(), &Head { tried: Some(draft), tried_since: Some(now), ..head }).await?;
    tx.commit(access.request(), entry(access, TRIED, draft)).await
}

/// Ends the trial.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn end_trial(access: &Access) -> Result<(), Error> {
    access.require(Permission::ManagePolicy, TRIAL_ENDED).await?;
    let mut tx = access.begin().await?;
    let head = sql::lock(tx.conn()).await?;
    let Some(tried) = head.tried else {
        tx.close();
        return Ok(());
    };
    sql::save(tx.conn(), &Head { tried: None, tried_since: None, ..head }).await?;
    tx.commit(access.request(), entry(access, TRIAL_ENDED, tried)).await
}

fn entry(access: &Access, action: Action, version: i64) -> Draft {
    Draft::done(action, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .added("version", Public(version.to_string()))
        .within(access.request().audited())
}
