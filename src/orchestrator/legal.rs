//! What is legal for a node as it is.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Node, NodeAction};
use cloudfarm_contract::{Driver, Error, Result};

/// Refuses an action that is illegal for the node as it is, before the cloud is asked.
///
/// # Errors
///
/// `conflict`, with the states that allow it; `unsupported` if no state does.
pub(super) fn action(driver: &Layered, node: &Node, action: NodeAction) -> Result<()> {
    if node.actions.contains(action) {
        return Ok(());
    }
    capable(driver, action)?;
    let states = driver.capabilities().node_actions.states(action);
    let cloud = driver.info().cloud.clone();
    let verb = verb(action);
    let name = node.name.as_str();
    let why = if states.contains(&node.state) {
        format!("cannot {verb} node {name:?} while the cloud is at work on it")
    } else {
        let allowed: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        format!(
            "cannot {verb} node {name:?} in state {}, only in: {}",
            node.state,
            allowed.join(", ")
        )
    };
    Err(Error::conflict(why)
        .with_allowed_states(states)
        .with_cloud(cloud))
}

/// Refuses an action that the cloud can do to no node.
///
/// # Errors
///
/// `unsupported`.
pub(super) fn capable(driver: &Layered, action: NodeAction) -> Result<()> {
    let states = driver.capabilities().node_actions.states(action);
    if !states.is_empty() {
        return Ok(());
    }
    let cloud = driver.info().cloud.clone();
    let why = format!("cloud {cloud} cannot {} nodes", verb(action));
    Err(Error::unsupported(why).with_cloud(cloud))
}

/// The action in words that "node" can follow.
const fn verb(action: NodeAction) -> &'static str {
    match action {
        NodeAction::ConfirmResize => "confirm the resize of",
        NodeAction::RevertResize => "revert the resize of",
        NodeAction::ChangePassword => "change the password of",
        NodeAction::SetMetadata => "change the metadata of",
        NodeAction::Snapshot => "take a snapshot of",
        NodeAction::AttachVolume => "attach a volume to",
        NodeAction::DetachVolume => "detach a volume from",
        NodeAction::AssociateAddress => "associate an address with",
        action => action.as_str(),
    }
}
