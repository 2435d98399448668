//! How often somebody may try.
//!
//! Counters live in memory: one machine serves an installation, and a restart forgives. A try is
//! counted before it is judged, so that a hundred at once are not a hundred free ones; one that
//! succeeds is forgiven afterwards.
//!
//! The first try of a window that is refused goes on record, and the others do not: a flood of them
//! must not fill the log. What anybody can try is on the platform's record, and is counted before anything
//! is looked up, so that refusals are the same for accounts that exist and others; what only members can
//! do is on their organization's.

mod limiter;

use std::net::{IpAddr, Ipv6Addr};

use domain::audit::{Action, Actor, Fact, Personal, Public};
use domain::detections::WRONG_PASSWORDS;
use domain::email::EmailAddress;
use domain::ids::{AccountId, TenantId};
use domain::invitations::Invite;
use domain::problem::Problem;
use time::Duration;

use crate::access::{Access, Asking};
use crate::error::Error;
use crate::request::RequestContext;
use crate::sessions::Visitor;
pub(crate) use limiter::{Limiter, Refusal};

const SIGN_IN_LIMITED: Action = Action::new("sign_in.limited");
const PASSWORD_LIMITED: Action = Action::new("password.limited");
const SIGN_UP_LIMITED: Action = Action::new("sign_up.limited");
const MAIL_LIMITED: Action = Action::new("mail.limited");
const RENAMINGS_LIMITED: Action = Action::new("profile.limited");
const KEYS_LIMITED: Action = Action::new("keys.limited");
const INVITATIONS_LIMITED: Action = Action::new("invitations.limited");

/// The limits of one portal.
pub struct Limits {
    /// Wrong passwords for one account, known or not: 10 in 15 minutes.
    pub(crate) sign_in_account: Limiter<EmailAddress>,
    /// Wrong passwords of somebody who is signed in and is asked for it once more: 10 in 15 minutes. Apart from the
    /// former, so that strangers at the sign-in do not use it up.
    pub(crate) password_proof: Limiter<AccountId>,
    /// Passwords that browsers of one network ask about while they are typed: 1,200 in 15 minutes.
    pub(crate) password_strength: Limiter<IpAddr>,
    /// Wrong passwords from one network: 100 in 15 minutes.
    pub(crate) sign_in_network: Limiter<IpAddr>,
    /// Passkeys from one network that were not accepted: 100 in 15 minutes.
    pub(crate) passkey_network: Limiter<IpAddr>,
    /// Times that somebody without a session is told what a passkey has to sign, from one network: 600 in 15 minutes.
    pub(crate) passkey_challenges: Limiter<IpAddr>,
    /// Times that somebody has mails about their own address sent: 5 in an hour.
    pub(crate) address_change: Limiter<AccountId>,
    /// Times that somebody changes what they sign in with, of which a mail tells each time: 10 in an hour.
    sign_in_changes: Limiter<AccountId>,
    /// Names that somebody takes one after the other: 10 in an hour.
    renamings: Limiter<AccountId>,
    /// Sign-ups from one network: 60 in an hour.
    pub(crate) sign_up: Limiter<IpAddr>,
    /// Mails to one address that anybody can ask for, but for resets: 5 in an hour.
    pub(crate) mail: Limiter<EmailAddress>,
    /// Reset mails to one address: 5 in an hour. Apart from the former, so that nobody who signs up with an address
    /// keeps its owner out.
    pub(crate) reset_mail: Limiter<EmailAddress>,
    /// Such mails that one network asks for: 60 in an hour.
    pub(crate) mail_network: Limiter<IpAddr>,
    /// API keys from one network that open nothing: 1,000 in 15 minutes. Each is counted before it is judged, so there is
    /// room for the right ones that are looked at at the same time.
    pub(crate) key_network: Limiter<IpAddr>,
    /// Mails that one organization sends to one address: 5 in an hour.
    invitation_address: Limiter<(TenantId, String)>,
    /// Such mails to anybody: 500 in a day.
    invitation_tenant: Limiter<TenantId>,
    /// Such mails that come from files: 10,000 in a day. Apart from the former, so that a file leaves room for those who
    /// invite by hand.
    import_tenant: Limiter<TenantId>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in_account: Limiter::new(WRONG_PASSWORDS, Duration::minutes(15), SIGN_IN_LIMITED, "account"),
            password_proof: Limiter::new(10, Duration::minutes(15), PASSWORD_LIMITED, "account"),
            password_strength: Limiter::new(1200, Duration::minutes(15), PASSWORD_LIMITED, "network"),
            sign_in_network: Limiter::new(100, Duration::minutes(15), SIGN_IN_LIMITED, "network"),
            passkey_network: Limiter::new(100, Duration::minutes(15), SIGN_IN_LIMITED, "network"),
            passkey_challenges: Limiter::new(600, Duration::minutes(15), SIGN_IN_LIMITED, "network"),
            address_change: Limiter::new(5, Duration::hours(1), MAIL_LIMITED, "account"),
            sign_in_changes: Limiter::new(10, Duration::hours(1), MAIL_LIMITED, "account"),
            renamings: Limiter::new(10, Duration::hours(1), RENAMINGS_LIMITED, "account"),
            sign_up: Limiter::new(60, Duration::hours(1), SIGN_UP_LIMITED, "network"),
            mail: Limiter::new(5, Duration::hours(1), MAIL_LIMITED, "address"),
            reset_mail: Limiter::new(5, Duration::hours(1), MAIL_LIMITED, "address"),
            mail_network: Limiter::new(60, Duration::hours(1), MAIL_LIMITED, "network"),
            key_network: Limiter::new(1000, Duration::minutes(15), KEYS_LIMITED, "network"),
            invitation_address: Limiter::new(5, Duration::hours(1), INVITATIONS_LIMITED, "address")
                .saying(|minutes| Problem::MailedOften { minutes }),
            invitation_tenant: Limiter::new(500, Duration::days(1), INVITATIONS_LIMITED, "organization")
                .saying(|minutes| Problem::InvitedOften { minutes }),
            import_tenant: Limiter::new(10_000, Duration::days(1), INVITATIONS_LIMITED, "organization")
                .saying(|minutes| Problem::InvitedOften { minutes }),
        }
    }
}

