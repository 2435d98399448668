//! What a change of an account’s address needs.

use time::OffsetDateTime;

use super::{Mail, Words, date, unlinked};

impl Mail {
    /// "Agree to another address", to the one of before.
    pub(crate) fn present_address(name: &str, email: &str, origin: &str, until: OffsetDateTime, link: &str) -> Self {
        let (name, email) = (unlinked(name), unlinked(email));
        Words {
            subject: "Your account is to get another address".to_owned(),
            heading: "Agree to another address".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!("Somebody, probably you, wants your account to have the address {email}{origin}."),
                format!(
                    "It changes when you agree here, and by the link that was sent to the new address. Both are good \
                     until {}.",
                    date(until)
                ),
            ],
            button: "See the change",
            link,
            footer: "It was not you? Then somebody was at your account: open the link, choose “Cancel the change”, and \
                     change your password, which ends every other session. Without your answer the address stays.",
        }
        .write()
    }

    /// "Confirm your new address."
    pub(crate) fn new_address(name: &str, until: OffsetDateTime, link: &str) -> Self {
        let name = unlinked(name);
        Words {
            subject: "Confirm your new address".to_owned(),
            heading: "Confirm your new address".to_owned(),
            paragraphs: vec![
                format!(
                    "Somebody who is called {name} here, probably you, wants to use this address for their account."
                ),
                format!(
                    "It changes when you confirm here, and by the link that was sent to the present address. Both are \
                     good until {}.",
                    date(until)
                ),
            ],
            button: "Confirm",
            link,
            footer: "It was not you? Then do not confirm: their account would be known by your address. Without your \
                     confirmation nothing happens.",
        }
        .write()
    }

    /// "Confirm the address of your account."
    pub(crate) fn own_address(name: &str, until: OffsetDateTime, link: &str) -> Self {
        let name = unlinked(name);
        Words {
            subject: "Confirm your address".to_owned(),
            heading: "Confirm your address".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!(
                    "Show us that the address of your account is yours: open the link in the browser in which you are \
                     signed in. It is good until {}.",
                    date(until)
                ),
            ],
            button: "Confirm",
            link,
            footer: "You have no account here? Then somebody else made one with your address. Choose “Forgot it?” at the \
                     sign-in: with a new password the account is yours alone.",
        }
        .write()
    }

    /// "Somebody wanted your address for another account."
    pub(crate) fn address_taken() -> Self {
        Words {
            subject: "Your address was asked for".to_owned(),
            heading: "Your address was asked for".to_owned(),
            paragraphs: vec![
                "Somebody who has an account here, probably you, wants to use this address for it. It cannot be: an \
                 address has one account, and this one has another already."
                    .to_owned(),
                "If you want that, sign in with this address and delete its account first. Who asked is not told that \
                 it exists."
                    .to_owned(),
            ],
            button: "",
            link: "",
            footer: "It was not you? Then there is nothing to do: your account stays as it is.",
        }
        .write()
    }
}
