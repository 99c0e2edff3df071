//! Time as a part that tests can drive.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time of day. Whatever moves by the clock (token expiry, the states of the dummy
/// cloud, the circuit breaker) asks this and not the system, so that a test can move time.
pub trait Clock: Send + Sync + Debug {
    /// The time now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// Moves the clock forward. A step past the end of representable time leaves it where it is.
    pub fn advance(&self, step: Duration) {
        let mut now = self.lock();
        let step = SignedDuration::try_from(step).unwrap_or(SignedDuration::MAX);
        *now = now.checked_add(step).unwrap_or(*now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Timestamp> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}
