//! Ends leases whose time has come.

use std::time::Duration;

use cloudfarm_contract::{Result, Text};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::counters::Counters;
use super::sweep::Sweeper;
use crate::farm::FarmHandle;
use crate::jobs::kinds::{Change, NodeChange};
use crate::jobs::{Jobs, Submission};
use crate::settings::LeaseSettings;
use crate::store::EndOfLease;

/// How long a node rests that could not be destroyed.
const REST: Duration = Duration::from_secs(1800);

/// Tells of ends that are near and destroys nodes that have outlived their leases. Of many
/// processes with one store, one does what is to be done for a lease.
#[derive(Debug)]
pub struct Reaper {
    stopping: CancellationToken,
    tasks: TaskTracker,
    counters: Counters,
}

/// What the task knows.
struct Round {
    jobs: Jobs,
    settings: LeaseSettings,
    counters: Counters,
}

impl Reaper {
    /// Looks for work each time that `poll` has passed.
    pub fn start(jobs: Jobs, farm: FarmHandle, settings: LeaseSettings, poll: Duration) -> Self {
        let reaper = Self {
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            counters: Counters::default(),
        };
        let sweeper = Sweeper {
            store: jobs.store().clone(),
            farm,
            look: settings.look.get(),
            counters: reaper.counters.clone(),
        };
        let round = Round {
            jobs,
            settings,
            counters: reaper.counters.clone(),
        };
        // Apart: a cloud that does not answer must not hold up the ends of leases.
        let sweeping = sweeper.go_on(reaper.stopping.clone(), poll);
        reaper.tasks.spawn(sweeping);
        let ending = round.go_on(reaper.stopping.clone(), poll);
        reaper.tasks.spawn(ending);
        reaper
    }

    /// What it counts.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Ends after what is under way.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Round {
    async fn go_on(self, stopping: CancellationToken, poll: Duration) {
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = sleep(poll) => {}
            }
            if let Err(error) = self.end_leases().await {
                log::warn!("leases cannot be ended: {error:?}");
            }
        }
    }

    async fn end_leases(&self) -> Result<()> {
        let store = self.jobs.store();
        let now = store.now();
        let soon = now + millis(self.settings.notice.get());
        let rested = now - millis(REST);
        if !store.has_due_leases(soon, rested).await? {
            return Ok(());
        }
        for lease in store.notice_leases(soon).await? {
            self.counters.noticed.count(&lease);
            log::info!("the lease of {} ends soon", named(&lease));
        }
        for lease in store.keep_leases().await? {
            self.counters.kept.count(&lease);
            log::info!(
                "the lease of {} has ended; it is protected and stays",
                named(&lease)
            );
        }
        for lease in store.end_leases().await? {
            self.counters.ended.count(&lease);
            log::info!("the lease of {} has ended", named(&lease));
        }
        for lease in store.end_leases_again(rested).await? {
            self.counters.destroyed_again.count(&lease);
            log::warn!(
                "{} could not be destroyed; it is tried again",
                named(&lease)
            );
        }
        for lease in store.leases_to_destroy().await? {
            self.destroy(&lease).await?;
        }
        Ok(())
    }

    /// Begins to destroy the node of a lease that has ended: once for each end, whoever else does.
    async fn destroy(&self, lease: &EndOfLease) -> Result<()> {
        let work = NodeChange {
            cloud: Text::from(lease.cloud.as_str()),
            node: Text::from(lease.node.as_str()),
            change: Change::Destroy,
        };
        let term = lease.term;
        let submission = Submission {
            unique_key: Some(format!("lease:{term}:{}:{}", lease.cloud, lease.node)),
            ..Submission::new(Text::from(format!("lease-{}", term.simple())))
        };
        let job = self.jobs.submit(&work, submission).await?;
        self.jobs.store().set_lease_job(lease, job.id()).await
    }
}

pub(super) fn named(lease: &EndOfLease) -> String {
    format!(
        "node {:?} ({}) on cloud {}",
        lease.name, lease.node, lease.cloud
    )
}

pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
