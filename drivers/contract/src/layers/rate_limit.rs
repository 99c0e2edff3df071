//! Rate limit: a token bucket per cloud and credential, in which a person goes before a poller.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;

use crate::{Context, Error, Priority, Result, Retry, SideEffect};

/// How fast calls may follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimitSettings {
    /// Calls per second in the long run; 0 switches the limit off.
    pub per_second: f64,
    /// Calls at once after a rest.
    pub burst: u32,
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        Self {
            per_second: 0.0,
            burst: 1,
        }
    }
}

/// The bucket as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RateLimitStatus {
    /// Calls per second in the long run; `null` where there is no limit.
    pub per_second: Option<f64>,
    /// Calls at once after a rest.
    pub burst: u32,
    /// Calls that may be made right now.
    pub tokens: f64,
    /// Calls that wait.
    pub waiting: u64,
    /// Milliseconds for which the provider asked for silence; `null` if it did not.
    pub held_for_ms: Option<u64>,
}

/// A token bucket with a queue. Several clouds that share a credential share one.
#[derive(Debug)]
pub struct RateLimit {
    settings: RateLimitSettings,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    tokens: f64,
    counted_at: Instant,
    held_until: Option<Instant>,
    next_ticket: u64,
    queue: BTreeSet<Place>,
}

/// Orders the queue: higher priority first, then who came first.
type Place = (Reverse<Priority>, u64);

impl RateLimit {
    /// A full bucket.
    pub fn new(settings: RateLimitSettings) -> Self {
        Self {
            settings,
            inner: Mutex::new(Inner {
                tokens: f64::from(settings.burst.max(1)),
                counted_at: Instant::now(),
                held_until: None,
                next_ticket: 0,
                queue: BTreeSet::new(),
            }),
        }
    }

    /// Waits for a token, behind everybody of higher priority.
    ///
    /// # Errors
    ///
    /// `rate_limited` at once, with the time when a token would be free, if that is past the
    /// deadline of `cx`.
    pub async fn acquire(&self, cx: &Context) -> Result<()> {
        match self.take_or_queue(cx.priority()) {
            None => Ok(()),
            // Boxed: every call would carry the room for the wait that hardly any has.
            Some(waiting) => Box::pin(waiting.wait(cx)).await,
        }
    }

    /// Takes a token, or else a place in the queue.
    fn take_or_queue(&self, priority: Priority) -> Option<Waiting<'_>> {
        let mut inner = self.lock();
        if inner.queue.is_empty() && self.try_take(&mut inner) {
            return None;
        }
        let place = (Reverse(priority), inner.next_ticket);
        inner.next_ticket += 1;
        inner.queue.insert(place);
        Some(Waiting { limit: self, place })
    }

    /// The provider asked for silence: no call passes for so long.
    pub fn hold(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut inner = self.lock();
        inner.held_until = Some(inner.held_until.map_or(until, |held| held.max(until)));
    }

    /// The state as the API shows it.
    pub fn status(&self) -> RateLimitStatus {
        let mut inner = self.lock();
        let now = Instant::now();
        self.refill(&mut inner, now);
        let held = inner
            .held_until
            .map(|until| until.saturating_duration_since(now));
        RateLimitStatus {
            per_second: self.is_limited().then_some(self.settings.per_second),
            burst: self.settings.burst,
            tokens: inner.tokens,
            waiting: inner.queue.len() as u64,
            held_for_ms: held
                .filter(|left| !left.is_zero())
                .and_then(|left| u64::try_from(left.as_millis()).ok()),
        }
    }

    fn is_limited(&self) -> bool {
        self.settings.per_second > 0.0
    }

    fn try_take(&self, inner: &mut Inner) -> bool {
        if !self.is_limited() && inner.held_until.is_none() {
            return true;
        }
        let now = Instant::now();
        if inner.held_until.is_some_and(|until| until > now) {
            return false;
        }
        inner.held_until = None;
        if !self.is_limited() {
            return true;
        }
        self.refill(inner, now);
        if inner.tokens < 1.0 {
            return false;
        }
        inner.tokens -= 1.0;
        true
    }

    fn refill(&self, inner: &mut Inner, now: Instant) {
        let since = now
            .saturating_duration_since(inner.counted_at)
            .as_secs_f64();
        let burst = f64::from(self.settings.burst.max(1));
        inner.tokens = (inner.tokens + since * self.settings.per_second).min(burst);
        inner.counted_at = now;
    }

    /// When the token after the next `before` ones is free.
    fn free_at(&self, inner: &Inner, now: Instant, before: usize) -> Instant {
        // A little later than exact, so that rounding never wakes a waiter too early.
        const SLACK: Duration = Duration::from_micros(500);
        let held = inner.held_until.unwrap_or(now).max(now);
        if !self.is_limited() {
            return held + SLACK;
        }
        #[expect(clippy::cast_precision_loss, reason = "a queue is never that long")]
        let missing = (before as f64 + 1.0 - inner.tokens).max(0.0);
        let refilled = now + Duration::from_secs_f64(missing / self.settings.per_second);
        held.max(refilled) + SLACK
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue, given up when it is dropped.
struct Waiting<'a> {
    limit: &'a RateLimit,
    place: Place,
}

