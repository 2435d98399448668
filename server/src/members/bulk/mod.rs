//! Acts on many members: looked at first, then written down as a job, then done row by row.

mod work;

use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, JobId};
use domain::jobs::JobKind;
use domain::members::{MemberQuery, MemberStatus};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Role, RoleId};

pub(crate) use work::{actor, work};

use super::sql::{self, Alike, Selected};
use super::{ACCESS_ENDED, REMOVED, RESUMED, ROLE_CHANGED, SUSPENDED, require_filter};
use crate::access::Access;
use crate::error::Error;
use crate::jobs::{self, NewJob};
use crate::policy::REMINDED;
use crate::store::TenantTx;

/// How many names a page shows of those who are selected.
const NAMES: i64 = 10;

/// Whom an act is about.
#[derive(Clone, Debug)]
pub enum Selection {
    /// These. Whoever is no member is nobody.
    These(Vec<AccountId>),
    /// All that a query asks for, on whatever page.
    Matching(MemberQuery),
}

impl Selection {
    fn ids(&self) -> Option<&[AccountId]> {
        match self {
            Self::These(ids) => Some(ids),
            Self::Matching(_) => None,
        }
    }

    fn query(&self) -> MemberQuery {
        match self {
            Self::These(_) => MemberQuery::default(),
            Self::Matching(query) => MemberQuery { cursor: None, ..query.clone() },
        }
    }
}

/// What an act would come to, as far as can be told before it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Everybody who is selected.
    pub total: u64,
    /// To whom it would be done.
    pub changing: u64,
    /// Who is so already.
    pub unchanged: u64,
    /// Who is above whoever asks.
    pub above: u64,
    /// Whether whoever asks is among them, to whom nothing is done.
    pub yourself: bool,
    /// Whether somebody would get a role that holds more than their present one, or rights back that are more than a plain
    /// member's.
    elevates: bool,
}

/// An act on many members that somebody thinks of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it would come to.
    pub outlook: Outlook,
    /// The first of those who are selected.
    pub names: Vec<String>,
}

/// An act on many members, as a form says it.
#[derive(Clone, Debug)]
pub struct BulkForm {
    /// What is to be done.
    pub kind: JobKind,
    /// The code of the role to give, for a change of roles.
    pub role: String,
    /// How many members were selected when the form was shown.
    pub expected: String,
    /// The number that was typed, where one is asked for.
    pub confirmation: String,
}

/// What somebody needs for an act on many members.
pub fn needs(kind: JobKind) -> Permission {
    match kind {
        JobKind::Remind => Permission::ManagePolicy,
        JobKind::Import => Permission::InviteMembers,
        _ => Permission::ManageMembers,
    }
}

/// Under which action an act on one of them is on record.
fn action(kind: JobKind) -> Action {
    match kind {
        JobKind::Role | JobKind::Import => ROLE_CHANGED,
        JobKind::Suspend => SUSPENDED,
        JobKind::Resume => RESUMED,
        JobKind::Remove => REMOVED,
        JobKind::Remind => REMINDED,
        JobKind::EndAccess => ACCESS_ENDED,
    }
}

/// What an act would come to.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn plan(access: &Access, kind: JobKind, selection: &Selection) -> Result<Plan, Error> {
    access.require(needs(kind), action(kind)).await?;
    require_filter(access, &selection.query(), action(kind)).await?;
    let mut tx = access.begin().await?;
    let outlook = look(access, &mut tx, kind, None, selection).await?;
    let query = selection.query();
    let names = sql::first_names(&mut tx, &selected(access, selection, &query), NAMES).await?;
    tx.close();
    Ok(Plan { outlook, names })
}

fn selected<'a>(access: &'a Access, selection: &'a Selection, query: &'a MemberQuery) -> Selected<'a> {
    Selected { ids: selection.ids(), query, policy: access.policy(), now: access.request().now }
}

async fn look(
    access: &Access,
    tx: &mut TenantTx,
    kind: JobKind,
    role: Option<&GrantedRole>,
    selection: &Selection,
) -> Result<Outlook, Error> {
    let query = selection.query();
    let tally = sql::tally(tx, &selected(access, selection, &query), access.account()).await?;
    Ok(tally.iter().fold(Outlook::default(), |outlook, alike| outlook.with(access, kind, role, alike)))
}

