//! Every error leaves as a problem document.

use std::cell::RefCell;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use cloudfarm_contract::{Error, Text};

use crate::Problem;
use crate::jobs::is_other_request;

/// The media type of problem documents.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// An error on its way to the client. The status is the kind's, unless the protocol has a finer one
/// (405, 413, 415).
#[derive(Clone)]
pub struct ApiError {
    error: Error,
    status: Option<u16>,
}

impl ApiError {
    /// An error under another HTTP status than its kind's.
    pub fn with_status(error: Error, status: StatusCode) -> Self {
        Self {
            error,
            status: Some(status.as_u16()),
        }
    }

    /// The error of the contract.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The problem document.
    pub fn problem(&self, request_id: Option<Text>) -> Problem {
        let problem = Problem::new(&self.error, request_id);
        match self.status {
            Some(status) => problem.with_status(status),
            None => problem,
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        // What was sent is sound, but not what was sent before under the same key.
        let status = is_other_request(&error).then_some(422);
        Self { error, status }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

thread_local! {
    /// The id of the request that is being answered on this thread at this instant: the
    /// middleware sets it before each poll, for actix makes the error's answer where no request is
    /// at hand.
    static REQUEST_ID: RefCell<Option<Text>> = const { RefCell::new(None) };
}

/// Polls with the id of the request at hand.
pub(super) fn with_request_id<T>(id: &Text, poll: impl FnOnce() -> T) -> T {
    let before = REQUEST_ID.replace(Some(id.clone()));
    let polled = poll();
    REQUEST_ID.replace(before);
    polled
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        let status = self.problem(None).status;
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let request_id = REQUEST_ID.with_borrow(Clone::clone);
        let problem = self.problem(request_id.clone());
        log_failure(&self.error, problem.status, request_id.as_deref());
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON)));
        if let Some(seconds) = problem.retry_after {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        match serde_json::to_vec(&problem) {
            Ok(body) => answer.body(body),
            Err(_) => answer.finish(),
        }
    }
}

/// What only the log may hold is written here, where the request id is known.
fn log_failure(error: &Error, status: u16, request_id: Option<&str>) {
    let request_id = request_id.unwrap_or("-");
    if status >= 500 && status != 501 {
        log::warn!("request_id={request_id} {error:?}");
    } else {
        log::debug!("request_id={request_id} {error:?}");
    }
}
