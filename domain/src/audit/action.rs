//! The code of what was done, such as `member.role_changed`.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use super::acts::{Act, is_act};

/// What was done: two names with a dot between them, of lower-case words joined by underscores.
///
/// Codes are constants of the slice that uses them, so that one which is malformed, or of no [`Act`], does not compile:
///
/// ```
/// use domain::audit::Action;
/// const ROLE_CHANGED: Action = Action::new("member.role_changed");
/// ```
///
/// ```compile_fail
/// # use domain::audit::Action;
/// const ROLE_CHANGED: Action = Action::new("Changed a role");
/// ```
///
/// ```compile_fail
/// # use domain::audit::Action;
/// const ROLE_PAINTED: Action = Action::new("member.role_painted");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Action(Cow<'static, str>);

/// The text is no action's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an action is two lower-case names with a dot between them")]
pub struct MalformedAction;

impl Action {
    /// What a code looks like, as a regular expression.
    pub const PATTERN: &str = r"^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*\.[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*$";

    /// An action of this program, for constants.
    ///
    /// # Panics
    /// When there is no act of this code: in a constant that is an error of the compiler.
    pub const fn new(code: &'static str) -> Self {
        assert!(is_act(code), "an action of this program is in the table of acts");
        Self(Cow::Borrowed(code))
    }

    /// What is known of it; nothing of one that a log has and this program has not.
    pub fn act(&self) -> Option<&'static Act> {
        Act::from_code(&self.0)
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Action {
    type Error = MalformedAction;

    fn try_from(code: String) -> Result<Self, MalformedAction> {
        if is_code(code.as_bytes()) { Ok(Self(Cow::Owned(code))) } else { Err(MalformedAction) }
    }
}

/// Whether the text reads `word(_word)*.word(_word)*`, a word being a letter and then letters and digits.
pub(super) const fn is_code(bytes: &[u8]) -> bool {
    let (mut dots, mut word_begins, mut at) = (0, true, 0);
    // A loop by index, because iterators cannot run in a constant.
    while at < bytes.len() {
        word_begins = match (bytes[at], word_begins) {
            (b'a'..=b'z', _) | (b'0'..=b'9', false) => false,
            (b'_', false) => true,
            (b'.', false) => {
                dots += 1;
                true
            }
            _ => return false,
        };
        at += 1;
    }
    dots == 1 && !word_begins
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_pattern_says_is_an_action(code in Action::PATTERN.trim_matches(['^', '$'])) {
            prop_assert!(is_code(code.as_bytes()));
        }
    }

    #[test]
    fn two_lower_case_names_with_a_dot_are_an_action() {
        for code in ["member.role_changed", "a.b", "oauth2_client.added", "session.ended"] {
            assert!(is_code(code.as_bytes()), "{code}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for code in [
            "",
            ".",
            "member",
            "member.",
            ".added",
            "a.b.c",
            "Member.added",
            "a b.c",
            "a._b",
            "a.b_",
            "a__b.c",
            "2a.b",
            "é.b",
        ] {
            assert!(!is_code(code.as_bytes()), "{code}");
        }
    }

    #[test]
    fn what_is_known_of_an_action_is_in_the_table() {
        const SUSPENDED: Action = Action::new("member.suspended");
        assert_eq!(SUSPENDED.act().map(|act| act.name), Some("Member suspended"));
    }

    #[test]
    fn a_log_may_have_actions_that_nothing_is_known_of() {
        let foreign = Action::try_from("member.painted".to_owned()).unwrap();
        assert!(foreign.act().is_none());
        assert_eq!(foreign.as_str(), "member.painted");
    }
}
