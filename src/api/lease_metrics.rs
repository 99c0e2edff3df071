//! How many leases of nodes there are, for the metrics.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::farm::Farm;
use crate::store::LeaseCount;

const STATES: [&str; 5] = ["active", "noticed", "kept", "ending", "failed"];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LeaseLabels {
    cloud: String,
    state: String,
}

/// The leases by how far they are.
#[derive(Debug, Default)]
pub(super) struct LeaseMetrics {
    leases: Family<LeaseLabels, Gauge>,
}

impl LeaseMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "node_leases",
            "Leases of nodes, on all machines; of failed ones the node could not be destroyed",
            self.leases.clone(),
        );
    }

    pub(super) fn clear(&self) {
        self.leases.clear();
    }

    pub(super) fn show(&self, farm: &Farm, counts: Vec<LeaseCount>) {
        self.clear();
        for cloud in farm.clouds() {
            for state in STATES {
                self.set(cloud.name().to_string(), state.to_owned(), 0);
            }
        }
        for LeaseCount {
            cloud,
            state,
            count,
        } in counts
        {
            self.set(cloud, state, count);
        }
    }

    fn set(&self, cloud: String, state: String, count: i64) {
        let labels = LeaseLabels { cloud, state };
        self.leases.get_or_create(&labels).set(count);
    }
}
