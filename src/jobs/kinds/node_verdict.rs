//! What can be told of a change of a node whose reply was lost, from the node as it is.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Node, NodeState, SizeRef};
use cloudfarm_contract::{Error, Retry, SideEffect};

use super::node_change::{Change, NodeChange};

/// How far a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is made, or on its way.
    Taken,
    /// It is not made; to ask again is right.
    NotTaken,
    /// It may be made or not, and to ask again would make it twice.
    NotKnown,
}

impl NodeChange {
    /// How far the change is, as the node shows it. `image_was_same` tells that the node had the
    /// image of a rebuild before it.
    pub(super) fn verdict(&self, driver: &Layered, node: &Node, image_was_same: bool) -> Verdict {
        match &self.change {
            // To ask for these twice is the same as once.
            Change::Destroy | Change::ChangePassword(_) => Verdict::NotTaken,
            Change::Update { name, metadata } => {
                let is_named = name.as_ref().is_none_or(|name| *name == node.name);
                let is_set = metadata.as_ref().is_none_or(|change| {
                    let holds = |(key, value)| node.metadata.get(key) == Some(value);
                    change.set.iter().all(holds)
                        && !change
                            .remove
                            .iter()
                            .any(|key| node.metadata.contains_key(key))
                });
                taken(is_named && is_set)
            }
            _ if node.busy || node.state.is_transitional() || node.state == NodeState::Error => {
                Verdict::Taken
            }
            Change::Reboot(_) if node.state == NodeState::Running => Verdict::NotKnown,
            Change::Reboot(_) => Verdict::NotTaken,
            Change::Resize(size) => {
                let has = |of: &SizeRef| of.id.as_ref() == Some(size);
                let waits = node.state == NodeState::VerifyResize;
                taken(waits || node.size.as_ref().is_some_and(has))
            }
            Change::Rebuild(request) => {
                let is_there = node.image.as_ref().is_some_and(|of| of.id == request.image);
                match (is_there, image_was_same) {
                    (true, false) => Verdict::Taken,
                    (true, true) => Verdict::NotKnown,
                    (false, _) => Verdict::NotTaken,
                }
            }
            _ => taken(self.target_states(driver).contains(&node.state)),
        }
    }

    /// The error of a change of which it is not known whether it was made.
    pub(super) fn not_known(&self, node: &Node, lost: Option<Error>) -> Error {
        not_known(
            &format!("{} of node {} was done", self.change.action(), node.id),
            node,
            lost,
        )
    }
}

fn taken(yes: bool) -> Verdict {
    if yes {
        Verdict::Taken
    } else {
        Verdict::NotTaken
    }
}

/// The error of something of which it is not known whether it was done, `lost` being what the call
/// failed with.
pub(super) fn not_known(what: &str, node: &Node, lost: Option<Error>) -> Error {
    let why = lost.map_or_else(String::new, |error| format!(" ({error})"));
    Error::provider_error(format!(
        "it is not known whether {what}: the cloud's reply was lost{why}, and the node is {}",
        node.state
    ))
    .with_retry(Retry::Never)
    .with_side_effect(SideEffect::Possible)
    .with_hint("look at the node, and ask again if it must be certain")
}
