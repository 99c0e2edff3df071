//! What the API refuses with, in the words of the contract.

use cloudfarm_contract::{Error, ErrorKind, Retry, Text};
use cloudfarm_http::{Complaint, Response};
use jiff::Timestamp;
use serde::Deserialize;

/// A clock that is further off makes every signature old.
const SKEW_SECONDS: i64 = 240;

#[derive(Debug, Deserialize)]
struct Refusal {
    #[serde(rename = "Errors", default)]
    errors: Faults,
    // Some services of Eucalyptus write it as Amazon's identity service does.
    #[serde(rename = "Error", default)]
    error: Option<Fault>,
    #[serde(rename = "RequestID", alias = "RequestId", default)]
    request_id: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
struct Faults {
    #[serde(rename = "Error", default)]
    faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(rename = "Code", default)]
    code: Text,
    #[serde(rename = "Message", default)]
    message: String,
}

/// The error that an answer is.
pub(crate) fn refusal(response: &Response, now: Timestamp) -> Error {
    let refusal: Option<Refusal> = std::str::from_utf8(response.bytes())
        .ok()
        .and_then(|text| quick_xml::de::from_str(text).ok());
    let Some(refusal) = refusal else {
        return without_words(response);
    };
    let fault = refusal.errors.faults.into_iter().next().or(refusal.error);
    let Some(fault) = fault.filter(|fault| !fault.code.is_empty()) else {
        return without_words(response);
    };
    let complaint = Complaint {
        code: Some(fault.code.clone()),
        message: Some(one_line(&fault.message)),
        retry_after: None,
    };
    let error = match kind(&fault.code) {
        Some(kind) => response.to_error_of(kind, &complaint),
        None => response.to_error(&complaint),
    };
    let error = error.with_provider(None, None, refusal.request_id);
    let error = match error.kind() {
        ErrorKind::ProviderAuth => error.with_retry(Retry::Never).with_side_effect(none()),
        ErrorKind::RateLimited | ErrorKind::NoCapacity | ErrorKind::QuotaExceeded => {
            error.with_side_effect(none())
        }
        _ => error,
    };
    match hint(&fault.code, response, now) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

const fn none() -> cloudfarm_contract::SideEffect {
    cloudfarm_contract::SideEffect::None
}

/// What answers is not the API: a proxy, or another path of the same server.
fn without_words(response: &Response) -> Error {
    let error = response.to_error(&Complaint::default());
    match response.status().as_u16() {
        404 | 405 => Error::provider_error(error.message().to_owned())
            .with_provider(error.provider_status(), None, None)
            .with_retry(Retry::Never)
            .with_side_effect(none())
            .with_hint(
                "nothing answers there as EC2 does: check host, port and path of the cloud \
                 (eucalyptus uses port 8773 and /services/compute, or /services/Eucalyptus)",
            ),
        _ => error,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the code means.
fn kind(code: &str) -> Option<ErrorKind> {
    let kind = match code {
        "AuthFailure"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "InvalidSecurity"
        | "RequestExpired"
        | "RequestTimeTooSkewed"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "OptInRequired"
        | "Blocked"
        | "PendingVerification" => ErrorKind::ProviderAuth,
        "UnauthorizedOperation" | "AccessDenied" | "Client.UnauthorizedOperation" => {
            ErrorKind::Forbidden
        }
        "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "SlowDown"
        | "EC2ThrottledException" => ErrorKind::RateLimited,
        "InsufficientInstanceCapacity"
        | "InsufficientAddressCapacity"
        | "InsufficientVolumeCapacity"
        | "InsufficientCapacity"
        | "InsufficientReservedInstanceCapacity"
        | "InsufficientFreeAddressesInSubnet"
        | "NotEnoughResources"
        | "InsufficientHostCapacity" => ErrorKind::NoCapacity,
        "InvalidKeyPair.Duplicate"
        | "InvalidGroup.Duplicate"
        | "InvalidPermission.Duplicate"
        | "InvalidAMIName.Duplicate"
        | "IncorrectInstanceState"
        | "IncorrectState"
        | "IncorrectModificationState"
        | "VolumeInUse"
        | "DependencyViolation"
        | "IdempotentParameterMismatch"
        | "IdempotentInstanceTerminated"
        | "InvalidGroup.InUse"
        | "InvalidSnapshot.InUse"
        | "InvalidIPAddress.InUse"
        | "Resource.AlreadyAssociated"
        | "ResourceAlreadyAssociated"
        | "InvalidSubnet.Conflict"
        | "OperationNotPermitted"
        | "ResourceInUse"
        | "InvalidVolume.ZoneMismatch" => ErrorKind::Conflict,
        "InvalidAction"
        | "UnsupportedOperation"
        | "Unsupported"
        | "UnknownOperation"
        | "NotImplemented" => ErrorKind::Unsupported,
        "InternalError" | "InternalFailure" | "ServerInternal" => ErrorKind::ProviderError,
        "Unavailable" | "ServiceUnavailable" => ErrorKind::Unavailable,
        "InvalidKeyPair.NotFound" | "InvalidAllocationID.NotFound" | "AuthorizationNotFound" => {
            ErrorKind::NotFound
        }
        _ if code.ends_with("LimitExceeded") || code.ends_with("PerInstanceLimitExceeded") => {
            ErrorKind::QuotaExceeded
        }
        // An id that cannot be one is the id of nothing.
        _ if code.starts_with("Invalid")
            && [".NotFound", ".Malformed", ".Unavailable"]
                .iter()
                .any(|end| code.ends_with(end)) =>
        {
            ErrorKind::NotFound
        }
        _ if code.starts_with("Invalid") || code.starts_with("Missing") => ErrorKind::Invalid,
        _ => return None,
    };
    Some(kind)
}

/// What the reader can do about it.
fn hint(code: &str, response: &Response, now: Timestamp) -> Option<String> {
    let is_about_time = matches!(code, "RequestExpired" | "RequestTimeTooSkewed");
    let may_be_time = is_about_time || matches!(code, "AuthFailure" | "SignatureDoesNotMatch");
    let skew = skew(response, now).filter(|skew| may_be_time && skew.abs() > SKEW_SECONDS);
    if let Some(skew) = skew {
        let side = if skew > 0 { "ahead of" } else { "behind" };
        return Some(format!(
            "the clock of this machine is {} s {side} the cloud's: set it right",
            skew.abs()
        ));
    }
    let hint = match code {
        _ if is_about_time => "the clock of this machine, or of the cloud, is wrong: set it right",
        "InvalidClientTokenId" | "InvalidAccessKeyId" => {
            "the cloud does not know the access key id: check user, and the region it is for"
        }
        "SignatureDoesNotMatch" => {
            "check password (the secret key), region, host, port and path: \
             all of them are signed, so a proxy must not change them"
        }
        "AuthFailure" => {
            "check user (the access key id), password (the secret key) and signature (v4 or v2)"
        }
        "ExpiredToken" | "ExpiredTokenException" => "the session token has expired: get a new one",
        "OptInRequired" => "the account is not signed up for this service or region",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// By how many seconds our clock is ahead of the server's.
fn skew(response: &Response, now: Timestamp) -> Option<i64> {
    let theirs = response.header("date")?;
    let theirs = jiff::fmt::rfc2822::parse(theirs).ok()?.timestamp();
    Some(now.as_second() - theirs.as_second())
}

/// Whether the provider's code is one of these.
pub(crate) fn is_code(error: &Error, codes: &[&str]) -> bool {
    error
        .provider_code()
        .is_some_and(|code| codes.contains(&code.as_str()))
}

/// The same error of another kind.
pub(crate) fn again(error: &Error, kind: ErrorKind) -> Error {
    let changed = Error::new(kind, error.message().to_owned())
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

/// Nothing to remove is as good as removed.
pub(crate) fn gone_is_fine<T>(
    result: cloudfarm_contract::Result<T>,
) -> cloudfarm_contract::Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// There is no `what` with this id.
pub(crate) fn unknown(what: &str, id: &str) -> Error {
    Error::not_found(format!("there is no {what} with the id {id}"))
}