impl Limits {
    /// Counts a change of what somebody signs in with, before its transaction begins.
    pub(crate) async fn count_sign_in_change(&self, request: &RequestContext, visitor: &Visitor) -> Result<(), Error> {
        match self.judge_sign_in_change(request, visitor) {
            Ok(()) => Ok(()),
            Err(refusal) => Err(refusal.on_platform(request).await?),
        }
    }

    /// The same within it.
    pub(crate) fn judge_sign_in_change(&self, request: &RequestContext, visitor: &Visitor) -> Result<(), Refusal> {
        self.sign_in_changes.judge(request, visitor.actor(), &visitor.account.id, named(visitor))
    }

    /// Counts that somebody takes another name, which the transaction of whoever asks is about to do.
    pub(crate) fn count_renaming(&self, request: &RequestContext, visitor: &Visitor) -> Result<(), Refusal> {
        self.renamings.judge(request, visitor.actor(), &visitor.account.id, named(visitor))
    }

    /// Counts an invitation's mail, which the transaction of whoever asks is about to post.
    pub(crate) fn count_invitation(&self, asking: &impl Asking, email: &str) -> Result<(), Refusal> {
        let (request, tenant) = (asking.request(), asking.tenant());
        let key = (tenant, email.to_owned());
        self.invitation_address.judge(request, asking.actor(), &key, Personal(email.to_owned()))?;
        let named = Public(asking.organization().to_owned());
        self.invitation_tenant.judge(request, asking.actor(), &tenant, named).inspect_err(|_| {
            // Nothing goes to this address, now or later.
            self.invitation_address.forgive(&key);
        })
    }

    /// Counts the mails of a file that is about to be imported: all of them, or none when they are too many.
    pub(crate) fn count_import(&self, access: &Access, mails: u64) -> Result<(), Refusal> {
        let named = Public(access.organization().to_owned());
        let mails = u32::try_from(mails).unwrap_or(u32::MAX);
        self.import_tenant.judge_many(access.request(), access.actor(), (&access.tenant(), mails), named)
    }

    /// Counts one of them for its address: whether it may go out.
    pub(crate) fn count_imported(&self, request: &RequestContext, tenant: TenantId, invite: &Invite) -> bool {
        let email = invite.email.as_str().to_owned();
        let key = (tenant, email.clone());
        self.invitation_address.judge(request, Actor::system(), &key, Personal(email)).is_ok()
    }
}

fn named(visitor: &Visitor) -> Fact {
    Personal(visitor.account.id.to_string())
}

/// The network that an address counts for: itself, or its /64 for IPv6, of which one customer
/// usually has all addresses.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_counts_by_its_network() {
        let one: IpAddr = "2001:db8:1:2:3::1".parse().unwrap();
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
        assert_eq!(network(one), network(other));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
