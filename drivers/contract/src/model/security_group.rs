use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, IpVersion, Mark, named};
use crate::Text;

/// A set of rules about the traffic of nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SecurityGroup {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// What it is for.
    pub description: Option<String>,
    /// What it lets through.
    pub rules: Vec<SecurityRule>,
    /// The mark of the job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// A security group to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityGroupCreate {
    /// The name.
    pub name: Text,
    /// What it is for.
    pub description: Option<String>,
    /// The id of the network, on providers that tie a group to one.
    pub network: Option<Text>,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}

/// Traffic that a group lets through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecurityRule {
    /// The id; made up by the driver, and stable, where the provider has none.
    pub id: Text,
    /// Into the node or out of it.
    pub direction: Direction,
    /// `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number; `null` for any.
    pub protocol: Option<Text>,
    /// The lowest port; `null` for any.
    pub port_min: Option<u16>,
    /// The highest port; `null` for any.
    pub port_max: Option<u16>,
    /// 4 or 6.
    pub version: IpVersion,
    /// The range of addresses at the other end.
    pub remote_cidr: Option<Text>,
    /// The id of the group at the other end.
    pub remote_group: Option<Text>,
}

/// A rule to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityRuleCreate {
    /// Into the node (the default) or out of it.
    #[serde(default)]
    pub direction: Direction,
    /// `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number; `null` for any.
    #[serde(default)]
    #[schema(example = "tcp")]
    pub protocol: Option<Text>,
    /// The lowest port; `null` for any.
    #[serde(default)]
    #[schema(example = 443)]
    pub port_min: Option<u16>,
    /// The highest port; `null` for any.
    #[serde(default)]
    #[schema(example = 443)]
    pub port_max: Option<u16>,
    /// 4 or 6; `null` takes it from `remote_cidr`, and 4 where there is none.
    #[serde(default)]
    pub version: Option<IpVersion>,
    /// The range of addresses at the other end; `null` for any.
    #[serde(default)]
    #[schema(example = "198.51.100.0/24")]
    pub remote_cidr: Option<Text>,
    /// The id of the group at the other end; not together with `remote_cidr`.
    #[serde(default)]
    pub remote_group: Option<Text>,
}

/// Which way traffic goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Into the node.
    #[default]
    Ingress,
    /// Out of the node.
    Egress,
}

named!(Direction { Ingress = "ingress", Egress = "egress" });
