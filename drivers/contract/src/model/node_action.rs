use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{NodeState, named};

/// What can be done to a node. The name on the wire is the last segment of the action's path.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NodeAction {
    /// Bring a stopped node up.
    Start,
    /// Bring a node down and keep it.
    Stop,
    /// Bring a node down and up again.
    Reboot,
    /// Give it another name.
    Rename,
    /// End it for good.
    Destroy,
    /// Give it another size.
    Resize,
    /// Keep the new size.
    ConfirmResize,
    /// Go back to the old size.
    RevertResize,
    /// Install an image afresh, under the same id.
    Rebuild,
    /// Write its memory to disk and release the processor.
    Suspend,
    /// Bring a suspended node back.
    Resume,
    /// Hold the processor.
    Pause,
    /// Let a paused node go on.
    Unpause,
    /// Release its host and keep its disk.
    Shelve,
    /// Bring a shelved node back.
    Unshelve,
    /// Boot from a rescue image.
    Rescue,
    /// Boot from its own disk again.
    Unrescue,
    /// Set the administrator's password.
    ChangePassword,
    /// Change its metadata.
    SetMetadata,
    /// Keep its disk as a snapshot or an image.
    Snapshot,
    /// Attach a volume.
    AttachVolume,
    /// Detach a volume.
    DetachVolume,
    /// Associate an address.
    AssociateAddress,
}

named!(NodeAction {
    Start = "start",
    Stop = "stop",
    Reboot = "reboot",
    Rename = "rename",
    Destroy = "destroy",
    Resize = "resize",
    ConfirmResize = "confirm-resize",
    RevertResize = "revert-resize",
    Rebuild = "rebuild",
    Suspend = "suspend",
    Resume = "resume",
    Pause = "pause",
    Unpause = "unpause",
    Shelve = "shelve",
    Unshelve = "unshelve",
    Rescue = "rescue",
    Unrescue = "unrescue",
    ChangePassword = "change-password",
    SetMetadata = "set-metadata",
    Snapshot = "snapshot",
    AttachVolume = "attach-volume",
    DetachVolume = "detach-volume",
    AssociateAddress = "associate-address",
});

/// A set of actions. On the wire a list of names.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NodeActions(u32);

impl NodeActions {
    /// The set with `action` in it.
    #[must_use]
    pub const fn with(self, action: NodeAction) -> Self {
        Self(self.0 | 1 << action as u32)
    }

    /// Whether `action` is in the set.
    pub const fn contains(self, action: NodeAction) -> bool {
        self.0 & 1 << action as u32 != 0
    }

    /// The set as a number: a bit for each action, in the order of declaration.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The actions in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = NodeAction> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let action = NodeAction::ALL.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(*action)
        })
    }
}

impl FromIterator<NodeAction> for NodeActions {
    fn from_iter<I: IntoIterator<Item = NodeAction>>(actions: I) -> Self {
        actions.into_iter().fold(Self::default(), Self::with)
    }
}

impl fmt::Debug for NodeActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for NodeActions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.count_ones() as usize))?;
        for action in self.iter() {
            list.serialize_element(&action)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for NodeActions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = NodeActions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of node actions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<NodeActions, A::Error> {
                let mut actions = NodeActions::default();
                while let Some(action) = list.next_element()? {
                    actions = actions.with(action);
                }
                Ok(actions)
            }
        }
        deserializer.deserialize_seq(Names)
    }
}

impl PartialSchema for NodeActions {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(NodeAction::schema()).into()
    }
}

impl ToSchema for NodeActions {}

/// Which action is legal in which states, on one cloud. On the wire an object of lists of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeActionTable([u16; NodeAction::ALL.len()]);

impl NodeActionTable {
    /// A table in which nothing is legal.
    pub const EMPTY: Self = Self([0; NodeAction::ALL.len()]);

    /// The table with `action` legal in `states` and in no others.
    #[must_use]
    pub const fn allow(mut self, action: NodeAction, states: &[NodeState]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < states.len() {
            bits |= 1 << states[index] as u16;
            index += 1;
        }
        self.0[action as usize] = bits;
        self
    }

    /// Whether `action` is legal in `state`.
    pub const fn allows(&self, action: NodeAction, state: NodeState) -> bool {
        self.0[action as usize] & 1 << state as u16 != 0
    }

    /// The states in which `action` is legal; none if the cloud does not know the action.
    pub fn states(&self, action: NodeAction) -> Vec<NodeState> {
        NodeState::ALL
            .iter()
            .copied()
            .filter(|state| self.allows(action, *state))
            .collect()
    }

    /// The actions that are legal in `state`.
    pub fn actions(&self, state: NodeState) -> NodeActions {
        NodeAction::ALL
            .iter()
            .copied()
            .filter(|action| self.allows(*action, state))
            .collect()
    }
}

impl Serialize for NodeActionTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for action in NodeAction::ALL {
            let states = self.states(*action);
            if !states.is_empty() {
                map.serialize_entry(action, &states)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for NodeActionTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map =
            std::collections::BTreeMap::<NodeAction, Vec<NodeState>>::deserialize(deserializer)?;
        Ok(map.iter().fold(Self::EMPTY, |table, (action, states)| {
            table.allow(*action, states)
        }))
    }
}

impl PartialSchema for NodeActionTable {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("for each action the states in which it is legal"))
            .additional_properties(Some(ArrayBuilder::new().items(NodeState::schema())))
            .into()
    }
}

impl ToSchema for NodeActionTable {}

#[cfg(test)]
mod tests {
    use super::{NodeAction, NodeActionTable, NodeState};

    #[test]
    fn a_table_says_which_states_allow_an_action() {
        let table = NodeActionTable::EMPTY
            .allow(NodeAction::Start, &[NodeState::Stopped])
            .allow(
                NodeAction::Destroy,
                &[NodeState::Stopped, NodeState::Running],
            );
        assert!(table.allows(NodeAction::Start, NodeState::Stopped));
        assert!(!table.allows(NodeAction::Start, NodeState::Running));
        assert_eq!(
            table.states(NodeAction::Destroy),
            [NodeState::Running, NodeState::Stopped]
        );
        let json = serde_json::to_string(&table).unwrap();
        assert_eq!(
            json,
            r#"{"start":["stopped"],"destroy":["running","stopped"]}"#
        );
        assert_eq!(
            serde_json::from_str::<NodeActionTable>(&json).unwrap(),
            table
        );
        assert_eq!(
            serde_json::to_string(&table.actions(NodeState::Stopped)).unwrap(),
            r#"["start","destroy"]"#
        );
    }
}
