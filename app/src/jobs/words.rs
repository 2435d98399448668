//! What jobs are called, and what became of their rows, in words.

use domain::jobs::{Job, JobCounts, JobKind, JobRow, JobState, RowOutcome, RowProblem};
use domain::members::MemberStatus;
use domain::roles::RoleBook;

use crate::ui::{Tone, number};

/// What a job does, as the title of its page.
pub(super) fn title(job: &Job) -> String {
    // What is put back is called by what it was.
    let kind = job.undoes.and_then(|_| job.kind.inverse()).unwrap_or(job.kind);
    let what = match kind {
        JobKind::Role => "Change roles",
        JobKind::Join => "Add to a group",
        JobKind::Leave => "Remove from a group",
        JobKind::Suspend => "Suspend members",
        JobKind::Resume => "Resume members",
        JobKind::Remove => "Remove members",
        JobKind::Remind => "Require enrolment",
        JobKind::EndAccess => "End access",
        JobKind::Import => "Import members",
    };
    if job.undoes.is_some() { format!("Undo: {}", what.to_lowercase()) } else { what.to_owned() }
}

/// How far a job has come, in a sentence that is read out while it does.
pub(super) fn progress(counts: JobCounts) -> String {
    format!("{} of {} done", number(counts.settled()), number(counts.total))
}

/// What stands under the title of a job.
pub(super) fn state(state: JobState) -> (Tone, &'static str) {
    let tone = match state {
        JobState::Checked | JobState::Cancelled => Tone::Idle,
        JobState::Queued | JobState::Running => Tone::Info,
        JobState::Done => Tone::Ok,
        JobState::Failed => Tone::Bad,
    };
    (tone, state.name())
}

/// What became of a row, or is to become of it, in a job of this state.
pub(super) fn outcome(state: JobState, outcome: RowOutcome) -> (Tone, &'static str) {
    match outcome {
        RowOutcome::Pending if state == JobState::Checked => (Tone::Info, "To be done"),
        RowOutcome::Pending if state.is_under_way() => (Tone::Info, "Waiting"),
        RowOutcome::Pending => (Tone::Idle, "Not done"),
        RowOutcome::Changed => (Tone::Ok, "Changed"),
        RowOutcome::Unchanged => (Tone::Idle, "Unchanged"),
        RowOutcome::Refused => (Tone::Warn, "Refused"),
    }
}

/// What is behind a row's outcome: the change, or why there is none.
pub(super) fn detail(book: &RoleBook, kind: JobKind, row: &JobRow) -> String {
    if let Some(problem) = row.problem {
        return why(problem).to_owned();
    }
    let wish = row.wish.as_deref().map(|code| value(book, code));
    match (kind, row.outcome, wish, row.before.as_deref().map(|code| value(book, code))) {
        (JobKind::Import, RowOutcome::Pending | RowOutcome::Changed, Some(wish), None) if row.member.is_none() => {
            format!("Invited as {wish}")
        }
        (JobKind::Join, RowOutcome::Pending | RowOutcome::Changed, Some(wish), _) => format!("Into {wish}"),
        (JobKind::Leave, RowOutcome::Pending | RowOutcome::Changed, Some(wish), _) => format!("Out of {wish}"),
        (_, RowOutcome::Changed, Some(wish), Some(before)) => format!("{before} → {wish}"),
        (_, RowOutcome::Pending, Some(wish), _) => format!("→ {wish}"),
        _ => String::new(),
    }
}

/// What people call the code of a role or of a status, or the id of a group.
fn value(book: &RoleBook, code: &str) -> String {
    let status = || MemberStatus::from_code(code).map(|status| status.name().to_owned());
    let group = || code.parse().ok().and_then(|id| book.group(id)).map(|group| group.name.to_string());
    book.by_code(code)
        .map(|role| role.name().to_owned())
        .or_else(status)
        .or_else(group)
        .unwrap_or_else(|| code.to_owned())
}

/// Why a row was not done.
fn why(problem: RowProblem) -> &'static str {
    match problem {
        RowProblem::Gone => "Not a member any more",
        RowProblem::Above => "Holds more than whoever started this",
        RowProblem::NoAuthority => "Whoever started this may not do it any more",
        RowProblem::Yourself => "Whoever started this",
        RowProblem::LastOwner => "The last active owner",
        RowProblem::Changed => "Changed in the meantime",
        RowProblem::StepUpFirst => "It gives more than they hold: do it alone, with a fresh proof",
        RowProblem::ApprovalFirst => "Owners have to approve it: change the role on the member’s page",
        RowProblem::Address => "Not an address",
        RowProblem::UnknownRole => "No such role",
        RowProblem::GroupAbove => "The group carries more than whoever started this holds",
        RowProblem::UnknownGroup => "The group is deleted",
        RowProblem::Duplicate => "The address stands in a line above",
        RowProblem::Fields => "Not three values",
        RowProblem::Encoding => "Not text in UTF-8",
        RowProblem::Characters => "Holds characters that no text has",
        RowProblem::ForeignDomain => "Of a domain that may not be invited",
        RowProblem::MailedOften => "Got several invitations just now",
        RowProblem::AllOrNothing => "Another row was refused",
    }
}
