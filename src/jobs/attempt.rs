//! One try of a job.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloudfarm_contract::{
    Context, Error, ErrorKind, Priority, Result, Secret, SideEffect, Text, async_trait,
};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::backoff;
use super::engine::{millis, pack_secrets, unpack_secrets};
use super::held::{Held, lost};
use super::job::{JobStep, ResourceRef};
use super::run::{Earlier, Note, Record, Recorded, Run};
use super::view;
use super::work::Outcome;
use super::worker::{Place, Shared};
use crate::Problem;
use crate::store::{Claimed, Ending, JobNote, RowState, Store};

/// What a job has on top of its own time, to undo what it could not finish.
const TIME_TO_UNDO: Duration = Duration::from_secs(150);

/// The longest pause before the store is tried again.
const STORE_PAUSE_MAX: Duration = Duration::from_secs(5);

/// Carries a job out and writes what came of it, unless it is somebody else's by then.
pub(super) async fn carry_out(shared: &Shared, job: Claimed, held: &Arc<Held>, place: Place) {
    log::debug!(
        "job={} request_id={} {} begins, try {} of {}",
        job.id,
        job.request_id,
        job.action,
        job.attempt,
        job.attempt_max
    );
    let (started, counters) = (Instant::now(), shared.jobs.counters());
    counters.begun(&job, shared.jobs.store().now());
    let result = AssertUnwindSafe(run(shared, &job, held))
        .catch_unwind()
        .await;
    let result = result.unwrap_or_else(|_| Err(Error::internal("the job panicked")));
    if held.lost.is_cancelled() {
        log::warn!("job={} was lost to another worker", job.id);
        counters.lost();
        return;
    }
    let ending = match ending(shared, &job, held, result) {
        Ok(ending) => ending,
        Err(error) => failed(&job, &error),
    };
    let took = started.elapsed();
    held.begin_to_end();
    drop(place);
    match write_ending(shared, &job, held, &ending).await {
        Ok(true) => counters.tried(&job.action, ending.state, took),
        Ok(false) => counters.lost(),
        Err(error) => log::error!("job={} cannot be ended: {error:?}", job.id),
    }
}

async fn run(shared: &Shared, job: &Claimed, held: &Arc<Held>) -> Result<Outcome> {
    let store = shared.jobs.store();
    let payload: Value = serde_json::from_slice(&store.payload(job)?)
        .map_err(|error| Error::internal("the job cannot be read").with_internal(error))?;
    let work = shared.kinds.restore(&job.action, payload)?;
    let secrets = store.secrets_of(job)?;
    let earlier = Earlier {
        attempt: u32::try_from(job.attempt).unwrap_or(1),
        attempt_max: u32::try_from(job.attempt_max).unwrap_or(1),
        steps: view::steps(&job.steps)?,
        made: view::read(&job.made)?,
        secrets: secrets
            .as_deref()
            .map_or_else(|| Ok(Vec::new()), unpack_secrets)?,
    };
    let settings = &shared.jobs.0.settings;
    let record = Arc::new(Leased {
        store: store.clone(),
        held: Arc::clone(held),
        lease: settings.lease.get(),
        resource_kind: job.resource_kind.clone(),
        kept: Mutex::new(Kept {
            made: earlier.made.clone(),
            secrets: earlier.secrets.clone(),
        }),
    });
    let time = Duration::from_millis(u64::try_from(job.timeout_ms).unwrap_or_default());
    let cx = Context::new(time, job.request_id.as_str(), Priority::Job);
    let farm = shared.farm.load();
    let cancelled = held.cancelled.clone();
    let run = Run::new(job.id, farm, cx, record, earlier, cancelled)
        .with_patience(settings.search_time.get());
    let given_up = async {
        held.lost.cancelled().await;
        run.until_called().await;
    };
    tokio::select! {
        () = given_up => Err(lost()),
        result = timeout(time + TIME_TO_UNDO, work.run(&run)) => result.unwrap_or_else(|_| {
            let seconds = time.as_secs();
            Err(Error::timeout(format!("the job did not end within {seconds} s")))
        }),
    }
}

/// What becomes of the job.
fn ending(shared: &Shared, job: &Claimed, held: &Held, result: Result<Outcome>) -> Result<Ending> {
    let error = match result {
        Ok(outcome) => return finished(outcome),
        Err(error) => error,
    };
    log::warn!(
        "job={} request_id={} {} failed in try {} of {}: {error:?}",
        job.id,
        job.request_id,
        job.action,
        job.attempt,
        job.attempt_max
    );
    if held.cancelled.is_cancelled() {
        let is_clean = error.side_effect() == SideEffect::None;
        return Ok(Ending {
            error: (!is_clean).then(|| problem(job, &error)).transpose()?,
            ..Ending::of(RowState::Cancelled)
        });
    }
    if !error.is_retryable() || job.attempt >= job.attempt_max {
        return Ok(failed(job, &error));
    }
    let settings = &shared.jobs.0.settings;
    let pause = backoff::pause(settings, job.attempt, error.retry_after());
    let step = JobStep {
        at: Timestamp::now(),
        step: Text::from_static("retry"),
        message: format!(
            "try {} of {} failed: {error}; the next one is in {:.1} s",
            job.attempt,
            job.attempt_max,
            pause.as_secs_f64()
        ),
    };
    Ok(Ending {
        run_at: Some(shared.jobs.store().now() + millis(pause)),
        step: view::line(&step)?,
        ..Ending::of(RowState::Delayed)
    })
}

