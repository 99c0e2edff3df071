use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::named;

/// The neutral state of a node. The provider's own word stands beside it in `native_state`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Being created.
    Pending,
    /// Up.
    Running,
    /// On its way to stopped.
    Stopping,
    /// Down; its disk is kept.
    Stopped,
    /// On its way to running.
    Starting,
    /// Going down and up again.
    Rebooting,
    /// Memory written to disk, or shelved; comes back where it was.
    Suspended,
    /// Memory kept, processor held.
    Paused,
    /// Being resized or rebuilt.
    Reconfiguring,
    /// Resized, and waits for a confirmation or a revert.
    VerifyResize,
    /// Booted from a rescue image.
    Rescued,
    /// On its way to another host.
    Migrating,
    /// Failed; see `fault`.
    Error,
    /// Gone, or going.
    Terminated,
    /// The provider said something that nobody knows.
    Unknown,
}

named!(NodeState {
    Pending = "pending",
    Running = "running",
    Stopping = "stopping",
    Stopped = "stopped",
    Starting = "starting",
    Rebooting = "rebooting",
    Suspended = "suspended",
    Paused = "paused",
    Reconfiguring = "reconfiguring",
    VerifyResize = "verify_resize",
    Rescued = "rescued",
    Migrating = "migrating",
    Error = "error",
    Terminated = "terminated",
    Unknown = "unknown",
});

impl NodeState {
    /// Whether the node leaves this state by itself.
    pub const fn is_transitional(self) -> bool {
        matches!(
            self,
            Self::Pending
                | Self::Stopping
                | Self::Starting
                | Self::Rebooting
                | Self::Reconfiguring
                | Self::Migrating
        )
    }
}
