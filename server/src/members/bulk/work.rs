//! Doing a batch of rows: each is judged as if it were the only one, under the lock and with what those before it have
//! changed; what is allowed is then done in a statement for all of them.

use std::collections::BTreeMap;

use domain::approvals::ApprovalNeeded;
use domain::audit::{Actor, Draft, Fact, Personal, Public};
use domain::ids::{AccountId, GroupId};
use domain::jobs::{JobKind, RowProblem};
use domain::members::{Member, MemberStatus};
use domain::notifications::{Kind, News};
use domain::problem::Problem;
use domain::roles::{Role, RoleId};
use domain::webhooks::EventKind;
use serde_json::json;
use uuid::Uuid;

use super::super::is_active_owner;
use super::super::rules::{Locked, Wish};
use super::super::sql::{self, Change};
use super::{action, needs};
use crate::api_keys::{self, Why};
use crate::detections;
use crate::error::Error;
use crate::jobs::{Pending, Settled, Work};
use crate::notifications;
use crate::policy;
use crate::request::RequestContext;
use crate::roles;
use crate::store::{TenantRef, TenantTx};
use crate::webhooks;

/// A member to whom something is done.
struct Doing {
    member: Member,
    wish: Wish,
}

/// Does some rows of a job: what became of them, and the entries about it.
pub(crate) async fn work(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    rows: &[Pending],
) -> Result<(Vec<Settled>, Vec<Draft>), Error> {
    let ids: Vec<_> = rows.iter().filter_map(|row| row.member).chain([job.created_by]).collect();
    let mut locked = Locked::new(tx, &ids).await?;
    if !locked.may_still(job) {
        let refused = rows.iter().map(|row| Settled::refused(row, RowProblem::NoAuthority)).collect();
        let entry = Draft::denied(action(job.kind), actor(job))
            .target("job", job.id, Public(job.kind.code().to_owned()))
            .added("required", needs(job.kind).code())
            .within(request.audited());
        return Ok((refused, if rows.is_empty() { Vec::new() } else { vec![entry] }));
    }
    if job.kind == JobKind::Remind {
        return remind(request, tenant, tx, job, (rows, &locked)).await;
    }
    let needed = policy::in_force(tx).await?.document().approval_needed;
    let (mut settled, mut doing) = (Vec::with_capacity(rows.len()), Vec::new());
    let (mut gained, mut promoted) = (Vec::new(), Vec::new());
    for row in rows {
        match locked.decide(job, row, needed) {
            Err(problem) => settled.push(Settled::refused(row, problem)),
            Ok(None) => settled.push(Settled::unchanged(row)),
            Ok(Some(Doing { member, wish })) => {
                locked.apply(member.id, wish);
                let after = locked.find(member.id).map(|after| after.permissions).unwrap_or_default();
                if let Some(gain) = detections::gain(request, member.id, member.permissions, after) {
                    gained.push(gain);
                    promoted.push(member.id);
                }
                settled.push(Settled::changed(row, present(&member, wish)));
                doing.push(Doing { member, wish });
            }
        }
    }
    tell(request, tenant, tx, job, &locked, &doing).await?;
    act(request, tenant, tx, &doing).await?;
    tx.record(gained);
    let removed: Vec<_> = doing.iter().filter(|doing| doing.wish == Wish::Remove).map(|it| it.member.id).collect();
    let mut entries: Vec<_> = doing.iter().map(|doing| entry(request, job, doing)).collect();
    for id in promoted {
        entries.extend(policy::end_outgrown(tx, request, &actor(job), id).await?);
    }
    let ended: Vec<_> = doing.iter().filter(|doing| doing.wish == Wish::EndAccess).map(|it| it.member.id).collect();
    for keys in [(removed.as_slice(), Why::Gone), (ended.as_slice(), Why::AccessEnded)] {
        entries.extend(api_keys::revoke_of(request, tx, tenant.id, keys, &actor(job)).await?);
    }
    Ok((settled, entries))
}

impl Locked {
    /// Whether whoever has started a job may still do such things at all.
    fn may_still(&self, job: &Work) -> bool {
        self.find(job.created_by)
            .is_some_and(|creator| creator.status == MemberStatus::Active && creator.permissions.allow(needs(job.kind)))
    }

