//! The way into an organization: the one place where an [`Access`] is made.

use std::sync::{Arc, Mutex};

use domain::audit::{Action, Draft, Fact, Public};
use domain::members::MemberStatus;
use domain::organizations::TenantStatus;
use domain::problem::Problem;
use domain::roles::Role;
use domain::slug::Slug;

use super::judgement::{Passed, judge, note_denial, pass};
use super::{Access, Entered, Purpose, facts, roles_of};
use crate::detections::sign_ins;
use crate::error::Error;
use crate::members;
use crate::members::sql::Entrance;
use crate::organizations::{Doomed, sql as organizations};
use crate::policy;
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};
use crate::store::{TenantRef, TenantTx};

/// Coming in where others had to go for it.
const DISPLACED: Action = Action::new("organization.sessions_displaced");

/// Lets somebody into an organization of theirs.
///
/// # Errors
/// Not found, for an organization that does not exist and for a foreign one alike; suspended; to be deleted; being
/// upgraded; a proof of who they are or a second factor comes first; or the database does not answer.
pub async fn enter(
    request: &RequestContext,
    visitor: &Visitor,
    slug: &str,
    purpose: Purpose,
) -> Result<Entered, Error> {
    let slug = Slug::asked(slug).ok_or(Problem::NotFound)?;
    let store = request.portal().store();
    let mine = &visitor.memberships;
    let Some(tenant) = mine.all.iter().find(|tenant| tenant.slug == slug.as_str()).cloned() else {
        let moved = organizations::lookup_moved(store.identity_pool(), visitor.account.id, &slug).await?;
        return moved.map(Entered::Moved).ok_or_else(|| Problem::NotFound.into());
    };
    let is_doomed = tenant.status == TenantStatus::Deleting;
    if !is_doomed {
        tenant.status.require_active()?;
    }
    let (mut tx, entrance) = look_in(request, &tenant, visitor).await?;
    if is_doomed && entrance.member.role != Role::Owner {
        tx.close();
        return Err(Problem::OrganizationDeleting.into());
    }
    let factors = visitor.factors.factors();
    let copy_is_old = entrance.member.factors != factors;
    let judged = pass(&mut tx, &entrance, (visitor, &tenant), purpose, request).await?;
    if copy_is_old {
        members::sql::set_factors(tx.conn(), visitor.account.id, factors).await?;
    }
    let Passed { reminder, allowance, ended } = match judged {
        Ok(passed) => passed,
        Err(problem) => {
            if copy_is_old {
                tx.keep().await?;
            } else {
                tx.close();
            }
            note_denial(request, &tenant, visitor, problem).await?;
            return Err(problem.into());
        }
    };
    let sign_in = entrance.sign_in();
    let is_inside = entrance.is_inside(request.now);
    let Entrance { member, policy, excepted, session_seen_at, revision, book, .. } = entrance;
    let unseen = purpose != Purpose::Watch
        && session_seen_at.is_none_or(|at| request.now - at >= sessions::SEEN_EXACTNESS)
        || policy.document().sessions_in_organization.is_some() && !is_inside;
    if unseen {
        sign_ins::note(&mut tx, request, visitor, &member, session_seen_at).await?;
        members::sql::seen(tx.conn(), visitor.account.id, visitor.session, request).await?;
        let roles = roles_of(member.role.id(), &member.groups, &book);
        policy::note_visit(&mut tx, visitor, &facts(visitor, request, &roles, member.joined_at), request.now).await?;
    }
    let opened = if ended > 0 {
        let entry = Draft::done(DISPLACED, visitor.actor())
            .target("organization", tenant.id, Fact::Public(tenant.name.clone()))
            .added("sessions", Public(ended.to_string()))
            .within(request.audited());
        tx.commit(request, entry).await?;
        None
    } else if unseen || copy_is_old {
        tx.keep().await?;
        None
    } else if purpose != Purpose::Change {
        tx.note_revision(revision);
        Some(tx)
    } else {
        tx.close();
        None
    };
    if unseen || mine.last != Some(tenant.id) {
        let mut tx = store.platform().await?;
        organizations::note_last(tx.conn(), visitor.account.id, tenant.id).await?;
        organizations::note_active(tx.conn(), &[tenant.id], request.now).await?;
        tx.end().await?;
    }
    let access = Access {
        request: Arc::new(request.clone()),
        visitor: Arc::new(visitor.clone()),
        tenant: Arc::new(tenant),
        role: member.role,
        groups: member.groups.into(),
        permissions: member.permissions,
        book,
        joined_at: member.joined_at,
        policy,
        sign_in,
        excepted,
        allowance,
        reminder,
        opened: Arc::new(Mutex::new(opened)),
        on_behalf: false,
    };
    Ok(if is_doomed { Entered::Deleting(Box::new(Doomed::of(access))) } else { Entered::Inside(Box::new(access)) })
}

/// Opens an organization's tables for somebody who is in it, whatever it asks of their sign-in.
pub(crate) async fn open(
    request: &RequestContext,
    tenant: &TenantRef,
    visitor: &Visitor,
) -> Result<(TenantTx, Entrance), Error> {
    tenant.status.require_active()?;
    look_in(request, tenant, visitor).await
}

/// As [`open`], whether the organization is in use or not.
async fn look_in(
    request: &RequestContext,
    tenant: &TenantRef,
    visitor: &Visitor,
) -> Result<(TenantTx, Entrance), Error> {
    let mut tx = request.portal().store().tenant(tenant).await?;
    let entrance = members::sql::enter(&mut tx, visitor.account.id, visitor.session, request.now)
        .await?
        .ok_or(Problem::NotFound)?;
    if entrance.member.status == MemberStatus::Suspended {
        tx.close();
        return Err(Problem::MembershipSuspended.into());
    }
    Ok((tx, entrance))
}

/// Whether an organization of somebody's lets them in at present, if need be after a proof of who they are or a second
/// factor: the way to these begins there.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn is_open(request: &RequestContext, tenant: &TenantRef, visitor: &Visitor) -> Result<bool, Error> {
    match open(request, tenant, visitor).await {
        Ok((tx, entrance)) => {
            tx.close();
            Ok(!matches!(judge(&entrance, visitor, request), Err(Problem::KeptOut(_))))
        }
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
