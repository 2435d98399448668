//! Jobs: what is done to many members, some hundred at a time, while people go on with something else.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::codes::codes;
use crate::ids::{AccountId, JobId};
use crate::problem::Problem;

/// How long what a job has changed can be put back.
pub const UNDO_FOR: Duration = Duration::hours(24);
/// How long a job and its results are kept.
pub const KEPT: Duration = Duration::days(30);
/// How long a file that was checked waits to be imported.
pub const CHECKED_FOR: Duration = Duration::hours(1);

codes! {
    /// What a job does to each of its rows.
    JobKind {
        /// Gives a member another role.
        Role = "role",
        /// Keeps a member out.
        Suspend = "suspend",
        /// Lets a member in again.
        Resume = "resume",
        /// Takes a member out of the organization.
        Remove = "remove",
        /// Puts a member into a group.
        Join = "join",
        /// Takes a member out of a group.
        Leave = "leave",
        /// Reminds a member of the second factor that is asked for.
        Remind = "remind",
        /// Ends a member's access for all sessions of now.
        EndAccess = "end_access",
        /// Invites who is in a file, or gives them the role that stands there.
        Import = "import",
    }
}

impl JobKind {
    /// Those that are done to members who are selected.
    pub const BULK: [Self; 8] =
        [Self::Role, Self::Join, Self::Leave, Self::Suspend, Self::Resume, Self::Remind, Self::EndAccess, Self::Remove];

    /// What people call it: a verb.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "Change role",
            Self::Suspend => "Suspend",
            Self::Resume => "Resume",
            Self::Remove => "Remove",
            Self::Join => "Add to group",
            Self::Leave => "Remove from group",
            Self::Remind => "Require enrolment",
            Self::EndAccess => "End access",
            Self::Import => "Import",
        }
    }

    /// What it does, as a title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Role => "Change of roles",
            Self::Suspend => "Suspension of members",
            Self::Resume => "Resumption of members",
            Self::Remove => "Removal of members",
            Self::Join => "Additions to a group",
            Self::Leave => "Removals from a group",
            Self::Remind => "Reminder of members",
            Self::EndAccess => "End of access",
            Self::Import => "Import of members",
        }
    }

    /// The kind that puts back what this one has done, if something can.
    pub const fn inverse(self) -> Option<Self> {
        match self {
            Self::Role => Some(Self::Role),
            Self::Suspend => Some(Self::Resume),
            Self::Resume => Some(Self::Suspend),
            Self::Join => Some(Self::Leave),
            Self::Leave => Some(Self::Join),
            Self::Remove | Self::Remind | Self::EndAccess | Self::Import => None,
        }
    }
}

codes! {
    /// How far a job has come.
    JobState {
        /// A file was read, and waits for somebody to say that it is right.
        Checked = "checked",
        /// Waits for its turn.
        Queued = "queued",
        /// Some rows are done, or about to be.
        Running = "running",
        /// All rows are done.
        Done = "done",
        /// Given up.
        Failed = "failed",
        /// Somebody has stopped it.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checked => "Checked",
            Self::Queued => "Waiting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether it goes on by itself.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

codes! {
    /// What became of a row.
    RowOutcome {
        /// Nothing yet.
        Pending = "pending",
        /// It was done.
        Changed = "changed",
        /// It was so already.
        Unchanged = "unchanged",
        /// It was not done.
        Refused = "refused",
    }
}

codes! {
    /// Why a row was not done.
    RowProblem {
        /// There is no such member any more.
        Gone = "gone",
        /// The member, or the role, holds more than whoever has started the job.
        Above = "above",
        /// Whoever has started the job may not do it any more.
        NoAuthority = "no_authority",
        /// It is whoever has started the job.
        Yourself = "yourself",
        /// The organization would be left without an active owner.
        LastOwner = "last_owner",
        /// It is not as the job has left it, or as it was when the file was checked.
        Changed = "changed",
        /// The role holds more than the one before, and nobody has proven who they are.
        StepUpFirst = "step_up_first",
        /// Other owners have to approve that somebody gets it.
        ApprovalFirst = "approval_first",
        /// The address cannot be one.
        Address = "address",
        /// There is no such role.
        UnknownRole = "unknown_role",
        /// The group carries more than whoever has started the job holds.
        GroupAbove = "group_above",
        /// There is no such group any more.
        UnknownGroup = "unknown_group",
        /// The address stands in a line above, too.
        Duplicate = "duplicate",
        /// There are too few values in the line, or too many.
        Fields = "fields",
        /// The line is not text in UTF-8.
        Encoding = "encoding",
        /// The line holds characters that no text has.
        Characters = "characters",
        /// The address got several invitations just now.
        MailedOften = "mailed_often",
        /// The domain of the address is none of those that may be invited.
        ForeignDomain = "foreign_domain",
        /// Another line was refused, and it was to be all or nothing.
        AllOrNothing = "all_or_nothing",
    }
}

impl From<Problem> for RowProblem {
    /// Of a member's row that was judged.
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::NotFound => Self::Gone,
            Problem::Forbidden => Self::Above,
            Problem::Yourself => Self::Yourself,
            Problem::LastOwner => Self::LastOwner,
            Problem::StepUpFirst => Self::StepUpFirst,
            Problem::MailedOften { .. } => Self::MailedOften,
            _ => Self::Changed,
        }
    }
}

