//! What people are told by mail, because somebody else may have done it.

use serde::{Deserialize, Serialize};

/// What has happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A sign-in with a browser or from a network that the account was not used with before.
    NewDevice,
    /// The password was changed, or chosen anew by a link from a mail.
    PasswordChanged,
    /// An authenticator app was added.
    AuthenticatorAdded,
    /// An authenticator app was removed.
    AuthenticatorRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// Recovery codes were made, in place of those that there were.
    RecoveryCodesGenerated,
    /// Somebody of an organization has taken away whatever was there besides the password.
    FactorsReset,
    /// The account got another address.
    AddressChanged,
}

impl Event {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::NewDevice,
        Self::PasswordChanged,
        Self::AuthenticatorAdded,
        Self::AuthenticatorRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::RecoveryCodesGenerated,
        Self::FactorsReset,
        Self::AddressChanged,
    ];

    /// The name under which it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NewDevice => "new_device",
            Self::PasswordChanged => "password_changed",
            Self::AuthenticatorAdded => "authenticator_added",
            Self::AuthenticatorRemoved => "authenticator_removed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::RecoveryCodesGenerated => "recovery_codes_generated",
            Self::FactorsReset => "factors_reset",
            Self::AddressChanged => "address_changed",
        }
    }

    /// The event of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.code() == code)
    }

    /// What happened, as a title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NewDevice => "New sign-in to your account",
            Self::PasswordChanged => "Your password was changed",
            Self::AuthenticatorAdded => "An authenticator app was added",
            Self::AuthenticatorRemoved => "An authenticator app was removed",
            Self::PasskeyAdded => "A passkey was added",
            Self::PasskeyRemoved => "A passkey was removed",
            Self::RecoveryCodesGenerated => "New recovery codes were generated",
            Self::FactorsReset => "Your sign-in factors were reset",
            Self::AddressChanged => "Your email was changed",
        }
    }
}
