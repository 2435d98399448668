//! How hard a password is to guess, as far as it can be told by itself.

use super::PASSWORD_MIN;

/// An estimate, given as advice: what is weak is taken all the same, if it is long enough and in no list of breached
/// ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Shorter than a password has to be.
    TooShort,
    /// Guessed soon by whoever has its hash.
    Weak,
    /// Guessed by whoever tries hard.
    Fair,
    /// Guessed by nobody soon.
    Strong,
}

impl Strength {
    /// The estimate for a password. It follows the rule of thumb that NIST SP 800-63-1, appendix A.2, has for what
    /// people choose: 4 bits for the first character, 2 for each of the next seven, 1.5 up to the twentieth, then 1,
    /// and 6 for a mixture. Characters that only repeat or continue what came before do not count.
    pub fn of(password: &str) -> Self {
        let characters: Vec<char> = password.chars().collect();
        if characters.len() < usize::from(PASSWORD_MIN) {
            return Self::TooShort;
        }
        let news = (0..characters.len()).filter(|at| is_new(&characters, *at)).count();
        let half_bits: usize = (0..news).map(half_bits_of).sum();
        let mixture = if is_mixed(password) { 12 } else { 0 };
        match half_bits + mixture {
            ..48 => Self::Weak,
            48..60 => Self::Fair,
            _ => Self::Strong,
        }
    }

    /// The name that styles know it by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too short",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
        }
    }
}

/// What a character is worth at its place.
fn half_bits_of(place: usize) -> usize {
    match place {
        0 => 8,
        1..=7 => 4,
        8..=19 => 3,
        _ => 2,
    }
}

/// Whether a character is neither one step from the one before, as in `aaa`, `abc` and `321`, nor the end of three
/// characters that stood there already.
fn is_new(characters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| u32::from(characters[before]));
    let continues = before.is_some_and(|before| before.abs_diff(u32::from(characters[at])) <= 1);
    let repeats = at >= 3 && {
        let end = &characters[at - 2..=at];
        characters[..at].windows(3).any(|earlier| earlier == end)
    };
    !continues && !repeats
}

/// Whether there are both upper case and something that is no letter, within ASCII: tables of all letters would have
/// to be loaded.
fn is_mixed(password: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| password.as_bytes().iter().any(wanted);
    has(u8::is_ascii_uppercase) && has(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_most() {
        for (password, strength) in [
            ("", Strength::TooShort),
            ("Xy7#Xy7#9", Strength::TooShort),
            ("hjqzmtwpvk", Strength::Weak),
            ("hjqzmtwpvkrf", Strength::Fair),
            ("Hjqzmtw7vk", Strength::Fair),
            ("Hjqzmtw7vk#x", Strength::Strong),
            ("correct horse battery", Strength::Strong),
            ("öffne dich sesam", Strength::Fair),
        ] {
            assert_eq!(Strength::of(password), strength, "{password}");
        }
    }

    #[test]
    fn what_repeats_or_continues_adds_nothing() {
        for weak in [
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "1234567890987654321",
            "abcdefghijklmnopqrstuvwxyz",
            "hallohallohallohallohallo",
        ] {
            assert_eq!(Strength::of(weak), Strength::Weak, "{weak}");
        }
    }

    #[test]
    fn more_of_a_password_is_never_weaker() {
        let password = "A rolling 12345 stone gathers no moss, moss, moss #9";
        let ends = password.char_indices().map(|(at, _)| at);
        let estimates: Vec<Strength> = ends.map(|end| Strength::of(&password[..end])).collect();
        assert!(estimates.is_sorted(), "{estimates:?}");
    }
}
