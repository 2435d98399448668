//! What is counted.

use super::{Unit, Window};
use crate::codes::codes;

codes! {
    /// Something that services use, and that there may be a limit of.
    Metric {
        /// Requests that are answered at one time.
        ConcurrentRequests = "concurrent_requests" => "Concurrent requests",
        /// How long one request may take.
        RequestDuration = "request_duration" => "Request duration",
        /// Memory in use at one time.
        Memory = "memory" => "Memory",
        /// Data that is stored.
        DataSize = "data_size" => "Stored data",
        /// Files that are stored.
        FileCount = "file_count" => "Files",
        /// How large one file may be.
        FileSize = "file_size" => "File size",
        /// Requests in a minute.
        RequestsPerMinute = "requests_per_minute" => "Requests per minute",
        /// Requests in an hour.
        RequestsPerHour = "requests_per_hour" => "Requests per hour",
        /// Requests in a day.
        RequestsPerDay = "requests_per_day" => "Requests per day",
        /// Money in a month.
        MonthlyBudget = "monthly_budget" => "Monthly budget",
        /// Money in a day.
        DailyCost = "daily_cost" => "Daily cost",
        /// Whether services for manufacturing may be used.
        DomainManufacturing = "domain_manufacturing" => "Manufacturing",
        /// Whether services for finance may be used.
        DomainFinance = "domain_finance" => "Finance",
        /// Whether services for pharma may be used.
        DomainPharma = "domain_pharma" => "Pharma",
    }
}

/// How something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What reservations hold at one time: all of it comes back.
    Gauge,
    /// What is kept: it stays when it is settled, until somebody says that it is freed.
    Level,
    /// What is used up within a window, and begins anew with the next.
    Counter(Window),
    /// The most of one request, whatever others ask for.
    Maximum,
    /// May be used, or may not.
    Switch,
}

impl Kind {
    /// The window that it is counted in.
    pub const fn window(self) -> Option<Window> {
        match self {
            Self::Counter(window) => Some(window),
            _ => None,
        }
    }

    /// Whether it fills up: the others are judged by each request alone.
    pub const fn fills(self) -> bool {
        matches!(self, Self::Gauge | Self::Level | Self::Counter(_))
    }

    /// Whether amounts of several steps add up; of the others the largest tells.
    pub const fn adds_up(self) -> bool {
        matches!(self, Self::Counter(_))
    }

    /// The window in which people are told once of each threshold. What fills up by the minute is told once a day.
    pub const fn told_in(self) -> Window {
        match self {
            Self::Counter(Window::Month) | Self::Level => Window::Month,
            _ => Window::Day,
        }
    }

    /// The name under which answers have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Level => "level",
            Self::Counter(_) => "counter",
            Self::Maximum => "maximum",
            Self::Switch => "switch",
        }
    }

    /// It in a few words, for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Gauge => "At one time",
            Self::Level => "In all",
            Self::Counter(Window::Minute) => "Each minute",
            Self::Counter(Window::Hour) => "Each hour",
            Self::Counter(Window::Day) => "Each day",
            Self::Counter(Window::Month) => "Each month",
            Self::Maximum => "Of each request",
            Self::Switch => "Services of this domain",
        }
    }
}

/// What there is to know of a metric.
#[derive(Debug)]
pub struct MetricInfo {
    /// The metric.
    pub metric: Metric,
    /// What it is counted in.
    pub unit: Unit,
    /// How it is counted.
    pub kind: Kind,
    /// Whether what is above the limit is refused unless somebody decides otherwise; else it is reported alone.
    pub hard: bool,
    /// What it is, in a sentence.
    pub what: &'static str,
}

macro_rules! metrics {
    ($($metric:ident, $unit:ident, $kind:expr, $hard:literal, $what:literal;)+) => {
        /// Every metric, in the order of pages.
        pub static METRICS: [MetricInfo; Metric::ALL.len()] = [$(MetricInfo {
            metric: Metric::$metric,
            unit: Unit::$unit,
            kind: $kind,
            hard: $hard,
            what: $what,
        },)+];
    };
}

metrics! {
    ConcurrentRequests, Requests, Kind::Gauge, true, "Requests that are being answered at one time.";
    RequestDuration, Milliseconds, Kind::Maximum, true, "The longest that one request may take.";
    Memory, Bytes, Kind::Gauge, true, "Memory that requests use at one time.";
    DataSize, Bytes, Kind::Level, true, "Data that is stored.";
    FileCount, Files, Kind::Level, true, "Files that are stored.";
    FileSize, Bytes, Kind::Maximum, true, "The largest that one file may be.";
    RequestsPerMinute, Requests, Kind::Counter(Window::Minute), true, "Requests within a minute of the clock.";
    RequestsPerHour, Requests, Kind::Counter(Window::Hour), true, "Requests within an hour of the clock.";
    RequestsPerDay, Requests, Kind::Counter(Window::Day), true, "Requests from midnight to midnight.";
    MonthlyBudget, Money, Kind::Counter(Window::Month), true, "What services may spend in a month.";
    DailyCost, Money, Kind::Counter(Window::Day), false, "What services should spend in a day.";
    DomainManufacturing, Switch, Kind::Switch, true, "Whether services for manufacturing may be used.";
    DomainFinance, Switch, Kind::Switch, true, "Whether services for finance may be used.";
    DomainPharma, Switch, Kind::Switch, true, "Whether services for pharma may be used.";
}

impl Metric {
    /// What there is to know of it.
    pub fn info(self) -> &'static MetricInfo {
        &METRICS[self as usize]
    }

    /// How it is counted.
    pub fn kind(self) -> Kind {
        self.info().kind
    }

    /// What it is counted in.
    pub fn unit(self) -> Unit {
        self.info().unit
    }

    /// Whether it is recorded without a reservation: what is held is told by reservations alone, and a switch is not used
    /// up.
    pub fn is_recorded(self) -> bool {
        matches!(self.kind(), Kind::Counter(_) | Kind::Level | Kind::Maximum)
    }
}
