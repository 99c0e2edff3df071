//! What this process counts of the jobs that it carries out.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::store::{Claimed, RowState};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    action: String,
    outcome: &'static str,
}

/// Counters of jobs, for whoever shows them.
#[derive(Debug)]
pub struct Counters {
    ended: Family<EndLabels, Counter>,
    retries: Family<ActionLabels, Counter>,
    wait_seconds: Histogram,
    run_seconds: Family<ActionLabels, Histogram, fn() -> Histogram>,
    lost: Counter,
    vanished: Counter,
}

/// From a millisecond to nine minutes: an idle queue and a slow cloud.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 20))
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            ended: Family::default(),
            retries: Family::default(),
            wait_seconds: histogram(),
            run_seconds: Family::new_with_constructor(histogram),
            lost: Counter::default(),
            vanished: Counter::default(),
        }
    }
}

impl Counters {
    /// Shows them under their names.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "jobs_ended",
            "Jobs that ended for good, by what came of them",
            self.ended.clone(),
        );
        registry.register(
            "job_retries",
            "Tries that failed and are followed by another",
            self.retries.clone(),
        );
        registry.register(
            "job_wait_seconds",
            "Time from when a job was due to when it was begun",
            self.wait_seconds.clone(),
        );
        registry.register(
            "job_run_seconds",
            "Time that a try of a job took",
            self.run_seconds.clone(),
        );
        registry.register(
            "job_leases_lost",
            "Jobs that this process held and others have taken",
            self.lost.clone(),
        );
        registry.register(
            "job_workers_vanished",
            "Tries that ended because their worker was not heard of any more",
            self.vanished.clone(),
        );
    }

    /// A job was begun, at this time of the store.
    pub(super) fn begun(&self, job: &Claimed, now: i64) {
        let waited = u64::try_from(now - job.run_at).unwrap_or_default();
        self.wait_seconds
            .observe(Duration::from_millis(waited).as_secs_f64());
    }

    /// A try ended, and this is what the job is now.
    pub(super) fn tried(&self, action: &str, state: RowState, took: Duration) {
        let labels = ActionLabels {
            action: action.to_owned(),
        };
        self.run_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        self.is_now(action, state);
    }

    /// A job was lost to another worker.
    pub(super) fn lost(&self) {
        self.lost.inc();
    }

    /// The worker of a job has vanished, and this is what the job is now.
    pub(super) fn vanished(&self, action: &str, state: RowState) {
        self.vanished.inc();
        self.is_now(action, state);
    }

    fn is_now(&self, action: &str, state: RowState) {
        let action = action.to_owned();
        if state.has_ended() {
            let outcome = state.as_str();
            let labels = EndLabels { action, outcome };
            self.ended.get_or_create(&labels).inc();
        } else {
            self.retries.get_or_create(&ActionLabels { action }).inc();
        }
    }
}
