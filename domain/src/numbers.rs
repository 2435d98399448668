//! Numbers as people read them.

/// A whole number with its thousands apart, e.g. "5,000".
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn thousands_stand_apart() {
        for (value, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (54_321, "54,321"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), shown);
        }
    }
}
