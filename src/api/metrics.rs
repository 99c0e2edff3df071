//! Counters for Prometheus, and the page that shows them.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use actix_web::{HttpResponse, web};
use cloudfarm_contract::layers::BreakerState;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::call_metrics::CallMetrics;
use super::request_metrics::RequestMetrics;
use super::state::AppState;
use super::store_metrics::StoreMetrics;

/// The media type of the exposition.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CloudLabels {
    cloud: String,
}

/// Everything that is counted.
pub struct Metrics {
    registry: Mutex<Registry>,
    pub(super) requests: RequestMetrics,
    pub(super) calls: CallMetrics,
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

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("cloudfarm")),
            requests: RequestMetrics::default(),
            calls: CallMetrics::default(),
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
        self.requests.register(&mut registry);
        self.calls.register(&mut registry);
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

/// Read the counters
///
/// In the text format of OpenMetrics, for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    operation_id = "metrics",
    responses((status = 200, description = "The counters", body = String, content_type = "application/openmetrics-text"))
)]
pub(super) async fn expose(state: web::Data<AppState>) -> HttpResponse {
    state.metrics().store.refresh(&state).await;
    match state.metrics().render(&state) {
        Ok(text) => HttpResponse::Ok().content_type(OPENMETRICS).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
