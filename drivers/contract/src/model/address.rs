use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, IpVersion, Mark};
use crate::Text;

/// An address with a life of its own: a floating or elastic IP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Address {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id; the address itself where the provider has none.
    pub id: Text,
    /// The address itself.
    #[schema(value_type = String)]
    pub ip: IpAddr,
    /// 4 or 6.
    pub version: IpVersion,
    /// The id of the network it was allocated from.
    pub network: Option<Text>,
    /// The id of the node it leads to.
    pub node: Option<Text>,
    /// The fixed address of the node that it leads to.
    #[schema(value_type = Option<String>)]
    pub fixed_ip: Option<IpAddr>,
    /// The mark of the job that allocated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// An address to be allocated.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressAllocate {
    /// The id of the external network; `None` where there is only one, or none is needed.
    pub network: Option<Text>,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}

/// Where an address shall lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressAssociate {
    /// The id of the node.
    pub node: Text,
    /// Which of the node's fixed addresses; `None` takes the first that fits.
    pub fixed_ip: Option<IpAddr>,
}
