//! What OpenStack refuses with, in the words of the contract.

use cloudfarm_contract::model::{NodeAction, NodeState};
use cloudfarm_contract::{Error, ErrorKind, Result};
use cloudfarm_http::{Complaint, Response};

/// The answer itself, or the error that it is.
///
/// # Errors
///
/// As the status and the service's words say.
pub fn accepted(response: Response) -> Result<Response> {
    if response.status().is_success() {
        return Ok(response);
    }
    Err(refusal(&response))
}

/// The error that an answer is.
pub(crate) fn refusal(response: &Response) -> Error {
    let complaint = Complaint::from_json(response);
    match kind(response.status().as_u16(), &complaint) {
        Some(kind) => response.to_error_of(kind, &complaint),
        None => response.to_error(&complaint),
    }
}

/// What the words say that the status does not.
fn kind(status: u16, complaint: &Complaint) -> Option<ErrorKind> {
    let message = complaint.message.as_deref().unwrap_or_default();
    let message = message.to_ascii_lowercase();
    let code = complaint.code.as_deref().unwrap_or_default();
    match status {
        // A policy that is about quotas is no quota.
        403 if message.starts_with("policy doesn't allow") => None,
        403 | 409 | 413 if code == "OverQuota" || message.contains("quota") => {
            Some(ErrorKind::QuotaExceeded)
        }
        // Old services say 413, and "come back after 0 seconds".
        403 | 413 if message.starts_with("maximum number of") => Some(ErrorKind::QuotaExceeded),
        409 if code == "IpAddressGenerationFailure" || message.contains("no more ip addresses") => {
            Some(ErrorKind::NoCapacity)
        }
        _ if message.contains("no valid host") => Some(ErrorKind::NoCapacity),
        _ => None,
    }
}

/// Whether the provider's words hold all of `words`.
pub(crate) fn says(error: &Error, words: &[&str]) -> bool {
    let message = error.message().to_ascii_lowercase();
    words.iter().all(|word| message.contains(word))
}

/// A look for an id that the service finds malformed finds nothing.
pub fn not_found_if_malformed(error: Error) -> Error {
    if error.provider_status() == Some(400) {
        let message = error.message().to_owned();
        return again(&error, ErrorKind::NotFound, message);
    }
    error
}

/// The same error of another kind.
pub(crate) fn again(error: &Error, kind: ErrorKind, message: String) -> Error {
    let changed = Error::new(kind, message)
        .with_side_effect(error.side_effect())
        .with_provider(
            error.provider_status(),
            error.provider_code().cloned(),
            error.provider_request_id().cloned(),
        );
    match error.hint() {
        Some(hint) => changed.with_hint(hint.to_owned()),
        None => changed,
    }
}

/// The same error, as one about a field of the request.
pub(crate) fn about_field(error: &Error, field: &'static str) -> Error {
    again(error, ErrorKind::Invalid, error.message().to_owned()).with_field(field)
}

/// The same error as a conflict.
pub(crate) fn as_conflict(error: &Error) -> Error {
    again(error, ErrorKind::Conflict, error.message().to_owned())
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

/// Nothing to remove is as good as removed.
///
/// # Errors
///
/// Whatever else it was refused with.
pub fn gone_is_fine(result: Result<Response>) -> Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
