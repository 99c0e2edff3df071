//! The disks that a node is made with.

use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{Error, Result};
use serde_json::{Value, json};

use super::options::NodeOptions;
use crate::version::Microversion;

/// Since then Nova passes the kind of a root volume on to Cinder.
const VOLUME_KIND: Microversion = Microversion::new(2, 67);

/// Nova's block device mapping; none where the node boots from its image alone.
pub(super) fn disks(
    request: &NodeCreate,
    options: &NodeOptions,
    spoken: Option<Microversion>,
) -> Result<Option<Value>> {
    let mut disks = Vec::new();
    if let Some(root) = &request.root_volume {
        let mut disk = json!({
            "boot_index": 0,
            "uuid": request.image.as_str(),
            "source_type": "image",
            "destination_type": "volume",
            "volume_size": root.size_gb,
            "delete_on_termination": root.delete_with_node,
        });
        if let Some(kind) = &root.kind {
            if spoken.is_none_or(|spoken| spoken < VOLUME_KIND) {
                return Err(Error::unsupported(format!(
                    "the kind of a root volume needs compute api {VOLUME_KIND}"
                ))
                .with_field("root_volume.kind"));
            }
            disk["volume_type"] = Value::from(kind.as_str());
        }
        disks.push(disk);
    } else if !options.block_device_mapping_v2.is_empty() {
        // With further disks the local one has to be said too.
        disks.push(json!({
            "boot_index": 0,
            "uuid": request.image.as_str(),
            "source_type": "image",
            "destination_type": "local",
            "delete_on_termination": true,
        }));
    }
    let more = options.block_device_mapping_v2.iter().cloned();
    disks.extend(more.map(Value::Object));
    Ok((!disks.is_empty()).then_some(Value::Array(disks)))
}
