//! Whoever runs the platform, with an account of their own: the way into the operator's console, and what it shows and does.
//!
//! An operator is an account that is noted as one (at the command line alone) and has proven itself in two ways. The console
//! shows metadata of organizations, over a login that can read nothing else; what it does goes the ways of the command line.

mod acts;
mod capacity;
mod hand;
mod load;
mod neighbours;
mod organizations;
mod roster;
mod sql;

use std::sync::Arc;

use domain::audit::{Actor, Fact};
use domain::operators::PROOF_LIFETIME;
use domain::policy::SignInMethod;
use domain::problem::Problem;
use time::OffsetDateTime;

pub use acts::{assign_plan, create, keep, schedule_deletion, set_status};
pub(crate) use capacity::measure;
pub use capacity::{Capacity, Memory, capacity};
pub(crate) use hand::{Hand, as_the_operators};
pub(crate) use load::Load;
pub use load::{LOAD_WINDOW, Work, note_work};
pub use neighbours::{Neighbours, Pressed, Waiting, neighbours};
pub use organizations::{Detail, OrganizationRow, list, lookup};
pub(crate) use roster::removed_with_account;
pub use roster::{Added, OperatorRow, add, has_account, list as list_operators, remove};

use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::Visitor;

/// An operator inside of the console. Only [`enter`] makes one. Cheap to clone.
#[derive(Clone)]
pub struct OperatorAccess {
    request: Arc<RequestContext>,
    visitor: Arc<Visitor>,
}

impl OperatorAccess {
    /// The request that it is for.
    pub fn request(&self) -> &RequestContext {
        &self.request
    }

    /// Who asks.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Goes on only with a fresh proof of who they are: what every change asks.
    ///
    /// # Errors
    /// [`Problem::StepUpFirst`].
    pub fn require_fresh(&self) -> Result<(), Error> {
        self.visitor.require_fresh(&self.request)
    }

    /// How the platform's entries name them.
    pub(crate) fn actor(&self) -> Actor<Fact> {
        Actor::operator_account(self.visitor.account.id, self.visitor.account.name.clone())
    }
}

/// Lets an operator into the console. Whether somebody is one is asked anew for every request.
///
/// # Errors
/// Not found, for everybody else; [`Problem::EnrolFirst`], without a second factor; [`Problem::StepUpFirst`], when none was
/// shown in this session or that was long ago; the database does not answer.
pub async fn enter(request: &RequestContext, visitor: &Visitor) -> Result<OperatorAccess, Error> {
    // Over everybody's connections: those of the console are few, and strangers do not wait there.
    if !sql::is_operator(request.portal().store().identity_pool(), visitor.account.id).await? {
        return Err(Problem::NotFound.into());
    }
    if !visitor.factors.factors().any() {
        return Err(Problem::EnrolFirst.into());
    }
    if !is_proven(visitor, request.now) {
        return Err(Problem::StepUpFirst.into());
    }
    Ok(OperatorAccess { request: Arc::new(request.clone()), visitor: Arc::new(visitor.clone()) })
}

/// Whether somebody has shown more than a password in their session, and not long ago: what the console asks.
pub fn is_proven(visitor: &Visitor, now: OffsetDateTime) -> bool {
    visitor.method != SignInMethod::Password && now - visitor.authenticated_at < PROOF_LIFETIME
}
