//! Plans: what each allows, and what things cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AMOUNT_MAX, Metric, Unit, amount};
use crate::codes::codes;
use crate::fields::FieldProblem;

codes! {
    /// What an organization has agreed on with whoever runs the platform.
    Plan {
        /// To try it.
        Free = "free" => "Free",
        /// For most.
        Team = "team" => "Team",
        /// For the largest.
        Enterprise = "enterprise" => "Enterprise",
    }
}

/// What a plan says of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The limit, unless an organization has one of its own; none where there is none.
    pub limit: Option<i64>,
    /// The highest limit that an organization may give itself; any, if there is none.
    pub ceiling: Option<i64>,
    /// The price of one [lot](Unit::lot), in billionths of the currency.
    pub price: i64,
}

/// So many parts of a price make one of the currency.
const PRICE: i64 = 1_000_000_000;

const K: i64 = 1_000;
const M: i64 = 1_000_000;
const G: i64 = 1_000_000_000;
const T: i64 = 1_000_000_000_000;

/// What plans say before anybody has changed them: limit and ceiling of each, where zero is none but for switches, and the
/// price.
type Line = ([(i64, i64); 3], i64);

const fn line(metric: Metric) -> Line {
    match metric {
        Metric::ConcurrentRequests => ([(10, 10), (100, 250), (1_000, 0)], 0),
        Metric::RequestDuration => ([(30 * K, 60 * K), (300 * K, 900 * K), (900 * K, 0)], 0),
        Metric::Memory => ([(512 * M, 512 * M), (2 * G, 8 * G), (64 * G, 0)], 0),
        Metric::DataSize => ([(G, G), (100 * G, T), (10 * T, 0)], 800 * K),
        Metric::FileCount => ([(1_000, 1_000), (10 * K, 1_000 * K), (10_000 * K, 0)], 100 * K),
        Metric::FileSize => ([(50 * M, 50 * M), (G, 5 * G), (50 * G, 0)], 0),
        Metric::RequestsPerMinute => ([(60, 60), (1_000, 5_000), (20 * K, 0)], 0),
        Metric::RequestsPerHour => ([(1_000, 1_000), (50 * K, 200 * K), (1_000 * K, 0)], 0),
        Metric::RequestsPerDay => ([(10 * K, 10 * K), (1_000 * K, 4_000 * K), (20_000 * K, 0)], 5 * M),
        Metric::MonthlyBudget => ([(50 * M, 50 * M), (5_000 * M, 20_000 * M), (100_000 * M, 0)], 0),
        Metric::DailyCost => ([(5 * M, 5 * M), (200 * M, 2_000 * M), (5_000 * M, 0)], 0),
        Metric::DomainManufacturing => ([(1, 1), (1, 1), (1, 1)], 0),
        Metric::DomainFinance | Metric::DomainPharma => ([(0, 0), (1, 1), (1, 1)], 0),
    }
}

impl Plan {
    /// What the plan says of a metric before anybody has changed it.
    pub fn terms(self, metric: Metric) -> Terms {
        let (all, price) = line(metric);
        let (limit, ceiling) = all[self as usize];
        let some = |amount: i64| (amount > 0 || metric.unit() == Unit::Switch).then_some(amount);
        Terms { limit: some(limit), ceiling: some(ceiling), price }
    }
}

/// All that a plan says: what whoever runs the platform has changed of it is stored, and the rest is as the program has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTerms {
    /// The plan.
    pub plan: Plan,
    changed: BTreeMap<Metric, Terms>,
    /// What is stored of metrics that this program does not know, as another has written it.
    unknown: BTreeMap<String, serde_json::Value>,
}

impl PlanTerms {
    /// The plan as the program has it.
    pub const fn of(plan: Plan) -> Self {
        Self { plan, changed: BTreeMap::new(), unknown: BTreeMap::new() }
    }

    /// The plan with what is stored of it. Of a metric that this program does not know, nothing holds here, and it stays
    /// stored for one that does.
    ///
    /// # Errors
    /// That is no JSON of this program's.
    pub fn stored(plan: Plan, changed: &str) -> Result<Self, serde_json::Error> {
        let mut all = Self::of(plan);
        for (code, terms) in serde_json::from_str::<BTreeMap<String, serde_json::Value>>(changed)? {
            if let Some(metric) = Metric::from_code(&code) {
                all.changed.insert(metric, serde_json::from_value(terms)?);
            } else {
                all.unknown.insert(code, terms);
            }
        }
        Ok(all)
    }

    /// What is to be stored of it.
    pub fn to_stored(&self) -> String {
        let known = self.changed.iter();
        let known = known.filter_map(|(metric, terms)| Some((metric.code(), serde_json::to_value(terms).ok()?)));
        let unknown = self.unknown.iter().map(|(code, terms)| (code.as_str(), terms.clone()));
        let all: BTreeMap<_, _> = known.chain(unknown).collect();
        serde_json::to_string(&all).unwrap_or_else(|_| "{}".to_owned())
    }

    /// The codes of metrics of which something is stored and that this program does not know.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.unknown.keys().map(String::as_str)
    }

    /// What it says of a metric.
    pub fn terms(&self, metric: Metric) -> Terms {
        self.changed.get(&metric).copied().unwrap_or_else(|| self.plan.terms(metric))
    }

    /// The same with other terms of a metric. The limit is not above the ceiling.
    ///
    /// # Errors
    /// It would be.
    pub fn with(mut self, metric: Metric, terms: Terms) -> Result<Self, FieldProblem> {
        if let (limit, Some(ceiling)) = (terms.limit, terms.ceiling)
            && limit.is_none_or(|limit| limit > ceiling)
        {
            return Err(FieldProblem::AboveCeiling(metric, ceiling));
        }
        if terms == self.plan.terms(metric) {
            self.changed.remove(&metric);
        } else {
            self.changed.insert(metric, terms);
        }
        Ok(self)
    }
}

impl Terms {
    /// The price as somebody would type it.
    pub fn typed_price(&self) -> String {
        amount::decimal(self.price, PRICE)
    }
}

/// A price from what was typed, in the currency for one [lot](Unit::lot).
///
/// # Errors
/// No number; negative; very large; more than nine places behind the point.
pub fn price_of(text: &str) -> Result<i64, FieldProblem> {
    let text = text.trim();
    if text.is_empty() { Err(FieldProblem::Required) } else { amount::exact(text, PRICE) }
}

/// What so much costs, in millionths of the currency, to the nearest.
pub fn cost(metric: Metric, amount: i64, terms: &Terms) -> i64 {
    let lot = i128::from(metric.unit().lot()) * 1_000;
    let price = i128::from(amount.max(0)) * i128::from(terms.price);
    i64::try_from((price * 2 + lot) / (2 * lot)).unwrap_or(AMOUNT_MAX).min(AMOUNT_MAX)
}
