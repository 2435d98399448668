//! Texts that are amounts, as regular expressions: what a program may send is told before it is sent.

use super::{AMOUNT_MAX, Unit};

impl Unit {
    /// The most that a whole number of it may be.
    pub const fn most(self) -> i64 {
        match self {
            Self::Switch => 1,
            _ => AMOUNT_MAX / self.words()[0].1,
        }
    }

    /// The texts that are amounts of it, in the words as they are usually spelt: of more than zero alone, or of zero as
    /// well. Whatever it matches, [`Unit::parse`] reads.
    pub fn pattern(self, more_than_zero: bool) -> String {
        if self == Self::Switch {
            return if more_than_zero { "^(?:on|1)$" } else { "^(?:on|off|1|0)$" }.to_owned();
        }
        let words = self.words().iter().enumerate().map(|(place, (word, factor))| {
            let number = decimals(*factor, more_than_zero);
            // The first may be left out.
            if place == 0 { format!("{number}(?: ?{word})?") } else { format!("{number} ?{word}") }
        });
        format!("^(?:{})$", words.collect::<Vec<_>>().join("|"))
    }
}

/// The decimal numbers that, so many times, are a whole number of no more than anything can be.
fn decimals(factor: i64, more_than_zero: bool) -> String {
    let digits = (AMOUNT_MAX / factor).ilog10();
    let places = (1..=18).take_while(|places| factor % 10_i64.pow(*places) == 0).count();
    let fraction = if places == 0 { String::new() } else { format!(r"(?:\.[0-9]{{1,{places}}})?") };
    if !more_than_zero {
        return format!("[0-9]{{1,{digits}}}{fraction}");
    }
    let whole = format!("[1-9][0-9]{{0,{}}}{fraction}", digits - 1);
    match places.checked_sub(1) {
        None => whole,
        Some(rest) => format!(r"(?:{whole}|0\.(?:[0-9]{{0,{rest}}}[1-9]|[1-9][0-9]{{0,{rest}}}))"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::string::string_regex;
    use proptest::test_runner::TestRunner;

    use crate::quotas::METRICS;

    #[test]
    fn whatever_the_pattern_says_is_read() {
        for unit in METRICS.iter().map(|info| info.unit) {
            for more_than_zero in [false, true] {
                let pattern = unit.pattern(more_than_zero);
                let texts = string_regex(pattern.trim_matches(['^', '$'])).unwrap();
                let read = TestRunner::deterministic().run(&texts, |text| {
                    let amount = unit.parse(&text);
                    assert!(
                        amount.is_ok_and(|amount| amount > 0 || !more_than_zero),
                        "{text:?} as {unit:?}: {amount:?}"
                    );
                    Ok(())
                });
                read.unwrap();
            }
            assert!(unit.parse(&unit.most().to_string()).is_ok(), "{unit:?}");
            assert!(unit.parse(&(unit.most() + 1).to_string()).is_err(), "{unit:?}");
        }
    }
}
