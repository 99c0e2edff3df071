//! Carries jobs out: takes them from the queue, keeps hold of them, and hands back what it cannot
//! finish.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloudfarm_contract::Result;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::attempt;
use super::endings::Endings;
use super::engine::{Jobs, millis};
use super::fair::{self, Limits, Slots};
use super::held::Held;
use super::kinds::Kinds;
use super::upkeep;
use crate::farm::FarmHandle;
use crate::store::{Claimed, Ending, RowState};

/// A job that ended sooner was quick: where jobs are, more than there is room for are taken at once,
/// because they are gone before others could take them.
const QUICK: Duration = Duration::from_millis(20);

/// So many ends may wait to be written; then no more jobs are taken.
const UNWRITTEN_MAX: usize = 1024;

/// Carries jobs out until it is drained.
#[derive(Debug)]
pub struct Worker {
    shared: Arc<Shared>,
    loops: TaskTracker,
}

/// What the tasks of a worker share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) jobs: Jobs,
    pub(super) farm: FarmHandle,
    /// Its name in the store, another one for each start.
    name: String,
    pub(super) kinds: Kinds,
    pub(super) endings: Endings,
    /// Jobs that are taken but not begun.
    ahead: Mutex<VecDeque<(Claimed, Arc<Held>)>>,
    /// Jobs that are being worked on.
    working: AtomicUsize,
    /// Quick jobs since jobs were last taken.
    quick: AtomicUsize,
    /// Rung when there is room for another job.
    freed: Notify,
    runs: TaskTracker,
    /// No more jobs are taken.
    pub(super) stopping: CancellationToken,
    /// No more leases are renewed.
    pub(super) stopped: CancellationToken,
}

impl Worker {
    /// Begins to carry out the jobs of `jobs` on the clouds of `farm`.
    pub fn start(jobs: Jobs, farm: FarmHandle) -> Self {
        Self::start_with(jobs, farm, Kinds::default())
    }

    /// The same for jobs of these kinds.
    pub fn start_with(jobs: Jobs, farm: FarmHandle, kinds: Kinds) -> Self {
        jobs.0.has_worker.store(true, Ordering::Relaxed);
        let shared = Arc::new(Shared {
            endings: Endings::start(jobs.store().clone()),
            jobs,
            farm,
            kinds,
            ahead: Mutex::default(),
            working: AtomicUsize::new(0),
            quick: AtomicUsize::new(0),
            name: Uuid::now_v7().simple().to_string(),
            freed: Notify::new(),
            runs: TaskTracker::new(),
            stopping: CancellationToken::new(),
            stopped: CancellationToken::new(),
        });
        let loops = TaskTracker::new();
        loops.spawn(Arc::clone(&shared).dispatch());
        loops.spawn(Arc::clone(&shared).renew());
        loops.spawn(Arc::clone(&shared).hear_cancellations());
        loops.spawn(upkeep::keep_up(Arc::clone(&shared)));
        Self { shared, loops }
    }

    /// Takes no more jobs from now on.
    pub fn stop(&self) {
        self.shared.stopping.cancel();
    }

    /// Lets running jobs end within `patience` and hands back those that do not, so that others go
    /// on with them at once. Gives how many those are that were begun.
    pub async fn drain(self, patience: Duration) -> usize {
        let shared = &self.shared;
        shared.stopping.cancel();
        shared.runs.close();
        let _ = timeout(patience, shared.runs.wait()).await;
        let left = shared.jobs.0.holdings.take_all();
        let mut handed_back = 0;
        for (held, task) in left {
            if let Some(task) = task {
                task.abort();
                handed_back += 1;
            }
            shared.hand_back(&held).await;
        }
        shared.stopped.cancel();
        self.loops.close();
        self.loops.wait().await;
        handed_back
    }
}

impl Shared {
    async fn dispatch(self: Arc<Self>) {
        let poll = self.jobs.0.settings.poll.get();
        loop {
            tokio::select! {
                () = self.stopping.cancelled() => return,
                () = self.jobs.store().bell().ready() => {}
                () = self.freed.notified() => {}
                () = sleep(poll) => {}
            }
            loop {
                // Not cancelled half-way: what was claimed must be known here.
                match self.claim().await {
                    Ok(0) => break,
                    Ok(_) if self.stopping.is_cancelled() => return,
                    Ok(_) => {}
                    Err(error) => {
                        log::warn!("no jobs can be taken: {error:?}");
                        break;
                    }
                }
            }
        }
    }

