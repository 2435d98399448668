//! Mail that waits to be sent: outbox and queue in one table.
//!
//! An act posts a [`Letter`] in its own transaction: if the act happens, the mail goes out, however
//! long the mail server is down. A row names what to write about. The link in a mail is minted
//! each time the mail is tried, so that no table ever holds one.
//!
//! A mail that nobody needs any more does not go out: an act that makes it needless cancels it, and one that
//! has waited too long expires.

mod list;
mod sql;
mod worker;

use std::collections::HashMap;

use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId, TenantId};
use domain::invitations::MailState;
use domain::notices::Event;
use domain::notifications::News;
use domain::policy::Methods;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

#[cfg(feature = "testing")]
pub(crate) use list::list;
pub use list::{OutboxRow, read};
pub use worker::Worker;

use crate::error::Error;
use crate::notifications::sql::Mailed;
use crate::request::RequestContext;

/// How long a letter about a forgotten password waits for a mail server: whoever asked for it has asked again, or does
/// not expect it any more.
const RESET_WAITS: Duration = Duration::days(1);
/// How long the last letter to somebody waits, of whom nothing else is kept.
const FAREWELL_WAITS: Duration = Duration::days(7);

/// How long a reminder waits for a mail server: after that people can be reminded again.
const REMINDER_WAITS: Duration = Duration::days(1);

/// How long a letter about what has happened to an account waits: after that it tells of nothing that can be undone.
const NOTICE_WAITS: Duration = Duration::days(7);

/// What is to be written.
pub(crate) enum Letter<'a> {
    /// "Join our organization."
    Invitation {
        tenant: TenantId,
        invitation: InvitationId,
        to: &'a str,
        organization: &'a str,
        invited_by: &'a str,
        /// What the role is called.
        role: &'a str,
        expires_at: OffsetDateTime,
    },
    /// "Confirm your address."
    Confirm { registration: Uuid, to: &'a EmailAddress, name: &'a str, organization: &'a str },
    /// "Somebody signed up with your address; you have an account already."
    AlreadyRegistered { account: AccountId, to: &'a EmailAddress, name: &'a str },
    /// "Choose a new password."
    Reset { account: AccountId, to: &'a EmailAddress, name: &'a str },
    /// "A recovery code of yours was used."
    RecoveryCodeUsed { account: AccountId, to: &'a EmailAddress, name: &'a str, left: u32 },
    /// "Agree to another address", at the one of before.
    PresentAddress {
        change: Uuid,
        to: &'a EmailAddress,
        name: &'a str,
        email: &'a EmailAddress,
        expires_at: OffsetDateTime,
    },
    /// "Confirm your new address."
    NewAddress { change: Uuid, to: &'a EmailAddress, name: &'a str, expires_at: OffsetDateTime },
    /// "Confirm the address of your account."
    OwnAddress { change: Uuid, to: &'a EmailAddress, name: &'a str, expires_at: OffsetDateTime },
    /// "Somebody wanted your address for another account."
    AddressTaken { change: Uuid, to: &'a EmailAddress, expires_at: OffsetDateTime },
    /// "Your sign-in factors were reset", and that one has reset somebody's. To the former its link says "This was not
    /// me".
    FactorsReset {
        account: AccountId,
        notice: Option<Uuid>,
        to: &'a str,
        name: &'a str,
        organization: &'a str,
        by: &'a str,
        of: &'a str,
        reason: &'a str,
    },
    /// "Your account is deleted."
    AccountDeleted { account: AccountId, to: &'a EmailAddress, name: &'a str },
    /// "The organization has another owner", to both of them.
    OwnershipTransferred {
        tenant: TenantId,
        account: AccountId,
        to: &'a str,
        name: &'a str,
        organization: &'a str,
        by: &'a str,
        owner: &'a str,
    },
    /// "Your organization is to be deleted", or that it is kept, to an owner.
    OrganizationDeletion {
        tenant: TenantId,
        account: AccountId,
        to: &'a str,
        name: &'a str,
        organization: &'a str,
        by: Option<&'a str>,
        until: Option<OffsetDateTime>,
    },
    /// "Something has happened to your account." Its link says "This was not me".
    Notice { notice: Uuid, to: &'a EmailAddress, name: &'a str, event: Event, factor: Option<&'a str> },
}

/// "Set up a second factor", to one of many.
pub(crate) struct Reminder<'a> {
    pub(crate) account: AccountId,
    pub(crate) to: &'a str,
    pub(crate) name: &'a str,
    /// Until when they get in without.
    pub(crate) due: OffsetDateTime,
}

/// "Join our organization", to one of many.
pub(crate) struct Invited<'a> {
    pub(crate) invitation: InvitationId,
    pub(crate) to: &'a str,
    /// What the role is called.
    pub(crate) role: &'a str,
}

