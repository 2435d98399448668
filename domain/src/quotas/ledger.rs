//! Judging: what is reserved, settled, given back and recorded, against what there may be.
//!
//! Whoever has read the counters, and keeps others from changing them meanwhile, judges one thing after the other by a
//! [`Ledger`], and stores what has become of the counters and what was used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{Calendar, Kind, Metric, Rule};
use crate::codes::codes;

codes! {
    /// What has become of a reservation.
    ReservationState {
        /// It holds its amounts.
        Held = "held" => "Held",
        /// What was used of it is counted.
        Settled = "settled" => "Settled",
        /// It was given back.
        Released = "released" => "Released",
        /// Its time is over, and it was given back.
        Expired = "expired" => "Expired",
    }
}

/// How full something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is counted.
    pub metric: Metric,
    /// What holds of it.
    pub rule: Rule,
    /// When the window has begun that it is counted in.
    pub opened_at: OffsetDateTime,
    /// When that ends.
    pub ends_at: OffsetDateTime,
    /// What was used.
    pub used: i64,
    /// What reservations hold.
    pub held: i64,
    /// The highest threshold that people were told of, in percent.
    pub told: u8,
    /// Until when they are not told again.
    pub told_until: OffsetDateTime,
}

/// A part of a reservation, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Of what.
    #[serde(rename = "m")]
    pub metric: Metric,
    /// How much.
    #[serde(rename = "a")]
    pub amount: i64,
    /// When the window began in which it was reserved.
    #[serde(rename = "w", with = "time::serde::timestamp")]
    pub opened_at: OffsetDateTime,
    /// How much of it was used, once that is known.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<i64>,
}

/// There is not so much left of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// Of what.
    pub metric: Metric,
    /// When it is counted anew, if it is.
    pub until: Option<OffsetDateTime>,
}

/// What was used, for those who want to know when and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Of what.
    pub metric: Metric,
    /// When.
    pub at: OffsetDateTime,
    /// By whom, if that was said; nobody is empty.
    pub subject: String,
    /// How much.
    pub amount: i64,
    /// How much there was at one time or of one request.
    pub peak: i64,
}

/// A threshold that was reached, and of which nobody was told yet in this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Of what.
    pub metric: Metric,
    /// The threshold, in percent.
    pub percent: u8,
    /// How much is used and held.
    pub fill: i64,
    /// Of how much.
    pub limit: i64,
}

/// Counters at one time, and what becomes of them.
#[derive(Clone, Debug)]
pub struct Ledger {
    counters: BTreeMap<Metric, Counter>,
    calendar: Calendar,
    now: OffsetDateTime,
    used: Vec<Used>,
}

impl Counter {
    /// How much of it is not there for others.
    pub fn fill(&self) -> i64 {
        self.used.saturating_add(self.held)
    }

    /// How much is left, if there is a limit.
    pub fn left(&self) -> Option<i64> {
        self.rule.limit.map(|limit| limit.saturating_sub(self.fill()).max(0))
    }

    /// Nothing is above this: the limit where it is hard, else what the plan allows at most; none where neither is.
    pub fn bound(&self) -> Option<i64> {
        self.rule.limit.filter(|_| self.rule.hard).or(self.rule.ceiling)
    }

    /// Begins anew if its window is over. A window that began lasts until its end, whatever the organization's time zone
    /// is meanwhile; one that has begun by other clocks before that end has so much of the use as the former has covered
    /// of it. So nobody empties a counter by moving, however often.
    pub fn roll(&mut self, calendar: &Calendar, now: OffsetDateTime) {
        if let Some(window) = self.metric.kind().window()
            && now >= self.ends_at
        {
            let (start, end) = calendar.bounds(window, now);
            self.used = share(self.fill(), self.ends_at - start, end - start);
            self.held = 0;
            (self.opened_at, self.ends_at) = (start.max(self.ends_at), end);
        }
        if now >= self.told_until {
            self.told = 0;
            self.told_until = calendar.bounds(self.metric.kind().told_in(), now).1;
        }
    }

    /// Has another rule hold. What people were told of another limit they need not be told again as long as it is reached
    /// by this one, too; and what is not reached yet is news when it is.
    pub fn change_rule(&mut self, rule: Rule) {
        if rule.limit != self.rule.limit {
            let reached = rule.limit.and_then(|limit| rule.thresholds.reached(self.fill(), limit));
            self.told = self.told.min(reached.unwrap_or(0));
        }
        self.rule = rule;
    }

    /// Whether so much more fits.
    fn fits(&self, amount: i64) -> bool {
        let Some(limit) = self.bound() else { return true };
        let before = if self.metric.kind().fills() { self.fill() } else { 0 };
        before.saturating_add(amount) <= limit
    }
}

/// So much of an amount as a part of a window is of the whole, rounded up; nothing, where there is no such part.
fn share(amount: i64, part: Duration, whole: Duration) -> i64 {
    let (part, whole) = (part.whole_nanoseconds(), whole.whole_nanoseconds());
    if part <= 0 || whole <= 0 {
        return 0;
    }
    let exact = i128::from(amount) * part;
    i64::try_from((exact + whole - 1) / whole).unwrap_or(i64::MAX).min(amount)
}

impl Ledger {
    /// Counters as they were read; those whose window is over begin anew.
    pub fn new(counters: impl IntoIterator<Item = Counter>, calendar: Calendar, now: OffsetDateTime) -> Self {
        let counters = counters.into_iter().map(|mut counter| {
            counter.roll(&calendar, now);
            (counter.metric, counter)
        });
        Self { counters: counters.collect(), calendar, now, used: Vec::new() }
    }

