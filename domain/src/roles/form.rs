//! What is typed about a role or a group.

use serde::{Deserialize, Serialize};

use super::{Permission, Permissions, RoleId};
use crate::fields::{FieldErrors, FieldProblem};
use crate::text::{GroupName, RoleName, is_unprintable};

/// The most characters of a description.
pub const DESCRIPTION_MAX: u16 = 200;
/// The most roles that one inherits from, or a group carries.
const NAMED_MAX: usize = 20;

/// A role as it was typed. `permissions` and `parents` are codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    /// What people call it.
    pub name: String,
    /// Whom it is for.
    pub description: String,
    /// What it holds itself.
    #[serde(rename = "permission", skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// The roles that it inherits from.
    #[serde(rename = "parent", skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// The revision that was shown.
    pub revision: String,
}

/// A role that makes sense by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleWish {
    /// What people call it.
    pub name: RoleName,
    /// Whom it is for.
    pub description: String,
    /// What it holds itself.
    pub permissions: Permissions,
    /// The roles that it inherits from.
    pub parents: Vec<RoleId>,
}

/// Puts the fields of a form into these places; those that may be there several times are lists.
fn fill<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    texts: &mut [(&str, &mut String)],
    lists: &mut [(&str, &mut Vec<String>)],
) {
    for (name, value) in pairs {
        if let Some((_, text)) = texts.iter_mut().find(|(of, _)| *of == name) {
            value.clone_into(text);
        } else if let Some((_, list)) = lists.iter_mut().find(|(of, _)| *of == name) {
            list.push(value.to_owned());
        }
    }
}

impl RoleForm {
    /// Reads the fields of a form, of which some are there several times.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let Self { mut name, mut description, mut permissions, mut parents, mut revision } = Self::default();
        fill(
            pairs,
            &mut [("name", &mut name), ("description", &mut description), ("revision", &mut revision)],
            &mut [("permission", &mut permissions), ("parent", &mut parents)],
        );
        Self { name, description, permissions, parents, revision }
    }

    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<RoleWish, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", RoleName::parse(&self.name));
        let description = errors.check("description", parse_description(&self.description));
        let permissions = errors.check("permission", parse_permissions(&self.permissions));
        let parents = errors.check("parent", parse_roles(&self.parents));
        match (name, description, permissions, parents) {
            (Some(name), Some(description), Some(permissions), Some(parents)) => {
                Ok(RoleWish { name, description, permissions, parents })
            }
            _ => Err(errors),
        }
    }
}

/// A group as it was typed. `roles` are codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupForm {
    /// What people call it.
    pub name: String,
    /// Whom it is for.
    pub description: String,
    /// The roles that its members hold besides their own.
    #[serde(rename = "role", skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The revision that was shown.
    pub revision: String,
}

/// A group that makes sense by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupWish {
    /// What people call it.
    pub name: GroupName,
    /// Whom it is for.
    pub description: String,
    /// The roles that its members hold besides their own.
    pub roles: Vec<RoleId>,
}

impl GroupForm {
    /// Reads the fields of a form, of which some are there several times.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let Self { mut name, mut description, mut roles, mut revision } = Self::default();
        fill(
            pairs,
            &mut [("name", &mut name), ("description", &mut description), ("revision", &mut revision)],
            &mut [("role", &mut roles)],
        );
        Self { name, description, roles, revision }
    }

    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<GroupWish, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", GroupName::parse(&self.name));
        let description = errors.check("description", parse_description(&self.description));
        let roles = errors.check("role", parse_roles(&self.roles));
        match (name, description, roles) {
            (Some(name), Some(description), Some(roles)) => Ok(GroupWish { name, description, roles }),
            _ => Err(errors),
        }
    }
}

pub(crate) fn parse_description(raw: &str) -> Result<String, FieldProblem> {
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > usize::from(DESCRIPTION_MAX) {
        return Err(FieldProblem::TooLong(DESCRIPTION_MAX));
    }
    if text.chars().any(is_unprintable) { Err(FieldProblem::ForbiddenCharacters) } else { Ok(text) }
}

fn parse_permissions(codes: &[String]) -> Result<Permissions, FieldProblem> {
    let permissions =
        codes.iter().map(|code| Permission::from_code(code).filter(|permission| permission.is_grantable()));
    permissions.collect::<Option<Permissions>>().ok_or(FieldProblem::UnknownChoice)
}

fn parse_roles(codes: &[String]) -> Result<Vec<RoleId>, FieldProblem> {
    let roles = codes.iter().map(|code| RoleId::from_code(code)).collect::<Option<Vec<_>>>();
    let mut roles = roles.ok_or(FieldProblem::UnknownChoice)?;
    roles.sort_unstable();
    roles.dedup();
    if roles.len() > NAMED_MAX { Err(FieldProblem::UnknownChoice) } else { Ok(roles) }
}
