use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, IpVersion, Mark};
use crate::Text;

/// A network that nodes can be on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Network {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name; several networks may share it.
    pub name: Text,
    /// Whether it leads out, so that addresses can be allocated from it.
    pub external: bool,
    /// Whether others use it too.
    pub shared: bool,
    /// The ids of its subnets.
    pub subnets: Vec<Text>,
    /// The mark of the job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// A network to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkCreate {
    /// The name.
    pub name: Text,
    /// The range of addresses, as `10.1.0.0/16`, on providers where a network has one. A provider
    /// that cannot do without refuses `None` as `invalid`, naming the field `cidr`.
    pub cidr: Option<Text>,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}

/// A range of addresses on a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Subnet {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// The id of its network.
    pub network: Text,
    /// The range, as `10.1.2.0/24`.
    pub cidr: Text,
    /// 4 or 6.
    pub version: IpVersion,
    /// The gateway.
    #[schema(value_type = Option<String>)]
    pub gateway: Option<IpAddr>,
    /// Whether nodes are told their address by DHCP.
    pub dhcp: Option<bool>,
    /// The id of its location, on providers that tie a subnet to one.
    pub location: Option<Text>,
    /// The mark of the job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// A subnet to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SubnetCreate {
    /// The id of the network.
    pub network: Text,
    /// The name.
    pub name: Text,
    /// The range, as `10.1.2.0/24`.
    pub cidr: Text,
    /// The gateway; `None` leaves it to the provider.
    pub gateway: Option<IpAddr>,
    /// Whether nodes are told their address by DHCP; `None` leaves it to the provider.
    pub dhcp: Option<bool>,
    /// The id of the location, on providers that tie a subnet to one.
    pub location: Option<Text>,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}
