use cloudfarm_contract::model::Extra;
use cloudfarm_contract::{Result, Text, read_options};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a node of OpenStack can be made with beyond the contract: `options` of a create.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeOptions {
    /// Hints for the scheduler, as `{"group": "..."}`.
    pub scheduler_hints: Map<String, Value>,
    /// Whether the node gets a drive with its metadata and user data.
    pub config_drive: Option<bool>,
    /// The ids of ports that are there already, behind the interfaces of `networks`.
    pub ports: Vec<Text>,
    /// What the node is for.
    pub description: Option<String>,
    /// The name within the guest, where it is not the node's.
    pub hostname: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// `AUTO` or `MANUAL`: whether the root partition is grown to the size of the disk.
    pub disk_config: Option<String>,
    /// Further disks, in Nova's own form.
    pub block_device_mapping_v2: Vec<Map<String, Value>>,
}

impl NodeOptions {
    pub(super) fn read(options: &Extra) -> Result<Self> {
        read_options(options)
    }
}
