//! How quotas stand, for whoever looks at them: the same few statements, however much there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::quotas::{
    Calendar, Consumer, Counter, Kind, Ledger, Metric, Own, Plan, QuotaForm, QuotaState, Range, Recent, Step, Terms,
    UsageReport, UsageStep, cost, forecast,
};
use domain::roles::Permission;
use time::{Date, Duration, OffsetDateTime};

use super::terms::{self, Terms as Known};
use super::{VIEWED, sql};
use crate::access::Access;
use crate::error::Error;
use crate::store::TenantTx;

/// How many days a forecast looks back.
const RECENT_DAYS: i64 = 28;
/// How many of the largest consumers are listed.
const TOP: i64 = 10;

/// A quota on the overview.
#[derive(Clone, Debug)]
pub struct QuotaView {
    /// How it stands.
    pub counter: Counter,
    /// What the organization has decided of it.
    pub own: Own,
    /// The day on which all of it will be used, if it goes on like that.
    pub full_on: Option<Date>,
}

/// All quotas.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The organization's plan.
    pub plan: Plan,
    /// The name of the time zone by which windows begin and end.
    pub time_zone: String,
    /// Each of them, in the order of pages.
    pub quotas: Vec<QuotaView>,
    /// Whether anything was ever used.
    pub is_used: bool,
}

/// What one step of a chart came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumption {
    /// The step.
    pub step: Step,
    /// What was used, all together.
    pub amount: i64,
    /// The most at one time, in one window or of one request.
    pub peak: i64,
}

/// One quota, and how it came to that.
#[derive(Clone, Debug)]
pub struct Detail {
    /// How it stands.
    pub view: QuotaView,
    /// What the plan says of it.
    pub terms: Terms,
    /// The plan.
    pub plan: Plan,
    /// How far back it goes.
    pub range: Range,
    /// The steps, the oldest first.
    pub steps: Vec<Consumption>,
    /// What all of it costs, in millionths of the currency.
    pub cost: i64,
    /// Who has used most, the largest first.
    pub top: Vec<(String, i64)>,
    /// The organization's calendar.
    pub calendar: Calendar,
}

impl Detail {
    /// The metric.
    pub fn metric(&self) -> Metric {
        self.view.counter.metric
    }

    /// What was used in all steps together.
    pub fn total(&self) -> i64 {
        self.steps.iter().fold(0, |sum: i64, step| sum.saturating_add(step.amount))
    }

    /// As programs read it.
    pub(super) fn report(self) -> UsageReport {
        let (metric, total) = (self.metric(), self.total());
        let unit = metric.unit();
        let step = |one: &Consumption| UsageStep {
            from: one.step.from,
            amount: unit.quantity(one.amount),
            peak: unit.quantity(one.peak),
        };
        let consumer = |(subject, amount)| Consumer { subject, amount: unit.quantity(amount) };
        UsageReport {
            metric,
            unit: unit.code().to_owned(),
            range: self.range.code().to_owned(),
            limit: self.view.counter.rule.limit.map(|limit| unit.quantity(limit)),
            steps: self.steps.iter().map(step).collect(),
            total: unit.quantity(total),
            cost: domain::quotas::Unit::Money.quantity(self.cost),
            top: self.top.into_iter().map(consumer).collect(),
            full_on: self.view.full_on.map(|day| day.to_string()),
        }
    }
}

/// How a quota stands, as programs read it.
pub(super) fn state(counter: &Counter) -> QuotaState {
    let (metric, unit, kind) = (counter.metric, counter.metric.unit(), counter.metric.kind());
    QuotaState {
        metric,
        name: metric.name().to_owned(),
        unit: unit.code().to_owned(),
        kind: kind.code().to_owned(),
        window: kind.window().map(|window| window.code().to_owned()),
        limit: counter.rule.limit.map(|limit| unit.quantity(limit)),
        hard: counter.rule.hard,
        used: unit.quantity(counter.used),
        held: unit.quantity(counter.held),
        thresholds: counter.rule.thresholds.percents().to_vec(),
        resets_at: kind.window().map(|_| counter.ends_at),
    }
}

