//! What the editor says while somebody types.

use domain::policy::{Outcome, Rule, Staleness, Unit};
use time::OffsetDateTime;

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came {
    /// How many minutes ago they have last shown who they are.
    pub(crate) proven: u32,
    /// For how many minutes nobody had used the session.
    pub(crate) unused: u32,
}

/// What would come of a visit.
pub(crate) fn decided(outcome: Outcome, came: Came) -> String {
    let again = |why: &str| format!("Shows who they are again: {why}");
    match outcome {
        Outcome::Allow => "Comes in".to_owned(),
        Outcome::Remind(until) => format!("Comes in, and is reminded until {}", day(until)),
        Outcome::EnrolFirst => "Sets up a second factor first".to_owned(),
        Outcome::SignInAgain(Staleness::Idle) => {
            again(&format!("not used for {}", Unit::Minutes.describe(came.unused)))
        }
        Outcome::SignInAgain(Staleness::Age) => {
            again(&format!("last proven {} ago", Unit::Minutes.describe(came.proven)))
        }
        Outcome::SignInAgain(Staleness::Displaced) => again("newer sessions of theirs are in use"),
        Outcome::SignInAgain(Staleness::Ended) => again("their access was ended"),
        Outcome::SignInAgain(Staleness::Method) => again("signed in in another way"),
        Outcome::ChoosePassword => "Chooses another password first".to_owned(),
        Outcome::Deny(rule) => match kept_out(rule) {
            Some(why) => format!("Kept out: {why}"),
            None => "Kept out".to_owned(),
        },
    }
}

/// Why somebody is kept out whatever they show.
fn kept_out(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::Networks => "from another network",
        Rule::Regions => "the data is in another region",
        Rule::SessionsPerPerson => "too many sessions of theirs",
        Rule::SessionsInOrganization => "too many sessions inside",
        Rule::AccessEnded
        | Rule::AbsoluteMinutes
        | Rule::IdleMinutes
        | Rule::SignInMethods
        | Rule::Mfa
        | Rule::PasswordLength
        | Rule::PasswordStrength
        | Rule::PasswordDays => return None,
    })
}

/// The name by which styles know what would come of a visit.
pub(crate) fn fate(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow | Outcome::Remind(_) => "allowed",
        Outcome::EnrolFirst | Outcome::SignInAgain(_) | Outcome::ChoosePassword => "asked",
        Outcome::Deny(_) => "denied",
    }
}

/// That so many settings are of no form that can be judged; nothing where all are.
pub(crate) fn unread(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "One setting cannot be read yet".to_owned(),
        _ => format!("{count} settings cannot be read yet"),
    }
}

/// That what was typed at that time is in the form again, and whether somebody has saved since then.
pub(crate) fn restored(at: OffsetDateTime, overtaken: bool) -> String {
    let back = format!("Unsaved changes from {:02}:{:02} are back.", at.hour(), at.minute());
    if overtaken { format!("{back} Somebody saved meanwhile: saving puts both together.") } else { back }
}

/// A day, e.g. "7 Nov 2026".
fn day(at: OffsetDateTime) -> String {
    let month = at.month().to_string();
    format!("{} {} {}", at.day(), &month[..3], at.year())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_outcome_is_told_with_its_reason() {
        let came = Came { proven: 11_520, unused: 20 };
        let until = datetime!(2026-11-28 14:02 +1);
        for (outcome, told, known_as) in [
            (Outcome::Allow, "Comes in", "allowed"),
            (Outcome::Remind(until), "Comes in, and is reminded until 28 Nov 2026", "allowed"),
            (Outcome::EnrolFirst, "Sets up a second factor first", "asked"),
            (Outcome::SignInAgain(Staleness::Idle), "Shows who they are again: not used for 20 minutes", "asked"),
            (Outcome::SignInAgain(Staleness::Age), "Shows who they are again: last proven 8 days ago", "asked"),
            (Outcome::SignInAgain(Staleness::Method), "Shows who they are again: signed in in another way", "asked"),
            (Outcome::ChoosePassword, "Chooses another password first", "asked"),
            (Outcome::Deny(Rule::Networks), "Kept out: from another network", "denied"),
            (Outcome::Deny(Rule::Mfa), "Kept out", "denied"),
        ] {
            assert_eq!((decided(outcome, came).as_str(), fate(outcome)), (told, known_as));
        }
    }

    #[test]
    fn what_came_back_is_told_with_its_time() {
        let at = datetime!(2026-11-28 14:02 +1);
        assert_eq!(restored(at, false), "Unsaved changes from 14:02 are back.");
        assert_eq!(
            restored(at, true),
            "Unsaved changes from 14:02 are back. Somebody saved meanwhile: saving puts both together."
        );
    }

    #[test]
    fn what_cannot_be_read_is_counted() {
        assert_eq!([0, 1, 2].map(unread), ["", "One setting cannot be read yet", "2 settings cannot be read yet"]);
    }

    #[test]
    fn a_score_stands_beside_another_one_alone() {
        use crate::policy_live::score;
        assert_eq!(
            [score(None, 42), score(Some(42), 42), score(Some(12), 42)],
            ["42 of 100", "42 of 100", "12 → 42 of 100"]
        );
    }
}
