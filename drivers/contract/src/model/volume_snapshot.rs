use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark, Metadata, SnapshotState};
use crate::Text;

/// A volume as it was at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VolumeSnapshot {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// The id of the volume; `null` where the volume is gone.
    pub volume: Option<Text>,
    /// The neutral state.
    pub state: SnapshotState,
    /// The provider's own word for the state.
    pub native_state: Text,
    /// In gigabytes.
    pub size_gb: u64,
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

/// A snapshot of a volume to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeSnapshotCreate {
    /// The id of the volume.
    pub volume: Text,
    /// The name.
    pub name: Text,
    /// Whether to take it although the volume is in use.
    pub force: bool,
    /// What its owner keeps on it.
    pub metadata: Metadata,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}
