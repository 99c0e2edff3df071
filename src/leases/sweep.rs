//! Forgets the leases of nodes that vanished from their clouds.

use std::collections::HashSet;
use std::time::Duration;

use cloudfarm_contract::model::NodeState;
use cloudfarm_contract::{Context, Driver, ErrorKind, Priority, Result, Text};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::counters::Counters;
use super::reaper::{millis, named};
use crate::farm::FarmHandle;
use crate::store::{EndOfLease, Store};

/// The longest time between two looks which nodes have not been looked for lately.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// How long a cloud may take to say whether a node is there.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks whether leased nodes are still there.
pub(super) struct Sweeper {
    pub(super) store: Store,
    pub(super) farm: FarmHandle,
    /// How often each node is looked for.
    pub(super) look: Duration,
    pub(super) counters: Counters,
}

/// What a cloud says of a node.
enum Said {
    Gone,
    There,
    /// Nothing of this node now.
    Nothing,
    /// Nothing of any node now.
    Silence,
}

impl Sweeper {
    pub(super) async fn go_on(self, stopping: CancellationToken, poll: Duration) {
        let pause = (self.look / 10).min(PAUSE_MAX).max(poll);
        let go_on = async {
            loop {
                sleep(pause).await;
                if let Err(error) = self.sweep().await {
                    log::warn!("leases of nodes that are gone stay: {error:?}");
                }
            }
        };
        tokio::select! {
            () = stopping.cancelled() => {}
            () = go_on => {}
        }
    }

    async fn sweep(&self) -> Result<()> {
        let since = self.store.now() - millis(self.look);
        let mut leases = self.store.unseen_leases(since).await?;
        // So that no node on which a cloud hangs keeps it from being asked for the same others.
        fastrand::shuffle(&mut leases);
        let mut silent = HashSet::new();
        for lease in leases {
            // Each of its nodes would take as long as the first.
            if silent.contains(&lease.cloud) {
                continue;
            }
            match self.ask(&lease).await {
                Said::Gone if self.store.forget_lease(&lease).await? => {
                    self.counters.vanished.count(&lease);
                    log::info!("{} is gone, and so is its lease", named(&lease));
                }
                Said::Gone | Said::There | Said::Nothing => {}
                Said::Silence => {
                    silent.insert(lease.cloud);
                }
            }
        }
        Ok(())
    }

    async fn ask(&self, lease: &EndOfLease) -> Said {
        let farm = self.farm.load();
        let cloud = farm.get(&lease.cloud);
        let Ok(driver) = cloud.and_then(|cloud| cloud.driver().cloned()) else {
            return Said::Silence;
        };
        let cx = Context::new(PATIENCE, "lease-sweep", Priority::Job);
        match driver.get_node(&cx, &Text::from(lease.node.as_str())).await {
            Ok(node) if node.state == NodeState::Terminated => Said::Gone,
            Ok(_) => Said::There,
            Err(error) => match error.kind() {
                ErrorKind::NotFound => Said::Gone,
                ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::ProviderAuth => {
                    Said::Silence
                }
                _ => Said::Nothing,
            },
        }
    }
}
