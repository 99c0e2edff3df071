//! Calls to clouds by operation and outcome, for the metrics.

use std::array;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cloudfarm_contract::layers::{Observer, Outcome};
use cloudfarm_contract::{Error, Operation, Text};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::durations::Durations;
use crate::farm::Observers;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    cloud: Arc<str>,
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    cloud: Arc<str>,
    operation: &'static str,
}

/// What is counted of calls to clouds.
#[derive(Debug, Clone, Default)]
pub(super) struct CallMetrics {
    calls: Family<CallLabels, Counter>,
    seconds: Durations<OperationLabels>,
    retries: Family<OperationLabels, Counter>,
}

impl CallMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("provider_calls", "Calls to clouds", self.calls.clone());
        self.seconds.register(
            registry,
            "provider_call_duration_seconds",
            "Time of a call to a cloud, waits and retries included",
        );
        registry.register(
            "provider_retries",
            "Attempts repeated",
            self.retries.clone(),
        );
    }
}

/// The calls of one cloud. What went well before is at hand: to find it among the others takes a
/// lock and a look at every label.
struct CloudObserver {
    cloud: Arc<str>,
    metrics: CallMetrics,
    at_hand: [OnceLock<(Counter, Histogram)>; Operation::ALL.len()],
}

impl fmt::Debug for CloudObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudObserver")
            .field("cloud", &self.cloud)
            .finish_non_exhaustive()
    }
}

impl CloudObserver {
    fn find(&self, operation: Operation, outcome: Outcome) -> (Counter, Histogram) {
        let operation = operation.as_str();
        let labels = CallLabels {
            cloud: Arc::clone(&self.cloud),
            operation,
            outcome: outcome.as_str(),
        };
        let calls = self.metrics.calls.get_or_create_owned(&labels);
        let cloud = Arc::clone(&self.cloud);
        let labels = OperationLabels { cloud, operation };
        (calls, self.metrics.seconds.of(&labels))
    }
}

impl Observer for CloudObserver {
    fn call_ended(&self, operation: Operation, outcome: Outcome, took: Duration) {
        let count = |(calls, seconds): &(Counter, Histogram)| {
            calls.inc();
            seconds.observe(took.as_secs_f64());
        };
        match self.at_hand.get(operation as usize) {
            Some(known) if outcome == Outcome::Ok => {
                count(known.get_or_init(|| self.find(operation, outcome)));
            }
            _ => count(&self.find(operation, outcome)),
        }
    }

    fn attempt_repeated(&self, operation: Operation, error: &Error, pause: Duration) {
        let operation = operation.as_str();
        log::info!(
            "cloud={} {operation}: again in {} ms: {error}",
            self.cloud,
            pause.as_millis()
        );
        let labels = OperationLabels {
            cloud: Arc::clone(&self.cloud),
            operation,
        };
        self.metrics.retries.get_or_create(&labels).inc();
    }
}

/// Gives each cloud its observer.
#[derive(Debug)]
pub(super) struct CallObservers(pub(super) CallMetrics);

impl Observers for CallObservers {
    fn of(&self, cloud: &Text) -> Arc<dyn Observer> {
        Arc::new(CloudObserver {
            cloud: Arc::from(cloud.as_str()),
            metrics: self.0.clone(),
            at_hand: array::from_fn(|_| OnceLock::new()),
        })
    }
}
