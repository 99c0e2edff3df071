//! Follows a request from its head to its answer: id, deadline, metrics, access log.

use std::fmt::{self, Write as _};
use std::future::{Ready, poll_fn, ready};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use cloudfarm_contract::{Error as ContractError, SideEffect, Text, in_time};
use futures_util::future::LocalBoxFuture;

use super::request_id;
use crate::api::call::{Tracked, preferred_wait};
use crate::api::error::{ApiError, with_request_id};
use crate::api::request_metrics::RequestCounters;
use crate::api::routes::Routes;
use crate::api::state::AppState;

/// What lines of the access log name as their target.
const ACCESS: &str = "cloudfarm::access";

/// How much longer than its deadline a request may take before it is cut off: the handler should
/// end first, with an error that knows more.
const GRACE: Duration = Duration::from_secs(2);

/// The middleware.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    state: AppState,
    routes: Arc<Routes>,
}

impl Track {
    /// Follows the requests of this application.
    pub(crate) fn new(state: AppState, routes: Arc<Routes>) -> Self {
        Self { state, routes }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Track
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = TrackService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(TrackService {
            service,
            state: self.state.clone(),
            routes: Arc::clone(&self.routes),
            counters: RequestCounters::new(self.state.metrics().requests.clone()),
        }))
    }
}

/// The middleware before one service.
#[derive(Debug)]
pub(crate) struct TrackService<S> {
    service: S,
    state: AppState,
    routes: Arc<Routes>,
    counters: RequestCounters,
}

impl<S, B> Service<ServiceRequest> for TrackService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let id = request_id::of(request.headers());
        let timeout = self.state.settings().api.request_timeout.get();
        let wait = wait_wanted(&request, &self.state);
        let (route, parameters) = self.routes.find(request.path());
        request.extensions_mut().insert(Tracked {
            request_id: id.clone(),
            deadline: (started + timeout).into(),
            route: Arc::clone(&route),
            parameters,
        });
        let cut_off = started + timeout + wait + GRACE;
        let state = self.state.clone();
        let counters = self.counters.clone();
        let method = request.method().clone();
        let answer = with_request_id(&id, || self.service.call(request));
        Box::pin(async move {
            let Some(answer) = in_time(cut_off.into(), identified(&id, answer)).await else {
                counters.request_ended(&method, &route.template, 504, started.elapsed());
                return Err(OutOfTime(id).into());
            };
            let mut response = answer?;
            set_request_id(response.headers_mut(), &id);
            let took = started.elapsed();
            let status = response.status().as_u16();
            counters.request_ended(&method, &route.template, status, took);
            if state.settings().log.access {
                log_access(&response, &id, took);
            }
            Ok(response)
        })
    }
}

/// Polls with the request's id at hand, for errors that are turned into answers meanwhile.
async fn identified<F: Future>(id: &Text, answer: F) -> F::Output {
    let mut answer = pin!(answer);
    poll_fn(|cx| with_request_id(id, || answer.as_mut().poll(cx))).await
}

/// How long the client wants its answer held, on top of what the answer itself may take.
fn wait_wanted(request: &ServiceRequest, state: &AppState) -> Duration {
    let is_wanted =
        preferred_wait(request.headers()).is_some() || request.query_string().contains("wait=");
    if is_wanted {
        state.settings().api.wait_max.get()
    } else {
        Duration::ZERO
    }
}

/// The answer to a request that was cut off. It carries the id itself, for it is written where the
/// request is gone.
#[derive(Debug)]
struct OutOfTime(Text);

impl fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request took too long")
    }
}

impl ResponseError for OutOfTime {
    fn error_response(&self) -> HttpResponse {
        let error = ContractError::timeout(self.to_string()).with_side_effect(SideEffect::Possible);
        let mut answer = with_request_id(&self.0, || ApiError::from(error).error_response());
        set_request_id(answer.headers_mut(), &self.0);
        answer
    }
}

fn set_request_id(headers: &mut HeaderMap, id: &Text) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(request_id::HEADER.clone(), value);
    }
}

/// Puts the line together by hand: every request has one, and the machinery of formatting costs.
fn log_access<B>(response: &ServiceResponse<B>, id: &Text, took: Duration) {
    if !log::log_enabled!(target: ACCESS, log::Level::Info) {
        return;
    }
    let (request, mut digits) = (response.request(), itoa::Buffer::new());
    let mut line = String::with_capacity(192);
    for part in [request.method().as_str(), " ", request.path(), " "] {
        line.push_str(part);
    }
    line.push_str(digits.format(response.status().as_u16()));
    line.push(' ');
    line.push_str(digits.format(took.as_micros()));
    for part in [" us request_id=", id.as_str(), " peer="] {
        line.push_str(part);
    }
    push_peer(&mut line, request);
    log::info!(target: ACCESS, "{line}");
}

/// Adds the address of the other end.
fn push_peer(line: &mut String, request: &HttpRequest) {
    match request.peer_addr().map(|address| address.ip()) {
        Some(IpAddr::V4(ip)) => {
            let (mut digits, mut separator) = (itoa::Buffer::new(), "");
            for octet in ip.octets() {
                line.push_str(separator);
                line.push_str(digits.format(octet));
                separator = ".";
            }
        }
        Some(ip) => {
            let _ = write!(line, "{ip}");
        }
        None => line.push('-'),
    }
}
