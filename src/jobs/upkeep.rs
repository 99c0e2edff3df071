//! What every worker does from time to time for all.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Error, Result, Retry, SideEffect, Text};
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::backoff;
use super::engine::millis;
use super::job::JobStep;
use super::run::WORKER_LOST;
use super::view;
use super::worker::Shared;
use crate::Problem;
use crate::store::{Ending, Expired, RowState};

/// How often old jobs are deleted, and the clock is compared with the store's.
const SELDOM: Duration = Duration::from_secs(60);
/// How long a repeated request finds the job of the first.
pub const IDEMPOTENCY: Duration = Duration::from_secs(24 * 3600);

/// Until the worker stops: makes due jobs ready, begins schedules, takes jobs from workers that vanished, and forgets
/// old ones.
pub(super) async fn keep_up(shared: Arc<Shared>) {
    let mut seldom = Instant::now();
    loop {
        if let Err(error) = often(&shared).await {
            log::warn!("the queue cannot be kept up: {error:?}");
        }
        if Instant::now() >= seldom {
            if let Err(error) = sometimes(&shared).await {
                log::warn!("old jobs cannot be deleted: {error:?}");
            }
            seldom = Instant::now() + SELDOM;
        }
        let pause = until_next(&shared).await;
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = sleep(pause) => {}
        }
    }
}

async fn often(shared: &Shared) -> Result<()> {
    let store = shared.jobs.store();
    store.promote().await?;
    let now = store.now();
    shared.jobs.fire_schedules(&shared.kinds, now).await?;
    for expired in store.expired(now).await? {
        let lease = expired.lease();
        let ending = of_vanished(shared, &expired, now)?;
        if store.end(lease, &ending, Some(now)).await? {
            let counters = shared.jobs.counters();
            counters.vanished(&expired.action, ending.state);
            log::warn!(
                "job={} request_id={}: its worker vanished in try {} of {}",
                lease.job,
                expired.request_id,
                expired.attempt,
                expired.attempt_max
            );
        }
    }
    Ok(())
}

async fn sometimes(shared: &Shared) -> Result<()> {
    let store = shared.jobs.store();
    store.adjust_clock().await?;
    let now = store.now();
    let kept_for = millis(shared.jobs.0.settings.kept_for.get());
    while store
        .forget(now - kept_for, now - millis(IDEMPOTENCY))
        .await?
        > 0
    {}
    Ok(())
}

/// Until the next delayed job is due, and not longer than a poll.
async fn until_next(shared: &Shared) -> Duration {
    let poll = shared.jobs.0.settings.poll.get();
    let store = shared.jobs.store();
    match store.next_due().await {
        Ok(Some(due)) => {
            let wait = u64::try_from(due - store.now()).unwrap_or_default();
            Duration::from_millis(wait.max(1)).min(poll)
        }
        _ => poll,
    }
}

/// A job that made its worker vanish each time would do so without end.
fn of_vanished(shared: &Shared, expired: &Expired, now: i64) -> Result<Ending> {
    if expired.attempt >= expired.attempt_max {
        return given_up(expired);
    }
    let pause = backoff::pause(&shared.jobs.0.settings, expired.attempt, None);
    let step = JobStep {
        at: Timestamp::now(),
        step: Text::from_static(WORKER_LOST),
        message: format!(
            "the worker vanished in try {} of {}",
            expired.attempt, expired.attempt_max
        ),
    };
    Ok(Ending {
        run_at: Some(now + millis(pause)),
        step: view::line(&step)?,
        ..Ending::of(RowState::Delayed)
    })
}

fn given_up(expired: &Expired) -> Result<Ending> {
    let is_made = expired.made != "[]";
    let error = Error::internal(format!(
        "the worker vanished in each of {} tries; it is not tried again",
        expired.attempt
    ))
    .with_retry(Retry::Never)
    .with_side_effect(if is_made {
        SideEffect::Done
    } else {
        SideEffect::Possible
    })
    .with_hint("the log of the workers may say why they vanished")
    .with_cloud(expired.cloud.as_str());
    let problem = Problem::new(&error, Some(Text::from(expired.request_id.as_str())));
    Ok(Ending {
        error: Some(view::write(&problem)?),
        ..Ending::of(RowState::Error)
    })
}