    /// What is done for a row: nothing, when it is so already.
    fn decide(&self, job: &Work, row: &Pending, needed: ApprovalNeeded) -> Result<Option<Doing>, RowProblem> {
        let id = row.member.ok_or(RowProblem::Gone)?;
        let wish = wish(job.kind, row.wish.as_deref()).ok_or(RowProblem::UnknownRole)?;
        if let Wish::Join(group) | Wish::Leave(group) = wish {
            self.carried(group).ok_or(RowProblem::UnknownGroup)?;
        }
        // Nobody is to hit themselves with a blow at many.
        if id == job.created_by {
            return Err(RowProblem::Yourself);
        }
        let above = match wish {
            Wish::Join(_) | Wish::Leave(_) => RowProblem::GroupAbove,
            _ => RowProblem::Above,
        };
        let judged = self.judge(job.created_by, id, wish);
        let member = judged.map_err(|problem| if problem == Problem::Forbidden { above } else { problem.into() })?;
        let present = present(&member, wish);
        if row.expected.as_ref().is_some_and(|expected| *expected != present) {
            return Err(RowProblem::Changed);
        }
        if needed.roles && is_active_owner(&member) && !wish.leaves_owner() {
            return Err(RowProblem::ApprovalFirst);
        }
        match wish {
            Wish::Role(role) if role == member.role.id() => return Ok(None),
            Wish::Role(role) if needed.for_role(member.permissions, self.role(role).permissions()) => {
                return Err(RowProblem::ApprovalFirst);
            }
            Wish::Role(role) if !job.proven && !member.role.permissions().cover(self.role(role).permissions()) => {
                return Err(RowProblem::StepUpFirst);
            }
            Wish::Join(group) if member.groups.contains(&group) => return Ok(None),
            Wish::Leave(group) if !member.groups.contains(&group) => return Ok(None),
            Wish::Join(group) if needed.for_role(member.permissions, self.carried(group).unwrap_or_default()) => {
                return Err(RowProblem::ApprovalFirst);
            }
            Wish::Join(group) if !job.proven && !member.permissions.cover(self.carried(group).unwrap_or_default()) => {
                return Err(RowProblem::StepUpFirst);
            }
            Wish::Status(status) if status == member.status => return Ok(None),
            // Rights come back.
            Wish::Status(MemberStatus::Active)
                if !job.proven && !Role::Member.permissions().cover(member.permissions) =>
            {
                return Err(RowProblem::StepUpFirst);
            }
            _ => {}
        }
        Ok(Some(Doing { member, wish }))
    }
}

/// What a row's wish is to the rules.
fn wish(kind: JobKind, code: Option<&str>) -> Option<Wish> {
    match kind {
        JobKind::Role | JobKind::Import => RoleId::from_code(code?).map(Wish::Role),
        JobKind::Join => code?.parse().ok().map(Wish::Join),
        JobKind::Leave => code?.parse().ok().map(Wish::Leave),
        JobKind::Suspend | JobKind::Resume => MemberStatus::from_code(code?).map(Wish::Status),
        JobKind::Remove => Some(Wish::Remove),
        JobKind::EndAccess => Some(Wish::EndAccess),
        JobKind::Remind => None,
    }
}

/// What a member is before a wish comes true: the code of their status, or of their role; of what is done with a group,
/// the group.
fn present(member: &Member, wish: Wish) -> String {
    match wish {
        Wish::Status(_) => member.status.code().to_owned(),
        Wish::Join(group) | Wish::Leave(group) => group.to_string(),
        _ => member.role.code(),
    }
}

/// Members, by the group that they come into or leave.
type ByGroup = BTreeMap<GroupId, Vec<Uuid>>;

async fn act(request: &RequestContext, tenant: &TenantRef, tx: &mut TenantTx, doing: &[Doing]) -> Result<(), Error> {
    let (mut roles, mut standings): (Vec<Change>, Vec<Change>) = (Vec::new(), Vec::new());
    let (mut ended, mut removed): (Vec<Uuid>, Vec<Uuid>) = (Vec::new(), Vec::new());
    let (mut joining, mut leaving): (ByGroup, ByGroup) = (BTreeMap::new(), BTreeMap::new());
    for Doing { member, wish } in doing {
        match wish {
            Wish::Role(role) => roles.push((member.id, role.code())),
            Wish::Status(status) => standings.push((member.id, status.code().to_owned())),
            Wish::Join(group) => joining.entry(*group).or_default().push(member.id.0),
            Wish::Leave(group) => leaving.entry(*group).or_default().push(member.id.0),
            Wish::EndAccess => ended.push(member.id.0),
            Wish::Remove => removed.push(member.id.0),
            Wish::EndSessions | Wish::Factors => {}
        }
    }
    if !roles.is_empty() {
        sql::set_roles(tx.conn(), &roles).await?;
    }
    if !standings.is_empty() {
        sql::set_states(tx.conn(), &standings).await?;
    }
    for (group, ids) in joining {
        roles::join(tx.conn(), group, &ids).await?;
    }
    for (group, ids) in leaving {
        roles::leave(tx.conn(), group, &ids).await?;
    }
    if !ended.is_empty() {
        sql::end_access_of(tx.conn(), &ended, request.now).await?;
    }
    if !removed.is_empty() {
        sql::remove_all(tx.conn(), &removed).await?;
        sql::remove_memberships(tx.enter_platform().await?, &removed, tenant.id).await?;
        tx.leave_platform().await?;
        let gone = doing
            .iter()
            .filter(|doing| matches!(doing.wish, Wish::Remove))
            .map(|Doing { member, .. }| json!({ "account": member.id, "role": member.role.code() }));
        webhooks::post_all(tx, request.portal(), EventKind::MemberRemoved, gone.collect(), request.now).await?;
    }
    Ok(())
}