/// Every counter as it is now: windows that are over have begun anew, and what has expired is given back.
pub(super) async fn standing(
    tx: &mut TenantTx,
    known: &Known,
    now: OffsetDateTime,
) -> Result<Vec<(Counter, Own)>, Error> {
    let rows = sql::counters(tx.conn(), &known.plan).await?;
    let overdue = sql::overdue(tx.conn(), now).await?;
    let mut owns: BTreeMap<_, _> = rows.iter().map(|(counter, own, _)| (counter.metric, own.clone())).collect();
    let counters = rows.into_iter().map(|(counter, ..)| counter);
    let mut ledger = Ledger::new(counters, known.calendar.clone(), now);
    ledger.give_back(&overdue);
    let standing = ledger.counters().map(|counter| (counter.clone(), owns.remove(&counter.metric).unwrap_or_default()));
    Ok(standing.collect())
}

/// Somebody's look at an organization's quotas.
async fn look(access: &Access) -> Result<Arc<Known>, Error> {
    access.require(Permission::ViewUsage, VIEWED).await?;
    access.note_read(VIEWED, "organization", access.tenant()).await?;
    let request = access.request();
    terms::known(request.portal(), access.tenant(), request.now).await
}

/// All quotas.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn overview(access: &Access) -> Result<Overview, Error> {
    let (known, now) = (look(access).await?, access.request().now);
    let today = known.calendar.day(now);
    let mut tx = access.begin().await?;
    let standing = standing(&mut tx, &known, now).await?;
    let days = sql::days(tx.conn(), None, today - Duration::days(RECENT_DAYS)).await?;
    tx.close();
    let is_used = !days.is_empty() || standing.iter().any(|(counter, _)| counter.fill() > 0);
    let quotas = standing.into_iter().map(|(counter, own)| {
        let of_it = days.iter().filter(|(metric, ..)| *metric == counter.metric);
        let of_it: Vec<_> = of_it.map(|(_, day, amount, peak)| (*day, *amount, *peak)).collect();
        let full_on = full_on(&counter, &of_it, &known.calendar, today);
        QuotaView { counter, own, full_on }
    });
    Ok(Overview { plan: known.plan.plan, time_zone: known.time_zone.clone(), quotas: quotas.collect(), is_used })
}

/// One quota, over some time.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn detail(access: &Access, metric: Metric, range: Range) -> Result<Detail, Error> {
    let (known, now) = (look(access).await?, access.request().now);
    let mut tx = access.begin().await?;
    let detail = read(&mut tx, &known, metric, range, now).await?;
    tx.close();
    Ok(detail)
}

/// One quota for its form: what was decided of it, and what the plan says.
///
/// # Errors
/// Forbidden; the database does not answer.
pub async fn editing(access: &Access, metric: Metric) -> Result<(QuotaForm, Terms, Plan), Error> {
    access.require(Permission::ManageQuotas, super::settings::CHANGED).await?;
    let request = access.request();
    let known = terms::known(request.portal(), access.tenant(), request.now).await?;
    let mut tx = access.begin().await?;
    let all = sql::counters(tx.conn(), &known.plan).await?;
    tx.close();
    let found = all.into_iter().find(|(counter, ..)| counter.metric == metric);
    let (_, own, revision) = found.ok_or_else(|| Error::internal("a metric without its row"))?;
    Ok((QuotaForm::of(metric, &own, revision), known.plan.terms(metric), known.plan.plan))
}

