//! Sending what waits in the outbox.

use domain::ids::{AccountId, TenantId};
use domain::invitations::{INVITATION_LIFETIME, MailState};
use domain::notifications::News;
use domain::policy::Methods;
use domain::roles::Role;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

use super::Details;
use super::sql::{self, Due};
use crate::Portal;
use crate::accounts::address;
use crate::error::Error;
use crate::factors;
use crate::mail::{Mail, Mailer, date};
use crate::notices;
use crate::sign_in::RESET_LIFETIME;
use crate::sign_up;
use crate::store::Store;
use crate::tokens::{self, Channel, NewToken, Purpose, Secret};

/// How often the outbox is looked at. One indexed query on a table that is all but empty.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);
/// How long a mail server may take before the attempt counts as failed.
const PATIENCE: Duration = Duration::minutes(2);
/// How long back mails count that somebody has got, when others wait for theirs.
const RECENTLY: Duration = Duration::hours(1);
/// After so many attempts (about two days) a mail is given up.
const ATTEMPTS: i32 = 20;

/// Sends mail until it is told to stop.
pub struct Worker {
    portal: Portal,
    mailer: Mailer,
}

impl Worker {
    /// A worker that sends by this mailer.
    pub fn new(portal: &Portal, mailer: Mailer) -> Self {
        Self { portal: portal.clone(), mailer }
    }

    /// Sends what is due, and looks again, until `stop` turns true. An attempt that has begun is
    /// finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.send_next().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the outbox could not be read"),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Tries the next mail that is due; false when there is none.
    ///
    /// # Errors
    /// The database does not answer. A mail that cannot be sent is no error: it waits.
    pub async fn send_next(&self) -> Result<bool, Error> {
        let now = self.portal.now();
        let mut tx = self.portal.store().platform().await?;
        let due = sql::take(tx.conn(), now, now + PATIENCE, now - RECENTLY).await?;
        tx.end().await?;
        let Some(due) = due else { return Ok(false) };
        let result = match compose(&self.portal, &due).await {
            Ok(Composed::Letter(mail)) => self.mailer.send(&due.recipient, &mail).await,
            Ok(Composed::Over(state)) => {
                let mut tx = self.portal.store().platform().await?;
                sql::end(tx.conn(), due.id, state).await?;
                tx.end().await?;
                return Ok(true);
            }
            Err(error @ Error::Unavailable(_)) => return Err(error),
            Err(error) => Err(error.to_string()),
        };

        let mut tx = self.portal.store().platform().await?;
        match result {
            Ok(()) => {
                metrics::counter!("portcullis_mails_sent_total").increment(1);
                sql::sent(tx.conn(), due.id, self.portal.now()).await?;
            }
            Err(error) => {
                metrics::counter!("portcullis_mails_failed_total").increment(1);
                tracing::warn!(mail = %due.id, attempt = due.attempts, "a mail could not be sent");
                let next = (due.attempts < ATTEMPTS).then(|| now + back_off(due.attempts));
                sql::failed(tx.conn(), due.id, &error, next).await?;
            }
        }
        tx.end().await?;
        Ok(true)
    }
}

/// Seconds at first, doubled up to six hours.
fn back_off(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 14) - 1).unwrap_or(0);
    Duration::seconds(5 * i64::from(2_u32.pow(doublings))).min(Duration::hours(6))
}

/// What comes of writing a mail.
pub(super) enum Composed {
    /// The mail, with a link that is good from now on.
    Letter(Mail),
    /// It is not to be sent any more, and ends like this.
    Over(MailState),
}

