//! The forms of the roles' pages.

use axum::Form;
use axum::extract::Path;
use domain::roles::RoleForm;
use serde::ser::{Serialize, SerializeMap, Serializer};
use server::roles;

use super::{Pairs, custom_id, matrix, texts};
use crate::context::Organization;
use crate::flash::Done;
use crate::forms::{self, Answer};

/// Makes a role.
///
/// # Errors
/// A page about it.
pub async fn create(org: Organization, Form(pairs): Pairs) -> Answer {
    let form = RoleForm::from_pairs(texts(&pairs));
    match roles::create(&org.access, &form).await {
        Ok(id) => {
            let done = Done::RoleCreated { name: form.name.trim().to_owned() };
            Ok(forms::done(&org.page, &org.path(&format!("/roles/{id}")), done))
        }
        Err(error) => forms::back(&org.page, &org.path("/roles/new"), &form, error),
    }
}

/// Changes a role.
///
/// # Errors
/// A page about it.
pub async fn save(org: Organization, Path((_, code)): Path<(String, String)>, Form(pairs): Pairs) -> Answer {
    let id = custom_id(&code)?;
    let form = RoleForm::from_pairs(texts(&pairs));
    let page = org.path(&format!("/roles/{code}"));
    match roles::save(&org.access, id, &form).await {
        Ok(()) => Ok(forms::done(&org.page, &page, Done::RolesSaved { count: 1 })),
        Err(error) => forms::back(&org.page, &page, &form, error),
    }
}

/// Changes roles by the matrix.
///
/// # Errors
/// A page about it.
pub async fn save_matrix(org: Organization, Form(pairs): Pairs) -> Answer {
    let page = org.path("/roles");
    let saved = match matrix::wishes(org.access.book(), org.access.permissions(), &pairs) {
        Ok(wishes) => roles::save_all(&org.access, &wishes).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(count) => Ok(forms::done(&org.page, &page, Done::RolesSaved { count })),
        Err(error) => {
            let typed = matrix::typed(org.access.book(), org.access.permissions(), &pairs);
            forms::back(&org.page, &page, &Typed(&typed), error)
        }
    }
}

/// Deletes a role.
///
/// # Errors
/// A page about it.
pub async fn delete(org: Organization, Path((_, code)): Path<(String, String)>) -> Answer {
    match roles::delete(&org.access, custom_id(&code)?).await {
        Ok(role) => Ok(forms::done(&org.page, &org.path("/roles"), Done::RoleDeleted { name: role.name.to_string() })),
        Err(error) => forms::back(&org.page, &org.path(&format!("/roles/{code}")), &(), error),
    }
}

/// Fields as they were sent, of which some are there several times.
pub(crate) struct Typed<'a>(pub(crate) &'a [(String, String)]);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut map = serializer.serialize_map(Some(names.len()))?;
        for name in names {
            let values: Vec<&str> = texts(self.0).filter(|(of, _)| *of == name).map(|(_, value)| value).collect();
            map.serialize_entry(name, &values)?;
        }
        map.end()
    }
}
