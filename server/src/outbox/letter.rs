//! What is to be written, by whoever acts.

use domain::email::EmailAddress;
use domain::ids::{AccountId, InvitationId, TenantId};
use domain::notices::Event;
use time::OffsetDateTime;
use uuid::Uuid;

use super::details::{Details, PROVISIONED_LIFETIME, Told};
use crate::request::RequestContext;

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
    /// "An organization is yours": to whom whoever runs the platform has made it for.
    Provisioned {
        tenant: TenantId,
        account: AccountId,
        to: &'a EmailAddress,
        name: &'a str,
        organization: &'a str,
        /// Whether there was an account before.
        has_account: bool,
    },
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
    /// "This is the state of the audit trail", signed.
    Checkpoint {
        tenant: TenantId,
        account: AccountId,
        to: &'a str,
        name: &'a str,
        organization: &'a str,
        size: u64,
        note: &'a str,
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

/// A letter as its row keeps it: of which organization, about what, and to whom.
pub(super) type Kept<'a> = (Option<TenantId>, Uuid, &'a str, Details);

impl<'a> Letter<'a> {
    /// What a row keeps of it.
    pub(super) fn keep(self, request: &RequestContext) -> Kept<'a> {
        match self {
            Self::Invitation { tenant, invitation, to, organization, invited_by, role, expires_at } => {
                let details = Details::Invitation {
                    organization: organization.to_owned(),
                    invited_by: invited_by.to_owned(),
                    role: role.to_owned(),
                    expires_at: Some(expires_at),
                };
                (Some(tenant), invitation.0, to, details)
            }
            Self::Confirm { registration, to, name, organization } => {
                let details = Details::Confirm {
                    name: name.to_owned(),
                    organization: organization.to_owned(),
                    at: Some(request.now),
                    device: device(request),
                };
                (None, registration, to.as_str(), details)
            }
            Self::AlreadyRegistered { account, to, name } => {
                (None, account.0, to.as_str(), Details::AlreadyRegistered { name: name.to_owned() })
            }
            Self::PresentAddress { change, to, name, email, expires_at } => {
                let (name, email, device) = (name.to_owned(), email.as_str().to_owned(), device(request));
                (
                    None,
                    change,
                    to.as_str(),
                    Details::PresentAddress { name, email, at: request.now, device, expires_at },
                )
            }
            Self::NewAddress { change, to, name, expires_at } => {
                (None, change, to.as_str(), Details::NewAddress { name: name.to_owned(), expires_at })
            }
            Self::OwnAddress { change, to, name, expires_at } => {
                (None, change, to.as_str(), Details::OwnAddress { name: name.to_owned(), expires_at })
            }
            Self::AddressTaken { change, to, expires_at } => {
                (None, change, to.as_str(), Details::AddressTaken { expires_at })
            }
            Self::FactorsReset { account, notice, to, name, organization, by, of, reason } => {
                let [name, organization, by, of, reason] = [name, organization, by, of, reason].map(str::to_owned);
                let is_owner = notice.is_some();
                let details = Details::FactorsReset { name, organization, by, of, reason, is_owner };
                (None, notice.unwrap_or(account.0), to, details)
            }
            Self::AccountDeleted { account, to, name } => {
                let (name, device) = (name.to_owned(), device(request));
                (None, account.0, to.as_str(), Details::AccountDeleted { name, at: request.now, device })
            }
            Self::OwnershipTransferred { tenant, account, to, name, organization, by, owner } => {
                let [name, organization, by, owner] = [name, organization, by, owner].map(str::to_owned);
                (Some(tenant), account.0, to, Details::OwnershipTransferred { name, organization, by, owner })
            }
            Self::OrganizationDeletion { tenant, account, to, name, organization, by, until } => {
                let (name, organization) = (name.to_owned(), organization.to_owned());
                let details = Details::OrganizationDeletion { name, organization, by: by.map(str::to_owned), until };
                (Some(tenant), account.0, to, details)
            }
            Self::Checkpoint { tenant, account, to, name, organization, size, note } => {
                let [name, organization, note] = [name, organization, note].map(str::to_owned);
                (Some(tenant), account.0, to, Details::Checkpoint { name, organization, size, note })
            }
            Self::RecoveryCodeUsed { account, to, name, left } => {
                let device = device(request);
                let details = Details::RecoveryCodeUsed { name: name.to_owned(), left, at: request.now, device };
                (None, account.0, to.as_str(), details)
            }
            Self::Notice { notice, to, name, event, factor } => {
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
            Self::Provisioned { tenant, account, to, name, organization, has_account } => {
                let (name, organization) = (name.to_owned(), organization.to_owned());
                let expires_at = request.now + PROVISIONED_LIFETIME;
                let details = Details::Provisioned { name, organization, has_account, expires_at };
                (Some(tenant), account.0, to.as_str(), details)
            }
            Self::Reset { account, to, name } => {
                (None, account.0, to.as_str(), Details::Reset { name: name.to_owned() })
            }
        }
    }
}

/// What somebody asks with, if that has a name.
fn device(request: &RequestContext) -> Option<String> {
    request.device.as_deref().and_then(domain::device::known_name)
}
