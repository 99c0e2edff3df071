//! Timeout: each attempt ends in time.

use std::time::Duration;

use crate::{Context, Effect, Error, Operation, Result, SideEffect};

/// Runs one attempt for at most `limit`, and never past the deadline of `cx`.
pub(super) async fn attempt<T>(
    operation: Operation,
    cx: &Context,
    limit: Duration,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    match tokio::time::timeout_at(cx.deadline(), call).await {
        Ok(result) => result,
        Err(_) => {
            let side_effect = match operation.effect() {
                Effect::Read => SideEffect::None,
                Effect::Idempotent | Effect::Once => SideEffect::Possible,
            };
            Err(
                Error::timeout(format!("no answer within {} ms", limit.as_millis()))
                    .with_side_effect(side_effect),
            )
        }
    }
}
