//! How an organization has set its rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{RULES, Rule, RuleInfo, Tunable};
use crate::fields::{FieldErrors, FieldProblem};

/// How far facts are looked at in any case: whatever counts at once is found although nobody has looked for a while.
const LOOKBACK: Duration = Duration::HOUR;

/// How the rules are set. What it does not say is as the table has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tuning(BTreeMap<Rule, Stored>);

/// What is stored of how one rule is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default = "on")]
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threshold: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window: Option<u32>,
}

const fn on() -> bool {
    true
}

/// How one rule is set. What cannot be set of it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleTuning {
    /// Whether it is looked for.
    pub enabled: bool,
    /// From how many on.
    pub threshold: u32,
    /// Within how many minutes.
    pub window: u32,
}

impl RuleTuning {
    fn stored(self, info: &RuleInfo) -> Stored {
        let kept = |tunable: Option<Tunable>, number: u32| tunable.map(|_| number);
        Stored {
            enabled: self.enabled,
            threshold: kept(info.threshold, self.threshold),
            window: kept(info.window, self.window),
        }
    }
}

impl Tuning {
    /// How a rule is set, with numbers that are within its bounds.
    pub fn of(&self, rule: Rule) -> RuleTuning {
        let (info, set) = (rule.info(), self.0.get(&rule));
        let bounded = |tunable: Option<Tunable>, set: Option<u32>| {
            tunable.map_or(0, |tunable| set.unwrap_or(tunable.default).clamp(tunable.min, tunable.max))
        };
        RuleTuning {
            enabled: rule.is_always_on() || set.is_none_or(|set| set.enabled),
            threshold: bounded(info.threshold, set.and_then(|set| set.threshold)),
            window: bounded(info.window, set.and_then(|set| set.window)),
        }
    }

    /// Whether a rule is looked for.
    pub fn is_enabled(&self, rule: Rule) -> bool {
        self.of(rule).enabled
    }

    /// From how many on; one where that cannot be set.
    pub fn threshold(&self, rule: Rule) -> u32 {
        self.of(rule).threshold.max(1)
    }

    /// Within how long; however far facts are looked at, where that cannot be set.
    pub fn window(&self, rule: Rule) -> Duration {
        if rule.info().window.is_none() { LOOKBACK } else { Duration::minutes(self.of(rule).window.into()) }
    }

    /// Sets a rule. What is always on stays on.
    #[must_use]
    pub fn with(mut self, rule: Rule, tuning: RuleTuning) -> Self {
        let tuning = RuleTuning { enabled: tuning.enabled || rule.is_always_on(), ..tuning };
        self.0.remove(&rule);
        if tuning.stored(rule.info()) != self.of(rule).stored(rule.info()) {
            self.0.insert(rule, tuning.stored(rule.info()));
        }
        self
    }

    /// Reads a form: for each rule `{code}_enabled`, there if it is ticked, `{code}_threshold` and `{code}_window`. Other
    /// fields are somebody else's.
    ///
    /// # Errors
    /// All numbers that are none or out of bounds, by field.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FieldErrors> {
        let fields: BTreeMap<_, _> = pairs.into_iter().collect();
        let (mut tuning, mut errors) = (Self::default(), FieldErrors::default());
        let mut number = |field: String, tunable: Option<Tunable>| {
            let tunable = tunable?;
            errors.check(&field, tunable.parse(fields.get(field.as_str()).copied().unwrap_or_default()))
        };
        for info in &RULES {
            let [enabled, threshold, window] = info.fields();
            let enabled = fields.get(enabled.as_str()).is_some_and(|value| !value.is_empty());
            let (threshold, window) = (number(threshold, info.threshold), number(window, info.window));
            let set = RuleTuning { enabled, threshold: threshold.unwrap_or(0), window: window.unwrap_or(0) };
            tuning = tuning.with(info.rule, set);
        }
        if errors.is_empty() { Ok(tuning) } else { Err(errors) }
    }

    /// The form that shows it.
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let of_rule = |info: &RuleInfo| {
            let [enabled, threshold, window] = info.fields();
            let set = self.of(info.rule);
            let enabled = set.enabled.then(|| (enabled, "on".to_owned()));
            let threshold = info.threshold.map(|_| (threshold, set.threshold.to_string()));
            let window = info.window.map(|_| (window, set.window.to_string()));
            [enabled, threshold, window].into_iter().flatten().collect::<Vec<_>>()
        };
        RULES.iter().flat_map(of_rule).collect()
    }

    /// How a rule is set, in words.
    pub fn describe(&self, rule: Rule) -> String {
        let (info, set) = (rule.info(), self.of(rule));
        let counted =
            |tunable: Option<Tunable>, number: u32| tunable.map(|tunable| format!("{number} {}", tunable.unit));
        match (set.enabled, counted(info.threshold, set.threshold), counted(info.window, set.window)) {
            (false, ..) => "off".to_owned(),
            (true, Some(threshold), Some(window)) => format!("{threshold} in {window}"),
            (true, Some(one), None) | (true, None, Some(one)) => one,
            (true, None, None) => "on".to_owned(),
        }
    }

    /// The rules that are looked for no more, and were before.
    pub fn switched_off_since(&self, before: &Self) -> impl Iterator<Item = Rule> {
        self.changes_since(before).filter(|rule| !self.is_enabled(*rule) && before.is_enabled(*rule))
    }

    /// The rules that are not set as they were before.
    pub fn changes_since(&self, before: &Self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(|rule| self.of(*rule) != before.of(*rule))
    }
}

impl RuleInfo {
    /// The names of the fields that tune it: whether it is looked for, its threshold, its window.
    pub fn fields(&self) -> [String; 3] {
        ["enabled", "threshold", "window"].map(|part| format!("{}_{part}", self.code))
    }
}

impl Tunable {
    fn parse(self, text: &str) -> Result<u32, FieldProblem> {
        let number = text.trim().parse().ok().filter(|number| (self.min..=self.max).contains(number));
        number.ok_or(FieldProblem::OutOfRange(self.min, self.max))
    }
}

/// How far back facts matter.
pub fn longest_window(tuning: &Tuning) -> Duration {
    let windows = Rule::ALL.iter().filter(|rule| tuning.is_enabled(**rule)).map(|rule| tuning.window(*rule));
    windows.fold(LOOKBACK, Ord::max)
}
