//! What a token source remembers, and what follows from it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloudfarm_contract::{Clock, Error, Retry};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{Fetched, Held, TokenSettings};

/// A token this close to its end dies on the way.
const LAST_MOMENT: Duration = Duration::from_secs(5);

pub(super) struct Cell<T> {
    settings: TokenSettings,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    token: Option<Kept<T>>,
    generation: u64,
    failures: u32,
    failed: Option<(Instant, Error)>,
    refusals: u32,
    refused_at: Option<Instant>,
}

struct Kept<T> {
    held: Held<T>,
    expires_at: Option<Timestamp>,
    margin: Duration,
}

/// What a caller is to do.
pub(super) enum Advice<T> {
    Use(Held<T>),
    RenewIfNobodyDoes(Held<T>),
    /// With the old token, if there is one that still lives.
    Fetch(Option<Held<T>>),
    Fail(Error),
}

impl<T> Cell<T> {
    pub(super) fn new(settings: TokenSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            clock,
            inner: Mutex::new(Inner {
                token: None,
                generation: 0,
                failures: 0,
                failed: None,
                refusals: 0,
                refused_at: None,
            }),
        }
    }

    pub(super) fn advice(&self) -> Advice<T> {
        let inner = self.lock();
        let resting = inner.rest(&self.settings);
        let Some(kept) = &inner.token else {
            return resting.map_or(Advice::Fetch(None), Advice::Fail);
        };
        let held = kept.held.clone();
        let left = self.left(kept.expires_at);
        if left > kept.margin.saturating_mul(2) {
            Advice::Use(held)
        } else if left > kept.margin {
            match resting {
                Some(_) => Advice::Use(held),
                None => Advice::RenewIfNobodyDoes(held),
            }
        } else {
            let alive = left > LAST_MOMENT.min(kept.margin);
            match resting {
                Some(error) if alive && error.is_retryable() => Advice::Use(held),
                Some(error) => Advice::Fail(error),
                None => Advice::Fetch(alive.then_some(held)),
            }
        }
    }

    /// Whether a token that was handed out is still the current one and not yet at its end.
    pub(super) fn is_alive(&self, held: &Held<T>) -> bool {
        self.lock().token.as_ref().is_some_and(|kept| {
            kept.held.generation == held.generation
                && self.left(kept.expires_at) > LAST_MOMENT.min(kept.margin)
        })
    }

    pub(super) fn put(&self, fetched: Fetched<T>) -> Held<T> {
        let life = self.left(fetched.expires_at);
        // A new token that has already ended means that the clocks differ: it is used until it is
        // refused, or each call would fetch its own.
        let expires_at = fetched.expires_at.filter(|_| !life.is_zero());
        if expires_at != fetched.expires_at {
            log::warn!("a new token has already ended: the clock differs from the provider's");
        }
        let mut inner = self.lock();
        inner.generation += 1;
        inner.failures = 0;
        inner.failed = None;
        let held = Held {
            token: Arc::new(fetched.token),
            generation: inner.generation,
        };
        inner.token = Some(Kept {
            held: held.clone(),
            expires_at,
            margin: self.settings.margin.min(life / 4),
        });
        held
    }

    pub(super) fn drop_token(&self, generation: u64) {
        let mut inner = self.lock();
        if inner
            .token
            .as_ref()
            .is_some_and(|kept| kept.held.generation == generation)
        {
            inner.token = None;
        }
    }

    pub(super) fn note_failure(&self, error: &Error) {
        let mut inner = self.lock();
        inner.failures = inner.failures.saturating_add(1);
        inner.failed = Some((Instant::now(), error.clone()));
    }

    /// How a call fared with a new token. If that was refused too, yet another helps nobody for a
    /// while.
    pub(super) fn note_replay(&self, accepted: bool) {
        let mut inner = self.lock();
        if accepted {
            inner.refusals = 0;
            inner.refused_at = None;
        } else {
            inner.refusals = inner.refusals.saturating_add(1);
            inner.refused_at = Some(Instant::now());
        }
    }

    /// Whether a refused token is worth a new one. Tokens that are not refused are handed out all
    /// the same: one service of a cloud may refuse what the others take.
    pub(super) fn may_replay(&self) -> bool {
        let inner = self.lock();
        inner
            .refused_at
            .is_none_or(|at| at.elapsed() >= pause(&self.settings, inner.refusals))
    }

    fn left(&self, expires_at: Option<Timestamp>) -> Duration {
        let Some(end) = expires_at else {
            return Duration::MAX;
        };
        let left = end.duration_since(self.clock.now());
        Duration::try_from(left).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Inner<T> {
    /// The error of the last fetch, while nobody is to ask again.
    fn rest(&self, settings: &TokenSettings) -> Option<Error> {
        let (at, error) = self.failed.as_ref()?;
        let asked = error.retry_after().unwrap_or_default();
        let wait = pause(settings, self.failures).max(asked.min(settings.longest_pause));
        let left = wait
            .checked_sub(at.elapsed())
            .filter(|left| !left.is_zero())?;
        Some(match error.retry() {
            Retry::Never => error.clone(),
            Retry::Later | Retry::After(_) => error.clone().with_retry(Retry::After(left)),
        })
    }
}

fn pause(settings: &TokenSettings, failures: u32) -> Duration {
    settings
        .first_pause
        .saturating_mul(1 << failures.saturating_sub(1).min(16))
        .min(settings.longest_pause)
}