/// What a row keeps of a letter until it is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Details {
    /// Of an invitation.
    Invitation {
        /// The organization's name.
        organization: String,
        /// The inviter's name.
        invited_by: String,
        /// What the role is called; what was posted before there were roles of an organization's own holds a code.
        role: String,
        /// When it ends; rows that are older than this field have none.
        #[serde(default, with = "time::serde::rfc3339::option")]
        expires_at: Option<OffsetDateTime>,
    },
    /// Of a confirmation.
    Confirm {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// When somebody signed up; absent in what was posted before this was noted.
        #[serde(default, with = "time::serde::timestamp::option")]
        at: Option<OffsetDateTime>,
        /// With what, if that has a name.
        #[serde(default)]
        device: Option<String>,
    },
    /// Of a sign-up with an address that has an account.
    AlreadyRegistered {
        /// The person's name.
        name: String,
    },
    /// Of a forgotten password.
    Reset {
        /// The person's name.
        name: String,
    },
    /// Of a sign-in with a recovery code.
    RecoveryCodeUsed {
        /// The person's name.
        name: String,
        /// How many codes are left.
        left: u32,
        /// When it was.
        #[serde(with = "time::serde::timestamp")]
        at: OffsetDateTime,
        /// With what, if that has a name.
        device: Option<String>,
    },
    /// Of a change of address, to the one of before.
    PresentAddress {
        /// The person's name.
        name: String,
        /// The address to come.
        email: String,
        /// When somebody asked for it.
        #[serde(with = "time::serde::timestamp")]
        at: OffsetDateTime,
        /// With what, if that has a name.
        device: Option<String>,
        /// When the link ends.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
    },
    /// Of a change of address, to the new one.
    NewAddress {
        /// The person's name.
        name: String,
        /// When the link ends.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
    },
    /// Of an account's own address that is to be proven.
    OwnAddress {
        /// The person's name.
        name: String,
        /// When the link ends.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
    },
    /// Of a change to an address that has an account.
    AddressTaken {
        /// When it is of no interest any more.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
    },
    /// Of factors that an organization has reset.
    FactorsReset {
        /// The reader's name.
        name: String,
        /// The organization's.
        organization: String,
        /// Who has reset them.
        by: String,
        /// Whose they were.
        of: String,
        /// Why.
        reason: String,
        /// Whether the reader is whose they were, and the subject a notice.
        #[serde(default)]
        is_owner: bool,
    },
    /// Of an account that is gone.
    AccountDeleted {
        /// The person's name.
        name: String,
        /// When it was.
        #[serde(with = "time::serde::timestamp")]
        at: OffsetDateTime,
        /// With what, if that has a name.
        device: Option<String>,
    },
    /// Of an organization that was handed over.
    OwnershipTransferred {
        /// The reader's name.
        name: String,
        /// The organization's.
        organization: String,
        /// Who was its owner.
        by: String,
        /// Who is now.
        owner: String,
    },
    /// Of an organization that is to be deleted, or kept.
    OrganizationDeletion {
        /// The reader's name.
        name: String,
        /// The organization's.
        organization: String,
        /// Who has decided so; the platform's operator, if nobody.
        by: Option<String>,
        /// Until when it can be kept; it is kept, if there is none.
        #[serde(with = "time::serde::timestamp::option")]
        until: Option<OffsetDateTime>,
    },
    /// Of an organization that asks for a second factor.
    MfaReminder {
        /// The person's name.
        name: String,
        /// The organization's name.
        organization: String,
        /// What counts as one.
        methods: Methods,
        /// Until when they get in without.
        #[serde(with = "time::serde::timestamp")]
        due: OffsetDateTime,
    },
    /// Of what has happened to an account.
    Notice(Told),
    /// Of what is told inside of the portal, too.
    News {
        /// The reader's name.
        name: String,
        /// What it is.
        news: News,
    },
}

/// What a row keeps of a letter about what has happened to an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The person's name.
    pub(crate) name: String,
    /// What it was.
    pub(crate) event: Event,
    /// What the person calls the authenticator app or the passkey that it is about.
    pub(crate) factor: Option<String>,
    /// When it was.
    #[serde(with = "time::serde::timestamp")]
    pub(crate) at: OffsetDateTime,
    /// With what, if that has a name.
    pub(crate) device: Option<String>,
    /// From where.
    pub(crate) ip: Option<String>,
    /// How many more there were of its kind while it waited.
    #[serde(default)]
    pub(crate) more: u32,
}

