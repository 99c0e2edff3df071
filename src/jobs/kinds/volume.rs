//! A volume to be attached, detached or made larger.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Volume, VolumeAttach, VolumeState};
use cloudfarm_contract::{Context, Driver, Extension, Judgement, Result, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::modify::Modification;
use crate::farm::{Resource, extension};

/// What is done to a volume. Nodes stand there by their ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum VolumeChange {
    /// Attach it to a node.
    Attach(VolumeAttach),
    /// Detach it from a node.
    Detach(Text),
    /// Make it so large, in gigabytes.
    Extend(u64),
}

impl Modification for VolumeChange {
    type Of = Volume;

    fn action(&self) -> &'static str {
        match self {
            Self::Attach(_) => "AttachVolume",
            Self::Detach(_) => "DetachVolume",
            Self::Extend(_) => "ExtendVolume",
        }
    }

    fn params(&self) -> Value {
        match self {
            Self::Attach(VolumeAttach { node, device }) => {
                json!({ "node": node, "device": device })
            }
            Self::Detach(node) => json!({ "node": node }),
            Self::Extend(size_gb) => json!({ "size_gb": size_gb }),
        }
    }

    async fn ask(&self, driver: &Layered, cx: &Context, id: &str) -> Result<()> {
        let volumes = extension(driver, driver.volumes(), Extension::Volumes)?;
        match self {
            Self::Attach(to) => volumes.attach_volume(cx, id, to).await,
            Self::Detach(node) => volumes.detach_volume(cx, id, node).await,
            Self::Extend(size_gb) => volumes.extend_volume(cx, id, size_gb).await,
        }
    }

    fn is_under_way(&self, seen: &Volume) -> bool {
        matches!(
            seen.state,
            VolumeState::Attaching | VolumeState::Detaching | VolumeState::Busy
        )
    }

    fn judge(&self, seen: &Volume) -> Judgement {
        let is_on = |node: &Text| seen.attachments.iter().any(|on| on.node == *node);
        let arrived = match self {
            Self::Attach(to) => seen.state == VolumeState::InUse && is_on(&to.node),
            Self::Detach(node) => !is_on(node),
            Self::Extend(size_gb) => seen.size_gb >= *size_gb,
        };
        match seen.readiness() {
            Judgement::Done if !arrived => Judgement::Continue,
            judgement => judgement,
        }
    }
}
