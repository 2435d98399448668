//! What was noticed, in words.

use std::fmt::Display;

use domain::detections::{FactKind, Rule, SecurityFact};
use domain::text::isolated;
use server::alerts::AlertView;
use time::Duration;

use crate::ui::chart::Counted;
use crate::ui::number;

/// What was noticed, in one sentence, and another where there were many of it. Some only the facts tell, where they are at
/// hand.
pub(crate) fn noticed(alert: &AlertView, facts: &[SecurityFact]) -> String {
    let sentence = sentence(alert, facts);
    match more(alert) {
        Some(more) => format!("{sentence} There were {more} within an hour."),
        None => sentence,
    }
}

/// How many others there were that have no alert of their own, e.g. "240 more".
pub(super) fn more(alert: &AlertView) -> Option<String> {
    (alert.more > 0).then(|| format!("{} more", number(alert.more)))
}

fn sentence(alert: &AlertView, facts: &[SecurityFact]) -> String {
    let times = alert.times;
    let within = within(alert.last_at - alert.first_at, times);
    let from = alert.network.map_or_else(|| "an unknown network".to_owned(), network_name);
    let who = who(alert);
    match alert.rule.rule {
        Rule::Spraying => {
            let accounts = Counted("account", "different accounts").of(times);
            format!("{accounts} failed to sign in from {from}{within}.")
        }
        Rule::Guessing => {
            let tries = Counted("attempt", "attempts").of(times);
            format!("{tries} to sign in as {} failed{within}.", whom(alert))
        }
        Rule::SharedAddress => {
            let accounts = Counted("account", "accounts").of(times);
            format!("{accounts} signed in from {from}{within}, and at least half of them never did before.")
        }
        Rule::NewDevice => {
            format!(
                "{who}, who administers the organization, signed in with a new device from a network not seen before."
            )
        }
        Rule::ImpossiblePace => format!("{who} signed in from two networks far apart{within}."),
        Rule::MfaFatigue => format!("{who} was asked for a second factor, and {} wrong{within}.", codes(times)),
        Rule::MassChange => format!("{who} made {}{within}.", Counted("change", "changes").of(times)),
        Rule::PrivilegeJump => {
            let rights = Counted("administrative right", "administrative rights").of(times);
            format!("{who} got {rights}{within}.")
        }
        Rule::DormantAdmin => {
            format!("{who}, who administers the organization, signed in {}.", after(facts))
        }
        Rule::ExportSpike => format!("{who} exported data {}{within}.", Counted("time", "times").of(times)),
        Rule::KeyNewNetwork => {
            let key = alert.key.as_ref().and_then(|(_, name)| name.as_deref());
            let key = key.map_or_else(|| "An API key".to_owned(), |name| format!("The API key {}", isolated(name)));
            format!("{key} was used from {from}, from where it was never used before.")
        }
        Rule::DeniedSpike => {
            format!("{who} was denied something or kept out {}{within}.", Counted("time", "times").of(times))
        }
        Rule::PolicyWeakened => {
            format!("{who} put a security policy into force that asks for less than the one before.")
        }
        Rule::LogBroken => "The audit log is not what was written: somebody has changed the database.".to_owned(),
    }
}

/// How many codes were what.
fn codes(times: u64) -> String {
    let verb = if times == 1 { "was" } else { "were" };
    format!("{} {verb}", Counted("code", "codes").of(times))
}

/// For how long somebody had not come, as far as that is known.
fn after(facts: &[SecurityFact]) -> String {
    let days = facts.iter().filter(|fact| fact.kind == FactKind::SignIn).map(|fact| fact.amount).max();
    match days {
        Some(days) if days > 1 => format!("after {} days", number(days.into())),
        _ => "after a long time".to_owned(),
    }
}

/// In how much time something happened several times.
fn within(time: Duration, times: u64) -> String {
    let minutes = time.whole_seconds().max(0).unsigned_abs().div_ceil(60);
    match minutes {
        _ if times < 2 => String::new(),
        0 | 1 => " within a minute".to_owned(),
        2..=120 => format!(" within {minutes} minutes"),
        121..=2_880 => format!(" within {} hours", minutes.div_ceil(60)),
        _ => format!(" within {} days", number(minutes.div_ceil(1_440))),
    }
}

/// Whom it is about, at the beginning of a sentence.
fn who(alert: &AlertView) -> String {
    let name = whom(alert);
    match &alert.account {
        Some((_, Some(_))) => name,
        _ => format!("S{}", &name[1..]),
    }
}

/// The same within one.
pub(super) fn whom(alert: &AlertView) -> String {
    match &alert.account {
        Some((_, Some(name))) => isolated(name).into_owned(),
        Some((_, None)) => "somebody who left".to_owned(),
        None => "somebody".to_owned(),
    }
}

