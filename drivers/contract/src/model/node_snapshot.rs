use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark, named};
use crate::Text;

/// A node as it was at one moment, which it can go back to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NodeSnapshot {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// The id of the node.
    pub node: Text,
    /// The neutral state.
    pub state: SnapshotState,
    /// The provider's own word for the state.
    pub native_state: Text,
    /// The mark of the job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// When the provider made it.
    pub created_at: Option<Timestamp>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// The neutral state of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotState {
    /// Being made.
    Creating,
    /// Ready.
    Available,
    /// Going.
    Deleting,
    /// Failed.
    Error,
    /// The provider said something that nobody knows.
    Unknown,
}

named!(SnapshotState {
    Creating = "creating",
    Available = "available",
    Deleting = "deleting",
    Error = "error",
    Unknown = "unknown",
});

/// A snapshot of a node to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeSnapshotCreate {
    /// The id of the node.
    pub node: Text,
    /// The name.
    pub name: Text,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}
