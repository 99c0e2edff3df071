//! The jobs that this process holds under its leases.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloudfarm_contract::{Error, Result};
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::Lease;

/// A job that is being carried out.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) lease: Lease,
    pub(super) cloud: String,
    /// Fires when the job is to be called off.
    pub(super) cancelled: CancellationToken,
    /// Fires when the job may be somebody else's: from then on nothing is written or called.
    pub(super) lost: CancellationToken,
    until: Mutex<Instant>,
    /// The work is done, and only its end is to be written.
    ending: AtomicBool,
}

impl Held {
    /// Under this lease until then.
    pub(super) fn new(lease: Lease, cloud: &str, until: Instant) -> Self {
        Self {
            lease,
            cloud: cloud.to_owned(),
            cancelled: CancellationToken::new(),
            lost: CancellationToken::new(),
            until: Mutex::new(until),
            ending: AtomicBool::new(false),
        }
    }

    /// From now on it takes no place: only its end is to be written.
    pub(super) fn begin_to_end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether only its end is to be written.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// The lease was renewed until then.
    pub(super) fn extend(&self, until: Instant) {
        *lock(&self.until) = until;
    }

    /// When the lease runs out by the clock of this process.
    pub(super) fn until(&self) -> Instant {
        *lock(&self.until)
    }

    /// Whether it has.
    pub(super) fn has_expired(&self) -> bool {
        self.until() <= Instant::now()
    }

    /// The error with which a run ends whose job is not ours any more.
    pub(super) fn check(&self) -> Result<()> {
        if self.lost.is_cancelled() {
            return Err(lost());
        }
        Ok(())
    }
}

/// The lease does not hold any more.
pub(super) fn lost() -> Error {
    Error::conflict("the job was given to another worker")
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Holdings(Mutex<HashMap<Uuid, Holding>>);

/// A job, and how to end the task that carries it out.
type Holding = (Arc<Held>, Option<AbortHandle>);

impl Holdings {
    pub(super) fn insert(&self, held: Arc<Held>) {
        lock(&self.0).insert(held.lease.job, (held, None));
    }

    /// Remembers how to end the task that carries the job out.
    pub(super) fn set_task(&self, lease: Lease, task: AbortHandle) {
        if let Some((held, kept)) = lock(&self.0).get_mut(&lease.job)
            && held.lease == lease
        {
            *kept = Some(task);
        }
    }

    /// Lets go of a job, unless it is held anew under another lease.
    pub(super) fn remove(&self, lease: Lease) {
        let mut all = lock(&self.0);
        if all
            .get(&lease.job)
            .is_some_and(|(held, _)| held.lease == lease)
        {
            all.remove(&lease.job);
        }
    }

    pub(super) fn get(&self, job: Uuid) -> Option<Arc<Held>> {
        lock(&self.0).get(&job).map(|(held, _)| Arc::clone(held))
    }

    pub(super) fn all(&self) -> Vec<Arc<Held>> {
        let all = lock(&self.0);
        all.values().map(|(held, _)| Arc::clone(held)).collect()
    }

    /// Everything that is left, with its tasks; nothing is held from then on.
    pub(super) fn take_all(&self) -> Vec<Holding> {
        lock(&self.0).drain().map(|(_, held)| held).collect()
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.0).len()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
