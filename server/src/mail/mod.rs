//! Mail: what it says, and how it is sent.

mod account;
mod address;
mod mailer;
mod membership;
mod notice;
mod organization;

use askama::Template;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

pub use mailer::{Mailer, MailerError};

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
