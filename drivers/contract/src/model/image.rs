use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark, Metadata, named};
use crate::Text;

/// What nodes are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Image {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name; the versions of an image share it.
    pub name: Text,
    /// Tells apart images of one name.
    pub version: Option<Text>,
    /// Whether nodes can be made from it.
    pub state: ImageState,
    /// The provider's own word for the state.
    pub native_state: Text,
    /// The operating system, as the provider calls it.
    pub os: Option<Text>,
    /// The processor architecture, as `x86_64`.
    pub architecture: Option<Text>,
    /// The size of the file in bytes.
    pub size_bytes: Option<u64>,
    /// The least memory of a node in megabytes.
    pub min_ram_mb: Option<u64>,
    /// The least disk of a node in gigabytes.
    pub min_disk_gb: Option<u64>,
    /// Whether everybody on the cloud may use it.
    pub public: bool,
    /// The id of whom it belongs to.
    pub owner: Option<Text>,
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

/// The image of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct ImageRef {
    /// The provider's id.
    pub id: Text,
    /// The name; `null` where the provider does not say.
    pub name: Option<Text>,
}

/// Whether nodes can be made from an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageState {
    /// Being made.
    Pending,
    /// Ready.
    Available,
    /// There, but switched off.
    Disabled,
    /// Failed.
    Error,
    /// Going.
    Deleting,
    /// The provider said something that nobody knows.
    Unknown,
}

named!(ImageState {
    Pending = "pending",
    Available = "available",
    Disabled = "disabled",
    Error = "error",
    Deleting = "deleting",
    Unknown = "unknown",
});

/// An image to be made from a node.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageCreate {
    /// The id of the node.
    pub node: Text,
    /// The name of the image.
    pub name: Text,
    /// The version, where the provider keeps one.
    pub version: Option<Text>,
    /// What its owner keeps on it.
    pub metadata: Metadata,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}
