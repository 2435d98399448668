//! Time and randomness, as arguments: whoever makes a portal decides where they come from.

use rand::TryRngCore;
use rand::rngs::OsRng;
use time::OffsetDateTime;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time, in UTC. Postgres keeps microseconds, and so does this.
    fn now(&self) -> OffsetDateTime;
}

/// Gives random bytes that nobody can guess.
pub trait Randomness: Send + Sync + 'static {
    /// Fills all of it.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> OffsetDateTime {
        to_microseconds(OffsetDateTime::now_utc())
    }
}

/// Cuts off what Postgres would not keep.
pub(crate) fn to_microseconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(at.microsecond() * 1000).unwrap_or(at)
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.try_fill_bytes(bytes).expect("the operating system always has randomness once it has booted");
    }
}

/// What is made of random bytes.
pub trait RandomnessExt {
    /// So many bytes.
    fn bytes<const N: usize>(&self) -> [u8; N];
    /// A UUID that sorts by time (RFC 9562, version 7).
    fn uuid(&self, now: OffsetDateTime) -> Uuid;
}

impl<R: Randomness + ?Sized> RandomnessExt for R {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    fn uuid(&self, now: OffsetDateTime) -> Uuid {
        let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }
}
