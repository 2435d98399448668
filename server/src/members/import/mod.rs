//! Members from a file: checked first, and imported only as it was shown then.

mod check;
mod parse;
mod sql;
mod work;

use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::JobId;
use domain::jobs::{JobKind, JobState};
use domain::problem::Problem;
use domain::roles::{Permission, RoleBook};

pub use check::check;
pub use sql::Review;
pub(crate) use work::work;

use crate::access::Access;
use crate::error::Error;
use crate::jobs;

const CHECKED: Action = Action::new("import.checked");
const IMPORTED: Action = Action::new("import.started");

/// How many of a file that was checked would be invited, and how many would get another role.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn review(access: &Access, id: JobId) -> Result<Review, Error> {
    access.require(Permission::InviteMembers, CHECKED).await?;
    let mut tx = access.begin().await?;
    let review = sql::review(tx.conn(), id).await?;
    tx.close();
    Ok(review)
}

/// Imports a file that was checked, as it was shown: `all_or_nothing` does nothing when a line turns out to be wrong.
///
/// # Errors
/// Forbidden; not found, also when somebody else has checked it; checked too long ago, or started already
/// ([`Problem::Changed`]); lines are wrong, at the field `mode`; a step-up is needed for a role that holds more than
/// somebody's present one; more invitations than an organization imports in a day.
pub async fn start(access: &Access, id: JobId, all_or_nothing: bool) -> Result<(), Error> {
    access.require(Permission::InviteMembers, IMPORTED).await?;
    let request = access.request();
    let mut tx = access.begin().await?;
    let job = jobs::lock_own(&mut tx, access, id).await?;
    if job.kind != JobKind::Import || job.state != JobState::Checked {
        return Err(Problem::Changed.into());
    }
    if all_or_nothing && job.counts.refused > 0 {
        return Err(Error::field("mode", FieldProblem::WrongLines));
    }
    let book = tx.book().await?;
    let elevates = sql::changes(tx.conn(), id).await?.iter().any(|(from, to)| elevates(&book, from, to));
    if elevates {
        access.require_fresh()?;
    }
    let invitations = sql::review(tx.conn(), id).await?.invitations;
    if let Err(refusal) = request.portal().limits().count_import(access, invitations) {
        tx.close();
        return Err(refusal.in_organization(access).await?);
    }
    jobs::begin_checked(&mut tx, access, id, all_or_nothing, elevates).await?;
    let entry =
        jobs::started(access, id, JobKind::Import, job.counts).added("invitations", Public(invitations.to_string()));
    tx.commit(request, entry).await
}

/// Whether a role holds more than another, both by their codes.
fn elevates(book: &RoleBook, from: &str, to: &str) -> bool {
    let held = |code| book.by_code(code).map(|role| role.permissions()).unwrap_or_default();
    !held(from).cover(held(to))
}
