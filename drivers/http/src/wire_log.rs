//! The wire log: what was sent and what came back, under the log target `cloudfarm_http::wire`.
//!
//! At `debug` one line per request and one per answer; at `trace` also headers and bodies. Secrets
//! are left out by type and by name, never by guessing at values:
//!
//! - a header is [`HeaderText::Secret`](crate::HeaderText::Secret), or bears a name such as
//!   `authorization`, `x-auth-token`, `x-subject-token`, `cookie`;
//! - a query parameter was given with [`Request::secret_query`], or bears a name such as
//!   `Signature`, `X-Amz-Credential`, `token`;
//! - a field of a JSON, XML or form body is named with [`Request::secret_fields`] or
//!   [`Request::secret_response_fields`], or bears a well-known name such as `password`,
//!   `adminPass`, `auth`, `keyMaterial`, `user_data`;
//! - a body is marked as a whole with [`Request::secret_body`] or [`Request::secret_response`].
//!
//! A body that is not JSON, XML or a form, or cannot be read as what it claims to be, is shown by
//! its type and length alone.

use std::time::Duration;

use cloudfarm_contract::{Context, Error, Text};
use log::{Level, debug, log_enabled, trace};
use reqwest::Url;

use crate::{Request, Response, redact};

/// The log target of the wire log.
pub const TARGET: &str = "cloudfarm_http::wire";

pub(crate) fn sent(cloud: &Text, cx: &Context, request: &Request, url: &Url) {
    if !log_enabled!(target: TARGET, Level::Debug) {
        return;
    }
    let shown = redact::url(url, &request.secret_queries);
    debug!(target: TARGET, "{cloud} {} > {} {shown}", cx.request_id(), request.method);
    if log_enabled!(target: TARGET, Level::Trace) {
        for (name, text) in &request.headers {
            let value = match text {
                crate::HeaderText::Secret(_) => redact::SECRET.to_owned(),
                crate::HeaderText::Plain(value) => redact::header(name, value),
            };
            trace!(target: TARGET, "{cloud} {} > {name}: {value}", cx.request_id());
        }
        let body = redact::body(request.content_type(), &request.body, &request.body_secrecy);
        if !body.is_empty() {
            trace!(target: TARGET, "{cloud} {} > {body}", cx.request_id());
        }
    }
}

pub(crate) fn received(cloud: &Text, cx: &Context, response: &Response, took: Duration) {
    if !log_enabled!(target: TARGET, Level::Debug) {
        return;
    }
    debug!(
        target: TARGET,
        "{cloud} {} < {} {} bytes in {} ms{}",
        cx.request_id(),
        response.status().as_u16(),
        response.bytes().len(),
        took.as_millis(),
        response
            .provider_request_id()
            .map(|id| format!(" as {id}"))
            .unwrap_or_default(),
    );
    if log_enabled!(target: TARGET, Level::Trace) {
        for (name, value) in response.headers() {
            let value = redact::header(name, value);
            trace!(target: TARGET, "{cloud} {} < {name}: {value}", cx.request_id());
        }
        let secrecy = &response.request().response_secrecy;
        let body = redact::body(response.content_type(), response.bytes(), secrecy);
        if !body.is_empty() {
            trace!(target: TARGET, "{cloud} {} < {body}", cx.request_id());
        }
    }
}

pub(crate) fn failed(cloud: &Text, cx: &Context, error: &Error, took: Duration) {
    debug!(
        target: TARGET,
        "{cloud} {} < {} in {} ms: {}",
        cx.request_id(),
        error.kind(),
        took.as_millis(),
        error.message(),
    );
}
