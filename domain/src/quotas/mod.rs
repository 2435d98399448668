//! Quotas: how much an organization's services may use, and what they have used.
//!
//! [`Metric`] says what is counted, [`Terms`] what a plan allows of it, and [`Own`] what an organization has made of that.
//! A [`Ledger`] judges: services reserve before they use something, and settle or give back after it.

mod amount;
mod calendar;
mod forecast;
mod form;
mod ledger;
mod metric;
mod pattern;
mod plan;
mod quantity;
mod rule;
#[cfg(test)]
mod tests;
mod usage;
mod wire;

pub use amount::{AMOUNT_MAX, CURRENCY, Unit};
pub use calendar::{Calendar, Window};
pub use forecast::{Recent, forecast};
pub use form::{QuotaForm, TimeZoneForm};
pub use ledger::{Counter, Crossing, Full, Item, Ledger, ReservationState, Used};
pub use metric::{Kind, METRICS, Metric, MetricInfo};
pub use plan::{Plan, PlanTerms, Terms, cost, price_of};
pub use quantity::Quantity;
pub use rule::{Own, Rule, Thresholds};
pub use usage::{Range, Step};
pub use wire::{
    Amounts, Consumer, EVENTS_MAX, Event, LATE, QuotaState, Recorded, Request, Reservation, Reserve, Settle, TTL_MAX,
    UsageEvent, UsageQuery, UsageReport, UsageStep, parse_events,
};
