//! What an account needs to begin, to come back, and to end.

use domain::factors::FEW_RECOVERY_CODES;
use time::OffsetDateTime;

use super::{Mail, Words, date, unlinked};

impl Mail {
    /// "Confirm your address."
    pub(crate) fn confirm(name: &str, organization: &str, origin: &str, link: &str) -> Self {
        let (name, organization) = (unlinked(name), unlinked(organization));
        Words {
            subject: "Confirm your address".to_owned(),
            heading: "Confirm your address".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!("Somebody, probably you, signed up with this address{origin}."),
                format!(
                    "One step is left until {organization} is ready: show us that this address is yours. The link is \
                     good for one day."
                ),
            ],
            button: "Confirm",
            link,
            footer: "It was not you? Then do not confirm: whoever signed up chose the password. Open the link and choose \
                     “This was not me”, or do nothing; without your confirmation there is no account.",
        }
        .write()
    }

    /// "Somebody signed up with your address."
    pub(crate) fn already_registered(name: &str, link: &str) -> Self {
        let name = unlinked(name);
        Words {
            subject: "You have an account already".to_owned(),
            heading: "You have an account already".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                "Somebody, probably you, signed up with this address, which has an account already. Sign in with it; \
                 there you can create another organization."
                    .to_owned(),
            ],
            button: "Sign in",
            link,
            footer: "It was not you? Then there is nothing to do: nobody learned that you have an account.",
        }
        .write()
    }

    /// "Choose a new password."
    pub(crate) fn reset(name: &str, link: &str) -> Self {
        let name = unlinked(name);
        Words {
            subject: "Choose a new password".to_owned(),
            heading: "Choose a new password".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                "Somebody, probably you, asked to choose a new password for this account. Choosing one signs you out \
                 everywhere."
                    .to_owned(),
                "The link is good for one hour.".to_owned(),
            ],
            button: "Choose a new password",
            link,
            footer: "It was not you? Then there is nothing to do: your password stays as it is.",
        }
        .write()
    }

    /// "An organization is yours", with a link to choose a password that is good until then, or else into it.
    pub(crate) fn provisioned(name: &str, organization: &str, until: Option<OffsetDateTime>, link: &str) -> Self {
        let (name, organization) = (unlinked(name), unlinked(organization));
        let (next, button) = match until {
            Some(at) => {
                let next = format!(
                    "Choose a password, and sign in with this address. The link is good until {}; after that, choose \
                     “Forgot it?” where you sign in.",
                    date(at)
                );
                (next, "Choose a password")
            }
            None => ("Sign in with the account that you have.".to_owned(), "Open the organization"),
        };
        Words {
            subject: format!("{organization} is ready for you"),
            heading: format!("{organization} is ready for you"),
            paragraphs: vec![
                format!("Hello {name},"),
                format!(
                    "The platform’s operator has made the organization {organization}, of which you are the owner."
                ),
                next,
            ],
            button,
            link,
            footer: "You did not expect this? Then do nothing, and tell whoever runs the platform.",
        }
        .write()
    }

    /// "A recovery code was used."
    pub(crate) fn recovery_code_used(name: &str, left: u32, origin: &str, link: &str) -> Self {
        let name = unlinked(name);
        let left = match left {
            0 => "No code is left: generate new ones now, or the next lost phone locks you out.".to_owned(),
            1 => "One code is left. Generate new ones soon.".to_owned(),
            2..=FEW_RECOVERY_CODES => format!("{left} codes are left. Generate new ones soon."),
            _ => format!("{left} codes are left."),
        };
        Words {
            subject: "A recovery code was used".to_owned(),
            heading: "A recovery code was used".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!("Somebody, probably you, signed in to your account with a recovery code{origin}."),
                left,
            ],
            button: "See your security page",
            link,
            footer: "It was not you? Then somebody knows your password and your codes. Open the page, change the password, \
                     which ends every other session, and generate new codes.",
        }
        .write()
    }

    /// "Your account is deleted."
    pub(crate) fn account_deleted(name: &str, origin: &str) -> Self {
        let name = unlinked(name);
        Words {
            subject: "Your account is deleted".to_owned(),
            heading: "Your account is deleted".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!("Somebody, probably you, deleted your account{origin}."),
                "You are in no organization here any more, and nothing is kept of you but what the audit trails of \
                 organizations say. With this address you can sign up again."
                    .to_owned(),
            ],
            button: "",
            link: "",
            footer: "It was not you? Then tell the owners of your organizations: the account cannot be brought back.",
        }
        .write()
    }
}
