//! Who is to be woken by a change of a job or a lease.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast, watch};
use uuid::Uuid;

/// How many cancellations may be under way before a slow listener misses one; then it learns of it
/// with its next heartbeat.
const CANCELLATIONS: usize = 1024;

/// Something happened to jobs, or to leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// There is work.
    Ready,
    /// This job has another state, or a further step.
    Changed(Uuid),
    /// This job is to be called off.
    Cancel(Uuid),
    /// A node has another lease.
    Leased,
}

impl Signal {
    /// As one word.
    pub(super) fn to_word(self) -> String {
        match self {
            Self::Ready => "ready".to_owned(),
            Self::Leased => "leased".to_owned(),
            Self::Changed(id) => format!("changed:{}", id.simple()),
            Self::Cancel(id) => format!("cancel:{}", id.simple()),
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            "ready" => return Some(Self::Ready),
            "leased" => return Some(Self::Leased),
            _ => {}
        }
        let (kind, id) = word.split_once(':')?;
        let id = id.parse().ok()?;
        match kind {
            "changed" => Some(Self::Changed(id)),
            "cancel" => Some(Self::Cancel(id)),
            _ => None,
        }
    }
}

/// Wakes those of this process who wait for a change. A signal may be lost, so whoever waits looks
/// for himself from time to time.
#[derive(Debug)]
pub struct Bell {
    rung: AtomicU64,
    ready: Notify,
    cancel: broadcast::Sender<Uuid>,
    watched: Mutex<HashMap<Uuid, watch::Sender<()>>>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            rung: AtomicU64::new(0),
            ready: Notify::new(),
            cancel: broadcast::channel(CANCELLATIONS).0,
            watched: Mutex::default(),
        }
    }
}

impl Bell {
    /// Wakes whom it concerns.
    pub fn ring(&self, signal: Signal) {
        // Before anybody is woken, who may look at what this is about.
        self.rung.fetch_add(1, Ordering::Release);
        match signal {
            Signal::Leased => {}
            Signal::Ready => self.ready.notify_one(),
            Signal::Cancel(id) => {
                // Without a worker nobody listens.
                let _ = self.cancel.send(id);
            }
            Signal::Changed(id) => {
                if let Some(watched) = self.lock().get(&id) {
                    watched.send_replace(());
                }
            }
        }
    }

    /// How many signals there have been.
    pub fn rung(&self) -> u64 {
        self.rung.load(Ordering::Acquire)
    }

    /// Returns once there was work since the last time.
    pub async fn ready(&self) {
        self.ready.notified().await;
    }

    /// The jobs that are called off from now on.
    pub fn cancellations(&self) -> broadcast::Receiver<Uuid> {
        self.cancel.subscribe()
    }

    /// Listens to the changes of a job from now on.
    pub fn watch(self: &Arc<Self>, id: Uuid) -> Watcher {
        let mut watched = self.lock();
        let sender = watched.entry(id).or_insert_with(|| watch::Sender::new(()));
        Watcher {
            changes: Some(sender.subscribe()),
            bell: Arc::clone(self),
            id,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<()>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens to the changes of one job.
#[derive(Debug)]
pub struct Watcher {
    /// Always there until the watcher is dropped.
    changes: Option<watch::Receiver<()>>,
    bell: Arc<Bell>,
    id: Uuid,
}

impl Watcher {
    /// Returns once the job has changed since the last time.
    pub async fn changed(&mut self) {
        let changed = match &mut self.changes {
            Some(changes) => changes.changed().await.is_ok(),
            None => false,
        };
        if !changed {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.changes = None;
        let mut watched = self.bell.lock();
        if watched
            .get(&self.id)
            .is_some_and(|sender| sender.receiver_count() == 0)
        {
            watched.remove(&self.id);
        }
    }
}
