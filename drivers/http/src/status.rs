//! From the status of an answer to an error.

use cloudfarm_contract::{Error, ErrorKind, Retry, SideEffect};

use crate::failure::{left_behind, place};
use crate::{Complaint, Response, redact};

/// How much of a provider's message is passed on.
const MESSAGE_BYTES: usize = 500;

/// What the status means, where the provider's own codes say nothing better.
pub(crate) fn kind(response: &Response, complaint: &Complaint) -> ErrorKind {
    match response.status().as_u16() {
        400 | 406 | 411 | 414 | 415 | 422 | 428 | 431 => ErrorKind::Invalid,
        401 => ErrorKind::ProviderAuth,
        402 | 403 | 451 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        405 | 449 | 501 | 505 => ErrorKind::Unsupported,
        407 | 503 => ErrorKind::Unavailable,
        408 | 504 => ErrorKind::Timeout,
        409 | 412 | 423 => ErrorKind::Conflict,
        413 => too_much(response, complaint),
        420 | 429 => ErrorKind::RateLimited,
        _ => ErrorKind::ProviderError,
    }
}

/// OpenStack says 413 both for "too fast" and for "too many"; everybody else for "too large".
fn too_much(response: &Response, complaint: &Complaint) -> ErrorKind {
    let said = |words: &[&str]| {
        let text = complaint.message.as_deref().unwrap_or_default();
        let text = text.to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    // "Come back after 0 seconds" is what old services say of a quota.
    let wait = response.retry_after().or(complaint.retry_after);
    let waits = wait.is_some_and(|wait| !wait.is_zero());
    if waits || said(&["rate", "too many requests", "slow down", "throttl", "retry"]) {
        ErrorKind::RateLimited
    } else if said(&["quota", "limit", "exceed"]) || complaint.code.as_deref() == Some("overLimit")
    {
        ErrorKind::QuotaExceeded
    } else {
        ErrorKind::Invalid
    }
}

/// An error of `kind` with all that the answer tells.
pub(crate) fn error(response: &Response, kind: ErrorKind, complaint: &Complaint) -> Error {
    let status = response.status();
    let error = Error::new(kind, message(response, complaint))
        .with_side_effect(side_effect(response))
        .with_provider(
            Some(status.as_u16()),
            complaint.code.clone(),
            response.provider_request_id(),
        );
    let wait = response.retry_after().or(complaint.retry_after);
    match (kind, wait) {
        (
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::ProviderError,
            Some(wait),
        ) => error.with_retry(Retry::After(wait)),
        // A proxy that asks for a password, and a client error nobody knows, do not mend.
        (ErrorKind::Unavailable | ErrorKind::ProviderError, None) if !status.is_server_error() => {
            error.with_retry(Retry::Never)
        }
        _ => error,
    }
}

/// A refusal did nothing. A server that failed may have failed half-way.
fn side_effect(response: &Response) -> SideEffect {
    let status = response.status();
    if status.is_client_error() || status.is_redirection() || status.as_u16() == 501 {
        SideEffect::None
    } else {
        left_behind(response.request().effect)
    }
}

fn message(response: &Response, complaint: &Complaint) -> String {
    let request = response.request();
    let status = response.status().as_u16();
    let said = complaint
        .message
        .as_deref()
        .map(|said| redact::quote(said, MESSAGE_BYTES, request))
        .map(|said| said.trim_end_matches('.').to_owned())
        .filter(|said| !said.is_empty());
    match said {
        Some(said) => format!("the provider said: {said}"),
        None => {
            let reason = response.status().canonical_reason().unwrap_or_default();
            let reason = reason.to_ascii_lowercase();
            let answer = format!("{} answered {status} {reason}", place(request));
            answer.trim_end().to_owned()
        }
    }
}