    /// Takes as many jobs as there is room for, and begins them.
    async fn claim(self: &Arc<Self>) -> Result<usize> {
        let inner = &self.jobs.0;
        let settings = &inner.settings;
        let (at_once, pick) = (settings.at_once as usize, settings.pick as usize);
        if self.ahead().len() > pick / 2 {
            return Ok(0);
        }
        let all = inner.holdings.all();
        let held: Vec<_> = all.iter().filter(|held| !held.is_ending()).collect();
        if all.len() - held.len() > UNWRITTEN_MAX {
            return Ok(0);
        }
        let ahead = pick.min(2 * self.quick.swap(0, Ordering::Relaxed));
        let busy: Vec<String> = held.iter().map(|held| held.cloud.clone()).collect();
        let slots = Slots {
            free: (at_once + ahead).saturating_sub(held.len()),
            pick,
            extra: (2 * at_once).saturating_sub(held.len().max(at_once)),
            busy: &busy,
        };
        let farm = self.farm.load();
        let of_cloud = |cloud: &str| farm.get(cloud).map_or(0, |cloud| cloud.jobs_at_once());
        let limits = Limits {
            of_cloud: &of_cloud,
            of_project: settings.project_at_once,
        };
        let is_strict =
            limits.of_project > 0 || farm.clouds().any(|cloud| cloud.jobs_at_once() > 0);
        let lease = settings.lease.get();
        let until = Instant::now() + lease;
        let claimed = inner
            .store
            .claim(&self.name, millis(lease), is_strict, |lanes| {
                fair::plan(lanes, &slots, &limits)
            })
            .await?;
        let count = claimed.len();
        for job in claimed {
            let held = self.hold(&job, until);
            if ahead > 0 {
                self.ahead().push_back((job, held));
            } else {
                self.begin(job, held);
            }
        }
        self.begin_next();
        Ok(count)
    }

    /// Begins jobs that were taken ahead, as many as there is room for.
    fn begin_next(self: &Arc<Self>) {
        let at_once = self.jobs.0.settings.at_once as usize;
        loop {
            let mut ahead = self.ahead();
            let is_full = self.working.load(Ordering::Relaxed) >= at_once;
            if is_full || self.stopping.is_cancelled() {
                return;
            }
            // Under the lock, so that two do not take the last place.
            match ahead.pop_front() {
                Some((job, held)) => self.begin(job, held),
                None => return,
            }
        }
    }

    fn ahead(&self) -> MutexGuard<'_, VecDeque<(Claimed, Arc<Held>)>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, job: &Claimed, until: Instant) -> Arc<Held> {
        let held = Arc::new(Held::new(job.lease(), &job.cloud, until));
        if job.cancel_requested {
            held.cancelled.cancel();
        }
        self.jobs.0.holdings.insert(Arc::clone(&held));
        held
    }

    fn begin(self: &Arc<Self>, job: Claimed, held: Arc<Held>) {
        let lease = job.lease();
        self.working.fetch_add(1, Ordering::Relaxed);
        let place = Place {
            shared: Arc::clone(self),
            taken: Instant::now(),
        };
        let shared = Arc::clone(self);
        let task = self.runs.spawn(async move {
            attempt::carry_out(&shared, job, &held, place).await;
            shared.jobs.0.holdings.remove(lease);
            shared.freed.notify_one();
        });
        self.jobs.0.holdings.set_task(lease, task.abort_handle());
    }

    /// Renews the leases three times in their length. What cannot be renewed in time is given up.
    async fn renew(self: Arc<Self>) {
        let inner = &self.jobs.0;
        let length = inner.settings.lease.get();
        let mut pause = length / 3;
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                () = sleep(pause) => {}
            }
            let turn = self.endings.hold_up().await;
            let held = inner.holdings.all();
            let leases: Vec<_> = held.iter().map(|held| held.lease).collect();
            let until = Instant::now() + length;
            let renewed = if leases.is_empty() {
                Ok(Vec::new())
            } else {
                inner.store.renew(&leases, millis(length)).await
            };
            drop(turn);
            match renewed {
                Ok(answers) => {
                    pause = length / 3;
                    for (held, answer) in held.iter().zip(answers) {
                        take_answer(held, answer, until);
                    }
                }
                Err(error) => {
                    pause = length / 10;
                    log::warn!("{} leases cannot be renewed: {error:?}", leases.len());
                    let expired = held.iter().filter(|held| held.has_expired());
                    expired.for_each(|held| held.lost.cancel());
                }
            }
        }
    }

    async fn hear_cancellations(self: Arc<Self>) {
        let mut cancellations = self.jobs.store().bell().cancellations();
        loop {
            let heard = tokio::select! {
                () = self.stopped.cancelled() => return,
                heard = cancellations.recv() => heard,
            };
            match heard {
                Ok(job) => {
                    if let Some(held) = self.jobs.0.holdings.get(job) {
                        held.cancelled.cancel();
                    }
                }
                // The next renewal tells.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn hand_back(&self, held: &Held) {
        let ending = Ending {
            uncounted: true,
            ..Ending::of(RowState::Ready)
        };
        match self.jobs.store().end(held.lease, &ending, None).await {
            Ok(_) => log::info!("job={} handed back", held.lease.job),
            // Its lease runs out, then others go on with it.
            Err(error) => log::warn!("job={} cannot be handed back: {error:?}", held.lease.job),
        }
    }
}

/// One of the places for jobs; another job gets it as soon as it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    shared: Arc<Shared>,
    taken: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        let shared = &self.shared;
        shared.working.fetch_sub(1, Ordering::Relaxed);
        if self.taken.elapsed() < QUICK {
            shared.quick.fetch_add(1, Ordering::Relaxed);
        }
        shared.begin_next();
        shared.freed.notify_one();
    }
}

fn take_answer(held: &Held, answer: Option<bool>, until: Instant) {
    match answer {
        None => held.lost.cancel(),
        Some(is_cancelled) => {
            held.extend(until);
            if is_cancelled {
                held.cancelled.cancel();
            }
        }
    }
}
