//! The forms of the groups' pages.

use axum::Form;
use axum::extract::Path;
use domain::roles::GroupForm;
use serde::{Deserialize, Serialize};
use server::roles::{self, Joining};

use super::group_id;
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};
use crate::members::{broken_rule, member_id};
use crate::roles::{Pairs, texts};

/// Makes a group.
///
/// # Errors
/// A page about it.
pub async fn create(org: Organization, Form(pairs): Pairs) -> Answer {
    let form = GroupForm::from_pairs(texts(&pairs));
    match roles::create_group(&org.access, &form).await {
        Ok(id) => {
            let done = Done::GroupCreated { name: form.name.trim().to_owned() };
            Ok(forms::done(&org.page, &org.path(&format!("/groups/{id}")), done))
        }
        Err(error) => forms::back(&org.page, &org.path("/groups/new"), &form, error),
    }
}

/// Changes a group.
///
/// # Errors
/// A page about it.
pub async fn save(org: Organization, Path((_, group)): Path<(String, String)>, Form(pairs): Pairs) -> Answer {
    let form = GroupForm::from_pairs(texts(&pairs));
    let page = org.path(&format!("/groups/{group}"));
    match roles::save_group(&org.access, group_id(&group)?, &form).await {
        Ok(group) => Ok(forms::done(&org.page, &page, Done::GroupSaved { name: group.name.to_string() })),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}

/// Deletes a group.
///
/// # Errors
/// A page about it.
pub async fn delete(org: Organization, Path((_, group)): Path<(String, String)>) -> Answer {
    match roles::delete_group(&org.access, group_id(&group)?).await {
        Ok(group) => {
            Ok(forms::done(&org.page, &org.path("/groups"), Done::GroupDeleted { name: group.name.to_string() }))
        }
        Err(error) => forms::back(&org.page, &org.path("/groups"), &(), error),
    }
}

/// The form "Add a member".
#[derive(Serialize, Deserialize)]
pub struct JoinForm {
    #[serde(default)]
    email: String,
}

/// Puts a member into a group.
///
/// # Errors
/// A page about it.
pub async fn add_member(
    org: Organization,
    Path((_, group)): Path<(String, String)>,
    Form(form): Form<JoinForm>,
) -> Answer {
    let page = org.path(&format!("/groups/{group}"));
    match roles::add_member(&org.access, group_id(&group)?, Joining::Email(&form.email)).await {
        Ok((group, member)) => {
            let conflict = broken_rule(member.permissions, member.permissions | org.access.book().carried(group.id));
            let done = Done::GroupJoined { name: member.name, group: group.name.to_string(), conflict };
            Ok(forms::done(&org.page, &page, done))
        }
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}

/// Takes a member out of a group.
///
/// # Errors
/// A page about it.
pub async fn remove_member(org: Organization, Path((_, group, member)): Path<(String, String, String)>) -> Answer {
    let page = org.path(&format!("/groups/{group}"));
    match roles::remove_member(&org.access, group_id(&group)?, member_id(&member)?).await {
        Ok((group, member)) => {
            let email = member.email.clone();
            let done = Done::GroupLeft { name: member.name, group: group.name.to_string() };
            let again = org.path(&format!("/groups/{}/members", group.id));
            Ok(forms::done_with_undo(&org.page, &page, done, again, &[("email", email.as_str())]))
        }
        Err(error) => forms::back(&org.page, &page, &(), error),
    }
}
