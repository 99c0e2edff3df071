//! What the middleware knows about a request, for the handlers.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use cloudfarm_contract::{Context, Error, Priority, Text};
use tokio::time::Instant;

use super::error::ApiError;
use super::path::Parameters;
use super::routes::Route;
use crate::orchestrator::Call;
use crate::store::Idempotency;

/// Put into the request by the middleware.
#[derive(Debug, Clone)]
pub(super) struct Tracked {
    pub(super) request_id: Text,
    pub(super) deadline: Instant,
    pub(super) route: Arc<Route>,
    pub(super) parameters: Parameters,
}

/// The call that a handler makes on behalf of its request.
#[derive(Debug)]
pub(super) struct ApiCall(pub(super) Call);

impl FromRequest for ApiCall {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let Some(tracked) = extensions.get::<Tracked>() else {
            return ready(Err(Error::internal("the request is not tracked").into()));
        };
        let request_id = tracked.request_id.clone();
        let cx = Context::until(tracked.deadline, request_id, Priority::Person);
        let call = Call::new(cx).with_idempotency(extensions.get::<Idempotency>().cloned());
        ready(Ok(Self(call)))
    }
}

static PREFER: HeaderName = HeaderName::from_static("prefer");

/// How long the client wants its answer held: `Prefer: wait=60` (RFC 7240), in seconds.
pub(super) fn preferred_wait(headers: &HeaderMap) -> Option<Duration> {
    headers.get_all(&PREFER).find_map(|value| {
        value
            .to_str()
            .ok()?
            .split([',', ';'])
            .find_map(|preference| {
                let (name, value) = preference.split_once('=')?;
                let seconds = value.trim().trim_matches('"').parse().ok()?;
                (name.trim().eq_ignore_ascii_case("wait")).then(|| Duration::from_secs(seconds))
            })
    })
}
