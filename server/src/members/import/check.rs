//! Checking a file: what would become of each of its lines.

use std::collections::HashMap;

use domain::audit::{Draft, Public};
use domain::email::EmailAddress;
use domain::ids::JobId;
use domain::jobs::{JobKind, RowOutcome, RowProblem};
use domain::members::Member;
use domain::roles::{GrantedRole, Permission, Permissions};

use super::parse::{Line, parse};
use super::{CHECKED, sql};
use crate::access::Access;
use crate::error::Error;
use crate::invitations;
use crate::jobs::{self, NewJob};

/// A line as it is written down.
#[derive(Default)]
pub(super) struct NewRow {
    pub(super) line: i32,
    pub(super) member: Option<Member>,
    pub(super) email: String,
    pub(super) wish: Option<String>,
    /// The role that the member, or the open invitation, has now.
    pub(super) expected: Option<String>,
    pub(super) outcome: Option<RowOutcome>,
    pub(super) problem: Option<RowProblem>,
}

/// Who is here already, and who is invited, by address.
struct Known {
    members: HashMap<String, Member>,
    invited: HashMap<String, GrantedRole>,
}

/// Reads a file and writes down what would become of each line. Nothing else happens: see [`super::start`].
///
/// # Errors
/// Forbidden; it is no such file, at the field `file`; too many jobs are not over.
pub async fn check(access: &Access, file: &[u8]) -> Result<JobId, Error> {
    access.require(Permission::InviteMembers, CHECKED).await?;
    let lines = parse(file, access.book()).map_err(|problem| Error::field("file", problem))?;
    let emails: Vec<String> =
        lines.iter().filter_map(|line| line.wish.as_ref().ok()).map(|(email, _)| email.as_str().to_owned()).collect();
    let mut tx = access.begin().await?;
    let known = Known {
        members: super::super::sql::with_emails(&mut tx, &emails).await?,
        invited: invitations::open_for(&mut tx, &emails, access.request().now).await?,
    };
    let rows: Vec<_> = lines.into_iter().map(|line| known.fate(access, line)).collect();
    let job = NewJob::of(access, JobKind::Import, false).awaiting_confirmation();
    let id = jobs::add(&mut tx, &job).await?;
    sql::note(tx.conn(), id, &rows).await?;
    let counts = jobs::enqueue(&mut tx, access, &job).await?;
    let entry = Draft::done(CHECKED, access.actor())
        .target("job", id, Public(JobKind::Import.code().to_owned()))
        .added("rows", Public(counts.total.to_string()))
        .within(access.request().audited());
    tx.commit(access.request(), entry).await?;
    Ok(id)
}

impl Known {
    /// What would become of a line.
    fn fate(&self, access: &Access, Line { number: line, shown, wish }: Line) -> NewRow {
        let row = NewRow { line, email: shown, ..NewRow::default() };
        let (email, role) = match wish {
            Ok(wish) => wish,
            Err(problem) => return row.refused(problem),
        };
        let row = NewRow { wish: Some(role.code()), ..row };
        match self.members.get(email.as_str()) {
            Some(member) => row.of_member(access, member, &role),
            None => row.of_stranger(access, email.domain(), self.invited_as(&email), &role),
        }
    }

    fn invited_as(&self, email: &EmailAddress) -> Option<&GrantedRole> {
        self.invited.get(email.as_str())
    }
}

impl NewRow {
    fn refused(self, problem: RowProblem) -> Self {
        Self { outcome: Some(RowOutcome::Refused), problem: Some(problem), ..self }
    }

    fn unchanged(self) -> Self {
        Self { outcome: Some(RowOutcome::Unchanged), ..self }
    }

    /// Of somebody who is here: another role, perhaps.
    fn of_member(self, access: &Access, member: &Member, role: &GrantedRole) -> Self {
        let row = Self { member: Some(member.clone()), expected: Some(member.role.code()), ..self };
        if member.role == *role {
            row.unchanged()
        } else if member.id == access.account() {
            row.refused(RowProblem::Yourself)
        } else if !access.may(Permission::ManageMembers) {
            row.refused(RowProblem::NoAuthority)
        } else if covers(access, member.permissions) && covers(access, role.permissions()) {
            row
        } else {
            row.refused(RowProblem::Above)
        }
    }

    /// Of somebody who is not: an invitation, or another role for the one that is open.
    fn of_stranger(self, access: &Access, domain: &str, invited_as: Option<&GrantedRole>, role: &GrantedRole) -> Self {
        let row = Self { expected: invited_as.map(GrantedRole::code), ..self };
        if !access.enforced().document().invitation_domains.allow(domain) {
            row.refused(RowProblem::ForeignDomain)
        } else if invited_as == Some(role) {
            row.unchanged()
        } else if covers(access, role.permissions()) && invited_as.is_none_or(|role| covers(access, role.permissions()))
        {
            row
        } else {
            row.refused(RowProblem::Above)
        }
    }
}

fn covers(access: &Access, held: Permissions) -> bool {
    access.permissions().cover(held)
}
