//! What waits for notifiers, for the metrics.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::settings::NotifierSettings;
use crate::store::NotifierRow;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NotifierLabels {
    notifier: String,
}

/// What waits for notifiers, and how long it has waited.
#[derive(Debug, Default)]
pub(super) struct NotifierMetrics {
    waiting: Family<NotifierLabels, Gauge>,
    oldest: Family<NotifierLabels, Gauge<f64, AtomicU64>>,
}

impl NotifierMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "notifications_waiting",
            "What is yet to be told to a notifier, on all machines",
            self.waiting.clone(),
        );
        registry.register(
            "notifications_oldest_seconds",
            "How long ago the oldest of that happened; 0 if nothing waits",
            self.oldest.clone(),
        );
    }

    pub(super) fn clear(&self) {
        self.waiting.clear();
        self.oldest.clear();
    }

    /// Shows those of the settings, at this time of the store. What is kept for others is theirs.
    pub(super) fn show(&self, notifiers: &[NotifierSettings], rows: Vec<NotifierRow>, now: i64) {
        self.clear();
        for NotifierSettings { name, .. } in notifiers {
            let row = rows.iter().find(|row| row.name == *name);
            let waiting = row.map_or(0, |row| row.waiting);
            let oldest = row.and_then(|row| row.oldest);
            let age = oldest.and_then(|at| u64::try_from(now - at).ok());
            let age = Duration::from_millis(age.unwrap_or_default());
            let labels = NotifierLabels {
                notifier: name.clone(),
            };
            self.waiting.get_or_create(&labels).set(waiting);
            self.oldest.get_or_create(&labels).set(age.as_secs_f64());
        }
    }
}
