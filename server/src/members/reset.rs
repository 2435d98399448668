//! Helping a member who cannot sign in any more: their factors go, and the password signs in alone.

use domain::audit::{Action, Draft, Personal};
use domain::factors::Factors;
use domain::ids::AccountId;
use domain::members::{self, Member};
use domain::problem::Problem;

use super::rules::Wish;
use super::{begin_change, sql};
use crate::access::Access;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::factors;
use crate::organizations::manages;
use crate::outbox::{self, Letter};

const FACTORS_RESET: Action = Action::new("member.factors_reset");

/// Takes away a member's authenticator apps, passkeys and recovery codes, and ends their sessions. Both get a mail.
///
/// Two transactions, of which the organization's holds the members' rows until the platform's has committed: what they
/// were judged by is true all the time.
///
/// # Errors
/// Forbidden, also when the member is above whoever asks; not found; oneself; a step-up is needed; no reason, at the field
/// `reason`; [`Problem::NotManaged`].
pub async fn reset_factors(access: &Access, id: AccountId, reason: &str) -> Result<Member, Error> {
    let request = access.request();
    let (mut tx, member) = begin_change(access, id, Wish::Factors, FACTORS_RESET).await?;
    access.visitor().require_fresh(request)?;
    let reason = members::parse_reason(reason).map_err(|problem| Error::field("reason", problem))?;
    let mut platform = request.portal().store().platform().await?;
    if !manages(platform.conn(), access.tenant(), id).await? {
        tx.close();
        return Err(Problem::NotManaged.into());
    }
    factors::sql::remove_all(platform.conn(), id).await?;
    accounts::end_sessions(platform.conn(), id).await?;
    let me = &access.visitor().account;
    for (account, to, name) in [(id, &member.email, &member.name), (me.id, &me.email, &me.name)] {
        let (organization, by, of) = (access.organization(), me.name.as_str(), member.name.as_str());
        let letter = Letter::FactorsReset { account, to, name, organization, by, of, reason: &reason };
        outbox::post(platform.conn(), request, letter).await?;
    }
    let entry = |kind| {
        Draft::done(FACTORS_RESET, access.actor())
            .target(kind, id, Personal(member.name.clone()))
            .because(Personal(reason.clone()))
            .within(request.audited())
    };
    sql::set_factors(tx.conn(), id, Factors::default()).await?;
    platform.commit(request, entry("account")).await?;
    tx.commit(request, entry("member")).await?;
    Ok(member)
}
