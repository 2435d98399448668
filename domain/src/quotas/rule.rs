//! What holds of a metric for an organization.

use serde::{Deserialize, Serialize};

use super::{Metric, Terms};
use crate::fields::FieldProblem;

/// The most thresholds of a metric.
const THRESHOLDS_MAX: u16 = 5;

/// From which shares of the limit on people are told, in percent, the lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thresholds(Vec<u8>);

impl Default for Thresholds {
    fn default() -> Self {
        Self(vec![50, 80, 100])
    }
}

impl Thresholds {
    /// From what was typed: percentages with commas or spaces between them. Nothing is none.
    ///
    /// # Errors
    /// One that is no whole number from 1 to 100; too many.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let parts = text.split(|c: char| c == ',' || c == ';' || c == '%' || c.is_whitespace());
        let mut all = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            let percent = part.parse().ok().filter(|percent| (1..=100).contains(percent));
            all.push(percent.ok_or(FieldProblem::OutOfRange(1, 100))?);
        }
        all.sort_unstable();
        all.dedup();
        if all.len() > usize::from(THRESHOLDS_MAX) {
            return Err(FieldProblem::TooManyOfThem(THRESHOLDS_MAX));
        }
        Ok(Self(all))
    }

    /// All of them, the lowest first.
    pub fn percents(&self) -> &[u8] {
        &self.0
    }

    /// The highest one that so much of a limit has reached. No share of no limit is anything.
    pub fn reached(&self, fill: i64, limit: i64) -> Option<u8> {
        let reaches = |percent: &&u8| i128::from(fill) * 100 >= i128::from(limit) * i128::from(**percent);
        self.0.iter().rev().find(|percent| limit > 0 && reaches(percent)).copied()
    }

    /// As somebody would type them.
    pub fn typed(&self) -> String {
        self.0.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// What an organization has decided of a metric. What it has not is as its plan has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// A limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Whether what is above the limit is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard: Option<bool>,
    /// From where on people are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
}

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The limit; none where there is none.
    pub limit: Option<i64>,
    /// Whether what is above it is refused; else it is reported.
    pub hard: bool,
    /// What is above this is refused in any case: the organization has not decided that, but its plan.
    pub ceiling: Option<i64>,
    /// From where on people are told.
    pub thresholds: Thresholds,
}

impl Own {
    /// What holds of a metric under these terms. A limit above the plan's ceiling, from before the plan was another, is
    /// that ceiling.
    pub fn rule(&self, metric: Metric, terms: &Terms) -> Rule {
        let limit = self.limit.or(terms.limit);
        let limit = match (limit, terms.ceiling) {
            (Some(limit), Some(ceiling)) => Some(limit.min(ceiling)),
            (limit, ceiling) => limit.or(ceiling),
        };
        Rule {
            limit,
            hard: self.hard.unwrap_or(metric.info().hard),
            ceiling: terms.ceiling.filter(|_| metric.info().hard),
            thresholds: self.thresholds.clone().unwrap_or_default(),
        }
    }
}
