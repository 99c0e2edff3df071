//! Retry by effect: reads and idempotent calls repeat, anything else never does.

use std::time::Duration;

use crate::{Context, Effect, Error, Operation};

/// How often and after which pauses a call is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySettings {
    /// Attempts in all, the first included; 1 switches retries off.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause that is chosen here. What the provider asks for may be longer.
    pub longest_pause: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl RetrySettings {
    /// The pause before the next attempt, or `None` if there shall be none: the call is not safe
    /// to repeat, the error cannot be mended, attempts are used up, or the time would not suffice.
    pub(super) fn pause(
        &self,
        operation: Operation,
        error: &Error,
        attempts_made: u32,
        cx: &Context,
    ) -> Option<Duration> {
        if operation.effect() == Effect::Once
            || !error.is_retryable()
            || attempts_made >= self.attempts
        {
            return None;
        }
        let doubled = self
            .first_pause
            .saturating_mul(1 << attempts_made.saturating_sub(1).min(16));
        let jittered = doubled
            .min(self.longest_pause)
            .mul_f64(0.5 + 0.5 * fastrand::f64());
        let pause = error.retry_after().unwrap_or_default().max(jittered);
        (cx.remaining() > pause).then_some(pause)
    }
}
