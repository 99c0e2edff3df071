use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark, Metadata, named};
use crate::Text;

/// A disk with a life of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Volume {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name; several volumes may share it.
    pub name: Text,
    /// The neutral state.
    pub state: VolumeState,
    /// The provider's own word for the state.
    pub native_state: Text,
    /// In gigabytes.
    pub size_gb: u64,
    /// The kind of storage, as the provider calls it.
    pub kind: Option<Text>,
    /// The id of its location.
    pub location: Option<Text>,
    /// Whether a node can boot from it.
    pub bootable: bool,
    /// The nodes it is attached to.
    pub attachments: Vec<VolumeAttachment>,
    /// The id of the snapshot it was made from.
    pub snapshot: Option<Text>,
    /// The id of the image it was made from.
    pub image: Option<Text>,
    /// What its owner keeps on it.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
    /// The mark of the job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// When the provider made it.
    pub created_at: Option<Timestamp>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// Where a volume is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VolumeAttachment {
    /// The id of the node.
    pub node: Text,
    /// The device name, where the provider knows it.
    pub device: Option<Text>,
}

/// The neutral state of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VolumeState {
    /// Being made.
    Creating,
    /// Ready, and attached to nothing.
    Available,
    /// On its way to a node.
    Attaching,
    /// Attached.
    InUse,
    /// On its way off a node.
    Detaching,
    /// Being made larger, or otherwise at work.
    Busy,
    /// Going.
    Deleting,
    /// Failed.
    Error,
    /// The provider said something that nobody knows.
    Unknown,
}

named!(VolumeState {
    Creating = "creating",
    Available = "available",
    Attaching = "attaching",
    InUse = "in_use",
    Detaching = "detaching",
    Busy = "busy",
    Deleting = "deleting",
    Error = "error",
    Unknown = "unknown",
});

/// A volume to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeCreate {
    /// The name.
    pub name: Text,
    /// In gigabytes.
    pub size_gb: u64,
    /// The kind of storage; `None` leaves it to the provider.
    pub kind: Option<Text>,
    /// The id of the location; `None` leaves it to the provider.
    pub location: Option<Text>,
    /// The id of the snapshot to make it from.
    pub snapshot: Option<Text>,
    /// The id of the image to make it from.
    pub image: Option<Text>,
    /// What its owner keeps on it.
    pub metadata: Metadata,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}

/// An attachment to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeAttach {
    /// The id of the node.
    pub node: Text,
    /// A wished device name.
    pub device: Option<Text>,
}
