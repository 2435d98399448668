//! What programs send and get.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::quantity::whole;
use super::{Kind, Metric, Quantity, Range, ReservationState};
use crate::fields::{FieldErrors, FieldProblem};
use crate::ids::ReservationId;
use crate::text::is_unprintable;

/// How long a reservation holds unless it says otherwise, in seconds.
const TTL: u32 = 3_600;
/// The longest that one holds, in seconds.
pub const TTL_MAX: u32 = 86_400;
/// How late something can be recorded.
pub const LATE: Duration = Duration::days(7);
/// By how much somebody's clock may be ahead.
const AHEAD: Duration = Duration::minutes(5);
/// The most events that are recorded at once.
pub const EVENTS_MAX: u16 = 500;
/// The most characters of a key, an id or a subject.
const TEXT_MAX: u16 = 200;

/// Amounts by the codes of metrics.
pub type Amounts = BTreeMap<String, Quantity>;

/// Amounts that something needs: all of them are there, or nothing is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// How much of what, by the metrics' codes. Each is more than zero.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Quantity>))]
    pub amounts: Amounts,
    /// Who sends the same again with the same key within a day gets the same answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub key: Option<String>,
    /// For how many seconds the amounts are held, up to a day: 3,600 unless it is said. After that they are given back.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
    /// Who or what uses it: by this the largest consumers are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub subject: Option<String>,
}

/// What was used of a reservation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// How much of what, up to what was reserved. What is not named was used as it was reserved.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Quantity>))]
    pub amounts: Amounts,
}

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reservation {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: ReservationId,
    /// What has become of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: ReservationState,
    /// What was reserved.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Quantity>))]
    pub amounts: Amounts,
    /// What was used, once it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Quantity>>))]
    pub settled: Option<Amounts>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: OffsetDateTime,
    /// When it gives back what it holds by itself.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: OffsetDateTime,
}

/// Something that was used without a reservation, or freed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageEvent {
    /// The event's own name: it is counted once, however often it is sent within eight days.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub id: String,
    /// The metric's code: of what is used up, stored, or told of each request.
    pub metric: String,
    /// How much, more than zero.
    pub amount: Quantity,
    /// When it was, up to seven days ago.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: OffsetDateTime,
    /// Who or what has used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub subject: Option<String>,
    /// It is not used any more: of what is stored alone.
    #[serde(default)]
    pub freed: bool,
}

/// What came of recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Events that are counted.
    pub recorded: u32,
    /// Events that were counted before.
    pub repeated: u32,
}

/// How a quota stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuotaState {
    /// The metric's code.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub metric: Metric,
    /// What people call it.
    pub name: String,
    /// What it is counted in.
    pub unit: String,
    /// How: `gauge`, `level`, `counter`, `maximum` or `switch`.
    pub kind: String,
    /// The window of a counter: `minute`, `hour`, `day` or `month`.
    pub window: Option<String>,
    /// The limit; none where there is none.
    pub limit: Option<Quantity>,
    /// Whether what is above it is refused.
    pub hard: bool,
    /// What was used.
    pub used: Quantity,
    /// What reservations hold.
    pub held: Quantity,
    /// From where on people are told, in percent.
    pub thresholds: Vec<u8>,
    /// When it is counted anew.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub resets_at: Option<OffsetDateTime>,
}

/// Of what somebody wants to see the usage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct UsageQuery {
    /// The metric's code.
    pub metric: String,
    /// `24h`, `30d` or `12m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
}

/// One step of the usage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageStep {
    /// When it begins.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: OffsetDateTime,
    /// What was used within it, all together.
    pub amount: Quantity,
    /// The most at one time, in one window or of one request.
    pub peak: Quantity,
}

/// One of the largest consumers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// Who or what.
    pub subject: String,
    /// What it has used.
    pub amount: Quantity,
}

/// The usage of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageReport {
    /// The metric's code.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub metric: Metric,
    /// What it is counted in.
    pub unit: String,
    /// How far back it goes.
    pub range: String,
    /// The limit of now; none where there is none.
    pub limit: Option<Quantity>,
    /// The steps, the oldest first.
    pub steps: Vec<UsageStep>,
    /// What was used in all of them together.
    pub total: Quantity,
    /// What that costs, in the currency.
    pub cost: Quantity,
    /// Who has used most, the largest first.
    pub top: Vec<Consumer>,
    /// The day on which all of the limit will be used, as `2026-12-03`, if it goes on like that.
    pub full_on: Option<String>,
}

/// A request for a reservation, once it is parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How much of what.
    pub amounts: BTreeMap<Metric, i64>,
    /// For how long.
    pub ttl: Duration,
    /// Who or what uses it; nobody is empty.
    pub subject: String,
    /// The key.
    pub key: Option<String>,
}

/// An event, once it is parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its own name.
    pub id: String,
    /// Of what.
    pub metric: Metric,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: OffsetDateTime,
    /// Who or what; nobody is empty.
    pub subject: String,
    /// It was freed.
    pub freed: bool,
}

