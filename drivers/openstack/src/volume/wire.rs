//! Volumes and snapshots as Cinder writes them.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{
    Extra, Metadata, SnapshotState, Volume, VolumeAttachment, VolumeSnapshot, VolumeState,
};
use serde::Deserialize;
use serde_json::Value;

use crate::list::Listed;
use crate::marks::take_mark;
use crate::time;

#[derive(Debug, Deserialize)]
pub(crate) struct VolumeReply {
    pub(crate) volume: CinderVolume,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CinderVolume {
    id: Text,
    #[serde(default, alias = "display_name")]
    name: Option<Text>,
    #[serde(default)]
    status: Text,
    size: u64,
    #[serde(default)]
    volume_type: Option<Text>,
    #[serde(default)]
    availability_zone: Option<Text>,
    /// `"true"` or `"false"`, and a truth value in some versions.
    #[serde(default)]
    bootable: Value,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    snapshot_id: Option<Text>,
    #[serde(default)]
    volume_image_metadata: Option<ImageMetadata>,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    created_at: Option<Text>,
    #[serde(flatten)]
    rest: Extra,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    server_id: Option<Text>,
    device: Option<Text>,
}

#[derive(Debug, Deserialize)]
struct ImageMetadata {
    image_id: Option<Text>,
}

impl Listed for CinderVolume {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl CinderVolume {
    pub(crate) fn into_volume(self, cloud: &Text) -> Volume {
        let attachments: Vec<_> = self
            .attachments
            .into_iter()
            .filter_map(|attachment| {
                Some(VolumeAttachment {
                    node: attachment.server_id.filter(|node| !node.is_empty())?,
                    device: attachment.device,
                })
            })
            .collect();
        let mut metadata = self.metadata.unwrap_or_default();
        let mark = take_mark(&mut metadata);
        Volume {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            state: state(&self.status, !attachments.is_empty()),
            native_state: self.status,
            size_gb: self.size,
            kind: self.volume_type,
            location: self.availability_zone,
            bootable: self.bootable == "true" || self.bootable == true,
            attachments,
            snapshot: self.snapshot_id.filter(|id| !id.is_empty()),
            image: self.volume_image_metadata.and_then(|image| image.image_id),
            metadata,
            mark,
            created_at: time::optional(self.created_at.as_ref()),
            extra: extra(self.rest),
        }
    }
}

fn state(status: &str, attached: bool) -> VolumeState {
    match status {
        "creating" | "downloading" | "managing" => VolumeState::Creating,
        // Nova and Cinder do not change their records at one instant.
        "available" if attached => VolumeState::Detaching,
        "available" => VolumeState::Available,
        "reserved" | "attaching" => VolumeState::Attaching,
        "in-use" if attached => VolumeState::InUse,
        "detaching" => VolumeState::Detaching,
        "in-use" | "extending" | "retyping" | "uploading" | "backing-up" | "restoring-backup"
        | "maintenance" | "awaiting-transfer" => VolumeState::Busy,
        "deleting" | "unmanaging" => VolumeState::Deleting,
        status if status.starts_with("error") => VolumeState::Error,
        _ => VolumeState::Unknown,
    }
}

fn extra(mut rest: Extra) -> Extra {
    rest.retain(|key, value| key != "links" && !value.is_null() && value.as_str() != Some(""));
    rest
}

#[derive(Debug, Deserialize)]
pub(crate) struct SnapshotReply {
    pub(crate) snapshot: CinderSnapshot,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CinderSnapshot {
    id: Text,
    #[serde(default, alias = "display_name")]
    name: Option<Text>,
    #[serde(default)]
    status: Text,
    size: u64,
    #[serde(default)]
    volume_id: Option<Text>,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    created_at: Option<Text>,
    #[serde(flatten)]
    rest: Extra,
}

impl Listed for CinderSnapshot {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl CinderSnapshot {
    pub(crate) fn into_snapshot(self, cloud: &Text) -> VolumeSnapshot {
        let mut metadata = self.metadata.unwrap_or_default();
        let mark = take_mark(&mut metadata);
        VolumeSnapshot {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            volume: self.volume_id.filter(|id| !id.is_empty()),
            state: snapshot_state(&self.status),
            native_state: self.status,
            size_gb: self.size,
            metadata,
            mark,
            created_at: time::optional(self.created_at.as_ref()),
            extra: extra(self.rest),
        }
    }
}

fn snapshot_state(status: &str) -> SnapshotState {
    match status {
        "creating" => SnapshotState::Creating,
        "available" | "backing-up" | "restoring" => SnapshotState::Available,
        "deleting" | "unmanaging" => SnapshotState::Deleting,
        status if status.starts_with("error") => SnapshotState::Error,
        _ => SnapshotState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{VolumeState, state};

    #[test]
    fn states_agree_with_attachments() {
        for (status, attached, expected) in [
            ("in-use", true, VolumeState::InUse),
            ("in-use", false, VolumeState::Busy),
            ("available", false, VolumeState::Available),
            ("available", true, VolumeState::Detaching),
            ("reserved", false, VolumeState::Attaching),
            ("error_extending", false, VolumeState::Error),
            ("awaiting-transfer", false, VolumeState::Busy),
            ("something-new", false, VolumeState::Unknown),
        ] {
            assert_eq!(state(status, attached), expected, "{status}");
        }
    }
}
