use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// How much of one thing the credential may have on its cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quota {
    /// The cloud.
    pub cloud: Text,
    /// What is counted: `nodes`, `vcpus`, `ram_mb`, `volumes`, `volume_gb`, `addresses` ... or the
    /// provider's own word.
    pub name: Text,
    /// How much is taken; `null` where the provider does not say.
    pub used: Option<u64>,
    /// How much there may be; `null` for no limit.
    pub limit: Option<u64>,
}