impl Outlook {
    /// The same with some more members.
    fn with(mut self, access: &Access, kind: JobKind, role: Option<&GrantedRole>, alike: &Alike) -> Self {
        self.total += alike.count;
        if alike.is_oneself && kind != JobKind::Remind {
            self.yourself = true;
        } else if kind != JobKind::Remind && !access.permissions().cover(alike.permissions) {
            self.above += alike.count;
        } else if is_so(kind, role, alike) {
            self.unchanged += alike.count;
        } else {
            self.changing += alike.count;
            self.elevates |= match (kind, role) {
                (JobKind::Resume, _) => !Role::Member.permissions().cover(alike.permissions),
                (_, Some(role)) => !alike.role.permissions().cover(role.permissions()),
                _ => false,
            };
        }
        self
    }
}

/// Whether members are already what they are to become.
fn is_so(kind: JobKind, role: Option<&GrantedRole>, alike: &Alike) -> bool {
    match kind {
        JobKind::Role => role.is_some_and(|role| *role == alike.role),
        JobKind::Suspend => alike.status == MemberStatus::Suspended,
        JobKind::Resume => alike.status == MemberStatus::Active,
        JobKind::Remind => alike.status != MemberStatus::Active,
        JobKind::Remove | JobKind::EndAccess | JobKind::Import => false,
    }
}

/// Writes an act down, to be done by a worker: whom it is about is settled with this.
///
/// # Errors
/// Forbidden, also when the role is above whoever asks; other members are selected by now than the form was shown for
/// ([`Problem::Changed`]); another number than that of those who would be removed, at the field `confirmation`; a step-up
/// is needed for a role that holds more than somebody's present one, and for rights that come back; too many jobs are not over.
pub async fn start(access: &Access, form: &BulkForm, selection: &Selection) -> Result<JobId, Error> {
    let kind = form.kind;
    access.require(needs(kind), action(kind)).await?;
    require_filter(access, &selection.query(), action(kind)).await?;
    let role = match kind {
        JobKind::Role => Some(access.role_to_give(parse_role(&form.role)?, ROLE_CHANGED).await?),
        _ => None,
    };
    let mut tx = access.begin().await?;
    let outlook = look(access, &mut tx, kind, role.as_ref(), selection).await?;
    if outlook.total == 0 || outlook.total.to_string() != form.expected {
        return Err(Problem::Changed.into());
    }
    if kind == JobKind::Remove && outlook.changing.to_string() != form.confirmation.trim() {
        return Err(Error::field("confirmation", FieldProblem::DoesNotMatch));
    }
    if outlook.elevates {
        access.visitor().require_fresh(access.request())?;
    }
    let job = NewJob::of(access, kind, outlook.elevates);
    let id = jobs::add(&mut tx, &job).await?;
    let query = selection.query();
    sql::note(&mut tx, &selected(access, selection, &query), id, wish(kind, role.as_ref()).as_deref()).await?;
    let counts = jobs::enqueue(&mut tx, access, &job).await?;
    let mut entry = jobs::started(access, id, kind, counts);
    if let Some(role) = role {
        entry = entry.added("role", Public(role.code()));
    }
    tx.commit(access.request(), entry).await?;
    Ok(id)
}

fn parse_role(code: &str) -> Result<RoleId, Error> {
    RoleId::from_code(code).ok_or_else(|| Error::field("role", FieldProblem::UnknownChoice))
}

/// What a job wishes for each of its rows: the code of a role or of a status.
fn wish(kind: JobKind, role: Option<&GrantedRole>) -> Option<String> {
    match kind {
        JobKind::Role => role.map(GrantedRole::code),
        JobKind::Suspend => Some(MemberStatus::Suspended.code().to_owned()),
        JobKind::Resume => Some(MemberStatus::Active.code().to_owned()),
        JobKind::Remove | JobKind::Remind | JobKind::EndAccess | JobKind::Import => None,
    }
}
