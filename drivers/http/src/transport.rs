//! One client per cloud, and the sending of requests through it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cloudfarm_contract::{Clock, Context, Effect, Error, Result, Retry, Text};
use reqwest::header::LOCATION;
use reqwest::{Method, StatusCode, Url};
use tokio::time::{Instant, timeout_at};

use crate::client::Clients;
use crate::failure::{self, Failure};
use crate::{HttpParams, Request, Response, wire_log};

const MAX_REDIRECTS: usize = 5;
/// The most memory that an announced length makes ready.
const AHEAD_BYTES: usize = 4 << 20;

/// The way to one cloud: connections, trust, timeouts and limits. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    cloud: Text,
    clients: Clients,
    timeout: Duration,
    max_response_bytes: usize,
    clock: Arc<dyn Clock>,
}

impl Transport {
    /// The way to `cloud`. It asks nobody over the network.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field, as in `extra_params.http.ca_file`.
    pub fn new(cloud: impl Into<Text>, params: &HttpParams, clock: Arc<dyn Clock>) -> Result<Self> {
        let cloud = cloud.into();
        if params.insecure_skip_verify {
            log::warn!(
                "cloud {cloud}: insecure_skip_verify is set, so anybody on the way can read its secrets"
            );
        }
        Ok(Self(Arc::new(Inner {
            cloud,
            clients: Clients::new(params)?,
            timeout: params.timeout.duration(),
            max_response_bytes: params.max_response_bytes,
            clock,
        })))
    }

    /// The time, as the cloud was configured to see it.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Sends a request and reads the whole answer. Any status is an answer: see
    /// [`Response::success`].
    ///
    /// # Errors
    ///
    /// | what happened | kind | side effect |
    /// |---|---|---|
    /// | no connection: refused, name not resolved, cut off | `unavailable` | none |
    /// | no connection within `connect_timeout` | `timeout` | none |
    /// | the provider's certificate is not trusted | `unavailable`, never retried | none |
    /// | the provider refused the client certificate | `provider_auth` | none |
    /// | no answer within `read_timeout`, `timeout` or the deadline | `timeout` | possible |
    /// | the connection closed without an answer | `unavailable` | possible |
    /// | the answer broke off, is too large or cannot be unpacked | `provider_error` | possible |
    /// | a read was redirected to another origin, or more than five times | `provider_error` | none |
    ///
    /// Where "possible" stands, a request with [`Effect::Read`] leaves none.
    pub async fn send(&self, cx: &Context, request: Request) -> Result<Response> {
        cx.check_deadline()?;
        request.check()?;
        let limit = self.0.timeout.min(cx.remaining());
        let deadline = Instant::now() + limit;
        let request = Arc::new(request);
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let sent = self.send_replaying(cx, &request, &url);
            let response = timeout_at(deadline, sent).await.unwrap_or_else(|_| {
                let failure = failure::too_slow(&request, limit);
                wire_log::failed(&self.0.cloud, cx, &failure, limit);
                Err(failure)
            })?;
            match redirection(&response, &url)? {
                Some(next) => url = next,
                None => return Ok(response),
            }
        }
        Err(unfollowed("it redirects in circles", &request))
    }

    /// Sends once more, at once, if the connection went without an answer and a repetition does no
    /// harm. That is nearly always a pooled connection which the provider closed while the request
    /// was on its way. All other repeating is the layers'.
    async fn send_replaying(
        &self,
        cx: &Context,
        request: &Arc<Request>,
        url: &Url,
    ) -> Result<Response> {
        match self.send_once(cx, request, url).await {
            Err(failure) if failure.unanswered && request.effect != Effect::Once => {
                self.send_once(cx, request, url).await
            }
            result => result,
        }
        .map_err(|failure| failure.error)
    }

    async fn send_once(
        &self,
        cx: &Context,
        request: &Arc<Request>,
        url: &Url,
    ) -> Result<Response, Failure> {
        let started = Instant::now();
        wire_log::sent(&self.0.cloud, cx, request, url);
        let result = self.exchange(request, url).await;
        match &result {
            Ok(response) => wire_log::received(&self.0.cloud, cx, response, started.elapsed()),
            Err(failure) => wire_log::failed(&self.0.cloud, cx, &failure.error, started.elapsed()),
        }
        result
    }

    async fn exchange(&self, request: &Arc<Request>, url: &Url) -> Result<Response, Failure> {
        let mut answer = self
            .0
            .clients
            .of(url.scheme())?
            .execute(request.to_reqwest(url.clone()))
            .await
            .map_err(|error| failure::unsent_or_unanswered(error, request))?;
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        let body = self
            .read(&mut answer, request)
            .await
            .map_err(|error| error.with_provider(Some(status.as_u16()), None, None))?;
        let now = self.0.clock.now();
        Ok(Response::new(
            status,
            headers,
            body,
            Arc::clone(request),
            now,
        ))
    }

    async fn read(&self, answer: &mut reqwest::Response, request: &Request) -> Result<Bytes> {
        let limit = self.0.max_response_bytes;
        // Only so much before it is there: the length is the provider's word.
        let announced = answer.content_length().unwrap_or_default();
        let mut body = BytesMut::new();
        let broken = |error, received| failure::broken_off(error, request, received);
        while let Some(piece) = answer.chunk().await.map_err(|e| broken(e, body.len()))? {
            if body.len() + piece.len() > limit {
                return Err(Error::provider_error(format!(
                    "the answer of {} is larger than {limit} bytes",
                    failure::place(request)
                ))
                .with_retry(Retry::Never)
                .with_side_effect(failure::left_behind(request.effect))
                .with_hint("extra_params.http.max_response_bytes sets the limit"));
            }
            if body.is_empty() {
                if piece.len() as u64 == announced {
                    return Ok(piece);
                }
                body.reserve(announced.min(AHEAD_BYTES.min(limit) as u64) as usize);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }
}

/// Where a read is to be made instead. Only within the same origin: headers hold tokens, and a
/// provider must not be able to have them sent elsewhere.
fn redirection(response: &Response, url: &Url) -> Result<Option<Url>> {
    let request = response.request();
    let redirects = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let repeatable = matches!(request.method, Method::GET | Method::HEAD);
    if !redirects || !repeatable || !request.follow_redirects {
        return Ok(None);
    }
    let Some(location) = response.header(LOCATION.as_str()) else {
        return Ok(None);
    };
    match url.join(location) {
        Ok(next) if next.origin() == url.origin() => Ok(Some(next)),
        Ok(next) => {
            let origin = next.origin().ascii_serialization();
            let why = format!("it redirects to {origin}, which is not followed");
            Err(unfollowed(&why, request).with_hint("set the address of the cloud to where it is"))
        }
        Err(_) => Err(unfollowed("it redirects to what is no address", request)),
    }
}

fn unfollowed(why: &str, request: &Request) -> Error {
    Error::provider_error(format!("{} cannot be read: {why}", failure::place(request)))
        .with_retry(Retry::Never)
        .with_side_effect(failure::left_behind(request.effect))
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("cloud", &self.0.cloud)
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}
