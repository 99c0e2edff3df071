//! What CloudAPI refuses with, in the words of the contract.

use std::time::Duration;

use cloudfarm_contract::model::{NodeAction, NodeState};
use cloudfarm_contract::{Error, ErrorKind, Result, Retry, SideEffect, Text};
use cloudfarm_http::{Complaint, Response};
use jiff::Timestamp;
use serde::Deserialize;

use crate::session::Session;

/// How far the clocks may be apart.
const SKEW: Duration = Duration::from_secs(300);

/// The answer itself if it is a success.
pub(crate) fn accepted(session: &Session, response: Response) -> Result<Response> {
    if response.status().is_success() {
        return Ok(response);
    }
    let error = refusal(&response);
    if response.status().as_u16() != 401 {
        return Err(error);
    }
    Err(match skew(&response, session.clock().now()) {
        Some(apart) => error.with_hint(apart),
        None => session.unauthorized(error),
    })
}

/// The error that an answer is.
pub(crate) fn refusal(response: &Response) -> Error {
    let complaint = Complaint::from_json(response);
    let details = Details::read(response);
    let kind = kind(response.status().as_u16(), &complaint, &details);
    let mut error = match kind {
        Some(kind) => response.to_error_of(kind, &complaint),
        None => response.to_error(&complaint),
    };
    if let Some(detail) = details.errors.first() {
        if error.kind() == ErrorKind::Invalid {
            error = error.with_field(field_of(&detail.field));
        }
        if !detail.message.is_empty() && !error.message().contains(&*detail.message) {
            let said = format!("{} ({}: {})", error.message(), detail.field, detail.message);
            error = again(&error, error.kind(), said);
        }
    }
    error
}

/// What stands beside `code` and `message`: what is wrong, field by field.
#[derive(Default, Deserialize)]
struct Details {
    #[serde(default)]
    errors: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    field: Text,
    #[serde(default)]
    code: Text,
    #[serde(default)]
    message: Text,
}

impl Details {
    fn read(response: &Response) -> Self {
        if response.bytes().len() > 64 * 1024 {
            return Self::default();
        }
        serde_json::from_slice(response.bytes()).unwrap_or_default()
    }
}

/// What the code says that the status does not. CloudAPI answers 409 to nearly everything that is
/// wrong with a request.
fn kind(status: u16, complaint: &Complaint, details: &Details) -> Option<ErrorKind> {
    let code = complaint.code.as_deref().unwrap_or_default();
    let message = complaint.message.as_deref().unwrap_or_default();
    let message = message.to_ascii_lowercase();
    let detail = |wanted: &str| details.errors.iter().any(|it| it.code == *wanted);
    if detail("Duplicate") || message.contains("already exists") || message.contains("in use") {
        return Some(ErrorKind::Conflict);
    }
    if detail("InsufficientCapacity") || message.contains("insufficient capacity") {
        return Some(ErrorKind::NoCapacity);
    }
    match code {
        "BadRequest" | "InvalidArgument" | "InvalidHeader" | "InvalidParameters"
        | "MissingParameter" | "MissingParameters" | "RequestTooLarge" | "ValidationFailed" => {
            Some(ErrorKind::Invalid)
        }
        "ResourceNotFound" | "NotFound" => Some(ErrorKind::NotFound),
        // The signature is good, the account or the role may not.
        "NotAuthorized" => Some(ErrorKind::Forbidden),
        "InvalidCredentials" | "InvalidSignature" => Some(ErrorKind::ProviderAuth),
        "QuotaExceeded" => Some(ErrorKind::QuotaExceeded),
        "RequestThrottled" => Some(ErrorKind::RateLimited),
        "InsufficientCapacity" | "NoAllocatableServers" | "SubnetFull" | "NetworkFull" => {
            Some(ErrorKind::NoCapacity)
        }
        "CannotDestroyMachine" | "InUse" | "InUseError" | "InvalidState" | "Conflict" => {
            Some(ErrorKind::Conflict)
        }
        "InvalidVersion" => Some(ErrorKind::Unsupported),
        _ if status == 403 && message.contains("quota") => Some(ErrorKind::QuotaExceeded),
        _ if status == 503 && message.contains("capacity") => Some(ErrorKind::NoCapacity),
        _ => None,
    }
}

/// The field of the contract that a field of CloudAPI and the services behind it is.
fn field_of(name: &str) -> Text {
    Text::from(match name {
        "image_uuid" | "image" => "image",
        "billing_id" | "package" => "size",
        "alias" | "name" => "name",
        "networks" | "network_uuid" | "subnet" => "networks",
        "tags" => "metadata",
        other => other,
    })
}

/// What to say where the clocks are too far apart, which CloudAPI tells in the same words as a
/// wrong key.
fn skew(response: &Response, now: Timestamp) -> Option<String> {
    let theirs = jiff::fmt::rfc2822::parse(response.header("date")?)
        .ok()?
        .timestamp();
    let apart = now.duration_since(theirs);
    if apart.unsigned_abs() <= SKEW {
        return None;
    }
    let (seconds, way) = (
        apart.unsigned_abs().as_secs(),
        if apart.is_positive() {
            "ahead of"
        } else {
            "behind"
        },
    );
    Some(format!(
        "the clock of this machine is {seconds} s {way} the provider's, which takes no more than {} s: set the clock",
        SKEW.as_secs()
    ))
}

/// The same error of another kind.
pub(crate) fn again(error: &Error, kind: ErrorKind, message: String) -> Error {
    let mut changed = Error::new(kind, message)
        .with_side_effect(error.side_effect())
        .with_provider(
            error.provider_status(),
            error.provider_code().cloned(),
            error.provider_request_id().cloned(),
        );
    if let Some(field) = error.field() {
        changed = changed.with_field(field.clone());
    }
    match error.hint() {
        Some(hint) => changed.with_hint(hint.to_owned()),
        None => changed,
    }
}

/// The same error, as one about a field of the request.
pub(crate) fn about_field(error: &Error, field: &'static str) -> Error {
    again(error, ErrorKind::Invalid, error.message().to_owned()).with_field(field)
}

/// A look for an id that CloudAPI finds malformed finds nothing.
pub(crate) fn not_found_if_malformed(error: Error) -> Error {
    if error.kind() == ErrorKind::Invalid {
        return again(&error, ErrorKind::NotFound, error.message().to_owned());
    }
    error
}

/// Nothing to remove is as good as removed.
pub(crate) fn gone_is_fine(result: Result<Response>) -> Result<()> {
    match result.map_err(not_found_if_malformed) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Adds in which states the action is legal to an error that says it is not.
pub(crate) fn with_states(error: Error, states: Vec<NodeState>, action: NodeAction) -> Error {
    if error.kind() != ErrorKind::Conflict || states.is_empty() {
        return error;
    }
    let names: Vec<_> = states.iter().map(|state| state.as_str()).collect();
    let hint = format!("{action} is legal in: {}", names.join(", "));
    error.with_allowed_states(states).with_hint(hint)
}

/// The error for a change that was made, but whose answer does not say of what.
pub(crate) fn made_without_id(what: &str) -> Error {
    Error::provider_error(format!(
        "the {what} was made, but the answer has no id of it"
    ))
    .with_side_effect(SideEffect::Done)
    .with_retry(Retry::Never)
}
