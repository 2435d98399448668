//! Invitations into an organization.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::email::EmailAddress;
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::{InvitationId, TenantId};
use crate::roles::{GrantedRole, RoleId};

/// How long an invitation can be accepted.
pub const INVITATION_LIFETIME: Duration = Duration::days(7);

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Waits for an answer; expired when its time is over.
    Pending,
    /// The person is a member.
    Accepted,
    /// The person said no.
    Declined,
    /// Taken back.
    Revoked,
}

impl InvitationState {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Pending, Self::Accepted, Self::Declined, Self::Revoked];

    /// The name under which it is stored and audited.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }

    /// The state of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }
}

/// How far an invitation's mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Not sent yet; it is tried again.
    Waiting,
    /// The mail server has taken it.
    Sent,
    /// Given up after many tries.
    Failed,
    /// No longer needed when it was to be sent.
    Cancelled,
    /// It waited so long that its link would have been dead.
    Expired,
}

impl MailState {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Waiting, Self::Sent, Self::Failed, Self::Cancelled, Self::Expired];

    /// The name under which it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }
}

/// An invitation in the organization's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The address that it is for.
    pub email: String,
    /// The role that it gives.
    pub role: GrantedRole,
    /// What became of it.
    pub state: InvitationState,
    /// How far its newest mail has come.
    pub mail: Option<MailState>,
    /// Name of who invited.
    pub invited_by: Option<String>,
    /// When.
    pub created_at: OffsetDateTime,
    /// Until when it can be accepted.
    pub expires_at: OffsetDateTime,
}

impl Invitation {
    /// Whether it can still be accepted.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.state == InvitationState::Pending && now < self.expires_at
    }
}

/// An invitation as the invited person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The organization.
    pub tenant: TenantId,
    /// Its name.
    pub organization: String,
    /// The invitation.
    pub invitation: InvitationId,
    /// The invited address.
    pub email: String,
    /// The role that it gives.
    pub role: GrantedRole,
    /// Name of who invited.
    pub invited_by: Option<String>,
    /// Until when it can be accepted.
    pub expires_at: OffsetDateTime,
    /// Whether the invited person has an account that they can sign in to. One that nobody has proven does not count
    /// for whoever reads mail at its address: accepting takes it over.
    pub has_account: bool,
}

/// The invitation form as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InviteForm {
    /// Address.
    #[serde(default)]
    pub email: String,
    /// Code of a role.
    #[serde(default)]
    pub role: String,
}

/// An invitation that makes sense.
#[derive(Debug)]
pub struct Invite {
    /// Whom.
    pub email: EmailAddress,
    /// As what.
    pub role: RoleId,
}

impl InviteForm {
    /// Parses every field.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self) -> Result<Invite, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.check("email", EmailAddress::parse(&self.email));
        let role = errors.check("role", RoleId::from_code(&self.role).ok_or(FieldProblem::UnknownChoice));
        match (email, role) {
            (Some(email), Some(role)) => Ok(Invite { email, role }),
            _ => Err(errors),
        }
    }
}
