use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// A project of the provider (a tenant, an account) that the credential may act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderProject {
    /// The cloud whose credential it is.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name; unique within a domain alone, where the provider has them.
    pub name: Text,
    /// The id of the domain it is in, where the provider has them.
    pub domain: Option<Text>,
    /// Whether the provider lets it be acted on at present.
    pub enabled: bool,
    /// Whether it is the one that this cloud acts on.
    pub current: bool,
}