/// Writes the mail, if it is still of use.
pub(super) async fn compose(portal: &Portal, due: &Due) -> Result<Composed, Error> {
    let now = portal.now();
    if due.expires_at.is_some_and(|at| at <= now) {
        return Ok(Composed::Over(MailState::Expired));
    }
    let details: Details = serde_json::from_value(due.details.clone()).map_err(Error::internal)?;
    // The column is what the database lets a transaction write; what is written follows it.
    if details.kind() != due.kind {
        return Err(Error::internal("a mail's details are not of its kind"));
    }
    let minted = match &details {
        Details::Invitation { .. } => {
            let until = due.expires_at.unwrap_or(now + INVITATION_LIFETIME);
            mint(portal, due, Purpose::Invitation, until, "invite").await?
        }
        Details::Confirm { .. } => mint(portal, due, Purpose::Registration, now + Duration::DAY, "verify").await?,
        Details::Reset { .. } => mint(portal, due, Purpose::Reset, now + RESET_LIFETIME, "reset").await?,
        Details::Provisioned { has_account: true, .. } => organization_link(portal, due, "").await?,
        Details::Provisioned { expires_at, .. } => mint(portal, due, Purpose::Reset, *expires_at, "reset").await?,
        Details::Notice(_) | Details::FactorsReset { is_owner: true, .. } => {
            mint(portal, due, Purpose::NotMe, now + notices::LIFETIME, "not-me").await?
        }
        Details::AlreadyRegistered { .. } => Some(portal.link("/sign-in")),
        Details::RecoveryCodeUsed { .. } | Details::FactorsReset { .. } => Some(portal.link("/account/security")),
        Details::PresentAddress { expires_at, .. } => {
            mint(portal, due, Purpose::PresentAddress, *expires_at, "verify-address").await?
        }
        Details::NewAddress { expires_at, .. } | Details::OwnAddress { expires_at, .. } => {
            mint(portal, due, Purpose::NewAddress, *expires_at, "verify-address").await?
        }
        // There is nothing to do.
        Details::AddressTaken { .. } | Details::AccountDeleted { .. } => Some(String::new()),
        Details::News { news, .. } => Some(news_link(portal, due, news).await?),
        Details::OwnershipTransferred { .. } => organization_link(portal, due, "/members?role=owner").await?,
        Details::OrganizationDeletion { until, .. } => {
            let page = if until.is_some() { "/delete/cancel" } else { "" };
            organization_link(portal, due, page).await?
        }
        Details::MfaReminder { methods, .. } => guide(portal, due, *methods).await?,
        Details::Checkpoint { .. } => organization_link(portal, due, "/audit/checkpoints").await?,
    };
    let Some(link) = minted else { return Ok(Composed::Over(MailState::Cancelled)) };
    Ok(Composed::Letter(match details {
        Details::Invitation { organization, invited_by, role, expires_at } => {
            let named = Role::from_code(&role).map(Role::name);
            Mail::invitation(&organization, &invited_by, named.unwrap_or(&role), expires_at, &link)
        }
        Details::Confirm { name, organization, at, device } => {
            Mail::confirm(&name, &organization, &origin(at, device.as_deref()), &link)
        }
        Details::AlreadyRegistered { name } => Mail::already_registered(&name, &link),
        Details::Reset { name } => Mail::reset(&name, &link),
        Details::Provisioned { name, organization, has_account, expires_at } => {
            Mail::provisioned(&name, &organization, (!has_account).then_some(expires_at), &link)
        }
        Details::Notice(told) => Mail::notice(&told, &link),
        Details::RecoveryCodeUsed { name, left, at, device } => {
            Mail::recovery_code_used(&name, left, &origin(Some(at), device.as_deref()), &link)
        }
        Details::PresentAddress { name, email, at, device, expires_at } => {
            Mail::present_address(&name, &email, &origin(Some(at), device.as_deref()), expires_at, &link)
        }
        Details::NewAddress { name, expires_at } => Mail::new_address(&name, expires_at, &link),
        Details::OwnAddress { name, expires_at } => Mail::own_address(&name, expires_at, &link),
        Details::AddressTaken { .. } => Mail::address_taken(),
        Details::FactorsReset { name, organization, by, of, reason, is_owner } => {
            Mail::factors_reset(&name, [&organization, &by, &of, &reason], is_owner, &link)
        }
        Details::AccountDeleted { name, at, device } => {
            Mail::account_deleted(&name, &origin(Some(at), device.as_deref()))
        }
        Details::News { name, news } => Mail::news(&name, &news, &link),
        Details::OwnershipTransferred { name, organization, by, owner } => {
            Mail::ownership_transferred(&name, &organization, &by, &owner, &link)
        }
        Details::OrganizationDeletion { name, organization, by, until } => {
            Mail::organization_deletion(&name, &organization, by.as_deref(), until, &link)
        }
        Details::Checkpoint { name, organization, size, note } => {
            Mail::checkpoint(&name, &organization, size, &note, &link)
        }
        Details::MfaReminder { name, organization, methods, due } => {
            Mail::mfa_reminder(&name, &organization, methods.describe(), (due > now).then_some(due), &link)
        }
    }))
}

