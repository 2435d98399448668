//! A clock that a test sets, and randomness that a seed determines.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::edges::{Clock, Randomness};

/// A clock that moves a millisecond at each look, so that what comes later is later, and further
/// when it is told to.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<OffsetDateTime>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(datetime!(2026-01-05 09:00 UTC))))
    }
}

impl TestClock {
    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    /// Sets the clock.
    pub fn set(&self, now: OffsetDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += Duration::MILLISECOND;
        *now
    }
}

/// A generator that gives the same bytes for the same seed.
#[derive(Clone, Debug)]
pub struct SeededRandomness {
    generator: Arc<Mutex<StdRng>>,
    is_dry: Arc<AtomicBool>,
}

impl SeededRandomness {
    /// The generator of this seed. Two tests must not share one: names of roles are drawn from it,
    /// and those are global to the server.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { generator: Arc::new(Mutex::new(StdRng::from_seed(seed))), is_dry: Arc::default() }
    }

    /// Gives nothing any more: who asks panics.
    pub fn run_dry(&self) {
        self.is_dry.store(true, Ordering::Relaxed);
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(!self.is_dry.load(Ordering::Relaxed), "the generator has run dry");
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
