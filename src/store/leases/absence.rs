//! Remembers for a moment that no node has a lease: each look at a node would ask for one
//! otherwise, and most stores have none.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long it is remembered. What changes is signalled, but a signal may be lost.
const MEMORY: Duration = Duration::from_secs(1);

/// That there were no leases, and when.
#[derive(Debug, Default)]
pub(in crate::store) struct Absence(Mutex<Option<Seen>>);

#[derive(Debug, Clone, Copy)]
struct Seen {
    /// How many signals there had been before the look.
    signals: u64,
    at: Instant,
}

impl Absence {
    /// Whether there are still none, where there have been so many signals.
    pub(super) fn holds(&self, signals: u64) -> bool {
        self.lock()
            .is_some_and(|seen| seen.signals == signals && seen.at.elapsed() < MEMORY)
    }

    /// There are none by a look that began after so many signals.
    pub(super) fn remember(&self, signals: u64) {
        let at = Instant::now();
        *self.lock() = Some(Seen { signals, at });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
