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
    /// Whether there are still none, where there have been so many signals. When the memory is
    /// old, one caller is told no and looks; the others need not wait for that.
    pub(super) fn holds(&self, signals: u64) -> bool {
        let mut seen = self.lock();
        let Some(seen) = seen.as_mut().filter(|seen| seen.signals == signals) else {
            return false;
        };
        let is_fresh = seen.at.elapsed() < MEMORY;
        if !is_fresh {
            seen.at = Instant::now();
        }
        is_fresh
    }

    /// A look that began after so many signals found some, or none.
    pub(super) fn looked(&self, signals: u64, any: bool) {
        let at = Instant::now();
        *self.lock() = (!any).then_some(Seen { signals, at });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
