//! What the store knows for all machines, for the metrics.

use std::time::Duration;

use cloudfarm_contract::Result;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::lease_metrics::LeaseMetrics;
use super::notifier_metrics::NotifierMetrics;
use super::queue_metrics::QueueMetrics;
use super::state::AppState;

/// For so long a count is good enough: several may scrape many servers of one store.
const FRESH: Duration = Duration::from_secs(5);
/// A scrape does not wait longer for a store that is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The queue, the leases and what waits for notifiers, as they were a moment ago.
#[derive(Debug, Default)]
pub(super) struct StoreMetrics {
    queue: QueueMetrics,
    leases: LeaseMetrics,
    notifiers: NotifierMetrics,
    counted: Mutex<Option<Instant>>,
}

impl StoreMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        self.queue.register(registry);
        self.leases.register(registry);
        self.notifiers.register(registry);
    }

    /// Counts anew unless that was done a moment ago. What cannot be counted is not shown.
    pub(super) async fn refresh(&self, state: &AppState) {
        let mut counted = self.counted.lock().await;
        if counted.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let why = match timeout(PATIENCE, self.count(state)).await {
            Ok(Ok(())) => {
                *counted = Some(Instant::now());
                return;
            }
            Ok(Err(error)) => format!("{error:?}"),
            Err(_) => "the store does not answer".to_owned(),
        };
        log::warn!("what is in the store cannot be counted: {why}");
        self.queue.clear();
        self.leases.clear();
        self.notifiers.clear();
        *counted = None;
    }

    async fn count(&self, state: &AppState) -> Result<()> {
        let store = state.orchestrator().jobs().store();
        let (jobs, leases, notifiers) =
            tokio::try_join!(store.count_open(), store.count_leases(), store.notifiers())?;
        let farm = state.orchestrator().farm();
        self.queue.show(&farm, jobs);
        self.leases.show(&farm, leases);
        let of_settings = &state.settings().notifiers;
        self.notifiers.show(of_settings, notifiers, store.now());
        Ok(())
    }
}
