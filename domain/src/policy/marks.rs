//! What of a number is offered to choose from, as places on a scale.

use super::{Kind, Value};

impl Kind {
    /// What is offered, in order: numbers, and no limit at the end, where there can be none. Nothing for other kinds.
    pub fn steps(self) -> Vec<Option<u32>> {
        match self {
            Self::Number { none, marks, .. } if !marks.is_empty() => {
                marks.iter().copied().map(Some).chain(none.map(|_| None)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The place that is nearest to what stands in a field, the lower of two that are equally near; none for what is no
    /// number, and no limit neither.
    pub fn nearest_step(self, text: &str) -> Option<usize> {
        let (steps, Value::Number(typed)) = (self.steps(), self.typed(text)?) else { return None };
        let Some(number) = typed else { return steps.iter().position(Option::is_none) };
        let distance = |step: Option<u32>| step.map_or(u32::MAX, |step| step.abs_diff(number));
        (0..steps.len()).min_by_key(|at| distance(steps[*at]))
    }

    /// What stands in a field, in words; none for what is no number, and no limit neither.
    pub fn describe_typed(self, text: &str) -> Option<String> {
        self.typed(text).map(|value| self.describe(&value))
    }

    fn typed(self, text: &str) -> Option<Value> {
        match (self, text.trim()) {
            (Self::Number { none: Some(_), .. }, "") => Some(Value::Number(None)),
            (Self::Number { .. }, text) => text.parse().ok().map(|number| Value::Number(Some(number))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Key, Strict, Unit};

    #[test]
    fn the_nearest_place_is_found_and_no_limit_is_the_last() {
        let kind = Kind::Number {
            unit: Unit::Sessions,
            strict: Strict::Less,
            least: 1,
            most: 50,
            none: Some("Any"),
            marks: &[1, 5, 20],
        };
        assert_eq!(kind.steps(), [Some(1), Some(5), Some(20), None]);
        for (text, at) in [("1", 0), (" 3 ", 0), ("4", 1), ("50", 2), ("4000000000", 2), ("", 3)] {
            assert_eq!(kind.nearest_step(text), Some(at), "{text}");
        }
        assert_eq!((kind.nearest_step("x"), kind.nearest_step("-1")), (None, None));
        let idle = Key::IdleMinutes.setting().kind;
        assert_eq!(
            (idle.nearest_step("480"), idle.nearest_step("45"), idle.nearest_step("")),
            (Some(5), Some(1), None)
        );
        assert_eq!(Key::Networks.setting().kind.nearest_step("1"), None);
    }

    #[test]
    fn what_stands_between_the_places_is_told_as_it_is() {
        let idle = Key::IdleMinutes.setting().kind;
        assert_eq!(idle.describe_typed("45").as_deref(), Some("45 minutes"));
        assert_eq!(idle.describe_typed("480").as_deref(), Some("8 hours"));
        assert_eq!(idle.describe_typed(""), None);
        assert_eq!(Key::SessionsPerPerson.setting().kind.describe_typed("").as_deref(), Some("Any number"));
    }
}