fn finished(outcome: Outcome) -> Result<Ending> {
    let has_secrets = !outcome.secrets.is_empty();
    Ok(Ending {
        result: Some(view::write(&outcome.result)?),
        secrets: has_secrets
            .then(|| pack_secrets(&outcome.secrets))
            .transpose()?,
        resource_id: outcome.made.map(|id| id.to_string()),
        ..Ending::of(RowState::Finished)
    })
}

fn failed(job: &Claimed, error: &Error) -> Ending {
    Ending {
        error: problem(job, error).ok(),
        ..Ending::of(RowState::Error)
    }
}

fn problem(job: &Claimed, error: &Error) -> Result<String> {
    let request_id = Text::from(job.request_id.as_str());
    view::write(&Problem::new(error, Some(request_id)))
}

/// Writes how the try ended. While the store is away it tries again: what was done on a cloud must
/// not be forgotten. The lease fences it, so that it is never too late to try. Gives whether the
/// lease still held.
async fn write_ending(
    shared: &Shared,
    job: &Claimed,
    held: &Held,
    ending: &Ending,
) -> Result<bool> {
    let mut pause = Duration::from_millis(100);
    loop {
        match shared.endings.write(held.lease, ending).await {
            Ok(true) => return Ok(true),
            Ok(false) => {
                log::warn!("job={} was lost to another worker", job.id);
                return Ok(false);
            }
            Err(error) if error.is_retryable() => {
                log::warn!("job={} waits for the store to end: {error:?}", job.id);
                sleep(pause).await;
                pause = (pause * 2).min(STORE_PAUSE_MAX);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The record of a job under its lease.
#[derive(Debug)]
struct Leased {
    store: Store,
    held: Arc<Held>,
    lease: Duration,
    resource_kind: String,
    /// All that was made, and all secrets.
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    made: Vec<ResourceRef>,
    secrets: Vec<(Text, Secret)>,
}

#[async_trait]
impl Record for Leased {
    async fn write(&self, note: Note) -> Result<()> {
        let stored = self.stored(&note)?;
        self.persist(&stored).await?;
        // A process that was frozen may wake up here, after others have taken its job.
        if self.held.has_expired() {
            self.renew().await?;
        }
        Ok(())
    }

    fn held_until(&self) -> Option<Instant> {
        Some(self.held.until())
    }

    async fn read(&self) -> Result<Recorded> {
        match self.store.get(self.held.lease.job).await {
            Ok(row) => Ok(Recorded {
                made: view::read(&row.made)?,
                has_ended: row.state.has_ended(),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Recorded {
                made: Vec::new(),
                has_ended: true,
            }),
            Err(error) => Err(error),
        }
    }
}

impl Leased {
    /// The note as it is stored, with all that was made and told before.
    fn stored(&self, note: &Note) -> Result<JobNote> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { made, secrets } = &mut *kept;
        let changes_made = !note.made.is_empty() || !note.unmade.is_empty();
        made.extend(note.made.iter().cloned());
        made.retain(|made| !note.unmade.contains(made));
        secrets.extend(note.secrets.iter().cloned());
        let own = note
            .made
            .iter()
            .find(|made| *made.kind == *self.resource_kind);
        Ok(JobNote {
            step: view::line(&note.step)?,
            made: changes_made.then(|| view::write(made)).transpose()?,
            secrets: (!note.secrets.is_empty())
                .then(|| pack_secrets(secrets))
                .transpose()?,
            resource_id: own.and_then(|made| made.id.as_ref()).map(Text::to_string),
            lease_ms: Some(millis(self.lease)),
        })
    }

    async fn persist(&self, note: &JobNote) -> Result<()> {
        let mut pause = Duration::from_millis(50);
        loop {
            self.held.check()?;
            let until = Instant::now() + self.lease;
            match self.store.note(self.held.lease, note).await {
                Ok(true) => {
                    self.held.extend(until);
                    return Ok(());
                }
                Ok(false) => {
                    self.held.lost.cancel();
                    return Err(lost());
                }
                // Until the lease runs out, nobody else does the job.
                Err(error) if error.is_retryable() && !self.held.has_expired() => {
                    sleep(pause).await;
                    pause = (pause * 2).min(STORE_PAUSE_MAX);
                }
                Err(error) => {
                    self.held.lost.cancel();
                    return Err(error);
                }
            }
        }
    }

    async fn renew(&self) -> Result<()> {
        let until = Instant::now() + self.lease;
        let answers = self
            .store
            .renew(&[self.held.lease], millis(self.lease))
            .await?;
        if answers.first().is_none_or(Option::is_none) {
            self.held.lost.cancel();
            return Err(lost());
        }
        self.held.extend(until);
        Ok(())
    }
}
