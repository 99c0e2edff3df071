use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark, Metadata, Node, named};
use crate::{Secret, Text};

/// What a node is made from. Ids, not names: names are resolved before the driver is asked.
#[derive(Debug, Clone, Default)]
pub struct NodeCreate {
    /// The name.
    pub name: Text,
    /// The id of the image.
    pub image: Text,
    /// The id of the size.
    pub size: Text,
    /// The id of the location; `None` leaves it to the provider.
    pub location: Option<Text>,
    /// The name of the key pair.
    pub key_pair: Option<Text>,
    /// What the node runs at its first boot, as plain text; the driver encodes it.
    pub user_data: Option<Secret>,
    /// The administrator's password; `None` lets the provider choose.
    pub admin_password: Option<Secret>,
    /// What its owner keeps on it.
    pub metadata: Metadata,
    /// The networks in the order of its interfaces; empty leaves it to the provider.
    pub networks: Vec<NetworkAttachment>,
    /// The ids of the security groups; empty leaves it to the provider.
    pub security_groups: Vec<Text>,
    /// The disk that it boots from, where it shall be a volume.
    pub root_volume: Option<RootVolume>,
    /// What only this engine knows (scheduler hints, affinity ...); the driver refuses what it
    /// does not know.
    pub options: Extra,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}

/// One interface of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkAttachment {
    /// The network, by id or exact name.
    pub network: Text,
    /// The subnet, where the network has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<Text>,
    /// A wished address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub ip: Option<IpAddr>,
}

/// A boot disk that is a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RootVolume {
    /// In gigabytes.
    #[schema(minimum = 1)]
    pub size_gb: u64,
    /// The kind of storage; `null` leaves it to the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
    /// Whether it goes with the node.
    #[serde(default)]
    pub delete_with_node: bool,
}

/// A node that was accepted, with what the provider says once and never again.
#[derive(Debug, Clone)]
pub struct NodeCreated {
    /// As the provider first shows it, usually `pending`.
    pub node: Node,
    /// One-time secrets.
    pub secrets: NodeSecrets,
}

/// Secrets that the provider gives once. Whoever receives them hands them to their owner at once.
#[derive(Debug, Clone, Default)]
pub struct NodeSecrets {
    /// The administrator's password that the provider chose.
    pub admin_password: Option<Secret>,
}

/// How a node is rebooted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RebootKind {
    /// The guest is asked to go down.
    #[default]
    Soft,
    /// The power is cut.
    Hard,
}

named!(RebootKind { Soft = "soft", Hard = "hard" });

/// What a node is installed with afresh.
#[derive(Debug, Clone, Default)]
pub struct RebuildRequest {
    /// The id of the image.
    pub image: Text,
    /// The administrator's password; `None` lets the provider choose.
    pub admin_password: Option<Secret>,
    /// What it runs at its first boot; `None` keeps what it had.
    pub user_data: Option<Secret>,
}

/// How a node is rescued.
#[derive(Debug, Clone, Default)]
pub struct RescueRequest {
    /// The id of the rescue image; `None` leaves it to the provider.
    pub image: Option<Text>,
    /// The administrator's password; `None` lets the provider choose.
    pub admin_password: Option<Secret>,
}
