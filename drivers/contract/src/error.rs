//! The one error, from the driver to the client.

mod kind;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

pub use kind::{ErrorKind, Retry, SideEffect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::model::NodeState;

/// The result of every driver call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A thing that an ambiguous name could have meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// The id, which is never ambiguous.
    pub id: Text,
    /// The name that several things share.
    pub name: Text,
}

/// An error with all that is known about it where it arose, so that nothing has to be guessed later.
///
/// The message is lower case, without a full stop, names the thing, and holds neither a secret nor
/// a path of the host. `Display` prints the message; `Debug` prints the fields.
#[derive(Clone)]
pub struct Error(Box<Details>);

#[derive(Clone)]
struct Details {
    kind: ErrorKind,
    message: Cow<'static, str>,
    retry: Retry,
    side_effect: SideEffect,
    hint: Option<Cow<'static, str>>,
    field: Option<Text>,
    cloud: Option<Text>,
    operation: Option<&'static str>,
    provider_status: Option<u16>,
    provider_code: Option<Text>,
    provider_request_id: Option<Text>,
    allowed_states: Vec<NodeState>,
    candidates: Vec<Candidate>,
    internal: Option<String>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
            Self::new(ErrorKind::$kind, message)
        })*
    };
}

impl Error {
    /// An error of `kind` with the retry and side effect that are usual for it.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Details {
            kind,
            message: message.into(),
            retry: kind.default_retry(),
            side_effect: kind.default_side_effect(),
            hint: None,
            field: None,
            cloud: None,
            operation: None,
            provider_status: None,
            provider_code: None,
            provider_request_id: None,
            allowed_states: Vec::new(),
            candidates: Vec::new(),
            internal: None,
        }))
    }

    constructors! {
        /// [`ErrorKind::Invalid`]: never retried, no side effect.
        invalid => Invalid;
        /// [`ErrorKind::Unauthenticated`]: never retried, no side effect.
        unauthenticated => Unauthenticated;
        /// [`ErrorKind::Forbidden`]: never retried, no side effect.
        forbidden => Forbidden;
        /// [`ErrorKind::NotFound`]: never retried, no side effect.
        not_found => NotFound;
        /// [`ErrorKind::Conflict`]: never retried, no side effect.
        conflict => Conflict;
        /// [`ErrorKind::Unsupported`]: never retried, no side effect. Name the capability.
        unsupported => Unsupported;
        /// [`ErrorKind::QuotaExceeded`]: never retried, no side effect. Name quota, used and wanted.
        quota_exceeded => QuotaExceeded;
        /// [`ErrorKind::RateLimited`]: retried later, no side effect.
        rate_limited => RateLimited;
        /// [`ErrorKind::ProviderAuth`]: never retried, no side effect.
        provider_auth => ProviderAuth;
        /// [`ErrorKind::ProviderError`]: retried later, side effect possible.
        provider_error => ProviderError;
        /// [`ErrorKind::NoCapacity`]: never retried, no side effect.
        no_capacity => NoCapacity;
        /// [`ErrorKind::Unavailable`]: retried later, no side effect.
        unavailable => Unavailable;
        /// [`ErrorKind::Timeout`]: retried later, side effect possible.
        timeout => Timeout;
        /// [`ErrorKind::Internal`]: never retried, side effect possible. The message reaches
        /// clients, so what only the log may hold goes into [`Error::with_internal`].
        internal => Internal;
    }

    /// States how a retry fares.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// States what was left behind.
    #[must_use]
    pub fn with_side_effect(mut self, side_effect: SideEffect) -> Self {
        self.0.side_effect = side_effect;
        self
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the field that is wrong, as a path such as `networks.0.id`.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<Text>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Names the cloud. The error-context layer does this for every driver.
    #[must_use]
    pub fn with_cloud(mut self, cloud: impl Into<Text>) -> Self {
        self.0.cloud = Some(cloud.into());
        self
    }

    /// Names the operation. The error-context layer does this for every driver.
    #[must_use]
    pub fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Adds what the provider said: HTTP status, its own code, the id it gave the request.
    #[must_use]
    pub fn with_provider(
        mut self,
        status: Option<u16>,
        code: Option<Text>,
        request_id: Option<Text>,
    ) -> Self {
        self.0.provider_status = status.or(self.0.provider_status);
        self.0.provider_code = code.or(self.0.provider_code);
        self.0.provider_request_id = request_id.or(self.0.provider_request_id);
        self
    }

    /// Says in which states of a node the refused action is legal.
    #[must_use]
    pub fn with_allowed_states(mut self, states: impl Into<Vec<NodeState>>) -> Self {
        self.0.allowed_states = states.into();
        self
    }

    /// Says what an ambiguous name could have meant.
    #[must_use]
    pub fn with_candidates(mut self, candidates: Vec<Candidate>) -> Self {
        self.0.candidates = candidates;
        self
    }

    /// Adds what only the log may hold. It never reaches a client.
    #[must_use]
    pub fn with_internal(mut self, internal: impl fmt::Display) -> Self {
        self.0.internal = Some(internal.to_string());
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message for the client.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// How a retry fares.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.retry != Retry::Never
    }

    /// How long the provider asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.retry {
            Retry::After(wait) => Some(wait),
            Retry::Never | Retry::Later => None,
        }
    }

    /// What was left behind.
    pub fn side_effect(&self) -> SideEffect {
        self.0.side_effect
    }

    /// What the reader can do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The field that is wrong.
    pub fn field(&self) -> Option<&Text> {
        self.0.field.as_ref()
    }

    /// The cloud it happened on.
    pub fn cloud(&self) -> Option<&Text> {
        self.0.cloud.as_ref()
    }

    /// The operation it happened in.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the provider.
    pub fn provider_status(&self) -> Option<u16> {
        self.0.provider_status
    }

    /// The provider's own error code.
    pub fn provider_code(&self) -> Option<&Text> {
        self.0.provider_code.as_ref()
    }

    /// The id that the provider gave the request.
    pub fn provider_request_id(&self) -> Option<&Text> {
        self.0.provider_request_id.as_ref()
    }

    /// In which states the refused action is legal.
    pub fn allowed_states(&self) -> &[NodeState] {
        &self.0.allowed_states
    }

    /// What an ambiguous name could have meant.
    pub fn candidates(&self) -> &[Candidate] {
        &self.0.candidates
    }

    /// What only the log may hold.
    pub fn internal_details(&self) -> Option<&str> {
        self.0.internal.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown.field("kind", &self.0.kind.as_str());
        shown.field("message", &self.0.message);
        shown.field("retry", &self.0.retry);
        shown.field("side_effect", &self.0.side_effect.as_str());
        let texts = [
            ("hint", self.hint()),
            ("field", self.field().map(Text::as_str)),
            ("cloud", self.cloud().map(Text::as_str)),
            ("operation", self.operation()),
            ("provider_code", self.provider_code().map(Text::as_str)),
            (
                "provider_request_id",
                self.provider_request_id().map(Text::as_str),
            ),
            ("internal", self.internal_details()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                shown.field(name, &text);
            }
        }
        if let Some(status) = self.0.provider_status {
            shown.field("provider_status", &status);
        }
        shown.finish()
    }
}

impl std::error::Error for Error {}