/// Tells members what is done to them.
async fn tell(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    locked: &Locked,
    doing: &[Doing],
) -> Result<(), Error> {
    let mut told: Vec<(Kind, Vec<AccountId>)> = Vec::new();
    for Doing { member, wish } in doing {
        let kind = match wish {
            Wish::Role(role) => {
                Kind::RoleChanged { from: member.role.name().to_owned(), to: locked.role(*role).name().to_owned() }
            }
            Wish::Status(MemberStatus::Active) => Kind::Resumed,
            Wish::Status(MemberStatus::Suspended) => Kind::Suspended,
            Wish::EndAccess => Kind::AccessEnded,
            Wish::Remove => Kind::Removed,
            Wish::Join(group) => Kind::GroupJoined { group: locked.group_name(*group) },
            Wish::Leave(group) => Kind::GroupLeft { group: locked.group_name(*group) },
            Wish::EndSessions | Wish::Factors => continue,
        };
        match told.iter_mut().find(|(of, _)| *of == kind) {
            Some((_, ids)) => ids.push(member.id),
            None => told.push((kind, vec![member.id])),
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let platform = tx.enter_platform().await?;
    for (kind, ids) in told {
        let (organization, by) = (tenant.name.clone(), Some(job.creator.clone()));
        let news = News { organization, by, actor: Some(job.created_by), kind };
        notifications::add(platform, request, tenant.id, &ids, &news).await?;
    }
    tx.leave_platform().await
}

/// Reminds those of the rows' members who have not what is asked for.
async fn remind(
    request: &RequestContext,
    tenant: &TenantRef,
    tx: &mut TenantTx,
    job: &Work,
    (rows, locked): (&[Pending], &Locked),
) -> Result<(Vec<Settled>, Vec<Draft>), Error> {
    let ids: Vec<_> = rows.iter().filter_map(|row| row.member).collect();
    let reminded = policy::remind_these(request, tenant, tx, &ids).await?;
    let settled = rows
        .iter()
        .map(|row| match row.member.filter(|id| locked.find(*id).is_some()) {
            None => Settled::refused(row, RowProblem::Gone),
            Some(id) if reminded.contains(&id) => Settled::added(row),
            Some(_) => Settled::unchanged(row),
        })
        .collect();
    let entry = Draft::done(action(job.kind), actor(job))
        .target("organization", tenant.id, Public(tenant.name.clone()))
        .added("members", Public(reminded.len().to_string()))
        .added("job", Public(job.id.to_string()))
        .within(request.audited());
    Ok((settled, if reminded.is_empty() { Vec::new() } else { vec![entry] }))
}

/// How entries name whoever has started a job.
pub(crate) fn actor(job: &Work) -> Actor<Fact> {
    Actor::person(job.created_by, job.creator.clone())
}

fn entry(request: &RequestContext, job: &Work, Doing { member, wish }: &Doing) -> Draft {
    let entry = Draft::done(action(job.kind), actor(job)).target("member", member.id, Personal(member.name.clone()));
    let before = Public(present(member, *wish));
    let entry = match wish {
        Wish::Role(role) => entry.changed("role", before, Public(role.code())),
        Wish::Status(status) => entry.changed("status", before, Public(status.code().to_owned())),
        Wish::Remove => {
            let entry = entry.removed("role", before);
            let groups = member.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            if groups.is_empty() { entry } else { entry.removed("groups", Public(groups)) }
        }
        Wish::Join(_) => entry.added("group", before),
        Wish::Leave(_) => entry.removed("group", before),
        Wish::EndSessions | Wish::EndAccess | Wish::Factors => entry,
    };
    entry.added("job", Public(job.id.to_string())).within(request.audited())
}
