//! The sessions that members come with, as far as they are the organization's business.

use std::collections::HashMap;

use domain::audit::{Action, Public};
use domain::ids::{AccountId, SessionId};
use domain::members::Member;
use domain::notifications::Kind;
use domain::problem::Problem;

use super::rules::Wish;
use super::{begin_change, entry, news, sql};
use crate::access::Access;
use crate::error::Error;
use crate::policy;
use crate::sessions::{self, SessionRow};

const VIEWED: Action = Action::new("member.sessions_viewed");
const ENDED: Action = Action::new("member.session_ended");

/// The sessions that a member has come with and that are alive, the most recently used first. When, and from where: what the
/// organization has seen of them.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list_sessions(access: &Access, id: AccountId) -> Result<Vec<SessionRow>, Error> {
    policy::require_view(access, VIEWED).await?;
    access.note_read(VIEWED, "account", id).await?;
    let mut tx = access.begin().await?;
    let seen = sql::list_seen(tx.conn(), id).await?;
    tx.close();
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = seen.iter().map(|session| session.id).collect();
    let proven: HashMap<_, _> = sessions::alive(access.request(), id, &ids).await?.into_iter().collect();
    Ok(seen
        .into_iter()
        .filter(|session| proven.get(&session.id).is_some_and(|at| session.ended_at.is_none_or(|ended| *at > ended)))
        .map(|session| SessionRow {
            id: session.id,
            created_at: session.first_seen_at,
            last_seen_at: session.last_seen_at,
            ip: session.ip,
            device: session.device,
        })
        .collect())
}

/// Ends one session of a member's for this organization: whoever comes with it shows first who they are. It goes on
/// everywhere else.
///
/// # Errors
/// As [`super::end_access`]; not found, also when they have not come with it.
pub async fn end_session(access: &Access, id: AccountId, session: SessionId) -> Result<Member, Error> {
    let (mut tx, member) = begin_change(access, id, Wish::EndSessions, ENDED).await?;
    if !sql::end_session(tx.conn(), id, session, access.request().now).await? {
        return Err(Problem::NotFound.into());
    }
    news::tell(access, &mut tx, id, Kind::AccessEnded).await?;
    let entry = entry(access, ENDED, &member).added("session", Public(session.to_string()));
    tx.commit(access.request(), entry).await?;
    Ok(member)
}
