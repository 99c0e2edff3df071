//! Requests by route, for the metrics.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use foldhash::fast::RandomState;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::durations::Durations;

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

/// What is counted of requests. Labels are the route and known methods, never what a client made up.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestMetrics {
    requests: Family<RequestLabels, Counter>,
    seconds: Durations<RouteLabels>,
}

impl RequestMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered", self.requests.clone());
        self.seconds.register(
            registry,
            "http_request_duration_seconds",
            "Time from a request's head to its answer's head",
        );
    }

    fn find(&self, method: &'static str, route: Arc<str>, status: u16) -> (Counter, Histogram) {
        let labels = RouteLabels { method, route };
        let seconds = self.seconds.of(&labels);
        let RouteLabels { method, route } = labels;
        let labels = RequestLabels {
            method,
            route,
            status,
        };
        (self.requests.get_or_create_owned(&labels), seconds)
    }
}

/// Counts the requests of one worker. What it has counted before it has at hand: to find it among
/// the others takes a lock and a look at every label.
#[derive(Debug, Clone)]
pub(super) struct RequestCounters {
    metrics: RequestMetrics,
    at_hand: Rc<RefCell<AtHand>>,
}

/// By where the route's template lies, method and status.
type AtHand = HashMap<(usize, &'static str, u16), (Counter, Histogram), RandomState>;

impl RequestCounters {
    pub(super) fn new(metrics: RequestMetrics) -> Self {
        Self {
            metrics,
            at_hand: Rc::default(),
        }
    }

    /// Counts a request. `route` is one of the templates that last as long as the worker.
    pub(super) fn request_ended(
        &self,
        method: &Method,
        route: &Arc<str>,
        status: u16,
        took: Duration,
    ) {
        let method = name_of(method);
        let key = (route.as_ptr().addr(), method, status);
        let mut at_hand = self.at_hand.borrow_mut();
        let (requests, seconds) = at_hand
            .entry(key)
            .or_insert_with(|| self.metrics.find(method, Arc::clone(route), status));
        requests.inc();
        seconds.observe(took.as_secs_f64());
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
