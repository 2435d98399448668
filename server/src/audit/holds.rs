//! Holds: what keeps entries although they are older than the policy has them kept, for a lawsuit or an investigation.
//!
//! A hold is on whatever its query finds whenever old entries are to be taken away, also on what comes later.

use domain::audit::{Action, AuditQuery, Draft, Personal};
use domain::fields::{FieldErrors, FieldProblem};
use domain::ids::HoldId;
use domain::members::parse_reason;
use domain::problem::Problem;
use domain::roles::Permission;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::VIEWED;
use super::sql::holds as sql;
use crate::access::Access;
use crate::error::Error;

const PLACED: Action = Action::new("audit.hold_placed");
const RELEASED: Action = Action::new("audit.hold_released");

/// The most holds that count at a time: each of them is looked at for every entry that is to go.
const HOLDS_MAX: u16 = 50;

/// A hold.
#[derive(Clone, Debug)]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// What it is on, as in the list's address.
    pub query: String,
    /// Why it was placed.
    pub reason: String,
    /// Who has placed it, if they are a member still.
    pub placed_by: Option<String>,
    /// When.
    pub placed_at: OffsetDateTime,
    /// When it was released, and by whom.
    pub released: Option<(OffsetDateTime, Option<String>)>,
}

/// The form that places one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HoldForm {
    /// What it is to be on, as in the list's address.
    #[serde(default)]
    pub query: String,
    /// Why: nobody places one without saying so.
    #[serde(default)]
    pub reason: String,
}

impl HoldForm {
    fn parse(&self, now: OffsetDateTime) -> Result<(AuditQuery, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let query = AuditQuery::from_text(&self.query);
        let query = if query.is_filtered() { Ok(query.settled(now)) } else { Err(FieldProblem::NothingFiltered) };
        let query = errors.check("query", query);
        let reason = errors.check("reason", parse_reason(&self.reason));
        query.zip(reason).ok_or(errors)
    }
}

/// The holds that count, and the last ones that do not any more.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn list(access: &Access) -> Result<Vec<HoldView>, Error> {
    require(access, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let mut tx = access.begin().await?;
    let rows = sql::list(tx.conn()).await?;
    tx.close();
    let view = |row: sql::HoldRow| HoldView {
        id: HoldId(row.id),
        query: row.query,
        reason: row.reason,
        placed_by: row.placed_by,
        placed_at: row.placed_at,
        released: row.released_at.map(|at| (at, row.released_by)),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Places a hold: what its query finds is not taken away from now on, however old it is.
///
/// # Errors
/// Forbidden; fields that are wrong, also a query that asks for the whole trail; so many are there already, which is the
/// most.
pub async fn place(access: &Access, form: &HoldForm) -> Result<(), Error> {
    require(access, PLACED).await?;
    let request = access.request();
    let (query, reason) = form.parse(request.now)?;
    let query = query.to_text();
    let id = HoldId(request.portal().uuid(request.now));
    let mut tx = access.begin().await?;
    if !sql::add(tx.conn(), id, (&query, &reason), access.account(), request.now, HOLDS_MAX).await? {
        tx.close();
        return Err(Error::field("query", FieldProblem::TooManyOfThem(HOLDS_MAX)));
    }
    let entry = Draft::done(PLACED, access.actor())
        .unnamed_target("hold", id)
        // It may hold names.
        .added("query", Personal(query))
        .because(Personal(reason))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Releases a hold. What it was on, and is older than it is kept, is taken away the next time.
///
/// # Errors
/// Forbidden; not found, also when it was released; a step-up is needed.
pub async fn release(access: &Access, id: HoldId) -> Result<(), Error> {
    require(access, RELEASED).await?;
    access.require_fresh()?;
    let request = access.request();
    let mut tx = access.begin().await?;
    let released = sql::release(tx.conn(), id, access.account(), request.now).await?;
    let (query, reason) = released.ok_or(Problem::NotFound)?;
    let entry = Draft::done(RELEASED, access.actor())
        .unnamed_target("hold", id)
        .removed("query", Personal(query))
        .removed("reason", Personal(reason))
        .within(request.audited());
    tx.commit(request, entry).await
}

/// Goes on only if they may read the trail, which a hold's figures tell of, and decide how long it is kept.
async fn require(access: &Access, action: Action) -> Result<(), Error> {
    access.require(Permission::ViewAudit, action.clone()).await?;
    access.require(Permission::ManagePolicy, action).await
}
