//! Helping a member who cannot sign in any more: their factors go, and the password signs in alone.

use domain::audit::{Action, Draft, Personal};
use domain::factors::Factors;
use domain::ids::AccountId;
use domain::members::{self, Member};
use domain::notices::Event;
use domain::problem::Problem;

use super::rules::Wish;
use super::{begin_change, sql};
use crate::access::Access;
use crate::accounts::sql as accounts;
use crate::error::Error;
use crate::factors;
use crate::notices;
use crate::organizations::manages;
use crate::outbox::{self, Letter};
use crate::store::PlatformTx;

const RESET_BEGUN: Action = Action::new("member.factors_reset_begun");
const FACTORS_RESET: Action = Action::new("member.factors_reset");

/// Takes away a member's authenticator apps, passkeys and recovery codes, and ends their sessions. Both get a mail, the
/// member's with a link "This was not me".
///
/// Two transactions, of which the organization's holds the members' rows until the platform's has committed: what they
/// were judged by is true all the time. Before them an entry of the organization's trail tells that it begins: should the
/// second one fail after the first, that is there.
///
/// # Errors
/// Forbidden, also when the member is above whoever asks; not found; oneself; a step-up is needed; no reason, at the field
/// `reason`; [`Problem::NotManaged`].
pub async fn reset_factors(access: &Access, id: AccountId, reason: &str) -> Result<Member, Error> {
    let request = access.request();
    let (tx, member) = begin_change(access, id, Wish::Factors, FACTORS_RESET).await?;
    access.require_fresh()?;
    let reason = members::parse_reason(reason).map_err(|problem| Error::field("reason", problem))?;
    tx.close();
    let mut platform = request.portal().store().platform().await?;
    let is_managed = manages(platform.conn(), access.tenant(), id).await?;
    platform.end().await?;
    if !is_managed {
        return Err(Problem::NotManaged.into());
    }
    let entry = |action, kind, member: &Member| {
        Draft::done(action, access.actor())
            .target(kind, id, Personal(member.name.clone()))
            .because(Personal(reason.clone()))
            .within(request.audited())
    };
    access.begin().await?.commit(request, entry(RESET_BEGUN, "member", &member)).await?;

    let (mut tx, member) = begin_change(access, id, Wish::Factors, FACTORS_RESET).await?;
    let mut platform = request.portal().store().platform().await?;
    if !manages(platform.conn(), access.tenant(), id).await? {
        tx.close();
        return Err(Problem::NotManaged.into());
    }
    factors::sql::remove_all(platform.conn(), id).await?;
    accounts::end_sessions(platform.conn(), id).await?;
    tell_both(&mut platform, access, &member, &reason).await?;
    sql::set_factors(tx.conn(), id, Factors::default()).await?;
    platform.commit(request, entry(FACTORS_RESET, "account", &member)).await?;
    tx.commit(request, entry(FACTORS_RESET, "member", &member)).await?;
    Ok(member)
}

/// Mails to the member and to whoever has done it.
async fn tell_both(platform: &mut PlatformTx, access: &Access, member: &Member, reason: &str) -> Result<(), Error> {
    let (request, me) = (access.request(), &access.visitor().account);
    let notice = notices::note(platform.conn(), request, member.id, Event::FactorsReset).await?;
    for (account, notice, to, name) in
        [(member.id, Some(notice), &member.email, &member.name), (me.id, None, &me.email, &me.name)]
    {
        let (organization, by, of) = (access.organization(), me.name.as_str(), member.name.as_str());
        let letter = Letter::FactorsReset { account, notice, to, name, organization, by, of, reason };
        outbox::post(platform.conn(), request, letter).await?;
    }
    Ok(())
}
