//! Images, volumes and snapshots.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{ImageState, Mark, Metadata, SnapshotState, VolumeState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::states::Phase;
use crate::usage::Usage;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ImageRecord {
    pub(crate) name: Text,
    pub(crate) version: Option<Text>,
    pub(crate) os: Text,
    pub(crate) size_bytes: u64,
    pub(crate) min_ram_mb: u64,
    pub(crate) min_disk_gb: u64,
    pub(crate) public: bool,
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<ImageState>,
}

impl Record for ImageRecord {
    marked!();
    phased!();

    fn usage(&self) -> Usage {
        Usage {
            images: u64::from(!self.public && self.phase.end().is_some()),
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeRecord {
    pub(crate) name: Text,
    pub(crate) size_gb: u64,
    pub(crate) kind: Text,
    /// The index in [`crate::locations::LOCATIONS`].
    pub(crate) location: usize,
    /// The ordinal of the node and the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attached: Option<(u64, Text)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<Text>,
    /// A node boots from it; it goes with the node if this is so.
    #[serde(default)]
    pub(crate) delete_with_node: bool,
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<VolumeState>,
}

impl Record for VolumeRecord {
    marked!();
    phased!();

    fn usage(&self) -> Usage {
        if self.phase.end().is_none() {
            return Usage::default();
        }
        Usage {
            volumes: 1,
            volume_gb: self.size_gb,
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeSnapshotRecord {
    pub(crate) name: Text,
    pub(crate) volume: u64,
    pub(crate) size_gb: u64,
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<SnapshotState>,
}

impl Record for VolumeSnapshotRecord {
    marked!();
    phased!();

    fn usage(&self) -> Usage {
        Usage {
            volume_snapshots: u64::from(self.phase.end().is_some()),
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeSnapshotRecord {
    pub(crate) name: Text,
    pub(crate) node: u64,
    /// What the node was made from at that moment.
    pub(crate) image: Text,
    pub(crate) image_name: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<SnapshotState>,
}

impl Record for NodeSnapshotRecord {
    marked!();
    phased!();

    fn usage(&self) -> Usage {
        Usage {
            node_snapshots: u64::from(self.phase.end().is_some()),
            ..Usage::default()
        }
    }
}
