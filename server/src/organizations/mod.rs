//! Organizations: overview, settings, and the operator's hand on them.

mod deletion;
mod domains;
mod operator;
pub(crate) mod sql;

use domain::audit::{Action, Draft, Fact, Public};
use domain::fields::FieldProblem;
use domain::ids::TenantId;
use domain::members::{MemberQuery, MemberStatus};
use domain::organizations::Overview;
use domain::roles::{Permission, Role};
use domain::slug::{FORMER_SLUGS_MAX, Slug};
use domain::text::OrganizationName;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub use deletion::{Doomed, deleted_at, keep, prepare_deletion, schedule_deletion};
pub(crate) use deletion::{carry_deletion, propose_deletion};
pub(crate) use domains::manages;
pub use domains::{add_domain, list_domains, own_domains, remove_domain};
pub use operator::{NotUpgraded, TenantRow, keep_by_slug, list, schedule_deletion_by_slug, set_status};
pub(crate) use operator::{change_deletion, change_status, find};

use crate::access::{self, Access};
use crate::error::Error;
use crate::members::counts;
use crate::request::RequestContext;
use crate::sessions::Visitor;

const RENAMED: Action = Action::new("organization.renamed");
const MOVED: Action = Action::new("organization.moved");
const VIEWED: Action = Action::new("organization.viewed");

/// The figures of the overview page.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn overview(access: &Access) -> Result<Overview, Error> {
    access.require(Permission::ViewOrganization, VIEWED).await?;
    let mut tx = access.begin().await?;
    let row = sqlx::query!(
        r#"SELECT
             (SELECT count(*) FROM invitations WHERE state = 'pending' AND expires_at > $1) AS "pending!",
             (SELECT size FROM audit_head) AS "entries!""#,
        access.request().now
    )
    .fetch_one(tx.conn())
    .await?;
    let active = MemberQuery { status: Some(MemberStatus::Active), ..MemberQuery::default() };
    let owners = MemberQuery { role: Some(Role::Owner.into()), ..active.clone() };
    let suspended = MemberQuery { status: Some(MemberStatus::Suspended), ..MemberQuery::default() };
    let active_members = counts::count(access, &mut tx, &active).await?;
    let owners = counts::count(access, &mut tx, &owners).await?;
    let suspended_members = counts::count(access, &mut tx, &suspended).await?;
    tx.close();
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Overview {
        active_members,
        suspended_members,
        owners,
        pending_invitations: count(row.pending),
        audit_entries: count(row.entries),
    })
}

/// Gives the organization another name.
///
/// # Errors
/// A name that is none, at the field `name`; forbidden.
pub async fn rename(access: &Access, name: &str) -> Result<(), Error> {
    access.require(Permission::ManageOrganization, RENAMED).await?;
    let name = OrganizationName::parse(name).map_err(|problem| Error::field("name", problem))?;
    let mut tx = access.begin().await?;
    let before = sql::rename(tx.enter_platform().await?, access.tenant(), &name).await?;
    tx.leave_platform().await?;
    if before == name.as_str() {
        tx.close();
        return Ok(());
    }
    let entry = Draft::done(RENAMED, access.actor())
        .target("organization", access.tenant(), Public(name.as_str().to_owned()))
        .changed("name", Fact::Public(before), Fact::Public(name.as_str().to_owned()))
        .within(access.request().audited());
    tx.commit(access.request(), entry).await
}

/// Moves the organization to another slug. The former one goes on leading to it, and it can always
/// move back to one of those.
///
/// # Errors
/// A slug that is none, taken, or one too many to keep, at the field `slug`; forbidden.
pub async fn move_to(access: &Access, slug: &str) -> Result<Slug, Error> {
    access.require(Permission::ManageOrganization, MOVED).await?;
    let slug = Slug::parse(slug).map_err(|problem| Error::field("slug", problem))?;
    let mut tx = access.begin().await?;
    let platform = tx.enter_platform().await?;
    let before = sql::lock_slug(platform, access.tenant()).await?;
    claim(platform, access.tenant(), &slug, access.request().now).await?;
    sql::change_slug(platform, access.tenant(), &slug).await?;
    tx.leave_platform().await?;
    if before == slug.as_str() {
        tx.close();
        return Ok(slug);
    }
    let entry = Draft::done(MOVED, access.actor())
        .target("organization", access.tenant(), Public(access.organization().to_owned()))
        .changed("slug", Fact::Public(before), Fact::Public(slug.as_str().to_owned()))
        .within(access.request().audited());
    tx.commit(access.request(), entry).await?;
    Ok(slug)
}

/// Makes a slug the organization's own, if it is not yet. The organization's row is locked.
async fn claim(conn: &mut PgConnection, tenant: TenantId, slug: &Slug, now: OffsetDateTime) -> Result<(), Error> {
    let is_free = sql::lookup_slug(conn, slug).await?.is_none();
    // Of all that it has, one is today's; that becomes a former one, too.
    if is_free && sql::count_slugs(conn, tenant).await? > i64::from(FORMER_SLUGS_MAX) {
        return Err(Error::field("slug", FieldProblem::FormerSlugs(FORMER_SLUGS_MAX)));
    }
    sql::add_slug(conn, tenant, slug, now).await?;
    // Somebody else may have it, since long ago or just now.
    if sql::lookup_slug(conn, slug).await? == Some(tenant) {
        Ok(())
    } else {
        Err(Error::field("slug", FieldProblem::Taken))
    }
}

/// Where somebody begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// In the organization that has this slug.
    Inside(String),
    /// At their own pages: none of their organizations lets them in at present.
    Outside,
    /// At their invitations: they are in no organization.
    Nowhere,
}

/// Where `/` leads somebody: into the organization where they were last, or else into the first one
/// that lets them in.
///
/// # Errors
/// The database does not answer.
pub async fn start_of(request: &RequestContext, visitor: &Visitor) -> Result<Start, Error> {
    let mine = &visitor.memberships;
    if mine.all.is_empty() {
        return Ok(Start::Nowhere);
    }
    let (last, others): (Vec<_>, Vec<_>) = mine.all.iter().partition(|tenant| Some(tenant.id) == mine.last);
    for tenant in last.into_iter().chain(others) {
        if access::is_open(request, tenant, visitor).await? {
            return Ok(Start::Inside(tenant.slug.clone()));
        }
    }
    Ok(Start::Outside)
}
