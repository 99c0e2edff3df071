//! The search for what a create call made whose reply was lost.

use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{Result, SideEffect};
use tokio::time::{Instant, sleep};

use super::create::{Creation, Found};
use super::wait::gone_by;
use crate::farm::{Deletable, Resource};
use crate::jobs::run::Run;

/// The pause before the second look.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What a search came to.
#[derive(Debug)]
pub(super) enum Look<R> {
    /// What the call made.
    Found(R),
    /// What the call made could not be used, and is deleted again.
    Discarded,
    /// Nothing, for as long as the patience lasted.
    Nothing,
}

/// Looks for what a call made, once at least and until `patience` is over: clouds may show only
/// after a while what they have accepted. What is found is recorded.
///
/// # Errors
///
/// What the cloud fails with when the patience is over; then something may be there.
pub(super) async fn look_for<C: Creation>(
    run: &Run,
    driver: &Layered,
    request: &C,
    patience: Duration,
) -> Result<Look<C::Of>> {
    run.step("look_for_mark", "look for what the call made")
        .await?;
    let end = Instant::now() + patience.min(run.cx().remaining());
    let mut pause = FIRST_PAUSE;
    loop {
        let found = match request.find_made(driver, run).await {
            Ok(Found::Made(made)) => {
                run.record_made(C::Of::KIND, made.id()).await?;
                return Ok(Look::Found(made));
            }
            Ok(Found::Useless(made)) => {
                discard(run, driver, &made).await?;
                return Ok(Look::Discarded);
            }
            Ok(Found::Nothing) => Ok(Look::Nothing),
            Err(error) if error.is_retryable() => Err(error),
            Err(error) => return Err(error.with_side_effect(SideEffect::Possible)),
        };
        if Instant::now() + pause > end {
            return found.map_err(|error| error.with_side_effect(SideEffect::Possible));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn discard<R: Deletable>(run: &Run, driver: &Layered, made: &R) -> Result<()> {
    let id = made.id();
    run.step(
        "discard",
        format!(
            "what the cloud said about {} {id} was lost with its reply; delete it",
            R::NOUN
        ),
    )
    .await?;
    let deleted = async {
        R::delete(driver, run.cx(), id).await?;
        gone_by::<R>(run.cx(), driver, id).await
    };
    let deleted: Result<()> = deleted.await;
    deleted.map_err(|error| error.with_side_effect(SideEffect::Done))
}
