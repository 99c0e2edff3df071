//! One question to many clouds at the same time.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{Context, Error, Result, SideEffect, Text, in_time};
use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use super::cloud::Cloud;

/// What one cloud answered.
#[derive(Debug)]
pub struct CloudAnswer<T> {
    /// The name of the cloud.
    pub cloud: Text,
    /// How long it took.
    pub took: Duration,
    /// The answer, or what happened instead.
    pub result: Result<T>,
}

/// Asks every cloud, at most `concurrency` at the same time, each for at most `timeout` and never
/// past the deadline of `cx`. A cloud that fails, or does not answer, costs the others nothing. The
/// answers come in the order of `clouds`.
pub async fn fan_out<T, F, Fut>(
    clouds: Vec<Arc<Cloud>>,
    cx: &Context,
    timeout: Duration,
    concurrency: usize,
    ask: F,
) -> Vec<CloudAnswer<T>>
where
    F: Fn(Arc<Layered>, Context) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let ask = &ask;
    stream::iter(clouds)
        .map(|cloud| async move {
            let started = Instant::now();
            let result = ask_one(&cloud, cx.within(timeout), ask).await;
            CloudAnswer {
                cloud: cloud.name().clone(),
                took: started.elapsed(),
                result,
            }
        })
        .buffered(concurrency.max(1))
        .collect()
        .await
}

async fn ask_one<T, F, Fut>(cloud: &Cloud, cx: Context, ask: F) -> Result<T>
where
    F: Fn(Arc<Layered>, Context) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let driver = Arc::clone(cloud.driver()?);
    let limit = cx.remaining();
    // The layers keep the deadline too; this holds whatever a driver does outside them.
    match in_time(cx.deadline(), ask(driver, cx)).await {
        Some(result) => result,
        None => Err(
            Error::timeout(format!("no answer within {} ms", limit.as_millis()))
                .with_side_effect(SideEffect::None)
                .with_cloud(cloud.name().clone()),
        ),
    }
}
