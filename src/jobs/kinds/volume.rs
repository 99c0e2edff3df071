//! A volume to be made, attached, detached or made larger.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Mark, Volume, VolumeAttach, VolumeCreate, VolumeState};
use cloudfarm_contract::{Context, Driver, Extension, Judgement, Result, Text};
use serde_json::{Value, json};

use super::create::{Creation, Made};
use super::modify::Modification;
use crate::farm::{Resource, extension};

impl Creation for VolumeCreate {
    type Of = Volume;

    const ACTION: &'static str = "CreateVolume";

    fn params(&self) -> Value {
        json!({
            "name": self.name,
            "size_gb": self.size_gb,
            "kind": self.kind,
            "location": self.location,
            "snapshot": self.snapshot,
            "image": self.image,
            "metadata": self.metadata,
        })
    }

    async fn create(&self, driver: &Layered, cx: &Context, mark: Mark) -> Result<Made<Volume>> {
        let request = Self {
            mark: Some(mark),
            ..self.clone()
        };
        let volumes = extension(driver, driver.volumes(), Extension::Volumes)?;
        volumes.create_volume(cx, &request).await.map(Made::from)
    }
}

/// What is done to a volume. Nodes stand there by their ids.
#[derive(Debug, Clone)]
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
