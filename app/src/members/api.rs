//! The forms of the members' pages.

use axum::Form;
use axum::extract::Path;
use domain::fields::FieldProblem;
use domain::roles::{Permissions, RoleId, new_conflicts};
use serde::{Deserialize, Serialize};
use server::Error;
use server::members::{self, RoleChange};

use super::{MemberPath, member_id};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// The rule that somebody breaks by what they hold now, and did not before.
pub(crate) fn broken_rule(before: Permissions, after: Permissions) -> Option<String> {
    let rule = new_conflicts(before, after).next()?;
    let lower = |text: &str| text[..1].to_lowercase() + &text[1..];
    let (first, second) = (lower(rule.first.describe()), lower(rule.second.describe()));
    Some(format!("they may {first} and {second} now ({}). {}", rule.code, rule.why))
}

/// The form "Change role".
#[derive(Serialize, Deserialize)]
pub struct RoleForm {
    #[serde(default)]
    role: String,
    /// It takes back a change, which is not offered to be taken back again.
    #[serde(default, skip_serializing)]
    undo: Option<String>,
}

/// Gives a member another role.
///
/// # Errors
/// A page about it.
pub async fn change_role(org: Organization, Path((_, member)): MemberPath, Form(form): Form<RoleForm>) -> Answer {
    let id = member_id(&member)?;
    let changed = match RoleId::from_code(&form.role) {
        Some(role) => members::change_role(&org.access, id, role).await,
        None => Err(Error::field("role", FieldProblem::UnknownChoice)),
    };
    match changed {
        Ok(RoleChange { member, former }) => {
            let before = org.access.book().effective(former.id(), &member.groups);
            // Of a built-in role it is no news.
            let conflict = member.role.id().custom().and_then(|_| broken_rule(before, member.permissions));
            let done = Done::RoleChanged { name: member.name, role: member.role.name().to_owned(), conflict };
            let list = org.path("/members");
            // Who has changed their own role may not hold the former any more.
            if form.undo.is_some() || member.role == former || id == org.access.account() {
                return Ok(forms::done(&org.page, &list, done));
            }
            let former = former.code();
            let values = [("role", former.as_str()), ("undo", "yes")];
            Ok(forms::done_with_undo(&org.page, &list, done, org.page.path().to_owned(), &values))
        }
        Err(error) => forms::back_or_ask(&org.page, org.page.path(), &form, error),
    }
}

/// Keeps a member out.
///
/// # Errors
/// A page about it.
pub async fn suspend(org: Organization, Path((_, member)): MemberPath) -> Answer {
    match members::suspend(&org.access, member_id(&member)?).await {
        Ok(member) => {
            let resume = org.path(&format!("/members/{}/resume", member.id));
            let done = Done::MemberSuspended { name: member.name };
            Ok(forms::done_with_undo(&org.page, &org.path("/members"), done, resume, &[]))
        }
        Err(error) => forms::back(&org.page, &org.path("/members"), &(), error),
    }
}

/// Lets a member in again.
///
/// # Errors
/// A page about it.
pub async fn resume(org: Organization, Path((_, member)): MemberPath) -> Answer {
    match members::resume(&org.access, member_id(&member)?).await {
        Ok(member) => Ok(forms::done(&org.page, &org.path("/members"), Done::MemberResumed { name: member.name })),
        Err(error) => forms::back(&org.page, &org.path("/members"), &(), error),
    }
}

/// Ends a member's access for all sessions of now.
///
/// # Errors
/// A page about it.
pub async fn end_access(org: Organization, Path((_, member)): MemberPath) -> Answer {
    let id = member_id(&member)?;
    let page = org.path(&format!("/members/{id}"));
    match members::end_access(&org.access, id).await {
        Ok(member) => Ok(forms::done(&org.page, &page, Done::AccessEnded { name: member.name })),
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}

/// The form that asks to type a name before something that cannot be undone.
#[derive(Serialize, Deserialize)]
pub struct ConfirmationForm {
    #[serde(default)]
    confirmation: String,
}

impl ConfirmationForm {
    fn check(&self, expected: &str) -> Result<(), Error> {
        let right = self.confirmation.trim() == expected.trim();
        if right { Ok(()) } else { Err(Error::field("confirmation", FieldProblem::DoesNotMatch)) }
    }
}

/// Takes a member out of the organization.
///
/// # Errors
/// A page about it.
pub async fn remove(org: Organization, Path((_, member)): MemberPath, Form(form): Form<ConfirmationForm>) -> Answer {
    let id = member_id(&member)?;
    match members::remove(&org.access, id, |member| form.check(&member.name)).await {
        Ok(member) => Ok(forms::done(&org.page, &org.path("/members"), Done::MemberRemoved { name: member.name })),
        Err(error) => forms::back(&org.page, org.page.path(), &form, error),
    }
}

/// Leaves the organization.
///
/// # Errors
/// A page about it.
pub async fn leave(org: Organization, Form(form): Form<ConfirmationForm>) -> Answer {
    let left = match form.check(org.access.organization()) {
        Ok(()) => members::leave(&org.access).await,
        Err(error) => Err(error),
    };
    match left {
        Ok(()) => Ok(forms::done(&org.page, "/", Done::Left { organization: org.access.organization().to_owned() })),
        Err(error) => forms::back(&org.page, org.page.path(), &form, error),
    }
}
