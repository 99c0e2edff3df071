//! Circuit breaker: while a provider is down, callers are told so at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::{Error, ErrorKind, Result, Retry, SideEffect};

/// When the breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many calls in a row must fail; 0 switches the breaker off.
    pub failures: u32,
    /// How long it stays open before one call may try again.
    pub open_for: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            open_for: Duration::from_secs(15),
        }
    }
}

/// Whether calls pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// One call is on its way to find out.
    HalfOpen,
}

/// The breaker as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BreakerStatus {
    /// Whether calls pass.
    pub state: BreakerState,
    /// Calls that failed in a row.
    pub failures: u32,
    /// Milliseconds until a call may try again; `null` unless it is open.
    pub retry_in_ms: Option<u64>,
    /// What the last failure said; `null` while all is well.
    pub last_error: Option<String>,
}

/// Counts failures of the provider itself: unreachable, timed out, broken. An answer that refuses a
/// request is a sign of life.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    failures: u32,
    opened_at: Option<Instant>,
    probing: bool,
    last_error: Option<String>,
}

/// Permission to make one call. Dropped without [`Permit::record`] (the caller went away) it
/// counts for nothing.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            inner: Mutex::default(),
        }
    }

    /// Asks to make a call.
    pub(super) fn permit(&self) -> Result<Permit<'_>> {
        let mut inner = self.lock();
        let Some(opened_at) = inner.opened_at else {
            return Ok(Permit {
                breaker: self,
                probe: false,
            });
        };
        let left = self.settings.open_for.saturating_sub(opened_at.elapsed());
        if left.is_zero() && !inner.probing {
            inner.probing = true;
            return Ok(Permit {
                breaker: self,
                probe: true,
            });
        }
        let because = inner.last_error.as_deref().unwrap_or("it failed");
        Err(Error::unavailable(format!(
            "the circuit breaker is open after {} failures in a row, the last: {because}",
            inner.failures
        ))
        .with_retry(Retry::After(left.max(Duration::from_secs(1))))
        .with_side_effect(SideEffect::None))
    }

    /// The state as the API shows it.
    pub fn status(&self) -> BreakerStatus {
        let inner = self.lock();
        let left = inner
            .opened_at
            .map(|at| self.settings.open_for.saturating_sub(at.elapsed()));
        let state = match left {
            None => BreakerState::Closed,
            Some(_) if inner.probing => BreakerState::HalfOpen,
            Some(_) => BreakerState::Open,
        };
        BreakerStatus {
            state,
            failures: inner.failures,
            retry_in_ms: left.and_then(|left| u64::try_from(left.as_millis()).ok()),
            last_error: inner.last_error.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Says how the call ended.
    pub(super) fn record<T>(self, result: &Result<T>) {
        let mut inner = self.breaker.lock();
        match result {
            Err(error) if is_sign_of_trouble(error) => {
                inner.failures = inner.failures.saturating_add(1);
                inner.last_error = Some(error.message().to_owned());
                let threshold = self.breaker.settings.failures;
                if self.probe || (threshold > 0 && inner.failures >= threshold) {
                    inner.opened_at = Some(Instant::now());
                }
            }
            _ if inner.failures > 0 || inner.opened_at.is_some() => {
                let probing = inner.probing;
                *inner = Inner {
                    probing,
                    ..Inner::default()
                };
            }
            _ => {}
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.lock().probing = false;
        }
    }
}

fn is_sign_of_trouble(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout => true,
        ErrorKind::ProviderError => error.is_retryable(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Breaker, BreakerSettings, BreakerState};
    use crate::{Error, ErrorKind, Result};

    fn fail(breaker: &Breaker) {
        breaker
            .permit()
            .unwrap()
            .record(&Result::<()>::Err(Error::unavailable("down")));
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_and_closes_after_a_good_probe() {
        let breaker = Breaker::new(BreakerSettings {
            failures: 2,
            open_for: Duration::from_secs(10),
        });
        fail(&breaker);
        breaker.permit().unwrap().record(&Ok(()));
        fail(&breaker);
        assert_eq!(breaker.status().state, BreakerState::Closed);
        fail(&breaker);
        let refused = breaker.permit().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(10)));

        tokio::time::advance(Duration::from_secs(11)).await;
        let probe = breaker.permit().unwrap();
        assert!(breaker.permit().is_err(), "only one probe at a time");
        probe.record(&Ok(()));
        assert_eq!(breaker.status().state, BreakerState::Closed);
        assert!(breaker.permit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_or_abandoned_probe_leaves_it_open() {
        let breaker = Breaker::new(BreakerSettings {
            failures: 1,
            open_for: Duration::from_secs(10),
        });
        fail(&breaker);
        tokio::time::advance(Duration::from_secs(11)).await;
        drop(breaker.permit().unwrap());
        assert_eq!(breaker.status().state, BreakerState::Open);
        fail(&breaker);
        assert!(breaker.permit().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_a_sign_of_life() {
        let breaker = Breaker::new(BreakerSettings {
            failures: 1,
            open_for: Duration::from_secs(10),
        });
        breaker
            .permit()
            .unwrap()
            .record(&Result::<()>::Err(Error::not_found("no such node")));
        assert_eq!(breaker.status().state, BreakerState::Closed);
    }
}
