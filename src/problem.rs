//! An error as clients and the job store see it (RFC 9457).

use std::borrow::Cow;

use cloudfarm_contract::model::NodeState;
use cloudfarm_contract::{Candidate, Error, ErrorKind, SideEffect, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An RFC 9457 problem document. Fields that do not apply are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is, as a path that leads to its description.
    #[serde(rename = "type")]
    pub type_: String,
    /// The kind in words.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What happened, to which thing.
    pub detail: String,
    /// The kind, which programs should look at.
    pub kind: ErrorKind,
    /// The kind as a number.
    pub code: u16,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Seconds to wait before a retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Whether anything was made.
    pub side_effect: SideEffect,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The field of the request that is wrong, as `networks.0.ip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Text>,
    /// The states of the node that allow the refused action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_states: Vec<NodeState>,
    /// What an ambiguous name could have meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// The cloud it happened on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Text>,
    /// The HTTP status that the provider answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_status: Option<u16>,
    /// The provider's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<Text>,
    /// The id that the provider gave the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_request_id: Option<Text>,
    /// The id under which the log knows the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Text>,
}

impl Problem {
    /// The document of `error`.
    pub fn new(error: &Error, request_id: Option<Text>) -> Self {
        let kind = error.kind();
        let (status, code, title) = of_kind(kind);
        Self {
            type_: format!("/docs/errors#{kind}"),
            title: Cow::Borrowed(title),
            status,
            detail: error.message().to_owned(),
            kind,
            code,
            retryable: error.is_retryable(),
            retry_after: error
                .retry_after()
                .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            side_effect: error.side_effect(),
            hint: error.hint().map(str::to_owned),
            field: error.field().cloned(),
            allowed_states: error.allowed_states().to_vec(),
            candidates: error.candidates().to_vec(),
            cloud: error.cloud().cloned(),
            provider_status: error.provider_status(),
            provider_code: error.provider_code().cloned(),
            provider_request_id: error.provider_request_id().cloned(),
            request_id,
        }
    }

    /// The same problem under another HTTP status, where the protocol knows a finer one for it
    /// (405, 413, 415, 422).
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// HTTP status, number and title of each kind.
const fn of_kind(kind: ErrorKind) -> (u16, u16, &'static str) {
    match kind {
        ErrorKind::Invalid => (400, 4100, "the request is wrong"),
        ErrorKind::Unauthenticated => (401, 4101, "no valid key"),
        ErrorKind::Forbidden => (403, 4103, "not allowed"),
        ErrorKind::NotFound => (404, 4104, "no such thing"),
        ErrorKind::Conflict => (409, 4105, "not in this state"),
        ErrorKind::Unsupported => (501, 4106, "the cloud cannot do this"),
        ErrorKind::QuotaExceeded => (403, 4113, "over quota"),
        ErrorKind::RateLimited => (429, 4129, "too many requests"),
        ErrorKind::ProviderAuth => (502, 5003, "the cloud refused the farm's credentials"),
        ErrorKind::ProviderError => (502, 5001, "the cloud failed"),
        ErrorKind::Partial => (207, 5002, "some succeeded"),
        ErrorKind::NoCapacity => (507, 5007, "the cloud has no room"),
        ErrorKind::Unavailable => (503, 5008, "the cloud cannot be reached"),
        ErrorKind::Timeout => (504, 5009, "out of time"),
        _ => (500, 5000, "internal error"),
    }
}
