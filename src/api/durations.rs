//! Histograms of times, for the metrics.

use std::fmt::Debug;
use std::hash::Hash;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// One histogram for each set of labels, in seconds.
#[derive(Debug, Clone)]
pub(super) struct Durations<L>(Family<L, Histogram, fn() -> Histogram>);

impl<L: Clone + Eq + Hash> Default for Durations<L> {
    fn default() -> Self {
        Self(Family::new_with_constructor(histogram))
    }
}

/// From half a millisecond to sixteen seconds.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

impl<L> Durations<L>
where
    L: EncodeLabelSet + Clone + Eq + Hash + Debug + Send + Sync + 'static,
{
    pub(super) fn register(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register(name, help, self.0.clone());
    }

    /// The histogram of these labels.
    pub(super) fn of(&self, labels: &L) -> Histogram {
        self.0.get_or_create_owned(labels)
    }
}
