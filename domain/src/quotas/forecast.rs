//! When something will be full, if it goes on as in the last days.

use time::{Date, Duration};

use super::{Kind, Window};

/// The least days of which something is said.
const LEAST: usize = 7;
/// Of how many days the mean is taken of what is spent each day.
const RECENT: usize = 7;
/// How far it is looked ahead, in days.
const AHEAD: f64 = 180.0;
/// How well days have to lie on a line, from 0 to 1: of others nobody knows where they lead.
const FIT: f64 = 0.5;

/// How it went, day by day.
#[derive(Clone, Copy, Debug)]
pub struct Recent<'a> {
    /// What each day came to, the oldest first: the sum of what adds up, or the most at one time. Today is not among them.
    pub days: &'a [i64],
    /// How full it is now.
    pub fill: i64,
    /// The limit.
    pub limit: i64,
    /// Today.
    pub today: Date,
    /// The day on which it is counted anew, if it is.
    pub anew: Option<Date>,
}

/// The day on which all of the limit will be used; none where it does not grow, is full already, is counted anew before that,
/// or where nobody can tell.
pub fn forecast(kind: Kind, recent: Recent<'_>) -> Option<Date> {
    let days = recent.days.len();
    if days < LEAST || recent.limit <= 0 || recent.fill >= recent.limit || !kind.fills() {
        return None;
    }
    let ahead = if kind == Kind::Counter(Window::Month) {
        let last = &recent.days[days - RECENT..];
        let each = last.iter().map(|day| to_float(*day)).sum::<f64>() / to_float_len(RECENT);
        (each > 0.0).then(|| to_float(recent.limit - recent.fill) / each)?
    } else {
        let (slope, at_last) = line(recent.days)?;
        // The line's own end counts, and not how full it happens to be at this hour.
        (to_float(recent.limit) - at_last) / slope
    };
    let ahead = ahead.ceil().max(1.0);
    if !(1.0..=AHEAD).contains(&ahead) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it was just compared with the most that there may be")]
    let day = recent.today.checked_add(Duration::days(ahead as i64))?;
    recent.anew.is_none_or(|anew| day < anew || kind != Kind::Counter(Window::Month)).then_some(day)
}

/// The line that lies nearest to all days: how steep it is, and where it is today. None where it does not rise, or the days
/// are far from it.
fn line(days: &[i64]) -> Option<(f64, f64)> {
    let count = to_float_len(days.len());
    let points = || days.iter().zip(0_u32..).map(|(value, place)| (f64::from(place), to_float(*value)));
    let mean_x = (count - 1.0) / 2.0;
    let mean_y = points().map(|(_, y)| y).sum::<f64>() / count;
    let across: f64 = points().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let along: f64 = points().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let up: f64 = points().map(|(_, y)| (y - mean_y).powi(2)).sum();
    if across <= 0.0 || up <= 0.0 || across * across / (along * up) < FIT {
        return None;
    }
    let slope = across / along;
    Some((slope, slope.mul_add(count - mean_x, mean_y)))
}

#[expect(clippy::cast_precision_loss, reason = "a forecast is not exact")]
fn to_float(amount: i64) -> f64 {
    amount as f64
}

#[expect(clippy::cast_precision_loss, reason = "there are not so many days")]
fn to_float_len(count: usize) -> f64 {
    count as f64
}
