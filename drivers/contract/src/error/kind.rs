//! The taxonomy of errors: what went wrong, whether to try again, what was left behind.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong, in the words of the API. Each kind has one HTTP status and one code there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A body, parameter or setting is wrong. The message names the field and what would be right.
    Invalid,
    /// No key, or a wrong or expired one, was given to cloudfarm.
    Unauthenticated,
    /// The caller may not do this, here or at the provider.
    Forbidden,
    /// There is no such thing, or it is not for this caller to know.
    NotFound,
    /// Busy, illegal in this state, a duplicate, ambiguous, or changed in the meantime.
    Conflict,
    /// This cloud cannot do it. The message names the capability.
    Unsupported,
    /// A quota, ours or the provider's, does not leave room.
    QuotaExceeded,
    /// Too many calls. [`Retry::After`] says when to come back.
    RateLimited,
    /// The provider refused cloudfarm's own credentials for the cloud.
    ProviderAuth,
    /// The provider failed, or answered what nobody can read.
    ProviderError,
    /// Some items of a bulk succeeded.
    Partial,
    /// The provider has no room for it.
    NoCapacity,
    /// The provider cannot be reached, or the circuit breaker is open.
    Unavailable,
    /// The deadline passed.
    Timeout,
    /// A defect of cloudfarm or of a driver.
    Internal,
}

impl ErrorKind {
    /// The name on the wire, as in `"kind": "not_found"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::QuotaExceeded => "quota_exceeded",
            Self::RateLimited => "rate_limited",
            Self::ProviderAuth => "provider_auth",
            Self::ProviderError => "provider_error",
            Self::Partial => "partial",
            Self::NoCapacity => "no_capacity",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    /// How an error of this kind is retried when its origin says nothing else.
    pub(super) const fn default_retry(self) -> Retry {
        match self {
            Self::RateLimited | Self::ProviderError | Self::Unavailable | Self::Timeout => {
                Retry::Later
            }
            Self::Invalid
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::NotFound
            | Self::Conflict
            | Self::Unsupported
            | Self::QuotaExceeded
            | Self::ProviderAuth
            | Self::Partial
            | Self::NoCapacity
            | Self::Internal => Retry::Never,
        }
    }

    /// What an error of this kind may have left behind when its origin says nothing else.
    pub(super) const fn default_side_effect(self) -> SideEffect {
        match self {
            Self::ProviderError | Self::Timeout | Self::Internal => SideEffect::Possible,
            Self::Partial => SideEffect::Done,
            _ => SideEffect::None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether the same call may succeed if it is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before something else changes.
    Never,
    /// After a while that the caller chooses.
    Later,
    /// Not before this much time has passed; the provider said so.
    After(Duration),
}

/// Answers "was anything made?". Ordered by how much may have been left behind.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SideEffect {
    /// Nothing was changed.
    None,
    /// It is not known: the reply was lost or could not be read.
    Possible,
    /// The change was made, at least in part.
    Done,
}

impl SideEffect {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Possible => "possible",
            Self::Done => "done",
        }
    }
}
