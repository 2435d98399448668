//! The operator's console: which organizations there are and how they are, and nothing of what is in them.

mod acts;
mod capacity;
mod create;
mod delete;
mod detail;
mod done;
mod list;
mod neighbours;
mod parts;
mod table;

use std::future::{Ready, ready};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{Redirect, Response};
use domain::ids::TenantId;
use domain::problem::Problem;
use domain::text::isolated;
use leptos::prelude::*;
use server::operators::OperatorAccess;

pub use acts::{assign_plan, keep, resume, suspend};
pub use capacity::page as capacity_page;
pub use create::{create, new_page};
pub use delete::{delete, delete_page};
pub use detail::page as organization_page;
pub use done::OperatorDone;
pub use list::page as organizations_page;
pub use neighbours::page as neighbours_page;

use crate::context::PageContext;
use crate::problems::Fault;
use crate::state::AppState;
use crate::ui::{Crumb, Frame};

/// Where all of it is.
const HOME: &str = "/operator";
/// The list that it begins with.
pub(crate) const ORGANIZATIONS: &str = "/operator/organizations";
/// The page of what presses on others.
pub(crate) const NEIGHBOURS: &str = "/operator/neighbours";
/// The page of how large everything is.
pub(crate) const CAPACITY: &str = "/operator/capacity";

/// Whether an address is one of the console's.
pub(crate) fn is_of_console(address: &str) -> bool {
    address.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// An operator inside of the console, as the gate has let them in. Cheap to clone.
#[derive(Clone)]
pub struct Console {
    /// Who, and what opens it.
    pub access: OperatorAccess,
    /// The request.
    pub page: Arc<PageContext>,
}

impl FromRequestParts<AppState> for Console {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let access = parts.extensions.get::<OperatorAccess>().cloned().ok_or(Fault::Problem(Problem::NotFound))?;
        let Ok(page) = PageContext::from_request_parts(parts, state).await;
        Ok(Self { access, page: Arc::new(page) })
    }
}

impl Console {
    /// Renders a page inside of the console's frame.
    pub async fn render(&self, title: &str, content: impl FnOnce() -> AnyView + Send + 'static) -> Response {
        let frame = crate::nav::of_console(&self.page, self.access.visitor());
        let notice = self.page.clone();
        let title = format!("{} · Operator", isolated(title));
        let view = move || view! { <Frame data=frame>{notice.notice()} {content()}</Frame> }.into_any();
        self.page.render(&title, view).await
    }
}

/// `/operator`: to the list that it begins with.
pub fn home(_: Console) -> Ready<Redirect> {
    ready(Redirect::to(ORGANIZATIONS))
}

/// The id of an organization in an address. What is no id is nobody's.
type OrganizationPath = Path<String>;

fn organization_id(text: &str) -> Result<TenantId, Fault> {
    text.parse().map_err(|_| Fault::Problem(Problem::NotFound))
}

/// An organization's page, and what is below it.
fn address(id: TenantId, rest: &str) -> String {
    format!("{ORGANIZATIONS}/{id}{rest}")
}

/// The way back up.
fn crumbs() -> Vec<Crumb> {
    vec![Crumb { label: "Organizations".into(), href: ORGANIZATIONS.into() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consoles_addresses_are_known() {
        for address in ["/operator", "/operator/", "/operator/capacity", "/operator?x", "/operator/organizations?q=1"] {
            assert!(is_of_console(address), "{address}");
        }
        for address in ["/", "/operators", "/o/operator", "/account?next=/operator", ""] {
            assert!(!is_of_console(address), "{address}");
        }
    }
}