impl Waiting<'_> {
    async fn wait(self, cx: &Context) -> Result<()> {
        let limit = self.limit;
        loop {
            let wake_at = {
                let mut inner = limit.lock();
                let first = inner.queue.first() == Some(&self.place);
                if first && limit.try_take(&mut inner) {
                    return Ok(());
                }
                let before = inner.queue.range(..self.place).count();
                limit.free_at(&inner, Instant::now(), before)
            };
            if wake_at > cx.deadline() {
                let wait = wake_at.saturating_duration_since(Instant::now());
                return Err(
                    Error::rate_limited("the cloud's rate limit leaves no room in time")
                        .with_retry(Retry::After(wait))
                        .with_side_effect(SideEffect::None),
                );
            }
            sleep_until(wake_at).await;
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.limit.lock().queue.remove(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{RateLimit, RateLimitSettings};
    use crate::{Context, ErrorKind, Priority};

    fn cx(priority: Priority) -> Context {
        Context::new(Duration::from_secs(60), "r", priority)
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_goes_before_a_poller() {
        let limit = Arc::new(RateLimit::new(RateLimitSettings {
            per_second: 1.0,
            burst: 1,
        }));
        limit.acquire(&cx(Priority::Person)).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for priority in [
            Priority::Poller,
            Priority::Poller,
            Priority::Job,
            Priority::Person,
        ] {
            let (limit, order) = (Arc::clone(&limit), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                limit.acquire(&cx(priority)).await.unwrap();
                order.lock().unwrap().push(priority);
            }));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(
            *order.lock().unwrap(),
            [
                Priority::Person,
                Priority::Job,
                Priority::Poller,
                Priority::Poller
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_past_the_deadline_is_refused_at_once() {
        let limit = RateLimit::new(RateLimitSettings {
            per_second: 0.1,
            burst: 1,
        });
        limit.acquire(&cx(Priority::Person)).await.unwrap();
        let cx = Context::new(Duration::from_secs(1), "r", Priority::Person);
        let error = limit.acquire(&cx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!(error.retry_after().unwrap() > Duration::from_secs(9));
        assert_eq!(limit.status().waiting, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_stops_everybody_even_without_a_limit() {
        let limit = RateLimit::new(RateLimitSettings::default());
        limit.hold(Duration::from_secs(5));
        let start = tokio::time::Instant::now();
        limit.acquire(&cx(Priority::Person)).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_in_the_long_run() {
        let limit = RateLimit::new(RateLimitSettings {
            per_second: 10.0,
            burst: 5,
        });
        let start = tokio::time::Instant::now();
        for _ in 0..25 {
            limit.acquire(&cx(Priority::Job)).await.unwrap();
        }
        let took = start.elapsed().as_secs_f64();
        assert!(
            (1.9..2.2).contains(&took),
            "20 calls past the burst of 5 took {took} s"
        );
    }
}
