//! Acts on many members: looked at first, then written down as a job, then done row by row.

mod work;

use domain::audit::{Action, Public};
use domain::fields::FieldProblem;
use domain::ids::{AccountId, GroupId, JobId};
use domain::jobs::JobKind;
use domain::members::{MemberQuery, MemberStatus};
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permission, Permissions, Role, RoleId};

pub(crate) use work::{actor, work};

use super::sql::{self, Alike, Selected};
use super::{ACCESS_ENDED, REMOVED, RESUMED, ROLE_CHANGED, SUSPENDED, require_filter};
use crate::access::Access;
use crate::error::Error;
use crate::jobs::{self, NewJob};
use crate::policy::REMINDED;
use crate::roles::{MEMBER_ADDED, MEMBER_REMOVED};
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
    /// Who is above whoever asks, and what they may do is no business of theirs.
    pub above: u64,
    /// Whether whoever asks is among them, to whom nothing is done.
    pub yourself: bool,
    /// Whether somebody would get a role that holds more than their present one, come into a group that carries more than
    /// they hold, or get rights back that are more than a plain member's.
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
    /// The id of the group, for what is done to one.
    pub group: String,
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
        JobKind::Join | JobKind::Leave => Permission::ManageGroups,
        _ => Permission::ManageMembers,
    }
}

/// Under which action an act on one of them is on record.
fn action(kind: JobKind) -> Action {
    match kind {
        JobKind::Role | JobKind::Import => ROLE_CHANGED,
        JobKind::Join => MEMBER_ADDED,
        JobKind::Leave => MEMBER_REMOVED,
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
    access.require(Permission::ViewMembers, action(kind)).await?;
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
    aim: Option<&Aim>,
    selection: &Selection,
) -> Result<Outlook, Error> {
    let query = selection.query();
    let tally = sql::tally(tx, &selected(access, selection, &query), access.account()).await?;
    Ok(tally.iter().fold(Outlook::default(), |outlook, alike| outlook.with(access, kind, aim, alike)))
}

impl Outlook {
    /// The same with some more members.
    fn with(mut self, access: &Access, kind: JobKind, aim: Option<&Aim>, alike: &Alike) -> Self {
        // Whoever manages groups puts anybody into those that carry nothing above them.
        let judged_by_rank = !matches!(kind, JobKind::Remind | JobKind::Join | JobKind::Leave);
        self.total += alike.count;
        if alike.is_oneself && kind != JobKind::Remind {
            self.yourself = true;
        } else if judged_by_rank && !access.permissions().cover(alike.permissions) {
            self.above += alike.count;
        } else if is_so(kind, aim, alike) {
            self.unchanged += alike.count;
        } else {
            self.changing += alike.count;
            self.elevates |= match (kind, aim) {
                (JobKind::Resume, _) => !Role::Member.permissions().cover(alike.permissions),
                (JobKind::Join, Some(Aim::Group(_, carried))) => !alike.permissions.cover(*carried),
                (_, Some(Aim::Role(role))) => !alike.role.permissions().cover(role.permissions()),
                _ => false,
            };
        }
        self
    }
}

/// Whether members are already what they are to become.
fn is_so(kind: JobKind, aim: Option<&Aim>, alike: &Alike) -> bool {
    let in_group = || matches!(aim, Some(Aim::Group(group, _)) if alike.groups.contains(group));
    match kind {
        JobKind::Role => matches!(aim, Some(Aim::Role(role)) if *role == alike.role),
        JobKind::Join => in_group(),
        JobKind::Leave => aim.is_some() && !in_group(),
        JobKind::Suspend => alike.status == MemberStatus::Suspended,
        JobKind::Resume => alike.status == MemberStatus::Active,
        JobKind::Remind => alike.status != MemberStatus::Active,
        JobKind::Remove | JobKind::EndAccess | JobKind::Import => false,
    }
}

/// Writes an act down, to be done by a worker: whom it is about is settled with this.
///
/// # Errors
/// Forbidden, also when the role or the group is above whoever asks; other members are selected by now than the form was shown for
/// ([`Problem::Changed`]); another number than that of those who would be removed, at the field `confirmation`; a step-up
/// is needed for a role that holds more than somebody's present one, and for rights that come back; too many jobs are not over.
pub async fn start(access: &Access, form: &BulkForm, selection: &Selection) -> Result<JobId, Error> {
    let kind = form.kind;
    access.require(Permission::ViewMembers, action(kind)).await?;
    access.require(needs(kind), action(kind)).await?;
    require_filter(access, &selection.query(), action(kind)).await?;
    let aim = Aim::of(access, form).await?;
    let mut tx = access.begin().await?;
    let outlook = look(access, &mut tx, kind, aim.as_ref(), selection).await?;
    if outlook.total == 0 || outlook.total.to_string() != form.expected {
        return Err(Problem::Changed.into());
    }
    if kind == JobKind::Remove && outlook.changing.to_string() != form.confirmation.trim() {
        return Err(Error::field("confirmation", FieldProblem::DoesNotMatch));
    }
    if outlook.elevates {
        access.require_fresh()?;
    }
    let job = NewJob::of(access, kind, outlook.elevates);
    let id = jobs::add(&mut tx, &job).await?;
    let query = selection.query();
    sql::note(&mut tx, &selected(access, selection, &query), id, wish(kind, aim.as_ref()).as_deref()).await?;
    let counts = jobs::enqueue(&mut tx, access, &job).await?;
    let mut entry = jobs::started(access, id, kind, counts);
    entry = match aim {
        Some(Aim::Role(role)) => entry.added("role", Public(role.code())),
        Some(Aim::Group(group, _)) => entry.added("group", Public(group.to_string())),
        None => entry,
    };
    tx.commit(access.request(), entry).await?;
    Ok(id)
}

fn parse_role(code: &str) -> Result<RoleId, Error> {
    RoleId::from_code(code).ok_or_else(|| Error::field("role", FieldProblem::UnknownChoice))
}

/// What members are to have after an act, where the form says it.
enum Aim {
    Role(GrantedRole),
    /// A group, and what it carries.
    Group(GroupId, Permissions),
}

impl Aim {
    /// What a form says, if whoever asks may give it.
    async fn of(access: &Access, form: &BulkForm) -> Result<Option<Self>, Error> {
        match form.kind {
            // Of each row it is judged whether owners have to approve it.
            JobKind::Role => Ok(Some(Self::Role(access.role_held(parse_role(&form.role)?, ROLE_CHANGED).await?))),
            JobKind::Join | JobKind::Leave => {
                let group = form.group.parse().ok().and_then(|id| access.book().group(id));
                let id = group.ok_or_else(|| Error::field("group", FieldProblem::UnknownChoice))?.id;
                let carried = access.book().carried(id);
                if !access.permissions().cover(carried) {
                    return Err(access.deny(action(form.kind), needs(form.kind).code()).await?);
                }
                Ok(Some(Self::Group(id, carried)))
            }
            _ => Ok(None),
        }
    }
}

/// What a job wishes for each of its rows: the code of a role or of a status, or the id of a group.
fn wish(kind: JobKind, aim: Option<&Aim>) -> Option<String> {
    match kind {
        JobKind::Role | JobKind::Join | JobKind::Leave => aim.map(|aim| match aim {
            Aim::Role(role) => role.code(),
            Aim::Group(group, _) => group.to_string(),
        }),
        JobKind::Suspend => Some(MemberStatus::Suspended.code().to_owned()),
        JobKind::Resume => Some(MemberStatus::Active.code().to_owned()),
        JobKind::Remove | JobKind::Remind | JobKind::EndAccess | JobKind::Import => None,
    }
}
