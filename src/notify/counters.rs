//! What this process counts of what it tells.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ToldLabels {
    notifier: String,
    outcome: &'static str,
}

/// What came of telling something.
#[derive(Debug, Clone, Copy)]
pub(super) enum Came {
    /// The notifier took it.
    Taken,
    /// It did not, and is told again.
    Refused,
    /// It is never told.
    Lost,
}

/// Counters of what is told, for whoever shows them. A clone counts the same.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    told: Family<ToldLabels, Counter>,
}

impl Counters {
    /// Shows them under their names.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "notifications",
            "Tries to tell a notifier something, by what came of them",
            self.told.clone(),
        );
    }

    /// Shows a notifier before anything was told to it.
    pub(super) fn begin(&self, notifier: &str) {
        for came in [Came::Taken, Came::Refused, Came::Lost] {
            self.of(notifier, came);
        }
    }

    /// This came of telling that notifier something.
    pub(super) fn told(&self, notifier: &str, came: Came) {
        self.of(notifier, came).inc();
    }

    fn of(&self, notifier: &str, came: Came) -> Counter {
        self.told.get_or_create_owned(&ToldLabels {
            notifier: notifier.to_owned(),
            outcome: match came {
                Came::Taken => "taken",
                Came::Refused => "refused",
                Came::Lost => "lost",
            },
        })
    }
}