impl Reserve {
    /// Parses everything.
    ///
    /// # Errors
    /// All that is wrong, by field: `amounts`, `amounts.<metric>`, `key`, `ttl_seconds`, `subject`.
    pub fn parse(&self) -> Result<Request, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.amounts.is_empty() {
            errors.add("amounts", FieldProblem::Required);
        }
        let amounts =
            parse_amounts(
                &self.amounts,
                &mut errors,
                |_, amount| {
                    if amount == 0 { Err(FieldProblem::Zero) } else { Ok(amount) }
                },
            );
        let ttl = self.ttl_seconds.unwrap_or(TTL);
        if !(1..=TTL_MAX).contains(&ttl) {
            errors.add("ttl_seconds", FieldProblem::OutOfRange(1, TTL_MAX));
        }
        let key = self.key.as_deref().and_then(|key| errors.check("key", parse_text(key)));
        let subject = errors.check("subject", parse_subject(self.subject.as_deref())).unwrap_or_default();
        if errors.is_empty() {
            Ok(Request { amounts, ttl: Duration::seconds(ttl.into()), subject, key })
        } else {
            Err(errors)
        }
    }
}

impl Settle {
    /// Parses everything, for a reservation of these amounts.
    ///
    /// # Errors
    /// All that is wrong, by field: `amounts.<metric>`.
    pub fn parse(&self, reserved: &BTreeMap<Metric, i64>) -> Result<BTreeMap<Metric, i64>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let amounts = parse_amounts(&self.amounts, &mut errors, |metric, amount| match reserved.get(&metric) {
            None => Err(FieldProblem::UnknownChoice),
            Some(most) if amount > *most => Err(FieldProblem::MoreThanReserved),
            Some(_) => Ok(amount),
        });
        if errors.is_empty() { Ok(amounts) } else { Err(errors) }
    }
}

fn parse_amounts(
    amounts: &Amounts,
    errors: &mut FieldErrors,
    judge: impl Fn(Metric, i64) -> Result<i64, FieldProblem>,
) -> BTreeMap<Metric, i64> {
    let mut parsed = BTreeMap::new();
    for (code, quantity) in amounts {
        let Some(metric) = Metric::from_code(code) else {
            // What is no metric is not repeated: it may be anything.
            errors.add("amounts", FieldProblem::UnknownChoice);
            continue;
        };
        let amount = metric.unit().read(quantity).and_then(|amount| judge(metric, amount));
        if let Some(amount) = errors.check(&format!("amounts.{code}"), amount) {
            parsed.insert(metric, amount);
        }
    }
    parsed
}

/// Parses events that were sent together.
///
/// # Errors
/// All that is wrong, by field: `events`, `events.<place>.<field>`.
pub fn parse_events(events: &[UsageEvent], now: OffsetDateTime) -> Result<Vec<Event>, FieldErrors> {
    if events.is_empty() {
        return Err(FieldErrors::one("events", FieldProblem::Required));
    }
    if events.len() > usize::from(EVENTS_MAX) {
        return Err(FieldErrors::one("events", FieldProblem::TooManyLines(EVENTS_MAX)));
    }
    let mut errors = FieldErrors::default();
    let parsed: Vec<_> =
        events.iter().enumerate().filter_map(|(place, event)| event.parse(place, now, &mut errors)).collect();
    if errors.is_empty() { Ok(parsed) } else { Err(errors) }
}

impl UsageEvent {
    fn parse(&self, place: usize, now: OffsetDateTime, errors: &mut FieldErrors) -> Option<Event> {
        let field = |name: &str| format!("events.{place}.{name}");
        let id = errors.check(&field("id"), parse_text(&self.id));
        let subject = errors.check(&field("subject"), parse_subject(self.subject.as_deref()));
        let at = match self.at {
            at if at < now - LATE => Err(FieldProblem::TooLate),
            at if at > now + AHEAD => Err(FieldProblem::TooEarly),
            at => Ok(at.to_offset(time::UtcOffset::UTC)),
        };
        let at = errors.check(&field("at"), at);
        let metric = Metric::from_code(&self.metric).filter(|metric| metric.is_recorded());
        let metric = errors.check(&field("metric"), metric.ok_or(FieldProblem::UnknownChoice))?;
        if self.freed && metric.kind() != Kind::Level {
            errors.add(&field("freed"), FieldProblem::UnknownChoice);
        }
        let amount = match metric.unit().read(&self.amount) {
            Ok(0) => Err(FieldProblem::Zero),
            amount => amount,
        };
        let amount = errors.check(&field("amount"), amount);
        Some(Event { id: id?, metric, amount: amount?, at: at?, subject: subject?, freed: self.freed })
    }
}

impl UsageQuery {
    /// Parses everything.
    ///
    /// # Errors
    /// An unknown metric or range.
    pub fn parse(&self) -> Result<(Metric, Range), FieldErrors> {
        let mut errors = FieldErrors::default();
        let metric = errors.check("metric", Metric::from_code(&self.metric).ok_or(FieldProblem::UnknownChoice));
        let range = match &self.range {
            None => Ok(metric.map(|metric| Range::at_first(metric.kind())).unwrap_or_default()),
            Some(code) => Range::from_code(code).ok_or(FieldProblem::UnknownChoice),
        };
        let range = errors.check("range", range);
        match (metric, range) {
            (Some(metric), Some(range)) => Ok((metric, range)),
            _ => Err(errors),
        }
    }
}

fn parse_subject(text: Option<&str>) -> Result<String, FieldProblem> {
    text.map(str::trim).filter(|text| !text.is_empty()).map_or(Ok(String::new()), parse_text)
}

fn parse_text(text: &str) -> Result<String, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldProblem::Required);
    }
    if text.chars().count() > usize::from(TEXT_MAX) {
        return Err(FieldProblem::TooLong(TEXT_MAX));
    }
    if text.chars().any(is_unprintable) { Err(FieldProblem::ForbiddenCharacters) } else { Ok(text.to_owned()) }
}
