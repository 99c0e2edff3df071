//! The log of a server, as it is written.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long a line may keep a test waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// The lines so far, and a bell for each new one.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    bell: watch::Receiver<usize>,
}

impl Log {
    /// Keeps what is written to `pipe`.
    pub(crate) fn follow(pipe: impl Read + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (ring, bell) = watch::channel(0);
        let kept = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
                ring.send_modify(|count| *count += 1);
            }
        });
        Self { lines, bell }
    }

    /// Everything that was logged so far.
    pub(crate) fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// The first line with this text in it, as soon as there is one.
    pub(crate) async fn line_with(&self, text: &str) -> String {
        let mut bell = self.bell.clone();
        let find = || {
            let lines = self.lines.lock().unwrap();
            lines.iter().find(|line| line.contains(text)).cloned()
        };
        let found = timeout(PATIENCE, async {
            loop {
                bell.borrow_and_update();
                if let Some(line) = find() {
                    return Some(line);
                }
                if bell.changed().await.is_err() {
                    return find();
                }
            }
        });
        match found.await {
            Ok(Some(line)) => line,
            _ => panic!("no line with {text:?} in the log:\n{}", self.text()),
        }
    }
}
