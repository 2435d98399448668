//! Mail: what it says, and how it is sent.

mod notice;
mod organization;

use askama::Template;
use domain::factors::FEW_RECOVERY_CODES;
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// A mail without its recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The plain text. Its first address is what the mail is about.
    pub text: String,
    /// The same for programs that show HTML.
    pub html: String,
}

/// What both forms of a mail are made from.
#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    subject: &'a str,
    preview: &'a str,
    heading: &'a str,
    paragraphs: &'a [String],
    button: &'a str,
    link: &'a str,
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct Text<'a> {
    heading: &'a str,
    paragraphs: &'a [String],
    button: &'a str,
    link: &'a str,
    footer: &'a str,
}

/// The parts of a mail that differ.
struct Words<'a> {
    subject: String,
    heading: String,
    paragraphs: Vec<String>,
    button: &'a str,
    link: &'a str,
    footer: &'a str,
}

/// A name as a mail may show it: nothing in it turns into a link of its own. Mail programs find links
/// by the dots in them, also without `https://`; a space behind the dot is what none of them reads over.
fn unlinked(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(char) = rest.next() {
        text.push(char);
        // All that browsers take for a dot.
        let is_dot = matches!(char, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
        if is_dot && rest.peek().is_some_and(|next| !next.is_whitespace() && !next.is_ascii_punctuation()) {
            text.push(' ');
        }
    }
    text.replace("://", ": //")
}

/// A time as a mail tells it, whose reader's zone is not known: "28 November 2026, 14:02 UTC".
pub(crate) fn date(at: OffsetDateTime) -> String {
    let parts = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    // Formatting fails only for parts that a time does not have.
    at.to_offset(UtcOffset::UTC).format(parts).unwrap_or_default()
}

impl Words<'_> {
    fn write(self) -> Mail {
        let Self { subject, heading, paragraphs, button, link, footer } = self;
        let preview = paragraphs.first().map_or("", String::as_str);
        let html =
            Html { subject: &subject, preview, heading: &heading, paragraphs: &paragraphs, button, link, footer };
        let text = Text { heading: &heading, paragraphs: &paragraphs, button, link, footer };
        // Rendering into a string fails only if a value's own `Display` does, and texts have none that does.
        let render = |result: askama::Result<String>| result.unwrap_or_default();
        Mail { text: render(text.render()), html: render(html.render()), subject }
    }
}

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
}

/// Sends mail by SMTP.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why there can be no mailer.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The server's URL cannot be used.
    #[error("PORTCULLIS_SMTP_URL cannot be used: {0}")]
    Url(#[from] lettre::transport::smtp::Error),
    /// The sender is not an address.
    #[error("PORTCULLIS_MAIL_FROM is not an address: {0}")]
    From(#[from] lettre::address::AddressError),
}

impl Mailer {
    /// A mailer for a URL such as `smtps://user:password@mail.example:465`.
    ///
    /// # Errors
    /// When the URL or the sender cannot be used. Whether the server answers shows when mail is sent.
    pub fn new(url: &str, from: &str) -> Result<Self, MailerError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?
            .timeout(Some(std::time::Duration::from_secs(30)))
            .build();
        Ok(Self { transport, from: from.parse()? })
    }

    /// Sends one mail; what the server said, when it does not take it.
    pub(crate) async fn send(&self, to: &str, mail: &Mail) -> Result<(), String> {
        let to = to.parse().map_err(|error| format!("the recipient is not an address: {error}"))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| error.to_string())?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_first_address_in_the_text_is_what_it_is_about() {
        let link = "https://portal.example/invite/abc";
        let mail = Mail::invitation("Acme https://evil.example", "Ada", "Member", None, link);
        let first = mail.text.split_whitespace().find(|word| word.starts_with("https://"));
        assert_eq!(first, Some(link));
    }

    #[test]
    fn an_invitation_says_when_it_ends() {
        let until = Some(datetime!(2026-11-28 15:02:07 +1));
        let mail = Mail::invitation("Acme", "Ada", "Member", until, "https://portal.example/invite/abc");
        for text in [mail.text, mail.html] {
            assert!(text.contains("The invitation is good until 28 November 2026, 14:02 UTC,"), "{text}");
        }
    }

    #[test]
    fn no_name_turns_into_a_link() {
        for (name, shown) in [
            ("Invoice overdue, see www.evil.example/pay", "Invoice overdue, see www. evil. example/pay"),
            ("evil.example", "evil. example"),
            ("https://evil.example", "https: //evil. example"),
            ("pay@evil.example", "pay@evil. example"),
            ("evil\u{3002}example", "evil\u{3002} example"),
            ("192.0.2.1", "192. 0. 2. 1"),
            ("Acme Inc., Berlin", "Acme Inc., Berlin"),
            ("Dr. Ada Lovelace", "Dr. Ada Lovelace"),
        ] {
            assert_eq!(unlinked(name), shown);
        }
    }

    #[test]
    fn names_are_text_in_html() {
        let mail = Mail::invitation("<b>Acme</b>", "<script>", "Member", None, "https://portal.example/invite/abc");
        assert!(!mail.html.contains("<script>") && !mail.html.contains("<b>"));
    }
}
