//! Nodes that were just made. The API is eventually consistent: for a few seconds the id that it
//! gave out may be unknown to it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::Node;
use jiff::Timestamp;

/// How long it is remembered that this process made a node, to tell one that failed at birth from
/// one that was destroyed.
const REMEMBERED: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(crate) struct Newborns {
    grace: Duration,
    born: Mutex<HashMap<Text, (Timestamp, Node)>>,
}

impl Newborns {
    pub(crate) fn new(grace: Duration) -> Self {
        Self {
            grace,
            born: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, node: &Node, now: Timestamp) {
        let mut born = self.lock();
        born.retain(|_, (at, _)| is_within(*at, now, REMEMBERED));
        born.insert(node.id.clone(), (now, node.clone()));
    }

    /// The node as it was made, while "not found" may mean "not yet".
    pub(crate) fn get(&self, id: &str, now: Timestamp) -> Option<Node> {
        let born = self.lock();
        let (at, node) = born.get(id)?;
        is_within(*at, now, self.grace).then(|| Node {
            observed_at: now,
            ..node.clone()
        })
    }

    pub(crate) fn contains(&self, id: &str, now: Timestamp) -> bool {
        let born = self.lock();
        born.get(id)
            .is_some_and(|(at, _)| is_within(*at, now, REMEMBERED))
    }

    pub(crate) fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Text, (Timestamp, Node)>> {
        self.born.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_within(at: Timestamp, now: Timestamp, window: Duration) -> bool {
    now.duration_since(at).unsigned_abs() < window
}
