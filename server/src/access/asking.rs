//! What members who come with a session and programs that come with a key have in common, for the use cases of both.

use std::fmt::Display;
use std::sync::Arc;

use domain::audit::{Action, Actor, Draft, Fact, LogId, Public};
use domain::fields::FieldProblem;
use domain::ids::{SessionId, TenantId};
use domain::policy::EnforcedPolicy;
use domain::problem::Problem;
use domain::roles::{GrantedRole, Permissions, RoleBook, RoleId};

use super::Access;
use crate::error::Error;
use crate::request::RequestContext;
use crate::store::TenantTx;

/// Whoever asks inside of an organization.
pub(crate) trait Asking: Sync {
    /// The request.
    fn request(&self) -> &RequestContext;
    /// The organization.
    fn tenant(&self) -> TenantId;
    /// Its name.
    fn organization(&self) -> &str;
    /// Its roles and groups.
    fn book(&self) -> &Arc<RoleBook>;
    /// Its policy.
    fn enforced(&self) -> &Arc<EnforcedPolicy>;
    /// What they may do.
    fn permissions(&self) -> Permissions;
    /// How audit entries name them.
    fn actor(&self) -> Actor<Fact>;
    /// By what their reads are told apart from those of others.
    fn visit(&self) -> SessionId;
    /// Whether it is a program.
    fn is_program(&self) -> bool;
    /// Begins a transaction in the organization's schema.
    fn begin(&self) -> impl Future<Output = Result<TenantTx, Error>> + Send;

    /// Begins a transaction of the administrator's in it, for what is derived from the audit trail.
    fn administer(&self) -> impl Future<Output = Result<TenantTx, Error>> + Send;

    /// The organization's audit log.
    fn log(&self) -> LogId {
        LogId::Tenant(self.tenant())
    }
}

impl Asking for Access {
    fn request(&self) -> &RequestContext {
        self.request()
    }

    fn tenant(&self) -> TenantId {
        self.tenant()
    }

    fn organization(&self) -> &str {
        self.organization()
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
        self.visitor().session
    }

    fn is_program(&self) -> bool {
        false
    }

    async fn begin(&self) -> Result<TenantTx, Error> {
        self.begin().await
    }

    async fn administer(&self) -> Result<TenantTx, Error> {
        self.administer().await
    }
}

/// Puts a denial on record; of a program once for many times, since programs try again.
pub(crate) async fn deny(asking: &impl Asking, action: Action, wanted: String) -> Result<Error, Error> {
    let request = asking.request();
    let (noted, tenant, visit) = (request.portal().noted(), asking.tenant(), asking.visit());
    let what = format!("{action} denied {wanted}");
    if asking.is_program() && !noted.is_new(tenant, visit, &what, request.now) {
        return Ok(Problem::Forbidden.into());
    }
    let entry = Draft::denied(action, asking.actor())
        .target("organization", asking.tenant(), Public(asking.organization().to_owned()))
        .added("required", Public(wanted))
        .within(request.audited());
    asking.begin().await?.commit(request, entry).await?;
    noted.remember(tenant, visit, what, request.now);
    Ok(Problem::Forbidden.into())
}

/// Goes on only if they hold everything that the role holds: nobody gives or takes what is above them.
pub(crate) async fn require_cover(asking: &impl Asking, role: &GrantedRole, action: Action) -> Result<(), Error> {
    if asking.permissions().cover(role.permissions()) {
        return Ok(());
    }
    Err(deny(asking, action, role.code()).await?)
}

/// A role of the organization's that whoever asks may give to somebody new, for the use case that has a field for it.
pub(crate) async fn role_to_give(asking: &impl Asking, id: RoleId, action: Action) -> Result<GrantedRole, Error> {
    let role = role_held(asking, id, action).await?;
    if asking.enforced().document().approval_needed.for_role(Permissions::default(), role.permissions()) {
        return Err(Error::field("role", FieldProblem::ApprovalFirst));
    }
    Ok(role)
}

/// As [`role_to_give`], to somebody who may have more already: whether owners have to approve it is not known yet.
pub(crate) async fn role_held(asking: &impl Asking, id: RoleId, action: Action) -> Result<GrantedRole, Error> {
    let role = asking.book().role(id);
    if !role.exists() {
        return Err(Error::field("role", FieldProblem::UnknownChoice));
    }
    require_cover(asking, &role, action).await?;
    Ok(role)
}

/// Puts on record that somebody has looked at something sensitive, where the organization wants that: once for many
/// times of one session, or of one key.
pub(crate) async fn note_read(
    asking: &impl Asking,
    action: Action,
    kind: &'static str,
    id: impl Display + Send,
) -> Result<(), Error> {
    let (request, tenant, visit) = (asking.request(), asking.tenant(), asking.visit());
    let (portal, now) = (request.portal(), request.now);
    let what = format!("{action} {kind} {id}");
    if !asking.enforced().document().log_reads || !portal.noted().is_new(tenant, visit, &what, now) {
        return Ok(());
    }
    let entry = Draft::done(action, asking.actor()).unnamed_target(kind, id).within(request.audited());
    asking.begin().await?.commit(request, entry).await?;
    portal.noted().remember(tenant, visit, what, now);
    Ok(())
}