impl Details {
    /// Until when a letter that was posted now is of use. A sign-up waits as long as its letter.
    fn expire_at(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::Invitation { expires_at, .. } => *expires_at,
            Self::Reset { .. } => Some(now + RESET_WAITS),
            Self::PresentAddress { expires_at, .. }
            | Self::NewAddress { expires_at, .. }
            | Self::OwnAddress { expires_at, .. }
            | Self::AddressTaken { expires_at } => Some(*expires_at),
            Self::AccountDeleted { .. } => Some(now + FAREWELL_WAITS),
            Self::OrganizationDeletion { until, .. } => Some(until.unwrap_or(now + NOTICE_WAITS)),
            Self::Confirm { .. }
            | Self::AlreadyRegistered { .. }
            | Self::RecoveryCodeUsed { .. }
            | Self::FactorsReset { .. } => None,
            Self::MfaReminder { .. } => Some(now + REMINDER_WAITS),
            Self::Notice(_) | Self::News { .. } | Self::OwnershipTransferred { .. } => Some(now + NOTICE_WAITS),
        }
    }

    /// The name that the row is found by.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Confirm { .. } => "confirm",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::Reset { .. } => "reset",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::PresentAddress { .. } => "present_address",
            Self::NewAddress { .. } => "new_address",
            Self::OwnAddress { .. } => "own_address",
            Self::AddressTaken { .. } => "address_taken",
            Self::FactorsReset { .. } => "factors_reset",
            Self::AccountDeleted { .. } => "account_deleted",
            Self::OrganizationDeletion { .. } => "organization_deletion",
            Self::OwnershipTransferred { .. } => "ownership_transferred",
            Self::MfaReminder { .. } => "mfa_reminder",
            Self::Notice(_) => "notice",
            Self::News { .. } => "news",
        }
    }
}

/// Posts a letter, in the transaction of the act that it is about.
pub(crate) async fn post(conn: &mut PgConnection, request: &RequestContext, letter: Letter<'_>) -> Result<(), Error> {
    let (tenant, subject, to, details) = match letter {
        Letter::Invitation { tenant, invitation, to, organization, invited_by, role, expires_at } => {
            let details = Details::Invitation {
                organization: organization.to_owned(),
                invited_by: invited_by.to_owned(),
                role: role.to_owned(),
                expires_at: Some(expires_at),
            };
            (Some(tenant), invitation.0, to, details)
        }
        Letter::Confirm { registration, to, name, organization } => {
            let details = Details::Confirm {
                name: name.to_owned(),
                organization: organization.to_owned(),
                at: Some(request.now),
                device: device(request),
            };
            (None, registration, to.as_str(), details)
        }
        Letter::AlreadyRegistered { account, to, name } => {
            (None, account.0, to.as_str(), Details::AlreadyRegistered { name: name.to_owned() })
        }
        Letter::PresentAddress { change, to, name, email, expires_at } => {
            let (name, email, device) = (name.to_owned(), email.as_str().to_owned(), device(request));
            (None, change, to.as_str(), Details::PresentAddress { name, email, at: request.now, device, expires_at })
        }
        Letter::NewAddress { change, to, name, expires_at } => {
            (None, change, to.as_str(), Details::NewAddress { name: name.to_owned(), expires_at })
        }
        Letter::OwnAddress { change, to, name, expires_at } => {
            (None, change, to.as_str(), Details::OwnAddress { name: name.to_owned(), expires_at })
        }
        Letter::AddressTaken { change, to, expires_at } => {
            (None, change, to.as_str(), Details::AddressTaken { expires_at })
        }
        Letter::FactorsReset { account, notice, to, name, organization, by, of, reason } => {
            let [name, organization, by, of, reason] = [name, organization, by, of, reason].map(str::to_owned);
            let is_owner = notice.is_some();
            let details = Details::FactorsReset { name, organization, by, of, reason, is_owner };
            (None, notice.unwrap_or(account.0), to, details)
        }
        Letter::AccountDeleted { account, to, name } => {
            let (name, device) = (name.to_owned(), device(request));
            (None, account.0, to.as_str(), Details::AccountDeleted { name, at: request.now, device })
        }
        Letter::OwnershipTransferred { tenant, account, to, name, organization, by, owner } => {
            let [name, organization, by, owner] = [name, organization, by, owner].map(str::to_owned);
            (Some(tenant), account.0, to, Details::OwnershipTransferred { name, organization, by, owner })
        }
        Letter::OrganizationDeletion { tenant, account, to, name, organization, by, until } => {
            let (name, organization) = (name.to_owned(), organization.to_owned());
            let details = Details::OrganizationDeletion { name, organization, by: by.map(str::to_owned), until };
            (Some(tenant), account.0, to, details)
        }
        Letter::RecoveryCodeUsed { account, to, name, left } => {
            let device = device(request);
            let details = Details::RecoveryCodeUsed { name: name.to_owned(), left, at: request.now, device };
            (None, account.0, to.as_str(), details)
        }
        Letter::Notice { notice, to, name, event, factor } => {
            let told = Told {
                name: name.to_owned(),
                event,
                factor: factor.map(str::to_owned),
                at: request.now,
                device: device(request),
                ip: request.ip.map(|ip| ip.to_string()),
                more: 0,
            };
            (None, notice, to.as_str(), Details::Notice(told))
        }
        Letter::Reset { account, to, name } => (None, account.0, to.as_str(), Details::Reset { name: name.to_owned() }),
    };
    let expires_at = details.expire_at(request.now);
    let mail = sql::NewMail { id: request.portal().uuid(request.now), tenant, subject, to, details, expires_at };
    sql::add(conn, mail, request.now).await
}

