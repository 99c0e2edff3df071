//! Counters for Prometheus: requests by route, provider calls by cloud, operation and outcome.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpResponse, get, web};
use cloudfarm_contract::layers::{BreakerState, Observer, Outcome};
use cloudfarm_contract::{Error, Operation, Text};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::state::AppState;
use super::store_metrics::StoreMetrics;
use crate::farm::Observers;

/// The media type of the exposition.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Arc<str>,
}

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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CloudLabels {
    cloud: String,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Everything that is counted.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Histograms<RouteLabels>,
    calls: Family<CallLabels, Counter>,
    call_seconds: Histograms<OperationLabels>,
    retries: Family<OperationLabels, Counter>,
    breaker_open: Family<CloudLabels, Gauge>,
    rate_limit_waiting: Family<CloudLabels, Gauge>,
    jobs_running: Gauge,
    store: StoreMetrics,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// From half a millisecond to sixteen seconds.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("cloudfarm")),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(histogram),
            retries: Family::default(),
            breaker_open: Family::default(),
            rate_limit_waiting: Family::default(),
            jobs_running: Gauge::default(),
            store: StoreMetrics::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time from a request's head to its answer's head",
            self.request_seconds.clone(),
        );
        registry.register("provider_calls", "Calls to clouds", self.calls.clone());
        registry.register(
            "provider_call_duration_seconds",
            "Time of a call to a cloud, waits and retries included",
            self.call_seconds.clone(),
        );
        registry.register(
            "provider_retries",
            "Attempts repeated",
            self.retries.clone(),
        );
        registry.register(
            "circuit_breaker_open",
            "1 while the breaker of the cloud refuses calls",
            self.breaker_open.clone(),
        );
        registry.register(
            "rate_limit_waiting",
            "Calls that wait for the rate limit of the cloud",
            self.rate_limit_waiting.clone(),
        );
        registry.register(
            "jobs_running",
            "Jobs that this process is carrying out",
            self.jobs_running.clone(),
        );
        self.store.register(&mut registry);
    }

    /// Shows what others count, too, which `register` adds.
    pub(super) fn add(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Counts a request. Labels are the route and known methods, never what a client made up.
    pub(super) fn request_ended(
        &self,
        method: &Method,
        route: Arc<str>,
        status: u16,
        took: Duration,
    ) {
        let method = name_of(method);
        let labels = RouteLabels { method, route };
        self.request_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        let RouteLabels { method, route } = labels;
        self.requests
            .get_or_create(&RequestLabels {
                method,
                route,
                status,
            })
            .inc();
    }

    /// Everything in the text format, with the layers' state as it is now.
    fn render(&self, state: &AppState) -> Result<String, fmt::Error> {
        for cloud in state.orchestrator().farm().clouds() {
            let labels = CloudLabels {
                cloud: cloud.name().to_string(),
            };
            let Some(layers) = cloud.layers() else {
                continue;
            };
            let open = layers.breaker.state != BreakerState::Closed;
            self.breaker_open
                .get_or_create(&labels)
                .set(i64::from(open));
            let waiting = i64::try_from(layers.rate_limit.waiting).unwrap_or(i64::MAX);
            self.rate_limit_waiting.get_or_create(&labels).set(waiting);
        }
        let running = state.orchestrator().jobs().running();
        self.jobs_running
            .set(i64::try_from(running).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(
            &mut text,
            &self.registry.lock().unwrap_or_else(PoisonError::into_inner),
        )?;
        Ok(text)
    }
}

fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "(other)",
    }
}

/// The calls of one cloud.
#[derive(Debug)]
struct CloudObserver {
    cloud: Arc<str>,
    metrics: Arc<Metrics>,
}

impl Observer for CloudObserver {
    fn call_ended(&self, operation: Operation, outcome: Outcome, took: Duration) {
        let cloud = Arc::clone(&self.cloud);
        let operation = operation.as_str();
        let labels = CallLabels {
            cloud: Arc::clone(&cloud),
            operation,
            outcome: outcome.as_str(),
        };
        self.metrics.calls.get_or_create(&labels).inc();
        let labels = OperationLabels { cloud, operation };
        self.metrics
            .call_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
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
pub(super) struct MetricsOf(pub(super) Arc<Metrics>);

impl Observers for MetricsOf {
    fn of(&self, cloud: &Text) -> Arc<dyn Observer> {
        Arc::new(CloudObserver {
            cloud: Arc::from(cloud.as_str()),
            metrics: Arc::clone(&self.0),
        })
    }
}

/// Read the counters
///
/// In the text format of OpenMetrics, for Prometheus.
#[utoipa::path(
    tag = "operations",
    operation_id = "metrics",
    responses((status = 200, description = "The counters", body = String, content_type = "application/openmetrics-text"))
)]
#[get("/metrics")]
pub(super) async fn expose(state: web::Data<AppState>) -> HttpResponse {
    state.metrics().store.refresh(&state).await;
    match state.metrics().render(&state) {
        Ok(text) => HttpResponse::Ok().content_type(OPENMETRICS).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
