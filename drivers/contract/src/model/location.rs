use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Extra;
use crate::Text;

/// Where nodes can be: a zone, a data centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Location {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// Whether nodes can be made there.
    pub available: bool,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}
