//! Deleting one's account.
//!
//! It leaves every organization first, each in a transaction of its own and with an entry in its trail, and then goes
//! with everything that is the platform's of it. What a cut between the two leaves is whole: an account that is in fewer
//! organizations, and can be deleted again. What stays are the entries of audit trails, whose names are sealed, and the
//! invitations that organizations have sent to its address, which are theirs.

use domain::audit::{Action, Draft, Personal};
use domain::email::EmailAddress;
use domain::fields::FieldProblem;
use domain::organizations::OrganizationLink;
use domain::problem::Problem;

use super::{address, sql};
use crate::error::Error;
use crate::members;
use crate::operators;
use crate::outbox::{self, Letter};
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};

const DELETED: Action = Action::new("account.deleted");

/// Organizations that keep somebody's account from going.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obstacles {
    /// Nobody else is an active owner there.
    pub owned: Vec<OrganizationLink>,
    /// They are being upgraded, and nobody can leave them now.
    pub behind: Vec<OrganizationLink>,
}

impl Obstacles {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.owned.is_empty() && self.behind.is_empty()
    }
}

/// What keeps the account from going now.
///
/// # Errors
/// The database does not answer.
pub async fn obstacles(request: &RequestContext, visitor: &Visitor) -> Result<Obstacles, Error> {
    let mut found = Obstacles::default();
    for tenant in &visitor.memberships.all {
        match members::is_only_owner(request, tenant, visitor.account.id).await {
            Ok(true) => found.owned.push(tenant.into()),
            Ok(false) => {}
            Err(Error::Refused(problem)) if problem.is_behind() => found.behind.push(tenant.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Deletes the account of whoever asks, who has typed its address.
///
/// # Errors
/// A step-up is needed; another address was typed, at the field `address`; [`Problem::LastOwner`] or
/// [`Problem::OrganizationBehind`], as [`obstacles`] tells; [`Problem::Changed`], when they joined an organization meanwhile.
pub async fn delete(request: &RequestContext, visitor: &Visitor, typed: &str) -> Result<(), Error> {
    visitor.require_fresh(request)?;
    if typed.trim().to_lowercase() != visitor.account.email {
        return Err(Error::field("address", FieldProblem::DoesNotMatch));
    }
    // Before anything is left: a session that has ended meanwhile takes nobody out of anything, and it is the same account
    // if it cannot go.
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    tx.end().await?;
    let found = obstacles(request, visitor).await?;
    if !found.owned.is_empty() {
        return Err(Problem::LastOwner.into());
    }
    if !found.behind.is_empty() {
        return Err(Problem::OrganizationBehind.into());
    }
    for tenant in &visitor.memberships.all {
        members::depart(request, visitor, tenant).await?;
    }
    erase(request, visitor).await
}

async fn erase(request: &RequestContext, visitor: &Visitor) -> Result<(), Error> {
    let account = visitor.account.id;
    let mut tx = request.portal().store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    let (name, email) = sql::lookup_name(tx.conn(), account).await?.ok_or(Problem::Changed)?;
    let email = EmailAddress::stored(email);
    let was = operators::removed_with_account(request, tx.conn(), (account, visitor.actor()), &email).await?;
    address::drop_pending(tx.conn(), account, request.now).await?;
    outbox::erase(tx.conn(), account, &email).await?;
    sql::erase(tx.conn(), account)
        .await
        .map_err(|error| if error.violates("memberships_account_id_fkey") { Problem::Changed.into() } else { error })?;
    outbox::post(tx.conn(), request, Letter::AccountDeleted { account, to: &email, name: &name }).await?;
    let entry =
        Draft::done(DELETED, visitor.actor()).target("account", account, Personal(name)).within(request.audited());
    tx.commit_all(request, was.into_iter().chain([entry]).collect()).await?;
    request.portal().limits().sign_in_account.forget(&email);
    Ok(())
}
