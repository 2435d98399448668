//! How whoever runs the platform comes, and what their acts leave on record.

use domain::audit::{Actor, Context, Draft, Fact};

use super::OperatorAccess;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::{TenantRef, TenantTx};

/// Whoever runs the platform: at the command line, where they need no account, or in the console.
#[derive(Clone, Copy)]
pub(crate) enum Hand<'a> {
    /// At the command line.
    CommandLine(&'a RequestContext),
    /// In the console.
    Console(&'a OperatorAccess),
}

impl<'a> Hand<'a> {
    /// The request that it is for.
    pub(crate) fn request(self) -> &'a RequestContext {
        match self {
            Self::CommandLine(request) => request,
            Self::Console(access) => access.request(),
        }
    }

    /// How the platform's entries name them.
    pub(crate) fn actor(self) -> Actor<Fact> {
        match self {
            Self::CommandLine(_) => Actor::operator(),
            Self::Console(access) => access.actor(),
        }
    }

    /// Begins an act on an organization, as the administrator.
    pub(crate) async fn begin(self, tenant: &TenantRef) -> Result<TenantTx, Error> {
        self.request().portal().store().administer(tenant).await
    }

    /// Keeps an act on an organization, which reads of it in its trail. What was done in the console is in the platform's
    /// trail, too, with the account that has done it.
    pub(crate) async fn keep(self, tx: TenantTx, entry: Draft) -> Result<(), Error> {
        let request = self.request();
        match self {
            Self::CommandLine(_) => tx.commit(request, entry).await,
            Self::Console(_) => tx.commit_on_both(request, as_the_operators(entry.clone(), request), entry).await,
        }
    }
}

/// An entry as an organization reads it: the platform's operator has done it. Which of them, and from where, is in the
/// platform's trail, where the same request is found by its id.
pub(crate) fn as_the_operators(entry: Draft, request: &RequestContext) -> Draft {
    let context = Context { request_id: request.request_id.clone(), ..Context::default() };
    entry.told_as(Actor::operator(), context)
}