/// A network as people write it: one that is a single address without its length.
pub(crate) fn network_name(network: impl Display) -> String {
    let text = network.to_string();
    let single = if text.contains(':') { "/128" } else { "/32" };
    text.strip_suffix(single).map_or_else(|| text.clone(), str::to_owned)
}

/// Where to look next, besides at whom it is about: the words, and the page.
pub(super) fn onward(rule: Rule) -> &'static [(&'static str, &'static str)] {
    match rule {
        Rule::PolicyWeakened => &[("Versions of the policy", "/policy/versions")],
        Rule::LogBroken => &[("Checkpoints of the audit log", "/audit/checkpoints"), ("Audit trail", "/audit")],
        Rule::Spraying | Rule::SharedAddress => {
            &[("Members without a second factor", "/members?status=active&mfa=off"), ("Security policy", "/policy")]
        }
        Rule::MassChange | Rule::PrivilegeJump | Rule::ExportSpike | Rule::DeniedSpike => &[("Audit trail", "/audit")],
        Rule::Guessing
        | Rule::NewDevice
        | Rule::ImpossiblePace
        | Rule::MfaFatigue
        | Rule::DormantAdmin
        | Rule::KeyNewNetwork => &[],
    }
}

#[cfg(test)]
mod tests {
    use domain::detections::{AlertState, RULES, Severity};
    use domain::ids::{AccountId, AlertId, ApiKeyId};
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    fn alert(rule: Rule, times: u64) -> AlertView {
        let first_at = datetime!(2026-11-20 03:10 UTC);
        AlertView {
            id: AlertId(Uuid::from_u128(7)),
            rule: RULES.iter().find(|info| info.rule == rule).unwrap(),
            state: AlertState::Open,
            severity: Severity::High,
            account: Some((AccountId(Uuid::from_u128(1)), Some("Mia".into()))),
            network: "203.0.113.0/24".parse().ok(),
            first_at,
            last_at: first_at + Duration::minutes(10),
            times,
            more: 0,
            assigned_to: None,
            key: Some((ApiKeyId(Uuid::from_u128(9)), Some("Deploy".into()))),
            suspended: false,
            key_disabled: false,
            sessions_ended_at: None,
            resolution: None,
            resolved_at: None,
        }
    }

    #[test]
    fn a_sentence_says_who_how_often_and_from_where() {
        for (rule, times, told) in [
            (Rule::Spraying, 12, "12 different accounts failed to sign in from 203.0.113.0/24 within 10 minutes."),
            (Rule::Guessing, 1_204, "1,204 attempts to sign in as Mia failed within 10 minutes."),
            (Rule::MfaFatigue, 5, "Mia was asked for a second factor, and 5 codes were wrong within 10 minutes."),
            (Rule::MassChange, 100, "Mia made 100 changes within 10 minutes."),
            (Rule::ExportSpike, 1, "Mia exported data 1 time."),
            (
                Rule::KeyNewNetwork,
                1,
                "The API key Deploy was used from 203.0.113.0/24, from where it was never used before.",
            ),
        ] {
            assert_eq!(noticed(&alert(rule, times), &[]), told);
        }
    }

    #[test]
    fn of_a_flood_it_says_how_many_others_there_were() {
        let flood = AlertView { more: 1_240, ..alert(Rule::MassChange, 100) };
        assert_eq!(
            noticed(&flood, &[]),
            "Mia made 100 changes within 10 minutes. There were 1,240 more within an hour."
        );
    }

    #[test]
    fn every_rule_has_a_sentence_also_of_somebody_who_left() {
        for info in &RULES {
            let gone = AlertView { account: None, network: None, ..alert(info.rule, 3) };
            let told = noticed(&gone, &[]);
            assert!(told.ends_with('.') && told.chars().next().is_some_and(|c| c.is_uppercase() || c == '3'), "{told}");
        }
        let left = AlertView { account: Some((AccountId(Uuid::from_u128(1)), None)), ..alert(Rule::MassChange, 3) };
        assert_eq!(noticed(&left, &[]), "Somebody who left made 3 changes within 10 minutes.");
    }

    #[test]
    fn the_facts_tell_for_how_long_somebody_was_away() {
        let fact = SecurityFact {
            at: datetime!(2026-11-20 03:10 UTC),
            kind: FactKind::SignIn,
            account: None,
            key: None,
            ip: None,
            amount: 92,
            new_network: true,
            new_device: false,
            privileged: true,
        };
        let told = noticed(&alert(Rule::DormantAdmin, 1), std::slice::from_ref(&fact));
        assert_eq!(told, "Mia, who administers the organization, signed in after 92 days.");
    }

    #[test]
    fn an_address_is_written_without_the_length_of_its_network() {
        for (network, told) in [
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("2001:db8::1/128", "2001:db8::1"),
        ] {
            assert_eq!(network_name(network), told);
        }
    }
}
