//! How soon somebody guesses a password who tries likely ones first: an estimate by zxcvbn (Wheeler, "zxcvbn:
//! Low-Budget Password Strength Estimation", USENIX Security 2016).

use domain::password::{NewPassword, Weakness};
use zeroize::Zeroizing;
use zxcvbn::Score;
use zxcvbn::feedback::Warning;
use zxcvbn::matching::patterns::MatchPattern;

/// What takes fewer guesses is refused: a score of 3 is more than 10^8 of them.
const ENOUGH: Score = Score::Three;
/// The most characters that are looked at. The work grows with the square of them.
const CHARACTERS: usize = 64;
/// What stands for a letter in words such as `p4$$w0rd`.
const SUBSTITUTES: &str = "4@8({[<369!|10$5+7%2";
/// The most of those, each counted once, that are read as letters too. The work doubles with each.
const SUBSTITUTES_READ: usize = 6;
/// The most words about a person that are looked for.
const WORDS: usize = 64;

/// What everybody knows about whoever chooses a password, and so tries first.
#[derive(Clone, Debug, Default)]
pub struct About(Vec<String>);

impl About {
    /// Names and addresses, whole and in pieces.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: Vec<String> = Vec::new();
        for text in texts.into_iter().chain(["Portcullis"]) {
            let text: String = text.chars().take(256).collect::<String>().to_lowercase();
            let together = text.split_whitespace().collect::<String>();
            let pieces = text.split(|char: char| !char.is_alphanumeric()).map(str::to_owned);
            for word in [together].into_iter().chain(pieces) {
                if word.chars().count() >= 3 && !words.contains(&word) && words.len() < WORDS {
                    words.push(word);
                }
            }
        }
        Self(words)
    }
}

/// Whether a password is strong, or no more than strong enough; or else why it is guessed soon.
pub(super) fn judge(password: &NewPassword, about: &About) -> Result<bool, Weakness> {
    let read = readable(password.expose());
    let words: Vec<&str> = about.0.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(&read, &words);
    if estimate.score() >= ENOUGH {
        return Ok(estimate.score() > ENOUGH);
    }
    let is_theirs = estimate.sequence().iter().any(
        |found| matches!(&found.pattern, MatchPattern::Dictionary(word) if words.contains(&word.matched_word.as_str())),
    );
    if is_theirs {
        return Err(Weakness::Yours);
    }
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    Err(warning.map_or(Weakness::Little, weakness))
}

/// The part of a password that is looked at. Of what may stand for a letter, all beyond the first few kinds is some
/// other sign: that is as hard to guess, and keeps the work small whatever is sent here.
fn readable(password: &str) -> Zeroizing<String> {
    let mut read = Vec::new();
    let plain = password.chars().take(CHARACTERS).map(|char| {
        if !SUBSTITUTES.contains(char) || read.contains(&char) {
            return char;
        }
        if read.len() == SUBSTITUTES_READ {
            return '·';
        }
        read.push(char);
        char
    });
    Zeroizing::new(plain.collect())
}

fn weakness(warning: Warning) -> Weakness {
    match warning {
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Weakness::Common,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Weakness::Word,
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Weakness::Keys,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            Weakness::Repeats
        }
        Warning::SequencesLikeAbcAreEasyToGuess => Weakness::Sequence,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Weakness::Date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str, about: &[&str]) -> Result<bool, Weakness> {
        judge(&NewPassword::parse(password).unwrap(), &About::of(about.iter().copied()))
    }

    #[test]
    fn what_is_guessed_soon_is_named() {
        for (password, weakness) in [
            ("aaaaaaaaaaaaaaaaaaaaaaaa", Weakness::Repeats),
            ("hallohallohallo", Weakness::Repeats),
            ("abcdefghijklmno", Weakness::Sequence),
            ("sdfghjkl;'", Weakness::Keys),
            ("P4ssw0rd1!", Weakness::Common),
        ] {
            assert_eq!(verdict(password, &[]), Err(weakness), "{password}");
        }
        for strong in ["correct horse battery", "open sesame, dear cave of mine", "hjqzmtwpvkrf"] {
            assert_eq!(verdict(strong, &[]), Ok(true), "{strong}");
        }
    }

    #[test]
    fn what_everybody_knows_about_somebody_is_no_secret() {
        let about = ["Wilhelmina Featherstone", "w.featherstone@grindelwald.example", "Grindelwald Works"];
        for password in ["Featherstone1", "wilhelmina2026", "Grindelwald!", "grindelwaldworks", "portcullis1"] {
            assert_eq!(verdict(password, &about), Err(Weakness::Yours), "{password}");
        }
        assert!(verdict("wilhelmina likes seven odd hats", &about).is_ok());
    }

    #[test]
    fn a_password_that_is_made_to_be_slow_is_not() {
        let substitutes: String = SUBSTITUTES.chars().cycle().take(256).collect();
        assert_eq!(readable(&substitutes).chars().filter(|char| *char == '·').count(), 64 - 6 * 3 - 4);
        for password in [substitutes, "4@({[<1!|$5+7 a".repeat(17), "a1".repeat(128), "é".repeat(256)] {
            let _ = verdict(&password, &[]);
        }
    }
}
