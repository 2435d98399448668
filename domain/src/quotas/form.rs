//! What an organization decides of a metric, as it is typed.

use serde::{Deserialize, Serialize};

use super::{Calendar, Metric, Own, Terms, Thresholds};
use crate::fields::{FieldErrors, FieldProblem};

/// The form of one metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaForm {
    /// The limit, or nothing for the plan's.
    #[serde(default)]
    pub limit: String,
    /// `hard`, `report`, or nothing for what is usual.
    #[serde(default)]
    pub enforcement: String,
    /// Percentages with commas between them.
    #[serde(default)]
    pub thresholds: String,
    /// The revision that the form has shown.
    #[serde(default)]
    pub revision: String,
}

impl QuotaForm {
    /// The form of what an organization has decided.
    pub fn of(metric: Metric, own: &Own, revision: i64) -> Self {
        let enforcement = own.hard.map(|hard| if hard { "hard" } else { "report" });
        Self {
            limit: own.limit.map(|limit| metric.unit().typed(limit)).unwrap_or_default(),
            enforcement: enforcement.unwrap_or_default().to_owned(),
            thresholds: own.thresholds.clone().unwrap_or_default().typed(),
            revision: revision.to_string(),
        }
    }

    /// Parses every field, by what the plan says of the metric.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn parse(&self, metric: Metric, terms: &Terms) -> Result<Own, FieldErrors> {
        let mut errors = FieldErrors::default();
        let limit = errors.check("limit", self.parse_limit(metric, terms)).flatten();
        let hard = match self.enforcement.as_str() {
            "" => Ok(None),
            // What may be used or not is refused where it may not.
            _ if metric.unit() == super::Unit::Switch => Err(FieldProblem::UnknownChoice),
            "hard" => Ok(Some(true)),
            "report" => Ok(Some(false)),
            _ => Err(FieldProblem::UnknownChoice),
        };
        let hard = errors.check("enforcement", hard).flatten();
        let thresholds = errors.check("thresholds", Thresholds::parse(&self.thresholds));
        let thresholds = thresholds.filter(|thresholds| *thresholds != Thresholds::default());
        if errors.is_empty() { Ok(Own { limit, hard, thresholds }) } else { Err(errors) }
    }

    fn parse_limit(&self, metric: Metric, terms: &Terms) -> Result<Option<i64>, FieldProblem> {
        if self.limit.trim().is_empty() {
            return Ok(None);
        }
        let limit = metric.unit().parse(&self.limit)?;
        if limit == 0 && metric.unit() != super::Unit::Switch {
            return Err(FieldProblem::Zero);
        }
        match terms.ceiling {
            Some(ceiling) if limit > ceiling => Err(FieldProblem::AboveCeiling(metric, ceiling)),
            _ => Ok(Some(limit)),
        }
    }
}

/// The form of the time zone by which windows begin and end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeZoneForm {
    /// Its name, e.g. `Europe/Berlin`.
    #[serde(default)]
    pub time_zone: String,
}

impl TimeZoneForm {
    /// The zone's name.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn parse(&self) -> Result<&str, FieldErrors> {
        let name = self.time_zone.trim();
        let is_zone = Calendar::of(name).is_some();
        if is_zone { Ok(name) } else { Err(FieldErrors::one("time_zone", FieldProblem::UnknownChoice)) }
    }
}
