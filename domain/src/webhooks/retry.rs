//! When a message is sent again that was not taken.

use time::Duration;

/// How long it waits after each attempt: a day in all.
const PAUSES: [Duration; 10] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::minutes(30),
    Duration::hours(1),
    Duration::hours(2),
    Duration::hours(4),
    Duration::hours(8),
    Duration::hours(8),
];

/// How often a message is sent at most.
pub const ATTEMPTS: u32 = 11;
/// The longest time from the first attempt to the last.
pub const LONGEST: Duration = Duration::DAY;
/// An endpoint that has taken nothing for so long is disabled.
pub const FAILING_FOR: Duration = Duration::days(5);
/// The same when so many messages in a row were given up.
pub const GIVEN_UP_IN_A_ROW: u32 = 100;

/// How long a message waits that was sent so often, or nothing when it is given up. What waits together is spread: up to
/// a fifth is taken off, by a number that is drawn.
#[must_use]
pub fn pause(attempts: u32, drawn: u16) -> Option<Duration> {
    let pause = PAUSES.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    let off = pause.whole_milliseconds() / 5 * i128::from(drawn) / i128::from(u16::MAX);
    Some(*pause - Duration::milliseconds(i64::try_from(off).unwrap_or(0)))
}
