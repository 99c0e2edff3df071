//! The states of machines.

use cloudfarm_contract::model::NodeState;

/// The neutral state. The names that CloudAPI does not write itself come from the services behind
/// it, and have been seen all the same.
pub(super) fn state(native: &str) -> NodeState {
    match native {
        "provisioning" | "configured" | "incomplete" | "unavailable" => NodeState::Pending,
        "ready" => NodeState::Rebooting,
        "running" => NodeState::Running,
        "stopping" | "halting" | "shutting_down" => NodeState::Stopping,
        "stopped" | "off" | "down" | "installed" => NodeState::Stopped,
        "failed" => NodeState::Error,
        "deleted" | "destroyed" => NodeState::Terminated,
        // `offline` is a machine whose server does not answer.
        _ => NodeState::Unknown,
    }
}

/// What CloudAPI calls the state in a list, for those states that it has one name for.
pub(super) fn filter(state: NodeState) -> Option<&'static str> {
    match state {
        NodeState::Running => Some("running"),
        NodeState::Stopped => Some("stopped"),
        // Without being asked for they are not listed.
        NodeState::Error => Some("failed"),
        _ => None,
    }
}
