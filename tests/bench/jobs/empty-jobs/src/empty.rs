//! A job that does nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use cloudfarm::jobs::{Kinds, Outcome, ResourceRef, Run, Work};
use cloudfarm_contract::{Result, Text, async_trait};
use serde_json::{Value, json};
use tokio::sync::Notify;

static CLOUD: Text = Text::from_static("default");

/// A job that does nothing but be counted where it is carried out.
#[derive(Debug, Default)]
pub(crate) struct Empty(Option<Ran>);

#[async_trait]
impl Work for Empty {
    fn action(&self) -> &'static str {
        "Empty"
    }

    fn cloud(&self) -> &Text {
        &CLOUD
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static("nothing"),
            id: None,
        }
    }

    fn params(&self) -> Value {
        json!({})
    }

    fn payload(&self) -> Result<Value> {
        Ok(json!({}))
    }

    async fn run(&self, _run: &Run) -> Result<Outcome> {
        if let Some(ran) = &self.0 {
            ran.add();
        }
        Ok(Outcome::default())
    }
}

/// How many jobs ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ran(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    count: AtomicUsize,
    last: Mutex<Option<Instant>>,
    changed: Notify,
}

impl Ran {
    /// The table of kinds that has this one only.
    pub(crate) fn kinds(&self) -> Kinds {
        let ran = self.clone();
        Kinds::new(move |_, _| Ok(Box::new(Empty(Some(ran.clone())))))
    }

    fn add(&self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.0.count.fetch_add(1, Ordering::Release);
        self.0.changed.notify_one();
    }

    pub(crate) fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    /// When the last one ran.
    pub(crate) fn last(&self) -> Instant {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.unwrap_or_else(Instant::now)
    }

    /// Returns once so many ran.
    pub(crate) async fn reach(&self, count: usize) {
        while self.count() < count {
            self.0.changed.notified().await;
        }
    }
}
