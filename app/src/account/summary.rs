//! One's own security at a glance, and the one next thing to do.

use domain::factors::FEW_RECOVERY_CODES;
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::context::PageContext;
use crate::ui::{Badge, Button, ButtonLink, ButtonVariant, Card, Fact, Facts, Form, Icon, IconName, TimeAgo, Tone};

/// What the page "Security" has found.
#[derive(Clone)]
pub(super) struct State {
    pub(super) email: String,
    pub(super) email_proven: bool,
    pub(super) password_changed_at: Option<OffsetDateTime>,
    pub(super) apps: usize,
    /// None where browsers make no passkeys.
    pub(super) passkeys: Option<usize>,
    pub(super) codes_left: u32,
    pub(super) sessions: usize,
}

impl State {
    fn has_factor(&self) -> bool {
        self.apps > 0 || self.passkeys.is_some_and(|count| count > 0)
    }

    fn next(&self) -> Next {
        if !self.email_proven {
            return Next::ProveEmail;
        }
        if !self.has_factor() {
            return Next::AddFactor;
        }
        match self.codes_left {
            0 => Next::MakeCodes,
            1..=FEW_RECOVERY_CODES => Next::RenewCodes(self.codes_left),
            _ if self.passkeys == Some(0) => Next::AddPasskey,
            _ => Next::Nothing,
        }
    }
}

/// What is best done next: the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    ProveEmail,
    AddFactor,
    MakeCodes,
    RenewCodes(u32),
    AddPasskey,
    Nothing,
}

impl Next {
    fn words(self) -> (&'static str, String) {
        let (title, text) = match self {
            Self::ProveEmail => (
                "Confirm your email",
                "Then invitations to it are shown to you, and nobody else can claim the account.",
            ),
            Self::AddFactor => (
                "Add a second factor",
                "Your password is all that protects you. With an app on your phone or a passkey, it takes more than that.",
            ),
            Self::MakeCodes => ("Generate recovery codes", "Without them, a lost phone locks you out."),
            Self::RenewCodes(left) => {
                let codes = if left == 1 { "One code is left.".into() } else { format!("{left} codes are left.") };
                return ("Renew your recovery codes", format!("{codes} New ones replace all of them."));
            }
            Self::AddPasskey => {
                ("Add a passkey", "It signs you in without a password, and nobody can talk you out of it.")
            }
            Self::Nothing => ("You are well protected", "There is nothing to do."),
        };
        (title, text.to_owned())
    }

    /// The way to do it; its name is not that of a button further down, of which there is to be one.
    fn act(self) -> Option<AnyView> {
        let form = |action: &str, label: &'static str| {
            view! {
                <Form action class="contents">
                    <Button variant=ButtonVariant::Primary>{label}</Button>
                </Form>
            }
            .into_any()
        };
        match self {
            Self::ProveEmail => Some(form("/account/email/prove", "Send link")),
            Self::AddFactor => Some(form("/account/security/authenticators", "Set up an app")),
            Self::MakeCodes | Self::RenewCodes(_) => {
                Some(form("/account/security/recovery-codes", "Generate codes now"))
            }
            Self::AddPasskey => {
                let link =
                    view! { <ButtonLink href="#passkeys" variant=ButtonVariant::Primary>"Go to passkeys"</ButtonLink> };
                Some(link.into_any())
            }
            Self::Nothing => None,
        }
    }
}

/// The card.
#[component]
pub(super) fn SummaryCard(page: PageContext, state: State) -> impl IntoView {
    let (now, zone) = (page.request.now, page.zone());
    let next = state.next();
    let (email_tone, email_state) =
        if state.email_proven { (Tone::Ok, "Confirmed") } else { (Tone::Warn, "Not confirmed") };
    let factors = match factors(&state) {
        Some(factors) => factors.into_any(),
        None => view! { <Badge tone=Tone::Warn label="None" /> }.into_any(),
    };
    let codes = state.has_factor().then(|| codes(state.codes_left));
    let places = match state.sessions {
        0 | 1 => "Here, and nowhere else".to_owned(),
        count => format!("In {count} places"),
    };
    view! {
        <Card id="summary" title="At a glance">
            <NextThing next />
            <Facts>
                <Fact term="Email">
                    <span class="me-2 break-all">{state.email}</span>
                    <Badge tone=email_tone label=email_state />
                </Fact>
                <Fact term="Password">
                    {match state.password_changed_at {
                        Some(at) => view! { "Chosen " <TimeAgo at now zone /> }.into_any(),
                        None => "None".into_any(),
                    }}
                </Fact>
                <Fact term="Second factor">{factors}</Fact>
                {codes.map(|(tone, label)| view! { <Fact term="Recovery codes"><Badge tone label /></Fact> })}
                <Fact term="Signed in">
                    <a class="link" href="/account/sessions">{places}</a>
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn NextThing(next: Next) -> impl IntoView {
    let (class, icon) = match next {
        Next::Nothing => ("notice notice-success next-thing", IconName::CIRCLE_CHECK),
        Next::AddPasskey => ("notice next-thing", IconName::INFO),
        _ => ("notice notice-warning next-thing", IconName::TRIANGLE_ALERT),
    };
    let (title, text) = next.words();
    view! {
        <div class=class>
            <Icon name=icon />
            <div>
                <strong class="block">{title}</strong>
                {text}
            </div>
            {next.act()}
        </div>
    }
}

/// "1 authenticator app, 2 passkeys".
fn factors(state: &State) -> Option<String> {
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let apps = count(state.apps, "authenticator app", "authenticator apps");
    let passkeys = count(state.passkeys.unwrap_or(0), "passkey", "passkeys");
    let all: Vec<_> = apps.into_iter().chain(passkeys).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn codes(left: u32) -> (Tone, String) {
    match left {
        0 => (Tone::Bad, "None".into()),
        1..=FEW_RECOVERY_CODES => (Tone::Warn, format!("{left} unused")),
        _ => (Tone::Ok, format!("{left} unused")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State {
            email: "ada@acme.example".into(),
            email_proven: true,
            password_changed_at: None,
            apps: 1,
            passkeys: Some(1),
            codes_left: 10,
            sessions: 1,
        }
    }

    #[test]
    fn one_thing_is_next_and_the_worst_comes_first() {
        let bare = State { email_proven: false, apps: 0, passkeys: Some(0), codes_left: 0, ..state() };
        assert_eq!(bare.next(), Next::ProveEmail);
        let proven = State { email_proven: true, ..bare };
        assert_eq!(proven.next(), Next::AddFactor);
        let app = State { apps: 1, ..proven };
        assert_eq!(app.next(), Next::MakeCodes);
        let few = State { codes_left: 3, ..app };
        assert_eq!(few.next(), Next::RenewCodes(3));
        let many = State { codes_left: 4, ..few };
        assert_eq!(many.next(), Next::AddPasskey);
        assert_eq!(State { passkeys: Some(1), ..many.clone() }.next(), Next::Nothing);
        assert_eq!(State { passkeys: None, ..many }.next(), Next::Nothing, "where there are none to be had");
    }

    #[test]
    fn factors_are_counted_in_words() {
        assert_eq!(
            factors(&State { apps: 1, passkeys: Some(2), ..state() }).unwrap(),
            "1 authenticator app, 2 passkeys"
        );
        assert_eq!(factors(&State { apps: 0, passkeys: None, ..state() }), None);
    }
}
