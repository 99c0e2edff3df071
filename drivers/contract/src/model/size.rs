use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Extra;
use crate::Text;

/// How much of everything a node gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Size {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// Virtual processors.
    pub vcpus: Option<u32>,
    /// Memory in megabytes.
    pub ram_mb: u64,
    /// Disk in gigabytes; 0 where it follows the image or is a volume.
    pub disk_gb: u64,
    /// Whether nodes of this size can be made.
    pub available: bool,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// The size of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct SizeRef {
    /// The provider's id; `null` where it keeps only a copy of what the size was.
    pub id: Option<Text>,
    /// The name; `null` where the provider does not say.
    pub name: Option<Text>,
    /// Virtual processors.
    pub vcpus: Option<u32>,
    /// Memory in megabytes.
    pub ram_mb: Option<u64>,
    /// Disk in gigabytes.
    pub disk_gb: Option<u64>,
}