/// One quota over some time, in a transaction of the organization's.
pub(super) async fn read(
    tx: &mut TenantTx,
    known: &Known,
    metric: Metric,
    range: Range,
    now: OffsetDateTime,
) -> Result<Detail, Error> {
    let steps = range.steps(&known.calendar, now);
    let today = known.calendar.day(now);
    let (from, from_day) = steps.first().map_or((now, today), |step| (step.from, step.day));
    let standing = standing(tx, known, now).await?;
    let found = standing.into_iter().find(|(counter, _)| counter.metric == metric);
    let (counter, own) = found.ok_or_else(|| Error::internal("a metric without its row"))?;
    let hours = if range == Range::Day { sql::hours(tx.conn(), metric, from).await? } else { Vec::new() };
    let days = sql::days(tx.conn(), Some(metric), from_day.min(today - Duration::days(RECENT_DAYS))).await?;
    let days: Vec<_> = days.into_iter().map(|(_, day, amount, peak)| (day, amount, peak)).collect();
    let top = sql::top(tx.conn(), metric, from_day, TOP).await?;
    let steps: Vec<_> = steps
        .into_iter()
        .map(|step| {
            let of_hours = hours.iter().filter(|(at, ..)| step.from <= *at && *at < step.until);
            let until = known.calendar.day(step.until - Duration::SECOND);
            let of_days = days.iter().filter(|(day, ..)| step.day <= *day && *day <= until);
            let (amount, peak) = match range {
                Range::Day => add_up(of_hours.map(|(_, amount, peak)| (*amount, *peak))),
                Range::Month | Range::Year => add_up(of_days.map(|(_, amount, peak)| (*amount, *peak))),
            };
            Consumption { step, amount, peak }
        })
        .collect();
    let terms = known.plan.terms(metric);
    let billed = match metric.kind() {
        // What is kept costs by the day: the most of each.
        Kind::Level => {
            days.iter().filter(|(day, ..)| *day >= from_day).fold(0, |sum: i64, (_, _, peak)| sum.saturating_add(*peak))
        }
        _ => steps.iter().fold(0, |sum: i64, step| sum.saturating_add(step.amount)),
    };
    let full_on = full_on(&counter, &days, &known.calendar, today);
    Ok(Detail {
        view: QuotaView { counter, own, full_on },
        cost: cost(metric, billed, &terms),
        terms,
        plan: known.plan.plan,
        range,
        steps,
        top,
        calendar: known.calendar.clone(),
    })
}

fn add_up(parts: impl Iterator<Item = (i64, i64)>) -> (i64, i64) {
    parts.fold((0, 0), |(sum, most): (i64, i64), (amount, peak)| (sum.saturating_add(amount), most.max(peak)))
}

/// When all of it will be used, by its days, of which those that are not there were empty.
fn full_on(counter: &Counter, days: &[(Date, i64, i64)], calendar: &Calendar, today: Date) -> Option<Date> {
    let kind = counter.metric.kind();
    let first = days.iter().map(|(day, ..)| *day).filter(|day| *day >= today - Duration::days(RECENT_DAYS)).min()?;
    let of_day = |day: Date| {
        let found = days.iter().find(|(of, ..)| *of == day);
        // A store stays as full as it was.
        let former = || days.iter().rev().find(|(of, ..)| kind == Kind::Level && *of < day);
        let sums = matches!(kind, Kind::Counter(window) if window >= domain::quotas::Window::Day);
        found.or_else(former).map_or(0, |(_, amount, peak)| if sums { *amount } else { *peak })
    };
    let past = std::iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day < today);
    let past: Vec<_> = past.map(of_day).collect();
    let recent = Recent {
        days: &past,
        fill: counter.fill(),
        limit: counter.rule.limit?,
        today,
        anew: kind.window().map(|_| calendar.day(counter.ends_at)),
    };
    forecast(kind, recent)
}

/// Whether people were told of so high a threshold, of something that is not empty again meanwhile.
pub(super) fn is_alarming(counter: &Counter, told: u8, from: u8) -> bool {
    let reached = counter.rule.limit.and_then(|limit| counter.rule.thresholds.reached(counter.fill(), limit));
    told >= from && reached.is_some_and(|reached| reached >= from)
}
