//! Giving a key another secret.

use domain::api_keys::{KeySecret, Overlap, RotateForm, key_end};
use domain::audit::{Action, Public};
use domain::ids::ApiKeyId;
use domain::problem::Problem;

use super::secrets::Owner;
use super::{Issued, begin_of, entry, require_scopes, secrets, sql};
use crate::access::Access;
use crate::approvals;
use crate::error::Error;
use crate::sessions;

const ROTATED: Action = Action::new("key.rotated");

/// Gives a key another secret, beside which the one of now works for a while. Whoever gets to see it holds all that the key
/// may do. A key that has stopped for want of a rotation, with whoever has made its secret, or because of an alert
/// works again, and its former secret does not. From now on it may do no more than whoever asks.
///
/// # Errors
/// Forbidden; not found; the form is wrong; a step-up is needed; others have to approve what would hand its scopes to
/// somebody else, or have it work again ([`Problem::ApprovalFirst`]); it is revoked or over, or all sessions of whoever asks
/// have ended meanwhile ([`Problem::Changed`]).
pub async fn rotate(access: &Access, id: ApiKeyId, form: &RotateForm) -> Result<Issued, Error> {
    let (request, tenant) = (access.request(), access.tenant());
    let (tx, held, key) = begin_of(access, id, ROTATED).await?;
    let overlap = form.parse()?;
    access.require_fresh()?;
    let mut tx = require_scopes(access, tx, (held, key.scopes), ROTATED).await?;
    // Nobody has approved that somebody else gets to hold them, or that an alert is passed by.
    if key.issuer.member.id != access.account() || key.disabled_by.is_some() {
        approvals::require_none_for_key(&mut tx, key.scopes).await?;
    }
    let policy = access.enforced().document();
    let (end, _) = key.end(policy);
    let (next_end, _) = key_end(policy, (key.created_at, request.now, key.expires_at));
    if key.revoked_at.is_some() || next_end <= request.now {
        return Err(Problem::Changed.into());
    }
    let former_until = end.min(request.now + overlap.duration());
    // Nor has a disabled one another way to work again.
    let overlaps = overlap != Overlap::None && former_until > request.now && key.disabled_by.is_none();
    let secret = KeySecret::new(request.portal().random());
    let before =
        sql::renew(tx.conn(), id, (&secret, access.account()), overlaps.then_some(former_until), request.now).await?;
    let platform = tx.enter_platform().await?;
    sessions::hold_all(platform, access.visitor()).await?;
    if overlaps {
        secrets::end_others(platform, (tenant, id), (before.as_slice(), former_until)).await?;
    } else {
        secrets::end(platform, tenant, &[id]).await?;
    }
    let account = key.holder.account.is_none().then_some(key.created_by.id);
    let owner = Owner { account, issuer: access.account() };
    secrets::add(platform, tenant, id, owner, &secret.hash(), key.expires_at).await?;
    tx.leave_platform().await?;
    let entry = entry(access, ROTATED, id, key.name.as_str()).added("overlap", Public(overlap.code().to_owned()));
    tx.commit(request, entry).await?;
    Ok(Issued { id, name: key.name.as_str().to_owned(), scopes: key.scopes, secret })
}