/// When and with what somebody signed up, as far as that is known: " on 1 May 2026, 15:02 UTC, with Firefox on
/// Linux". Only names that the portal itself gives to devices get into a mail.
fn origin(at: Option<OffsetDateTime>, device: Option<&str>) -> String {
    let at = at.map_or_else(String::new, |at| format!(" on {}", date(at)));
    format!("{at}{}", device.map_or_else(String::new, |device| format!(", with {device}")))
}

/// Where somebody sets up one of these, and goes on into the organization; nothing once they have one, or it is gone.
async fn guide(portal: &Portal, due: &Due, methods: Methods) -> Result<Option<String>, Error> {
    let Some(tenant) = due.tenant else { return Ok(None) };
    let mut tx = portal.store().platform().await?;
    let factors = factors::sql::factors(tx.conn(), AccountId(due.subject)).await?;
    let tenant = Store::lookup_tenant(tx.conn(), tenant).await?;
    tx.end().await?;
    let tenant = tenant.filter(|_| !methods.accept(factors));
    Ok(tenant.map(|tenant| portal.link(&format!("/account/enrol?next=/o/{}", tenant.slug))))
}

/// Where news lead, or else to where all of them are.
async fn news_link(portal: &Portal, due: &Due, news: &News) -> Result<String, Error> {
    let slug = match due.tenant {
        Some(tenant) => lookup_slug(portal, tenant).await?,
        None => None,
    };
    let path = slug.and_then(|slug| news.kind.path(Some(&slug)));
    Ok(portal.link(path.as_deref().unwrap_or("/account/notifications")))
}

/// Where a page of the organization is that a mail is about, if it is still there.
async fn organization_link(portal: &Portal, due: &Due, page: &str) -> Result<Option<String>, Error> {
    let Some(tenant) = due.tenant else { return Ok(None) };
    let slug = lookup_slug(portal, tenant).await?;
    Ok(slug.map(|slug| portal.link(&format!("/o/{slug}{page}"))))
}

async fn lookup_slug(portal: &Portal, tenant: TenantId) -> Result<Option<String>, Error> {
    let mut tx = portal.store().platform().await?;
    let tenant = Store::lookup_tenant(tx.conn(), tenant).await?;
    tx.end().await?;
    Ok(tenant.map(|tenant| tenant.slug))
}

/// Makes a link, unless the mail is not needed any more: somebody has cancelled it just now, given up a change of
/// address, or proven the address of a sign-up in another way.
async fn mint(
    portal: &Portal,
    due: &Due,
    purpose: Purpose,
    expires_at: OffsetDateTime,
    path: &str,
) -> Result<Option<String>, Error> {
    let secret = Secret::new(portal.random());
    let token = NewToken { purpose, subject: due.subject, tenant: due.tenant, channel: Channel::Mail, expires_at };
    let mut tx = portal.store().platform().await?;
    let wanted = sql::is_wanted(tx.conn(), due.id).await?
        && match purpose {
            Purpose::Registration => sign_up::is_open(tx.conn(), due.subject).await?,
            Purpose::PresentAddress | Purpose::NewAddress => address::is_open(tx.conn(), due.subject).await?,
            Purpose::Invitation | Purpose::Reset | Purpose::NotMe => true,
        };
    if !wanted {
        tx.end().await?;
        return Ok(None);
    }
    tokens::add(tx.conn(), &secret, &token, portal.now()).await?;
    tx.end().await?;
    Ok(Some(portal.link(&format!("/{path}/{}", secret.expose()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_up_tells_when_and_with_what() {
        let at = Some(time::macros::datetime!(2026-05-01 17:02:09 +2));
        assert_eq!(origin(at, Some("Firefox on Linux")), " on 1 May 2026, 15:02 UTC, with Firefox on Linux");
        assert_eq!(origin(at, None), " on 1 May 2026, 15:02 UTC");
        assert_eq!(origin(None, None), "");
    }

    #[test]
    fn back_off_grows_and_ends_at_six_hours() {
        assert_eq!(back_off(1), Duration::seconds(5));
        assert_eq!(back_off(3), Duration::seconds(20));
        assert_eq!(back_off(ATTEMPTS), Duration::hours(6));
    }
}
