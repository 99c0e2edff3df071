//! How long the queue is, for the metrics.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::farm::Farm;
use crate::store::{OpenCount, RowState};

const STATES: [RowState; 3] = [RowState::Delayed, RowState::Ready, RowState::Running];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    cloud: String,
    state: &'static str,
}

/// The length of the queue.
#[derive(Debug, Default)]
pub(super) struct QueueMetrics {
    jobs: Family<QueueLabels, Gauge>,
}

impl QueueMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "queue_jobs",
            "Jobs that have not ended, on all machines",
            self.jobs.clone(),
        );
    }

    pub(super) fn clear(&self) {
        self.jobs.clear();
    }

    pub(super) fn show(&self, farm: &Farm, counts: Vec<OpenCount>) {
        self.clear();
        for cloud in farm.clouds() {
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