    /// The counters as they are now.
    pub fn counters(&self) -> impl Iterator<Item = &Counter> {
        self.counters.values()
    }

    /// One of them.
    pub fn counter(&self, metric: Metric) -> Option<&Counter> {
        self.counters.get(&metric)
    }

    /// What was used since the counters were read, or since this was asked last.
    pub fn take_used(&mut self) -> Vec<Used> {
        std::mem::take(&mut self.used)
    }

    /// Takes all of these, or nothing.
    ///
    /// # Errors
    /// The first of them that does not fit.
    pub fn reserve(&mut self, amounts: &BTreeMap<Metric, i64>, subject: &str) -> Result<Vec<Item>, Full> {
        for (metric, amount) in amounts {
            let counter = self.counters.get(metric).ok_or(Full { metric: *metric, until: None })?;
            if !counter.fits(*amount) {
                let until = metric.kind().window().map(|_| counter.ends_at);
                return Err(Full { metric: *metric, until });
            }
        }
        let mut items = Vec::with_capacity(amounts.len());
        for (metric, amount) in amounts {
            let Some(counter) = self.counters.get_mut(metric) else { continue };
            let fills = metric.kind().fills();
            if fills {
                counter.held = counter.held.saturating_add(*amount);
            }
            items.push(Item { metric: *metric, amount: *amount, opened_at: counter.opened_at, settled: None });
            if metric.kind() == Kind::Gauge {
                let peak = counter.fill();
                self.note(*metric, self.now, subject, *amount, peak);
            }
        }
        Ok(items)
    }

    /// Counts what was used of a reservation that was made at that time, and gives the rest back. What is not named was
    /// used as it was reserved. What was reserved in a window that is over since counts there, and takes nothing of the
    /// present one.
    pub fn settle(
        &mut self,
        items: &mut [Item],
        amounts: &BTreeMap<Metric, i64>,
        reserved_at: OffsetDateTime,
        subject: &str,
    ) {
        self.give_back(items);
        for item in items {
            let amount = amounts.get(&item.metric).copied().unwrap_or(item.amount).clamp(0, item.amount);
            item.settled = Some(amount);
            let mut peak = amount;
            let kind = item.metric.kind();
            if let Some(counter) = self.counters.get_mut(&item.metric) {
                let counts = match kind {
                    Kind::Level => true,
                    Kind::Counter(_) => counter.opened_at == item.opened_at,
                    Kind::Gauge | Kind::Maximum | Kind::Switch => false,
                };
                if counts {
                    counter.used = counter.used.saturating_add(amount);
                    peak = counter.used;
                }
            }
            match kind {
                Kind::Counter(_) | Kind::Level => self.note(item.metric, reserved_at, subject, amount, peak),
                Kind::Maximum => self.note(item.metric, reserved_at, subject, amount, amount),
                Kind::Gauge | Kind::Switch => {}
            }
        }
    }

    /// Gives back what a reservation holds.
    pub fn give_back(&mut self, items: &[Item]) {
        for item in items.iter().filter(|item| item.metric.kind().fills()) {
            if let Some(counter) = self.counters.get_mut(&item.metric)
                && (item.metric.kind().window().is_none() || counter.opened_at == item.opened_at)
            {
                counter.held = (counter.held - item.amount).max(0);
            }
        }
    }

    /// Counts what was used without a reservation, or freed of what is kept. It has happened, and so it counts whatever the
    /// limit is; in the window in which it was, if that is over.
    pub fn record(&mut self, metric: Metric, amount: i64, freed: bool, at: OffsetDateTime, subject: &str) {
        let kind = metric.kind();
        let mut peak = amount;
        if let Some(counter) = self.counters.get_mut(&metric) {
            // What happens now counts now, also while a clock that was put back says that the window has not begun.
            let counts = at >= counter.opened_at || at >= self.now;
            match kind {
                Kind::Level if freed => counter.used = counter.used.saturating_sub(amount).max(0),
                Kind::Level => counter.used = counter.used.saturating_add(amount),
                Kind::Counter(_) if counts => counter.used = counter.used.saturating_add(amount),
                _ => {}
            }
            if kind == Kind::Level || kind.fills() && counts {
                peak = counter.used;
            }
        }
        match kind {
            Kind::Counter(_) => self.note(metric, at, subject, amount, peak),
            // What a store has held at an earlier time is not known: the level of now is.
            Kind::Level => self.note(metric, self.now, subject, if freed { 0 } else { amount }, peak),
            Kind::Maximum => self.note(metric, at, subject, amount, amount),
            Kind::Gauge | Kind::Switch => {}
        }
    }

    /// The thresholds that were reached, once in their time.
    pub fn crossings(&mut self) -> Vec<Crossing> {
        let mut crossings = Vec::new();
        for counter in self.counters.values_mut().filter(|counter| counter.metric.kind().fills()) {
            let (Some(limit), fill) = (counter.rule.limit, counter.fill()) else { continue };
            let Some(percent) = counter.rule.thresholds.reached(fill, limit) else { continue };
            if percent > counter.told {
                counter.told = percent;
                crossings.push(Crossing { metric: counter.metric, percent, fill, limit });
            }
        }
        crossings
    }

    /// The organization's calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    fn note(&mut self, metric: Metric, at: OffsetDateTime, subject: &str, amount: i64, peak: i64) {
        self.used.push(Used { metric, at, subject: subject.to_owned(), amount, peak });
    }
}
