//! What an organization tells those who are in it, or may be.

use time::OffsetDateTime;

use super::{Mail, Words, date, unlinked};

impl Mail {
    /// "Join our organization."
    ///
    /// `until` is when it ends, however late the mail goes out.
    pub(crate) fn invitation(
        organization: &str,
        invited_by: &str,
        role: &str,
        until: Option<OffsetDateTime>,
        link: &str,
    ) -> Self {
        let good = until.map_or_else(|| "for seven days".to_owned(), |at| format!("until {}", date(at)));
        let (organization, invited_by) = (unlinked(organization), unlinked(invited_by));
        Words {
            subject: format!("{invited_by} invites you to {organization}"),
            heading: format!("Join {organization}"),
            paragraphs: vec![
                format!("{invited_by} invites you to {organization} on Portcullis, with the role {role}."),
                format!("The invitation is good {good}, and for this address only."),
            ],
            button: "See the invitation",
            link,
            footer: "You did not expect this? Then there is nothing to do: without your answer nothing happens.",
        }
        .write()
    }

    /// "Set up a second factor." `due` is until when they get in without, if that is not over.
    pub(crate) fn mfa_reminder(
        name: &str,
        organization: &str,
        methods: &str,
        due: Option<OffsetDateTime>,
        link: &str,
    ) -> Self {
        let (name, organization) = (unlinked(name), unlinked(organization));
        let until = match due {
            Some(at) => format!("Until {} you get in without. After that you set one up before you come in.", date(at)),
            None => format!("The time for it is over: you come into {organization} again once you have set one up."),
        };
        Words {
            subject: format!("{organization} asks for a second factor"),
            heading: "Set up a second factor".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!("{organization} asks its members to sign in with {methods}, and you have none yet."),
                until,
            ],
            button: "Set it up",
            link,
            footer: "It takes a minute. You get this because you are a member of this organization, whose admins have \
                     sent the reminder.",
        }
        .write()
    }

    /// "Sign-in factors were reset": to whose they were, and to who did it.
    pub(crate) fn factors_reset(name: &str, words: [&str; 4], is_owner: bool, link: &str) -> Self {
        let name = unlinked(name);
        let [organization, by, of, reason] = words.map(unlinked);
        let (button, footer) = if is_owner {
            (
                "This was not me",
                "You did not ask for this? The link ends all sessions of your account, makes its password useless, and \
                 sends you a mail to choose another. Then tell an owner of your organization at once.",
            )
        } else {
            ("See your security page", "You did not expect this? Then tell an owner of your organization at once.")
        };
        Words {
            subject: "Sign-in factors were reset".to_owned(),
            heading: "Sign-in factors were reset".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!(
                    "{by} of {organization} has reset the sign-in factors of {of}: authenticator apps, passkeys and \
                     recovery codes are removed, and every session has ended."
                ),
                format!("The reason given: {reason}"),
                format!("Until {of} sets up another factor, the password alone signs in."),
            ],
            button,
            link,
            footer,
        }
        .write()
    }
}
