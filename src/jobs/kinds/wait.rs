//! Waiting for a thing to become what a job is about.

use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Node, NodeState};
use cloudfarm_contract::{
    Context, Driver, Error, Judgement, Observation, Result, SideEffect, WaitOutcome, WaitPolicy,
    Watch, wait_until,
};

use crate::farm::{NodeWatch, Resource};
use crate::jobs::run::{Run, cancelled};

/// Jobs look often at first, for most changes take seconds, and seldom later.
const WAIT_POLICY: WaitPolicy = WaitPolicy {
    first: Duration::from_millis(250),
    factor: 1.5,
    longest: Duration::from_secs(10),
    transient_errors: 5,
};

/// Waits until the thing is there and `judge` is satisfied; `goal` says with what.
pub(super) async fn reached<R: Resource>(
    run: &Run,
    driver: &Layered,
    id: &str,
    goal: &str,
    judge: impl FnMut(Observation<'_, R>) -> Judgement + Send,
) -> Result<R> {
    let what = format!("{} {id}", R::NOUN);
    run.step("wait", format!("wait until {what} is {goal}"))
        .await?;
    let watched = run.node_watch(&driver.info().cloud);
    let reached = watch(run.cx(), driver, id, watched, judge);
    match unless_cancelled(run, reached).await? {
        WaitOutcome::Reached(resource) => Ok(*resource),
        WaitOutcome::Vanished => Err(vanished::<R>(id)),
    }
}

/// Waits until the node is in one of `states`.
pub(super) async fn node_in(
    run: &Run,
    driver: &Layered,
    id: &str,
    states: &[NodeState],
) -> Result<Node> {
    let wanted: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let judge = Judgement::for_states(states);
    reached(run, driver, id, &wanted.join(" or "), judge).await
}

/// Waits until the thing is gone.
pub(super) async fn gone<R: Resource>(run: &Run, driver: &Layered, id: &str) -> Result<()> {
    run.step("wait", format!("wait until {} {id} is gone", R::NOUN))
        .await?;
    let watched = run.node_watch(&driver.info().cloud);
    unless_cancelled(run, gone_from::<R>(run.cx(), driver, id, watched)).await
}

/// Waits until the thing is gone, under a deadline of its own.
pub(super) async fn gone_by<R: Resource>(cx: &Context, driver: &Layered, id: &str) -> Result<()> {
    gone_from::<R>(cx, driver, id, None).await
}

/// One that was in state error before it was to go does not end the wait; one that fails on its
/// way does.
async fn gone_from<R: Resource>(
    cx: &Context,
    driver: &Layered,
    id: &str,
    watched: Option<&NodeWatch>,
) -> Result<()> {
    let mut was_sound = false;
    let judge = |seen: Observation<'_, R>| match seen {
        Observation::Gone => Judgement::Done,
        Observation::Present(seen) if seen.is_gone() => Judgement::Done,
        Observation::Present(seen) => match seen.readiness() {
            Judgement::Fail(error) if was_sound && R::ERROR_OUTLASTS_DELETION => {
                Judgement::Fail(error)
            }
            Judgement::Fail(_) => Judgement::Continue,
            Judgement::Continue | Judgement::Done => {
                was_sound = true;
                Judgement::Continue
            }
        },
    };
    watch(cx, driver, id, watched, judge).await.map(drop)
}

async fn watch<R: Resource>(
    cx: &Context,
    driver: &Layered,
    id: &str,
    watched: Option<&NodeWatch>,
    judge: impl FnMut(Observation<'_, R>) -> Judgement + Send,
) -> Result<WaitOutcome<R>> {
    let what = format!("{} {id}", R::NOUN);
    let watch = Watch {
        what: &what,
        state: R::native_state,
    };
    let waiting = watched.filter(|_| R::IS_WATCHED).map(NodeWatch::begin);
    let look = async || match &waiting {
        Some(waiting) => R::look(waiting, driver, cx, id).await,
        None => R::get(driver, cx, id).await,
    };
    wait_until(cx, &WAIT_POLICY, watch, look, judge).await
}

/// A wait changes nothing, so that it can be left at any time.
async fn unless_cancelled<T>(run: &Run, wait: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        () = run.cancelled().cancelled() => {
            Err(cancelled().with_side_effect(SideEffect::Possible))
        }
        ended = wait => ended,
    }
}

/// The error of a thing that is not there any more.
pub(super) fn vanished<R: Resource>(id: &str) -> Error {
    Error::not_found(format!("{} {id} vanished", R::NOUN)).with_side_effect(SideEffect::Possible)
}
