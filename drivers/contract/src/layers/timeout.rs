//! Timeout: each attempt ends in time.

use std::time::Duration;

use crate::{Context, Effect, Error, Operation, Result, SideEffect, in_time};

/// Runs one attempt for at most `limit`, and never past the deadline of `cx`.
pub(super) async fn attempt(
    operation: Operation,
    cx: &Context,
    limit: Duration,
    call: impl Future<Output = Result<()>>,
) -> Result<()> {
    match in_time(cx.deadline(), call).await {
        Some(result) => result,
        None => {
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
