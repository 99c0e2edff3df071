//! Nova's words for the state of a server.

use cloudfarm_contract::Capabilities;
use cloudfarm_contract::model::{NodeAction, NodeActions, NodeState};

/// The neutral state of a server.
pub(super) fn state(status: &str, task: Option<&str>) -> NodeState {
    match status {
        "BUILD" => NodeState::Pending,
        // Nova goes on to call active what it is turning off, and shut off what it is turning on.
        "ACTIVE" if task == Some("powering-off") => NodeState::Stopping,
        "SHUTOFF" if task == Some("powering-on") => NodeState::Starting,
        "ACTIVE" | "PASSWORD" => NodeState::Running,
        "SHUTOFF" => NodeState::Stopped,
        "REBOOT" | "HARD_REBOOT" => NodeState::Rebooting,
        "SUSPENDED" | "SHELVED" | "SHELVED_OFFLOADED" => NodeState::Suspended,
        "PAUSED" => NodeState::Paused,
        "REBUILD" | "RESIZE" | "REVERT_RESIZE" => NodeState::Reconfiguring,
        "VERIFY_RESIZE" => NodeState::VerifyResize,
        "RESCUE" => NodeState::Rescued,
        "MIGRATING" => NodeState::Migrating,
        "ERROR" => NodeState::Error,
        "DELETED" | "SOFT_DELETED" => NodeState::Terminated,
        _ => NodeState::Unknown,
    }
}

/// The statuses of the servers that may be in a state: the filter that Nova knows. `None` where no
/// filter finds them.
pub(super) fn statuses(state: NodeState) -> Option<&'static [&'static str]> {
    Some(match state {
        NodeState::Pending => &["BUILD"],
        NodeState::Running => &["ACTIVE", "PASSWORD"],
        NodeState::Stopping => &["ACTIVE"],
        NodeState::Stopped | NodeState::Starting => &["SHUTOFF"],
        NodeState::Rebooting => &["REBOOT", "HARD_REBOOT"],
        NodeState::Suspended => &["SUSPENDED", "SHELVED", "SHELVED_OFFLOADED"],
        NodeState::Paused => &["PAUSED"],
        NodeState::Reconfiguring => &["REBUILD", "RESIZE", "REVERT_RESIZE"],
        NodeState::VerifyResize => &["VERIFY_RESIZE"],
        NodeState::Rescued => &["RESCUE"],
        NodeState::Migrating => &["MIGRATING"],
        NodeState::Error => &["ERROR"],
        // Lists leave them out.
        NodeState::Terminated => &[],
        NodeState::Unknown => return None,
    })
}

/// Whether Nova is at work on a server.
pub(super) fn is_busy(state: NodeState, status: &str, task: Option<&str>) -> bool {
    state.is_transitional() || status == "PASSWORD" || task.is_some_and(|task| !task.is_empty())
}

/// What is legal for a server. Two of Nova's states share the neutral `suspended`, and each comes
/// back by its own action.
pub(super) fn actions(
    capabilities: &Capabilities,
    state: NodeState,
    busy: bool,
    status: &str,
) -> NodeActions {
    let shelved = status.starts_with("SHELVED");
    let is_of_the_other = |action: &NodeAction| match action {
        NodeAction::Resume => shelved,
        NodeAction::Unshelve => !shelved,
        // A host that was released has nothing to reboot or to take a snapshot of.
        NodeAction::Reboot
        | NodeAction::Shelve
        | NodeAction::Snapshot
        | NodeAction::SetMetadata => shelved,
        NodeAction::AttachVolume | NodeAction::DetachVolume => {
            state == NodeState::Suspended && !shelved
        }
        _ => false,
    };
    capabilities
        .actions(state, busy)
        .iter()
        .filter(|action| !is_of_the_other(action))
        .collect()
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::model::{NodeAction, NodeState};

    use super::{actions, is_busy, state, statuses};
    use crate::capabilities::NODE_ACTIONS;

    #[test]
    fn every_status_has_a_state_and_filters_find_it() {
        for status in [
            "ACTIVE",
            "BUILD",
            "ERROR",
            "HARD_REBOOT",
            "MIGRATING",
            "PASSWORD",
            "PAUSED",
            "REBOOT",
            "REBUILD",
            "RESCUE",
            "RESIZE",
            "REVERT_RESIZE",
            "SHELVED",
            "SHELVED_OFFLOADED",
            "SHUTOFF",
            "SUSPENDED",
            "VERIFY_RESIZE",
        ] {
            let neutral = state(status, None);
            assert_ne!(neutral, NodeState::Unknown, "{status}");
            assert!(statuses(neutral).unwrap().contains(&status), "{status}");
        }
        assert_eq!(state("SOFT_DELETED", None), NodeState::Terminated);
        assert_eq!(state("DELETED", None), NodeState::Terminated);
        assert_eq!(state("UNKNOWN", None), NodeState::Unknown);
    }

    #[test]
    fn the_task_says_what_the_status_hides() {
        assert_eq!(state("ACTIVE", Some("powering-off")), NodeState::Stopping);
        assert_eq!(state("SHUTOFF", Some("powering-on")), NodeState::Starting);
        assert!(is_busy(NodeState::Running, "ACTIVE", Some("deleting")));
        assert!(is_busy(NodeState::Pending, "BUILD", None));
        assert!(!is_busy(NodeState::Running, "ACTIVE", None));
    }

    #[test]
    fn what_is_shelved_is_not_resumed() {
        let can = cloudfarm_contract::Capabilities {
            node_actions: NODE_ACTIONS,
            ..cloudfarm_contract::Capabilities::CORE
        };
        let shelved = actions(&can, NodeState::Suspended, false, "SHELVED_OFFLOADED");
        assert!(shelved.contains(NodeAction::Unshelve) && !shelved.contains(NodeAction::Resume));
        let suspended = actions(&can, NodeState::Suspended, false, "SUSPENDED");
        assert!(suspended.contains(NodeAction::Resume));
        assert!(!suspended.contains(NodeAction::Unshelve));
    }
}