/// How many rows there are, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// All of them.
    pub total: u64,
    /// Done.
    pub changed: u64,
    /// So already.
    pub unchanged: u64,
    /// Not done.
    pub refused: u64,
}

impl JobCounts {
    /// How many were looked at.
    pub fn settled(&self) -> u64 {
        self.changed + self.unchanged + self.refused
    }

    /// How many are left.
    pub fn left(&self) -> u64 {
        self.total.saturating_sub(self.settled())
    }
}

/// One job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// How far it has come.
    pub state: JobState,
    /// It puts back what this one has done.
    pub undoes: Option<JobId>,
    /// This one puts back what it has done.
    pub undone_by: Option<JobId>,
    /// Whether a row that is refused keeps all others from being done.
    pub all_or_nothing: bool,
    /// Who has started it.
    pub created_by: AccountId,
    /// Their name.
    pub creator: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was over.
    pub finished_at: Option<OffsetDateTime>,
    /// Its rows.
    pub counts: JobCounts,
}

impl Job {
    /// Whether what it has done can be put back now.
    pub fn can_be_undone(&self, now: OffsetDateTime) -> bool {
        let is_recent = self.finished_at.is_some_and(|at| now < at + UNDO_FOR);
        is_recent
            && self.kind.inverse().is_some()
            && self.counts.changed > 0
            && self.undoes.is_none()
            && self.undone_by.is_none()
    }
}

/// A row of a job: one member, or one line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Its place among the others.
    pub seq: i32,
    /// The line of the file.
    pub line: Option<i32>,
    /// The member.
    pub member: Option<AccountId>,
    /// What they are called, or nothing for somebody who is to be invited.
    pub name: String,
    /// Their address, or what stands in its place.
    pub email: String,
    /// What is to become of them: the code of a role or of a status, or the id of a group.
    pub wish: Option<String>,
    /// What was before.
    pub before: Option<String>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// Why it was not done.
    pub problem: Option<RowProblem>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use uuid::Uuid;

    #[test]
    fn what_was_undone_or_is_a_day_old_stays() {
        let now = datetime!(2026-01-02 00:00 UTC);
        let job = Job {
            id: JobId(Uuid::nil()),
            kind: JobKind::Suspend,
            state: JobState::Done,
            undoes: None,
            undone_by: None,
            all_or_nothing: false,
            created_by: AccountId(Uuid::nil()),
            creator: String::new(),
            created_at: now,
            finished_at: Some(now),
            counts: JobCounts { total: 2, changed: 1, unchanged: 1, refused: 0 },
        };
        assert!(job.can_be_undone(now));
        assert!(!job.can_be_undone(now + UNDO_FOR));
        assert!(!Job { undone_by: Some(job.id), ..job.clone() }.can_be_undone(now));
        assert!(!Job { undoes: Some(job.id), ..job.clone() }.can_be_undone(now));
        assert!(!Job { kind: JobKind::Remove, ..job.clone() }.can_be_undone(now));
        assert!(!Job { finished_at: None, ..job.clone() }.can_be_undone(now));
        assert!(!Job { counts: JobCounts::default(), ..job }.can_be_undone(now));
    }
}
