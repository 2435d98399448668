//! What becomes of an organization.

use domain::notifications::News;
use domain::numbers::number;
use time::OffsetDateTime;

use super::{Mail, Words, date, unlinked};

impl Mail {
    /// What is told inside of the portal, too.
    pub(crate) fn news(name: &str, news: &News, link: &str) -> Self {
        let said = news.describe(unlinked);
        Words {
            subject: said.trim_end_matches('.').to_owned(),
            heading: said.trim_end_matches('.').to_owned(),
            paragraphs: vec![format!("Hello {},", unlinked(name)), said],
            button: "See it in Portcullis",
            link,
            footer: "You can turn this mail off: in your account, choose “Notifications”, then “Choose mail”.",
        }
        .write()
    }

    /// "This is the state of the audit trail", as a note that anybody can verify.
    pub(crate) fn checkpoint(name: &str, organization: &str, size: u64, note: &str, link: &str) -> Self {
        let (name, organization) = (unlinked(name), unlinked(organization));
        let entries = if size == 1 { "1 entry".to_owned() } else { format!("{} entries", number(size)) };
        Words {
            subject: format!("Checkpoint of {organization}: {entries}"),
            heading: "Checkpoint of the audit trail".to_owned(),
            paragraphs: vec![
                format!("Hello {name},"),
                format!(
                    "The audit trail of {organization} has {entries}. Keep this mail: an export or a proof that is made \
                     later has to agree with what the following lines state."
                ),
                note.trim_end().to_owned(),
            ],
            button: "See the checkpoints",
            link,
            footer: "You get this because somebody has named you on the page of the checkpoints. There it can be turned off.",
        }
        .write()
    }

    /// "The organization has another owner": to whoever is it now, and to who was.
    pub(crate) fn ownership_transferred(name: &str, organization: &str, by: &str, owner: &str, link: &str) -> Self {
        let [name, organization, by, owner] = [name, organization, by, owner].map(unlinked);
        Words {
            subject: format!("{organization} is handed over"),
            heading: format!("{organization} is handed over"),
            paragraphs: vec![
                format!("Hello {name},"),
                format!(
                    "{by} has handed {organization} over to {owner}, who is an owner from now on. {by} is an admin."
                ),
            ],
            button: "See the owners",
            link,
            footer: "You did not expect this? Then talk to the owners of the organization at once.",
        }
        .write()
    }

    /// "Your organization is to be deleted", with the time until which it can be kept; without one, "it is kept".
    pub(crate) fn organization_deletion(
        name: &str,
        organization: &str,
        by: Option<&str>,
        until: Option<OffsetDateTime>,
        link: &str,
    ) -> Self {
        let (name, organization) = (unlinked(name), unlinked(organization));
        let by = by.map_or_else(|| "The platform’s operator".to_owned(), unlinked);
        let (subject, paragraphs, button) = match until {
            Some(until) => (
                format!("{organization} is being deleted"),
                vec![
                    format!("{by} is having {organization} deleted. Nobody can use it any more."),
                    format!(
                        "On {} everything in it is deleted for good, its audit trail included. Until then each of its \
                         owners can keep it, and everything is as it was.",
                        date(until)
                    ),
                ],
                "Keep the organization",
            ),
            None => (
                format!("{organization} is kept"),
                vec![format!("{by} keeps {organization}, which was to be deleted. Its members come in again.")],
                "Go to the organization",
            ),
        };
        Words {
            heading: subject.clone(),
            subject,
            paragraphs: [vec![format!("Hello {name},")], paragraphs].concat(),
            button,
            link,
            footer: "You get this because you are an owner of this organization. If you did not expect it, talk to its \
                     other owners.",
        }
        .write()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn owners_read_until_when_they_can_keep_it() {
        let (until, link) = (datetime!(2026-06-01 10:00 UTC), "https://portal.example/o/acme/delete/cancel");
        let mail = Mail::organization_deletion("Ada", "Acme evil.example", Some("Bo"), Some(until), link);
        assert_eq!(mail.subject, "Acme evil. example is being deleted");
        for said in ["Bo is having", "On 1 June 2026, 10:00 UTC everything", link] {
            assert!(mail.text.contains(said), "{said} in {}", mail.text);
        }
        let kept = Mail::organization_deletion("Ada", "Acme", None, None, "https://portal.example/o/acme");
        assert!(kept.text.contains("The platform’s operator keeps Acme"), "{}", kept.text);
    }
}
