//! The one enum of refusals that reaches a browser.

use serde::{Deserialize, Serialize};

use crate::policy::{Rule, Staleness};
use crate::quotas::Metric;

/// Why something did not happen, apart from a field that is wrong. The pages hold the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// It does not exist, or not for the person who asks.
    NotFound,
    /// The person's role does not allow it.
    Forbidden,
    /// The organization would be left without an active owner.
    LastOwner,
    /// Nobody suspends or removes themselves here; leaving is a page of its own.
    Yourself,
    /// Another change came first.
    Changed,
    /// The organization has come to need the approval of other owners for it.
    ApprovalFirst,
    /// Somebody or something has the role.
    RoleInUse,
    /// The session is some minutes old: a proof that it is still the same person comes first.
    StepUpFirst,
    /// The session is not good enough for the organization: a fresh proof comes first.
    SignInAgain(Staleness),
    /// The organization asks for a second factor, and the time to set one up is over.
    EnrolFirst,
    /// The organization asks for another password than the one that they have.
    ChoosePassword,
    /// The organization's policy keeps whoever asks out, whatever they can show.
    KeptOut(Rule),
    /// The organization's policy cannot be read: nobody comes in.
    PolicyUnreadable,
    /// More requests than the organization's policy allows one person.
    Throttled {
        /// In how many seconds there is room for another one.
        seconds: u16,
    },
    /// A quota of the organization's has not so much left.
    OverQuota {
        /// Of what.
        metric: Metric,
        /// In how many seconds it is counted anew; none where somebody has to give something back.
        seconds: Option<u32>,
    },
    /// Too many tries.
    TooMany {
        /// In how many minutes they are counted anew.
        minutes: u16,
    },
    /// The organization has sent this address many invitations just now.
    MailedOften {
        /// In how many minutes they are counted anew.
        minutes: u16,
    },
    /// The organization has sent very many invitations.
    InvitedOften {
        /// In how many minutes they are counted anew.
        minutes: u16,
    },
    /// The link was used already.
    LinkUsed,
    /// The link is too old.
    LinkExpired,
    /// The invitation has expired: sending it again gives it time.
    InvitationExpired,
    /// The invitation was taken back.
    InvitationRevoked,
    /// The invitation was declined.
    InvitationDeclined,
    /// Who invited may no longer invite to this role.
    InviterDemoted,
    /// The organization has come to invite addresses of some domains alone, and this is none of them.
    ForeignDomain,
    /// The organization has come to need the approval of other owners for the invitation's role.
    RoleNeedsApproval,
    /// The invitation is for another address than that of the account.
    WrongAddress,
    /// An account with this address exists: its owner has to sign in first.
    SignInFirst,
    /// Another account has got the address that this one was to have.
    AddressTaken,
    /// Many jobs of the organization are not over yet.
    JobsWaiting,
    /// A program has asked something else under the same name before.
    IdempotencyConflict,
    /// What a program has asked under this name is not answered yet.
    IdempotencyInProgress,
    /// The account is not the organization's to manage.
    NotManaged,
    /// The key that a program comes with opens nothing: there is none like it, or it is over, revoked or stopped. Which of
    /// them is nobody's business.
    KeyRefused,
    /// The organization is suspended.
    OrganizationSuspended,
    /// The organization is to be deleted.
    OrganizationDeleting,
    /// The person's membership is suspended.
    MembershipSuspended,
    /// The organization is being upgraded.
    OrganizationBehind,
    /// The organization could not be upgraded.
    OrganizationNotUpgraded,
    /// The database does not answer.
    Unavailable,
    /// More is asked of the organization at once than others leave room for.
    Busy,
    /// The answer was not there in time.
    TimedOut,
    /// What is looked for is more than can be looked through at once.
    TookTooLong,
    /// The request comes from another site, or from nowhere.
    ForeignOrigin,
    /// The body is larger than anything that is asked for here.
    TooLarge,
    /// The request cannot be read.
    BadRequest,
    /// A mistake of the portal's.
    Internal,
}

impl Problem {
    /// The HTTP status of a page that says so.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::KeyRefused => 401,
            Self::Forbidden
            | Self::NotManaged
            | Self::OrganizationSuspended
            | Self::OrganizationDeleting
            | Self::MembershipSuspended
            | Self::StepUpFirst
            | Self::SignInAgain(_)
            | Self::EnrolFirst
            | Self::ChoosePassword
            | Self::KeptOut(_)
            | Self::ForeignOrigin
            | Self::WrongAddress => 403,
            Self::NotFound => 404,
            Self::LastOwner
            | Self::Yourself
            | Self::Changed
            | Self::ApprovalFirst
            | Self::RoleInUse
            | Self::JobsWaiting
            | Self::IdempotencyConflict
            | Self::IdempotencyInProgress
            | Self::InvitationExpired
            | Self::SignInFirst
            | Self::AddressTaken => 409,
            Self::LinkUsed
            | Self::LinkExpired
            | Self::InvitationRevoked
            | Self::InvitationDeclined
            | Self::ForeignDomain
            | Self::RoleNeedsApproval
            | Self::InviterDemoted => 410,
            Self::TooLarge => 413,
            Self::TooMany { .. }
            | Self::MailedOften { .. }
            | Self::InvitedOften { .. }
            | Self::Throttled { .. }
            | Self::OverQuota { .. } => 429,
            Self::Unavailable
            | Self::Busy
            | Self::TimedOut
            | Self::TookTooLong
            | Self::OrganizationBehind
            | Self::OrganizationNotUpgraded
            | Self::PolicyUnreadable => 503,
            Self::Internal => 500,
        }
    }

    /// In how many seconds it is worth to try again, where that is known.
    pub fn retry_after(self) -> Option<u32> {
        match self {
            Self::TooMany { minutes } | Self::MailedOften { minutes } | Self::InvitedOften { minutes } => {
                Some(60 * u32::from(minutes))
            }
            Self::Throttled { seconds } => Some(seconds.into()),
            Self::OverQuota { seconds, .. } => seconds,
            Self::Unavailable | Self::Busy | Self::TimedOut => Some(2),
            _ => None,
        }
    }

    /// Whether the organization's tables are not those of this program: it is being upgraded, or could not be.
    pub fn is_behind(self) -> bool {
        matches!(self, Self::OrganizationBehind | Self::OrganizationNotUpgraded)
    }

    /// Whether a limit refuses: the same form may be sent again later.
    pub fn is_limit(self) -> bool {
        self.status() == 429
    }
}
