//! The policies that are in force, made ready to judge by.

use std::sync::Arc;

use domain::ids::TenantId;
use domain::policy::EnforcedPolicy;
use domain::problem::Problem;
use sqlx::PgConnection;

use super::sql;
use crate::error::Error;
use crate::revisions::Revisions;
use crate::store::TenantTx;

/// The policies that are known, by their versions, which never change.
pub(crate) type Policies = Revisions<EnforcedPolicy>;

/// The policy that is in force, in a transaction of the organization's.
pub(crate) async fn in_force(tx: &mut TenantTx) -> Result<Arc<EnforcedPolicy>, Error> {
    let head = sql::head(tx.conn()).await?;
    tx.open_policy(head.enforced).await
}

/// The policy of a version that was read in this transaction as the one in force. One that cannot be read lets nobody in.
pub(crate) async fn open(
    policies: &Policies,
    conn: &mut PgConnection,
    tenant: TenantId,
    version: i64,
) -> Result<Arc<EnforcedPolicy>, Error> {
    if let Some(policy) = policies.get(tenant, version) {
        return Ok(policy);
    }
    let document = match sql::document(conn, version).await {
        Ok(Some(document)) => document,
        Ok(None) => return Err(Problem::PolicyUnreadable.into()),
        Err(Error::Internal(error)) => {
            tracing::error!(%tenant, version, %error, "a security policy cannot be read");
            return Err(Problem::PolicyUnreadable.into());
        }
        Err(error) => return Err(error),
    };
    Ok(policies.put(tenant, version, EnforcedPolicy::new(document)))
}
