//! Sending mail.

use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::Mail;

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
