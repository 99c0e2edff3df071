//! What accompanies a call: how long it may take, for whom it is, and under which request id.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::{Error, Result, Text};

/// Who waits for the call. When a cloud's rate limit is short, a person goes before a job, and a
/// job before a poller.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Background refresh; nobody notices a second more.
    Poller,
    /// A job that changes a cloud.
    Job,
    /// Somebody looks at a screen.
    Person,
}

/// Passed to every driver call. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    deadline: Instant,
    request_id: Text,
    priority: Priority,
}

impl Context {
    /// A call that must end within `timeout` from now.
    pub fn new(timeout: Duration, request_id: impl Into<Text>, priority: Priority) -> Self {
        Self::until(Instant::now() + timeout, request_id, priority)
    }

    /// A call that must have ended at `deadline`.
    pub fn until(deadline: Instant, request_id: impl Into<Text>, priority: Priority) -> Self {
        Self {
            deadline,
            request_id: request_id.into(),
            priority,
        }
    }

    /// When the call must have ended.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long is left; zero once the deadline has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The id that links log lines, errors and the client's answer.
    pub fn request_id(&self) -> &Text {
        &self.request_id
    }

    /// Who waits for the call.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// The same call under a deadline that is at most `timeout` from now, never later than before.
    #[must_use]
    pub fn within(&self, timeout: Duration) -> Self {
        self.part(timeout).0
    }

    /// The same, and how long it leaves.
    pub(crate) fn part(&self, timeout: Duration) -> (Self, Duration) {
        let now = Instant::now();
        let deadline = self.deadline.min(now + timeout);
        let part = Self {
            deadline,
            ..self.clone()
        };
        (part, deadline.saturating_duration_since(now))
    }

    /// The same call for somebody else.
    #[must_use]
    pub fn with_priority(&self, priority: Priority) -> Self {
        Self {
            priority,
            ..self.clone()
        }
    }

    /// # Errors
    ///
    /// [`crate::ErrorKind::Timeout`] without a side effect once the deadline has passed.
    pub fn check_deadline(&self) -> Result<()> {
        self.check_deadline_at(Instant::now())
    }

    /// The same for who has just looked at the clock.
    pub(crate) fn check_deadline_at(&self, now: Instant) -> Result<()> {
        if self.deadline <= now {
            return Err(
                Error::timeout("the deadline passed before the call was made")
                    .with_side_effect(crate::SideEffect::None),
            );
        }
        Ok(())
    }
}
