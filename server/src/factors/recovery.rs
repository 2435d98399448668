//! Recovery codes: ten at a time, shown once, kept as keyed hashes, each good once.

use domain::audit::{Action, Draft};
use domain::factors::{RECOVERY_CODES, RecoveryCode};
use domain::ids::AccountId;
use domain::notices::Event;
use domain::problem::Problem;
use sqlx::PgConnection;

use super::sql;
use crate::error::Error;
use crate::notices;
use crate::request::RequestContext;
use crate::sessions::{self, Visitor};

const GENERATED: Action = Action::new("recovery_codes.generated");

/// How many codes of a person are left.
///
/// # Errors
/// The database does not answer.
pub async fn recovery_codes_left(request: &RequestContext, visitor: &Visitor) -> Result<u32, Error> {
    let mut tx = request.portal().store().platform().await?;
    let left = sql::count_recovery_codes(tx.conn(), visitor.account.id).await?;
    tx.end().await?;
    Ok(left)
}

/// Makes ten codes, in place of all that there were. They are shown now or never.
///
/// # Errors
/// A step-up is needed; too many changes; there is no factor whose loss they would make good.
pub async fn generate_recovery_codes(request: &RequestContext, visitor: &Visitor) -> Result<Vec<RecoveryCode>, Error> {
    visitor.require_fresh(request)?;
    request.portal().limits().count_sign_in_change(request, visitor).await?;
    let (portal, account) = (request.portal(), visitor.account.id);
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::new(portal.random())).collect();
    let hashes: Vec<_> = codes.iter().map(|code| hash(request, account, code)).collect();
    let mut tx = portal.store().platform().await?;
    sessions::hold(&mut tx, visitor).await?;
    if !sql::factors(tx.conn(), account).await?.any() {
        return Err(Problem::Changed.into());
    }
    sql::remove_recovery_codes(tx.conn(), account).await?;
    sql::add_recovery_codes(tx.conn(), account, &hashes, request.now).await?;
    notices::tell(tx.conn(), request, account, Event::RecoveryCodesGenerated, None).await?;
    let entry = Draft::done(GENERATED, visitor.actor()).unnamed_target("account", account).within(request.audited());
    tx.commit(request, entry).await?;
    Ok(codes)
}

/// Takes a code, once: how many are left, or nothing for a wrong or used one.
pub(super) async fn spend(
    conn: &mut PgConnection,
    request: &RequestContext,
    account: AccountId,
    code: &RecoveryCode,
) -> Result<Option<u32>, Error> {
    if !sql::spend_recovery_code(conn, account, &hash(request, account, code), request.now).await? {
        return Ok(None);
    }
    Ok(Some(sql::count_recovery_codes(conn, account).await?))
}

/// Takes the codes away when there is nothing left whose loss they would make good.
pub(super) async fn remove_with_last_factor(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    if sql::factors(conn, account).await?.any() {
        return Ok(());
    }
    sql::remove_recovery_codes(conn, account).await
}

/// What is stored of a code: nobody finds it by trying all of them without the master key.
fn hash(request: &RequestContext, account: AccountId, code: &RecoveryCode) -> Vec<u8> {
    let context = [account.0.as_bytes().as_slice(), code.bytes()].concat();
    request.portal().keys().master().derive("recovery code", &context).to_vec()
}
