//! What the dashboard says of a span of time, and of numbers beside those of the span before.

use domain::detections::Span;

use crate::ui::number;

/// All spans, the shortest first.
pub(super) const SPANS: [Span; 4] = [Span::Day, Span::Week, Span::Month, Span::Quarter];

/// What people call a span.
pub(super) fn span_name(span: Span) -> &'static str {
    match span {
        Span::Day => "24 hours",
        Span::Week => "7 days",
        Span::Month => "30 days",
        Span::Quarter => "90 days",
    }
}

/// How a number stands beside that of the span before, of which as much counts as of this one, e.g. "8 % more than in the 7 days before".
pub(super) fn compared(now: u64, before: u64, span: Span) -> String {
    let then = format!("in the {} before", span_name(span));
    let percent = |more: u64| match (more * 200 + before) / (2 * before) {
        0 => "less than 1 %".to_owned(),
        percent => format!("{} %", number(percent)),
    };
    match (now, before) {
        (_, 0) => format!("none {then}"),
        (now, before) if now > before => format!("{} more than {then}", percent(now - before)),
        (now, before) if now < before => format!("{} fewer than {then}", percent(before - now)),
        _ => format!("as many as {then}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_beside_that_of_the_time_before() {
        for (now, before, told) in [
            (1_204, 1_115, "8 % more than in the 7 days before"),
            (50, 100, "50 % fewer than in the 7 days before"),
            (0, 3, "100 % fewer than in the 7 days before"),
            (1_001, 1_000, "less than 1 % more than in the 7 days before"),
            (7, 7, "as many as in the 7 days before"),
            (3, 0, "none in the 7 days before"),
            (0, 0, "none in the 7 days before"),
            (1_201, 1, "120,000 % more than in the 7 days before"),
        ] {
            assert_eq!(compared(now, before, Span::Week), told);
        }
    }
}
