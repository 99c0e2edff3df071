//! The layers in their order.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use utoipa::ToSchema;

use super::breaker::{Breaker, BreakerSettings, BreakerStatus};
use super::observer::{Observer, Outcome};
use super::rate_limit::{RateLimit, RateLimitStatus};
use super::retry::RetrySettings;
use super::timeout;
use crate::{Context, Effect, Error, ErrorKind, Operation, Result, SideEffect, Text};

/// How the layers of one cloud behave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerSettings {
    /// The circuit breaker.
    pub breaker: BreakerSettings,
    /// The retries.
    pub retry: RetrySettings,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
}

impl Default for LayerSettings {
    fn default() -> Self {
        Self {
            breaker: BreakerSettings::default(),
            retry: RetrySettings::default(),
            attempt_timeout: Duration::from_secs(30),
        }
    }
}

/// The layers as the API shows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LayerStatus {
    /// The circuit breaker.
    pub breaker: BreakerStatus,
    /// The rate limit.
    pub rate_limit: RateLimitStatus,
}

/// Makes one attempt.
pub(super) type Attempt<'a, 'f> =
    &'f (dyn Fn(Context) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> + Sync);

/// The layers of one cloud.
#[derive(Debug)]
pub struct Stack {
    cloud: Text,
    settings: LayerSettings,
    breaker: Breaker,
    rate_limit: Arc<RateLimit>,
    observer: Arc<dyn Observer>,
}

impl Stack {
    /// Layers for the cloud of this name. `rate_limit` is shared by clouds that share a credential.
    pub fn new(
        cloud: Text,
        settings: LayerSettings,
        rate_limit: Arc<RateLimit>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let breaker = Breaker::new(settings.breaker);
        Self {
            cloud,
            settings,
            breaker,
            rate_limit,
            observer,
        }
    }

    /// The state of the layers.
    pub fn status(&self) -> LayerStatus {
        LayerStatus {
            breaker: self.breaker.status(),
            rate_limit: self.rate_limit.status(),
        }
    }

    /// Makes a call through all layers, unless `checked`, the capability check of the operation's
    /// arguments, refuses it. `attempt` makes one attempt under the context that it is given, and
    /// keeps what it is answered: what the layers see of an answer is only whether there is one, so
    /// that they are compiled once and not for each operation, and large answers are not handed
    /// from layer to layer.
    ///
    /// # Errors
    ///
    /// What a layer refuses the call with, or what the last attempt failed with, stamped with
    /// cloud and operation.
    pub(super) async fn call<'a>(
        &self,
        operation: Operation,
        checked: Result<()>,
        cx: &Context,
        attempt: Attempt<'a, '_>,
    ) -> Result<()> {
        let started = Instant::now();
        let result = match checked.and_then(|()| cx.check_deadline_at(started)) {
            Ok(()) => self.guarded(operation, cx, attempt).await,
            Err(error) => Err(error),
        };
        self.observer
            .call_ended(operation, Outcome::of(&result), started.elapsed());
        result.map_err(|error| self.in_context(operation, error))
    }

    fn in_context(&self, operation: Operation, error: Error) -> Error {
        let mut error = error.with_operation(operation.as_str());
        if operation.effect() == Effect::Read {
            error = error.with_side_effect(SideEffect::None);
        }
        if error.cloud().is_none() {
            error = error.with_cloud(self.cloud.clone());
        }
        error
    }

    async fn guarded<'a>(
        &self,
        operation: Operation,
        cx: &Context,
        attempt: Attempt<'a, '_>,
    ) -> Result<()> {
        let permit = self.breaker.permit()?;
        let mut attempts = 0;
        let result = self.repeated(operation, cx, attempt, &mut attempts).await;
        // What never reached the provider says nothing about it.
        if attempts > 0 {
            permit.record(&result);
        }
        result
    }

    async fn repeated<'a>(
        &self,
        operation: Operation,
        cx: &Context,
        attempt: Attempt<'a, '_>,
        attempts: &mut u32,
    ) -> Result<()> {
        let mut failed: Option<Error> = None;
        loop {
            if let Err(no_room) = self.rate_limit.acquire(cx).await {
                // Why the attempt before failed is worth more than why there is none after it.
                return Err(failed.unwrap_or(no_room));
            }
            *attempts += 1;
            let (within, limit) = cx.part(self.settings.attempt_timeout);
            let result = timeout::attempt(operation, &within, limit, attempt(within.clone())).await;
            let error = match result {
                Ok(()) => return Ok(()),
                Err(error) => inherit_side_effect(error, failed.as_ref()),
            };
            if let (ErrorKind::RateLimited, Some(wait)) = (error.kind(), error.retry_after()) {
                self.rate_limit.hold(wait);
            }
            let Some(pause) = self.settings.retry.pause(operation, &error, *attempts, cx) else {
                return Err(error);
            };
            self.observer.attempt_repeated(operation, &error, pause);
            Box::pin(sleep(pause)).await;
            failed = Some(error);
        }
    }
}

/// What an attempt before may have left behind is still there when a later one left nothing.
fn inherit_side_effect(error: Error, before: Option<&Error>) -> Error {
    let before = before.map_or(SideEffect::None, Error::side_effect);
    let worst = error.side_effect().max(before);
    error.with_side_effect(worst)
}
