//! What would come of a visit, by what stands in the form.

use std::net::IpAddr;

use domain::factors::Factors;
use domain::password::{PasswordNote, Strength};
use domain::policy::{Decision, EnforcedPolicy, Facts, Outcome, Rules, SignInMethod};
use domain::roles::{RoleBook, RoleId};
use time::{Duration, OffsetDateTime};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlInputElement};

use super::{every, write};
use crate::browser::{find, within};
use crate::policy_live::{Came, decided, fate};

/// Shows the card, now that it says something.
pub(super) fn show() {
    if let Some(card) = find("#preview") {
        card.set_hidden(false);
    }
}

/// Whether something was changed there.
pub(super) fn is_of(event: &Event) -> bool {
    within(event, "#preview").is_some()
}

/// Says what would come of the visit that is asked about, with a second factor that is asked for since then.
pub(super) fn decide(
    policy: &EnforcedPolicy,
    book: &RoleBook,
    region: Option<&str>,
    mfa_since: Option<OffsetDateTime>,
    now: OffsetDateTime,
) {
    let visit = match Visit::asked() {
        Ok(visit) => visit,
        Err(why) => return tell("", why, Rules::default()),
    };
    let ago = |minutes: u32| Duration::minutes(minutes.into());
    let facts = Facts {
        factors: visit.factors,
        method: visit.method,
        password: Some(PasswordNote {
            length: Some(visit.password.0),
            strength: Some(visit.password.1),
            changed_at: now - Duration::days(visit.password.2.into()),
        }),
        joined_at: OffsetDateTime::UNIX_EPOCH,
        authenticated_at: now - ago(visit.came.proven),
        pause: ago(visit.came.unused),
        newer_sessions: visit.sessions,
        older_sessions: visit.sessions,
        sessions_inside: None,
        access_ended_at: None,
        roles: &book.ancestry(visit.role),
        ip: visit.ip,
        region,
        excepted: Rules::default(),
    };
    let Decision { outcome, rules } = policy.evaluate(&facts, mfa_since, now);
    // As clocks show it where the reader is.
    let here = match outcome {
        Outcome::Remind(until) => Outcome::Remind(until.to_offset(now.offset())),
        other => other,
    };
    tell(fate(outcome), &decided(here, visit.came), rules);
}

fn tell(fate: &str, words: &str, rules: Rules) {
    if let Some(verdict) = find("#verdict") {
        let _ = verdict.set_attribute("data-fate", fate);
        write(&verdict, words);
    }
    for line in every("[data-rule]") {
        let code = line.get_attribute("data-rule").unwrap_or_default();
        line.set_hidden(!rules.iter().any(|rule| rule.code() == code));
    }
    if let Some(list) = find("#verdict-rules") {
        list.set_hidden(rules.is_empty());
    }
}

/// The visit that is asked about.
struct Visit {
    role: RoleId,
    ip: Option<IpAddr>,
    factors: Factors,
    method: SignInMethod,
    /// How long it is, how hard to guess, and for how many days somebody has had it.
    password: (u16, Strength, u16),
    came: Came,
    sessions: u32,
}

impl Visit {
    fn asked() -> Result<Self, &'static str> {
        let address = chosen("address");
        let ip = match address.trim() {
            "" => None,
            address => Some(address.parse().map_err(|_| "The address cannot be read yet")?),
        };
        let factor = chosen("factor");
        let unused = minutes("unused");
        Ok(Self {
            role: RoleId::from_code(&chosen("role")).ok_or("The role cannot be read yet")?,
            ip,
            factors: Factors { authenticator: factor == "authenticator", passkey: factor == "passkey" },
            method: SignInMethod::from_code(&chosen("way")).ok_or("The way of signing in cannot be read yet")?,
            password: (
                chosen("length").trim().parse().map_err(|_| "The length of the password cannot be read yet")?,
                if chosen("strength") == "strong" { Strength::Strong } else { Strength::Fair },
                chosen("age").parse().unwrap_or(0),
            ),
            // Whoever has shown just now who they are has just used the session.
            came: Came { proven: minutes("proof").max(unused), unused },
            sessions: chosen("sessions").trim().parse().map_err(|_| "The number of sessions cannot be read yet")?,
        })
    }
}

/// What stands in one of the card's fields; a list has its value under the same name as any.
fn chosen(name: &str) -> String {
    let field = find(&format!("#field-preview-{name}"));
    field.map(|field| field.unchecked_into::<HtmlInputElement>().value()).unwrap_or_default()
}

fn minutes(name: &str) -> u32 {
    chosen(name).parse().unwrap_or(0)
}
