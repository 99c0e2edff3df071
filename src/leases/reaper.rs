//! Ends leases whose time has come.

use std::time::Duration;

use cloudfarm_contract::model::NodeState;
use cloudfarm_contract::{Context, Driver, ErrorKind, Priority, Result, Text};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::farm::FarmHandle;
use crate::jobs::kinds::{Change, NodeChange};
use crate::jobs::{Jobs, Submission};
use crate::settings::LeaseSettings;
use crate::store::EndOfLease;

/// How often it is looked which nodes have not been looked at for long.
const SWEEP: Duration = Duration::from_secs(60);
/// How often it is looked whether a leased node is still there.
const LOOK: Duration = Duration::from_secs(600);
/// How long a node rests that could not be destroyed.
const REST: Duration = Duration::from_secs(1800);
/// How long a cloud may take to say whether a node is there.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells of ends that are near and destroys nodes that have outlived their leases. Of many
/// processes with one store, one does what is to be done for a lease.
#[derive(Debug)]
pub struct Reaper {
    stopping: CancellationToken,
    task: JoinHandle<()>,
}

/// What the task knows.
struct Round {
    jobs: Jobs,
    farm: FarmHandle,
    settings: LeaseSettings,
}

impl Reaper {
    /// Looks for work each time that `poll` has passed.
    pub fn start(jobs: Jobs, farm: FarmHandle, settings: LeaseSettings, poll: Duration) -> Self {
        let stopping = CancellationToken::new();
        let round = Round {
            jobs,
            farm,
            settings,
        };
        let task = tokio::spawn(round.go_on(stopping.clone(), poll));
        Self { stopping, task }
    }

    /// Ends after what is under way.
    pub async fn stop(self) {
        self.stopping.cancel();
        // It ends by itself, and a panic in it is in the log already.
        let _ = self.task.await;
    }
}

impl Round {
    async fn go_on(self, stopping: CancellationToken, poll: Duration) {
        let mut next_sweep = Instant::now() + SWEEP;
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = sleep(poll) => {}
            }
            if let Err(error) = self.end_leases().await {
                log::warn!("leases cannot be ended: {error:?}");
            }
            if Instant::now() >= next_sweep {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    swept = self.sweep() => if let Err(error) = swept {
                        log::warn!("leases of nodes that are gone stay: {error:?}");
                    }
                }
                next_sweep = Instant::now() + SWEEP;
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
            log::info!("the lease of {} ends soon", named(&lease));
        }
        for lease in store.keep_leases().await? {
            log::info!(
                "the lease of {} has ended; it is protected and stays",
                named(&lease)
            );
        }
        for lease in store.end_leases().await? {
            log::info!("the lease of {} has ended", named(&lease));
        }
        store.end_leases_again(rested).await?;
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

    /// Deletes the leases of nodes that vanished from their clouds.
    async fn sweep(&self) -> Result<()> {
        let store = self.jobs.store();
        for lease in store.unseen_leases(store.now() - millis(LOOK)).await? {
            let farm = self.farm.load();
            let driver = match farm
                .get(&lease.cloud)
                .and_then(|cloud| cloud.driver().cloned())
            {
                Ok(driver) => driver,
                Err(_) => continue,
            };
            let cx = Context::new(PATIENCE, "lease-sweep", Priority::Job);
            match driver.get_node(&cx, &Text::from(lease.node.as_str())).await {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    log::info!("{} is gone, and so is its lease", named(&lease));
                    store.forget_lease(&lease).await?;
                }
                Ok(node) if node.state == NodeState::Terminated => {
                    store.forget_lease(&lease).await?;
                }
                // A cloud that does not answer now says nothing of its nodes.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn named(lease: &EndOfLease) -> String {
    format!(
        "node {:?} ({}) on cloud {}",
        lease.name, lease.node, lease.cloud
    )
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
