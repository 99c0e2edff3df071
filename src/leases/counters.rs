//! What this process counts of the leases that it ends.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::store::EndOfLease;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CloudLabels {
    cloud: String,
}

/// Counters of one thing by the cloud that it happened on.
#[derive(Debug, Clone, Default)]
pub(super) struct ByCloud(Family<CloudLabels, Counter>);

impl ByCloud {
    pub(super) fn count(&self, lease: &EndOfLease) {
        let cloud = lease.cloud.clone();
        self.0.get_or_create_owned(&CloudLabels { cloud }).inc();
    }
}

/// Counters of leases, for whoever shows them. A clone counts the same.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    pub(super) noticed: ByCloud,
    pub(super) ended: ByCloud,
    pub(super) kept: ByCloud,
    pub(super) destroyed_again: ByCloud,
    pub(super) vanished: ByCloud,
}

impl Counters {
    /// Shows them under their names.
    pub(crate) fn register(&self, registry: &mut Registry) {
        for (name, help, counters) in [
            (
                "node_lease_notices",
                "Leases whose coming end was told",
                &self.noticed,
            ),
            (
                "node_leases_ended",
                "Leases that ended, whose nodes are destroyed",
                &self.ended,
            ),
            (
                "node_leases_kept",
                "Leases that ended of nodes that stay, for they are protected",
                &self.kept,
            ),
            (
                "node_lease_destroys_again",
                "Nodes that could not be destroyed when their leases ended and are tried again",
                &self.destroyed_again,
            ),
            (
                "node_leases_vanished",
                "Leases of nodes that their clouds did not have any more",
                &self.vanished,
            ),
        ] {
            registry.register(name, help, counters.0.clone());
        }
    }
}
