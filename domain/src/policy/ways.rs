//! The ways in which somebody signs in, and those that an organization accepts.

use serde::{Deserialize, Serialize};

use crate::factors::Factors;

/// What somebody has shown in a session: when it was begun, or since then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInMethod {
    /// The password, and nothing else.
    #[default]
    Password,
    /// The password, and a code: from an app, or for recovery.
    Code,
    /// The password, and a passkey.
    PasswordAndPasskey,
    /// A passkey alone.
    Passkey,
}

impl SignInMethod {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Password, Self::Code, Self::PasswordAndPasskey, Self::Passkey];

    /// The name under which it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::PasswordAndPasskey => "password_and_passkey",
            Self::Passkey => "passkey",
        }
    }

    /// The one of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }

    /// The same, once a code was shown as well. Beside a passkey it says nothing more.
    #[must_use]
    pub const fn with_code(self) -> Self {
        match self {
            Self::Password => Self::Code,
            shown => shown,
        }
    }

    /// The same, once a passkey was shown as well.
    #[must_use]
    pub const fn with_passkey(self) -> Self {
        match self {
            Self::Passkey => Self::Passkey,
            Self::Password | Self::Code | Self::PasswordAndPasskey => Self::PasswordAndPasskey,
        }
    }

    /// Whether the password is part of it.
    pub const fn has_password(self) -> bool {
        !matches!(self, Self::Passkey)
    }

    /// The most that somebody can show who has a password and these.
    pub const fn best_with(factors: Factors) -> Self {
        match factors {
            Factors { passkey: true, .. } => Self::PasswordAndPasskey,
            Factors { authenticator: true, .. } => Self::Code,
            Factors { .. } => Self::Password,
        }
    }
}

/// Ways of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInMethods {
    /// The password, whether or not something is shown besides.
    pub password: bool,
    /// The password and a second step: a code or a passkey.
    pub two_steps: bool,
    /// A passkey, alone or beside the password.
    pub passkey: bool,
}

impl SignInMethods {
    /// All of them.
    pub const ALL: Self = Self { password: true, two_steps: true, passkey: true };

    /// Whether what was shown in a session is one of these ways.
    pub const fn accept(self, shown: SignInMethod) -> bool {
        match shown {
            SignInMethod::Password => self.password,
            SignInMethod::Code => self.password || self.two_steps,
            SignInMethod::PasswordAndPasskey => self.password || self.two_steps || self.passkey,
            SignInMethod::Passkey => self.passkey,
        }
    }

    /// Whether somebody with these factors has one of these ways.
    pub fn are_open_to(self, factors: Factors) -> bool {
        self.password || self.two_steps && factors.any() || self.passkey && factors.passkey
    }

    /// What people call them, in a sentence.
    pub const fn describe(self) -> &'static str {
        match (self.password, self.two_steps, self.passkey) {
            (true, _, true) => "any way",
            (true, _, false) => "the password, alone or with a second step",
            (false, true, true) => "a passkey, or the password and a second step",
            (false, true, false) => "the password and a second step",
            (false, false, true) => "a passkey",
            (false, false, false) => "nothing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSKEYS: SignInMethods = SignInMethods { password: false, two_steps: false, passkey: true };
    const TWO_STEPS: SignInMethods = SignInMethods { password: false, two_steps: true, passkey: false };

    #[test]
    fn more_that_is_shown_is_never_less() {
        for bits in 1..8_u8 {
            let ways = SignInMethods { password: bits & 1 != 0, two_steps: bits & 2 != 0, passkey: bits & 4 != 0 };
            for shown in SignInMethod::ALL.into_iter().filter(|shown| ways.accept(*shown)) {
                assert!(ways.accept(shown.with_code()), "{ways:?} {shown:?}");
                // Whoever has signed in with a passkey alone has not shown a password, and never does afterwards.
                assert!(ways.accept(shown.with_passkey()), "{ways:?} {shown:?}");
            }
        }
    }

    #[test]
    fn who_has_none_of_the_ways_is_known_by_what_they_have() {
        let [none, app, passkey] = [(false, false), (true, false), (false, true)]
            .map(|(authenticator, passkey)| Factors { authenticator, passkey });
        assert_eq!([none, app, passkey].map(|factors| PASSKEYS.are_open_to(factors)), [false, false, true]);
        assert_eq!([none, app, passkey].map(|factors| TWO_STEPS.are_open_to(factors)), [false, true, true]);
        assert!(SignInMethods::ALL.are_open_to(none));
        for factors in [none, app, passkey] {
            for ways in [PASSKEYS, TWO_STEPS, SignInMethods::ALL] {
                assert_eq!(ways.accept(SignInMethod::best_with(factors)), ways.are_open_to(factors));
            }
        }
    }

    #[test]
    fn each_has_one_name() {
        for method in SignInMethod::ALL {
            assert_eq!(SignInMethod::from_code(method.code()), Some(method));
            assert_eq!(serde_json::to_value(method).unwrap(), method.code());
        }
        assert_eq!(SignInMethod::from_code("sms"), None);
    }
}
