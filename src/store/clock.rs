//! The clock that leases are measured by.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The process's clock, corrected by how far that of the store is ahead of it.
#[derive(Debug, Default)]
pub(super) struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    pub(super) fn now(&self) -> i64 {
        Timestamp::now().as_millisecond() + self.ahead.load(Ordering::Relaxed)
    }

    /// Goes by a clock that shows `theirs` now.
    pub(super) fn adjust(&self, theirs: i64) {
        let ours = Timestamp::now().as_millisecond();
        self.ahead.store(theirs - ours, Ordering::Relaxed);
    }
}
