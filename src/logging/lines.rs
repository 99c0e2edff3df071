//! Lines on their way to standard error, written by a thread of their own: whoever answers requests
//! neither makes a system call for each line nor waits for a slow disk.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use memchr::memchr;

/// How long lines gather before they are written together.
const GATHER: Duration = Duration::from_millis(5);

/// Bytes that may wait; past it, whoever logs waits with them.
const WAITING_MAX: usize = 1024 * 1024;

/// Begins what a terminal obeys. A line may quote others, who shall not rule the terminal of whoever
/// reads it.
const ESCAPE: u8 = 0x1B;

static SHARED: OnceLock<Arc<Shared>> = OnceLock::new();

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<u8>,
    is_writing: bool,
    /// Whether the thread that writes sleeps until it is told of a line.
    is_parked: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the caller while `hold` says so.
    fn wait(&self, hold: impl Fn(&Queue) -> bool) -> MutexGuard<'_, Queue> {
        let held = self.written.wait_while(self.lock(), |queue| hold(queue));
        held.unwrap_or_else(PoisonError::into_inner)
    }

    fn write_on(&self) {
        let mut lines = Vec::new();
        loop {
            thread::sleep(GATHER);
            {
                let filled = self.filled.wait_while(self.lock(), |queue| {
                    queue.is_parked = queue.waiting.is_empty();
                    queue.is_parked
                });
                let mut queue = filled.unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut queue.waiting, &mut lines);
                queue.is_writing = true;
            }
            // There is nobody to tell that the log cannot be written.
            let _ = io::stderr().write_all(&lines);
            lines.clear();
            self.lock().is_writing = false;
            self.written.notify_all();
        }
    }
}

/// Takes lines for the thread that writes them.
#[derive(Debug)]
pub(super) struct Lines(Arc<Shared>);

impl Lines {
    /// Begins to write.
    ///
    /// # Errors
    ///
    /// If there can be no thread for it.
    pub(super) fn begin() -> io::Result<Self> {
        let shared = Arc::clone(SHARED.get_or_init(Arc::default));
        let writer = Arc::clone(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.write_on())?;
        Ok(Self(shared))
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut queue = self.0.wait(|queue| queue.waiting.len() > WAITING_MAX);
        if std::mem::take(&mut queue.is_parked) {
            self.0.filled.notify_one();
        }
        queue.waiting.extend_from_slice(line);
        if memchr(ESCAPE, line).is_some() {
            let start = queue.waiting.len() - line.len();
            let copied = queue.waiting[start..].iter_mut();
            copied
                .filter(|byte| **byte == ESCAPE)
                .for_each(|byte| *byte = b'?');
        }
        Ok(line.len())
    }

    /// The logger calls this for each line; waiting for the disk is what shall not happen here.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until every line is written.
pub(super) fn drain() {
    if let Some(shared) = SHARED.get() {
        drop(shared.wait(|queue| !queue.waiting.is_empty() || queue.is_writing));
    }
}
