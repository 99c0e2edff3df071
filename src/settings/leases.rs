//! How leases of nodes end.

use serde::{Deserialize, Serialize};

use super::Span;

/// How leases of nodes end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeaseSettings {
    /// How long before its end a lease's coming end is told.
    pub notice: Span,
    /// How far in the future a lease may end.
    pub longest: Span,
    /// How often it is looked whether a node with a lease is still there.
    pub look: Span,
}

impl Default for LeaseSettings {
    fn default() -> Self {
        Self {
            notice: Span::seconds(15 * 60),
            longest: Span::seconds(10 * 365 * 24 * 3600),
            look: Span::seconds(10 * 60),
        }
    }
}