/// What somebody asks with, if that has a name.
fn device(request: &RequestContext) -> Option<String> {
    request.device.as_deref().and_then(domain::device::known_name)
}

/// Takes away what was written or is to be written to an account that goes.
pub(crate) async fn erase(conn: &mut PgConnection, account: AccountId, email: &EmailAddress) -> Result<(), Error> {
    sql::erase(conn, account, email).await
}

/// Posts many reminders at once, in the transaction of the act that they come from: of an organization, by its name,
/// that asks for one of these.
pub(crate) async fn post_reminders(
    conn: &mut PgConnection,
    request: &RequestContext,
    tenant: TenantId,
    (organization, methods): (&str, Methods),
    letters: &[Reminder<'_>],
) -> Result<(), Error> {
    let mails = letters.iter().map(|letter| {
        let details = Details::MfaReminder {
            name: letter.name.to_owned(),
            organization: organization.to_owned(),
            methods,
            due: letter.due,
        };
        let expires_at = details.expire_at(request.now);
        let id = request.portal().uuid(request.now);
        sql::NewMail { id, tenant: Some(tenant), subject: letter.account.0, to: letter.to, details, expires_at }
    });
    sql::add_all(conn, mails.collect(), request.now).await
}

/// Posts the same news to each of these people, in the transaction of the act that they come from.
pub(crate) async fn post_news(
    conn: &mut PgConnection,
    request: &RequestContext,
    tenant: TenantId,
    news: &News,
    people: &[Mailed],
) -> Result<(), Error> {
    if people.is_empty() {
        return Ok(());
    }
    let mails = people.iter().map(|person| {
        let details = Details::News { name: person.name.clone(), news: news.clone() };
        let expires_at = details.expire_at(request.now);
        let id = request.portal().uuid(request.now);
        sql::NewMail { id, tenant: Some(tenant), subject: person.account.0, to: &person.email, details, expires_at }
    });
    sql::add_all(conn, mails.collect(), request.now).await
}

/// Posts many invitations at once, in the transaction of the act that they come from: into an organization, by its name,
/// by somebody's word and until some time.
pub(crate) async fn post_invitations(
    conn: &mut PgConnection,
    request: &RequestContext,
    (tenant, organization): (TenantId, &str),
    (invited_by, expires_at): (&str, OffsetDateTime),
    letters: &[Invited<'_>],
) -> Result<(), Error> {
    let mails = letters.iter().map(|letter| {
        let details = Details::Invitation {
            organization: organization.to_owned(),
            invited_by: invited_by.to_owned(),
            role: letter.role.to_owned(),
            expires_at: Some(expires_at),
        };
        let expires_at = details.expire_at(request.now);
        let id = request.portal().uuid(request.now);
        sql::NewMail { id, tenant: Some(tenant), subject: letter.invitation.0, to: letter.to, details, expires_at }
    });
    sql::add_all(conn, mails.collect(), request.now).await
}

/// Cancels what still waits to be written about a subject, or was given up. An act that ends the subject's links
/// cancels its mail before that: the one that is being written just now gets no link, or one that ends with the others.
pub(crate) async fn cancel(conn: &mut PgConnection, subject: Uuid) -> Result<(), Error> {
    sql::cancel(conn, subject).await
}

/// Adds a sign-in to the mail that tells an account's owner of one: false when none waits that was never tried yet.
pub(crate) async fn tell_of_another_device(conn: &mut PgConnection, account: AccountId) -> Result<bool, Error> {
    sql::tell_of_another_device(conn, account).await
}

/// As [`cancel`], for the mail with which an account would get another password.
pub(crate) async fn cancel_resets(conn: &mut PgConnection, account: AccountId) -> Result<(), Error> {
    sql::cancel_resets(conn, account).await
}

/// How far the newest mail about each of these subjects has come.
pub(crate) async fn states(conn: &mut PgConnection, subjects: &[Uuid]) -> Result<HashMap<Uuid, MailState>, Error> {
    sql::states(conn, subjects).await
}
