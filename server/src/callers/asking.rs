//! What programs have in common with members who come with a session.

use std::sync::Arc;

use domain::audit::{Actor, Fact};
use domain::ids::{SessionId, TenantId};
use domain::policy::EnforcedPolicy;
use domain::roles::{Permissions, RoleBook};

use super::Caller;
use crate::access::Asking;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantTx;

impl Asking for Caller {
    fn request(&self) -> &RequestContext {
        self.request()
    }

    fn tenant(&self) -> TenantId {
        self.tenant()
    }

    fn organization(&self) -> &str {
        &self.standing.tenant.name
    }

    fn book(&self) -> &Arc<RoleBook> {
        self.book()
    }

    fn enforced(&self) -> &Arc<EnforcedPolicy> {
        self.enforced()
    }

    fn permissions(&self) -> Permissions {
        self.permissions()
    }

    fn actor(&self) -> Actor<Fact> {
        self.actor()
    }

    fn visit(&self) -> SessionId {
        SessionId(self.key().0)
    }

    fn is_program(&self) -> bool {
        true
    }

    async fn begin(&self) -> Result<TenantTx, Error> {
        self.begin().await
    }

    async fn administer(&self) -> Result<TenantTx, Error> {
        self.request().portal().store().derive(&self.standing.tenant).await
    }
}
