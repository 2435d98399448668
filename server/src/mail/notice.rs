//! What has happened to an account, which somebody else may have done.

use domain::notices::Event;

use super::{Mail, Words, date, unlinked};
use crate::outbox::Told;

impl Mail {
    /// "This has happened to your account."
    pub(crate) fn notice(told: &Told, link: &str) -> Self {
        let device = told.device.as_deref().unwrap_or("an unknown device");
        let ip = told.ip.as_deref().map_or_else(String::new, |ip| format!(", from the address {ip}"));
        Words {
            subject: told.event.title().to_owned(),
            heading: told.event.title().to_owned(),
            paragraphs: vec![
                format!("Hello {},", unlinked(&told.name)),
                what(told.event, told.factor.as_deref()),
                format!("It was on {}, with {device}{ip}.{}", date(told.at), more(told.more)),
                remedy(told.event),
            ],
            button: "This was not me",
            link,
            footer: "It was you? Then there is nothing to do. The link is good for seven days, and asks once more before \
                     anything happens.",
        }
        .write()
    }
}

/// What happened, in a sentence.
fn what(event: Event, factor: Option<&str>) -> String {
    let named = factor.map_or_else(String::new, |name| format!(", “{}”,", unlinked(name)));
    let what = match event {
        Event::NewDevice => {
            "signed in to your account with a browser, or from a place, that it was not used with before".to_owned()
        }
        Event::PasswordChanged => "changed the password of your account. All other sessions have ended".to_owned(),
        Event::AuthenticatorAdded => format!("added an authenticator app{named} to your account"),
        Event::AuthenticatorRemoved => format!("removed an authenticator app{named} from your account"),
        Event::PasskeyAdded => format!("added a passkey{named} to your account"),
        Event::PasskeyRemoved => format!("removed a passkey{named} from your account"),
        Event::RecoveryCodesGenerated => {
            "generated new recovery codes for your account. The old ones no longer work".to_owned()
        }
        Event::FactorsReset => "reset the sign-in factors of your account".to_owned(),
        Event::AddressChanged => {
            "gave your account another address. Mail about it does not come here any more, and you sign in with the new \
             one"
                .to_owned()
        }
    };
    format!("Somebody, probably you, {what}.")
}

/// How many of its kind came after it.
fn more(count: u32) -> String {
    match count {
        0 => String::new(),
        1 => " Another one came soon after it.".to_owned(),
        _ => format!(" {count} more came soon after it."),
    }
}

/// What the link does.
fn remedy(event: Event) -> String {
    let first = match event {
        Event::AddressChanged => "gives your account this address back, ",
        _ => "",
    };
    format!(
        "It was not you? The link {first}ends all sessions of your account, makes its password useless, and sends you a \
         mail to choose another. For one day after this mail it also takes away what was added since to sign in with."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_notice_says_what_when_from_where_and_has_one_link() {
        let told = Told {
            name: "Ada see evil.example".into(),
            event: Event::PasskeyAdded,
            factor: Some("https://evil.example/phone".into()),
            at: datetime!(2026-05-01 17:02:09 +2),
            device: Some("Firefox on Linux".into()),
            ip: Some("192.0.2.7".into()),
            more: 2,
        };
        let mail = Mail::notice(&told, "https://portal.example/not-me/abc");
        assert_eq!(mail.subject, "A passkey was added");
        assert_eq!(mail.text.matches("://").count(), 1, "{}", mail.text);
        for said in [
            "“https: //evil. example/phone”",
            "on 1 May 2026, 15:02 UTC, with Firefox on Linux, from the address 192.0.2.7. 2 more came soon after it.",
            "takes away what was added since",
            "https://portal.example/not-me/abc",
        ] {
            assert!(mail.text.contains(said), "{said} in {}", mail.text);
        }
    }
}
