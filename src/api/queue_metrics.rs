//! How long the queue is, for the metrics. It is the store that knows, for all machines.

use std::time::Duration;

use cloudfarm_contract::Result;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::state::AppState;
use crate::store::{OpenCount, RowState};

/// For so long a count is good enough: several may scrape many servers of one store.
const FRESH: Duration = Duration::from_secs(5);
/// A scrape does not wait longer for a store that is away.
const PATIENCE: Duration = Duration::from_secs(2);

const STATES: [RowState; 3] = [RowState::Delayed, RowState::Ready, RowState::Running];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    cloud: String,
    state: &'static str,
}

/// The length of the queue, as it was a moment ago.
#[derive(Debug, Default)]
pub(super) struct QueueMetrics {
    jobs: Family<QueueLabels, Gauge>,
    counted: Mutex<Option<Instant>>,
}

impl QueueMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "queue_jobs",
            "Jobs that have not ended, on all machines",
            self.jobs.clone(),
        );
    }

    /// Counts anew unless that was done a moment ago. What cannot be counted is not shown.
    pub(super) async fn refresh(&self, state: &AppState) {
        let mut counted = self.counted.lock().await;
        if counted.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let store = state.orchestrator().jobs().store();
        let counts = match timeout(PATIENCE, store.count_open()).await {
            Ok(Ok(counts)) => counts,
            failed => {
                log_failure(failed.ok());
                self.jobs.clear();
                *counted = None;
                return;
            }
        };
        self.jobs.clear();
        for cloud in state.orchestrator().farm().clouds() {
            for state in STATES {
                self.gauge(cloud.name(), state).set(0);
            }
        }
        for OpenCount {
            cloud,
            state,
            count,
            ..
        } in counts
        {
            self.gauge(&cloud, state).inc_by(count);
        }
        *counted = Some(Instant::now());
    }

    fn gauge(&self, cloud: &str, state: RowState) -> Gauge {
        let state = match state {
            RowState::Ready => "waiting",
            other => other.as_str(),
        };
        let cloud = cloud.to_owned();
        self.jobs.get_or_create_owned(&QueueLabels { cloud, state })
    }
}

fn log_failure(failed: Option<Result<Vec<OpenCount>>>) {
    match failed {
        Some(Err(error)) => log::warn!("the queue cannot be counted: {error:?}"),
        _ => log::warn!("the queue cannot be counted: the store does not answer"),
    }
}
