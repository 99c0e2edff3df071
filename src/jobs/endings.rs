//! Writes how tries end, many in one commit: while one is written others gather.

use std::sync::Arc;

use cloudfarm_contract::{Error, Result};
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot};

use crate::store::{Ending, Lease, Store};

/// As many are written at once; so many more may wait.
const AT_ONCE: usize = 256;

/// The way to the task that writes.
#[derive(Debug)]
pub(super) struct Endings {
    entries: mpsc::Sender<Entry>,
    turn: Turn,
}

/// Held by whoever writes to many of this process's jobs at once: two could each have locked what
/// the other one waits for.
type Turn = Arc<Mutex<()>>;

#[derive(Debug)]
struct Entry {
    lease: Lease,
    ending: Ending,
    written: oneshot::Sender<Result<bool>>,
}

impl Endings {
    /// Starts the task; it ends with this.
    pub(super) fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(AT_ONCE);
        let turn = Turn::default();
        tokio::spawn(write_all(store, receiver, Arc::clone(&turn)));
        Self {
            entries: sender,
            turn,
        }
    }

    /// Keeps ends from being written until this is dropped.
    pub(super) async fn hold_up(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Writes how the try under this lease ended. Gives whether the lease still held.
    pub(super) async fn write(&self, lease: Lease, ending: &Ending) -> Result<bool> {
        let (written, answer) = oneshot::channel();
        let entry = Entry {
            lease,
            ending: ending.clone(),
            written,
        };
        self.entries.send(entry).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn stopped() -> Error {
    Error::internal("the task that writes endings has stopped")
}

async fn write_all(store: Store, mut receiver: mpsc::Receiver<Entry>, turn: Turn) {
    let mut entries = Vec::new();
    while receiver.recv_many(&mut entries, AT_ONCE).await > 0 {
        let _turn = turn.lock().await;
        write(&store, entries.drain(..)).await;
    }
}

async fn write(store: &Store, entries: impl Iterator<Item = Entry>) {
    let (endings, answers): (Vec<_>, Vec<_>) = entries
        .map(|entry| ((entry.lease, entry.ending), entry.written))
        .unzip();
    match store.end_all(&endings).await {
        Ok(written) => {
            for (answer, written) in answers.into_iter().zip(written) {
                // Nobody waits for it if the try was aborted.
                let _ = answer.send(Ok(written));
            }
        }
        // One that cannot be written must not keep the others from it.
        Err(error) if endings.len() > 1 && !error.is_retryable() => {
            for (answer, (lease, ending)) in answers.into_iter().zip(&endings) {
                let _ = answer.send(store.end(*lease, ending, None).await);
            }
        }
        Err(error) => {
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}
