//! What a row keeps of a letter until it is sent.

use domain::notices::Event;
use domain::notifications::News;
use domain::policy::Methods;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long a letter about a forgotten password waits for a mail server: whoever asked for it has asked again, or does
/// not expect it any more.
const RESET_WAITS: Duration = Duration::days(1);
/// How long the last letter to somebody waits, of whom nothing else is kept.
const FAREWELL_WAITS: Duration = Duration::days(7);
/// How long a reminder waits for a mail server: after that people can be reminded again.
const REMINDER_WAITS: Duration = Duration::days(1);
/// How long a letter about what has happened to an account waits: after that it tells of nothing that can be undone.
const NOTICE_WAITS: Duration = Duration::days(7);
/// How long whoever gets an organization has to follow the link to it, wherever the letter waits meanwhile.
pub(super) const PROVISIONED_LIFETIME: Duration = Duration::days(7);

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
    /// Of an organization that was made for somebody.
    Provisioned {
        /// The person's name.
        name: String,
        /// The organization's.
        organization: String,
        /// Whether they had an account before. Else the link is one to choose a password.
        has_account: bool,
        /// When the link ends.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
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
    /// Of a signed state of an audit trail.
    Checkpoint {
        /// The reader's name.
        name: String,
        /// The organization's.
        organization: String,
        /// How many entries the trail had.
        size: u64,
        /// The signed note.
        note: String,
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
    pub(super) fn expire_at(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::Invitation { expires_at, .. } => *expires_at,
            Self::Reset { .. } => Some(now + RESET_WAITS),
            Self::PresentAddress { expires_at, .. }
            | Self::NewAddress { expires_at, .. }
            | Self::OwnAddress { expires_at, .. }
            | Self::AddressTaken { expires_at }
            | Self::Provisioned { expires_at, .. } => Some(*expires_at),
            Self::AccountDeleted { .. } => Some(now + FAREWELL_WAITS),
            Self::OrganizationDeletion { until, .. } => Some(until.unwrap_or(now + NOTICE_WAITS)),
            Self::Confirm { .. }
            | Self::AlreadyRegistered { .. }
            | Self::RecoveryCodeUsed { .. }
            | Self::FactorsReset { .. } => None,
            Self::MfaReminder { .. } => Some(now + REMINDER_WAITS),
            Self::Notice(_) | Self::News { .. } | Self::OwnershipTransferred { .. } | Self::Checkpoint { .. } => {
                Some(now + NOTICE_WAITS)
            }
        }
    }

    /// The name that the row is found by.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Confirm { .. } => "confirm",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::Reset { .. } => "reset",
            Self::Provisioned { .. } => "provisioned",
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
            Self::Checkpoint { .. } => "checkpoint",
            Self::Notice(_) => "notice",
            Self::News { .. } => "news",
        }
    }
}
