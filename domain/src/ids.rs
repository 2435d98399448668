//! Identifiers. Each is a UUID of its own type, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    };
}

id!(
    /// A person's account on the platform; the same in every organization.
    AccountId
);
id!(
    /// An organization. Its schema and role are named after it.
    TenantId
);
id!(
    /// An invitation into an organization.
    InvitationId
);
id!(
    /// An authenticator app of somebody's.
    AuthenticatorId
);
id!(
    /// A passkey of somebody's.
    PasskeyId
);
id!(
    /// What somebody was told inside of the portal.
    NotificationId
);
id!(
    /// A session as it is listed and audited. It is not the secret in the cookie.
    SessionId
);
id!(
    /// A role of an organization's own.
    CustomRoleId
);
id!(
    /// A group of members.
    GroupId
);
id!(
    /// A filter of the list of members that somebody keeps.
    SavedFilterId
);
id!(
    /// Something that is done to many members, one after the other.
    JobId
);
id!(
    /// An exception from a security policy.
    ExceptionId
);
id!(
    /// Something that was noticed, and that somebody should look at.
    AlertId
);
id!(
    /// What keeps entries of an audit trail.
    HoldId
);
id!(
    /// A key that programs come with. It is not the secret.
    ApiKeyId
);
id!(
    /// An account of programs, for which a member stands.
    ServiceAccountId
);
id!(
    /// Amounts of an organization's quotas that something holds.
    ReservationId
);
id!(
    /// An address to which webhooks are sent.
    EndpointId
);
id!(
    /// A message that is sent to an endpoint.
    DeliveryId
);
id!(
    /// A request that owners approve.
    ApprovalId
);
