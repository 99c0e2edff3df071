use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ExtraText, ImageRef, Mark, Metadata, NodeActions, NodeState, SizeRef, named, time};
use crate::Text;

/// A virtual or physical machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id; never given to another node.
    pub id: Text,
    /// The name; several nodes may share it.
    pub name: Text,
    /// The neutral state.
    pub state: NodeState,
    /// The provider's own word for the state.
    pub native_state: Text,
    /// Whether the provider is at work on it, whatever its state.
    pub busy: bool,
    /// What it was made from; `null` where the provider does not say.
    pub image: Option<ImageRef>,
    /// Its size; `null` where the provider does not say.
    pub size: Option<SizeRef>,
    /// The id of its location.
    pub location: Option<Text>,
    /// Every address, fixed and floating.
    pub addresses: Vec<NodeAddress>,
    /// The addresses that can be reached from the internet.
    #[schema(value_type = Vec<String>)]
    pub public_ips: Vec<IpAddr>,
    /// The other addresses.
    #[schema(value_type = Vec<String>)]
    pub private_ips: Vec<IpAddr>,
    /// The name of the key pair that it was made with.
    pub key_pair: Option<Text>,
    /// The names of its security groups.
    pub security_groups: Vec<Text>,
    /// The ids of the volumes attached to it.
    pub volumes: Vec<Text>,
    /// What its owner keeps on it. The mark is not among it.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
    /// The mark of the job that made it; absent on nodes that others made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// Why it is in state `error`; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// When the provider made it.
    #[serde(serialize_with = "time::serialize_option")]
    pub created_at: Option<Timestamp>,
    /// What is legal now; empty while it is busy, but for `destroy`.
    pub actions: NodeActions,
    /// When the provider said all this.
    #[serde(serialize_with = "time::serialize")]
    pub observed_at: Timestamp,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: ExtraText,
}

impl Node {
    /// Sets the addresses, and from them the public and the private IPs.
    pub fn set_addresses(&mut self, addresses: Vec<NodeAddress>) {
        self.public_ips.clear();
        self.private_ips.clear();
        for address in &addresses {
            match address.scope {
                AddressScope::Public => self.public_ips.push(address.ip),
                AddressScope::Private => self.private_ips.push(address.ip),
            }
        }
        self.addresses = addresses;
    }
}

/// One address of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct NodeAddress {
    /// The address itself.
    #[schema(value_type = String)]
    pub ip: IpAddr,
    /// 4 or 6.
    pub version: IpVersion,
    /// Whether it can be reached from the internet.
    pub scope: AddressScope,
    /// The name of its network; `null` where the provider does not say.
    pub network: Option<Text>,
    /// Whether it belongs to the node or was associated with it.
    pub kind: AddressKind,
}

impl NodeAddress {
    /// An address whose version follows from `ip` and whose scope follows from whether `ip` is
    /// routed on the internet.
    pub fn new(ip: IpAddr, network: Option<Text>, kind: AddressKind) -> Self {
        Self {
            ip,
            version: IpVersion::of(ip),
            scope: AddressScope::of(ip),
            network,
            kind,
        }
    }
}

/// The version of the internet protocol, on the wire the number 4 or 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum IpVersion {
    /// 4.
    V4,
    /// 6.
    V6,
}

impl IpVersion {
    /// The version of `ip`.
    pub const fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

impl From<IpVersion> for u8 {
    fn from(version: IpVersion) -> Self {
        match version {
            IpVersion::V4 => 4,
            IpVersion::V6 => 6,
        }
    }
}

impl TryFrom<u8> for IpVersion {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            4 => Ok(Self::V4),
            6 => Ok(Self::V6),
            _ => Err(format!(
                "{number} is not a version of the internet protocol: 4 or 6"
            )),
        }
    }
}

impl utoipa::PartialSchema for IpVersion {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .enum_values(Some([4, 6]))
            .into()
    }
}

impl ToSchema for IpVersion {}

/// From where an address can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressScope {
    /// From the internet.
    Public,
    /// From within.
    Private,
}

named!(AddressScope { Public = "public", Private = "private" });

impl AddressScope {
    /// Private for what the registries of special-purpose addresses keep off the internet, but
    /// public for the documentation ranges, which stand for public addresses in examples.
    pub fn of(ip: IpAddr) -> Self {
        let private = match ip {
            IpAddr::V4(ip) => {
                let [first, second, ..] = ip.octets();
                let shared = first == 100 && (64..128).contains(&second);
                ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared || first == 0
            }
            IpAddr::V6(ip) => {
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_unique_local()
                    || ip.is_unicast_link_local()
            }
        };
        if private { Self::Private } else { Self::Public }
    }
}

/// How an address came to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// It belongs to the node and goes with it.
    Fixed,
    /// It was associated and outlives the node.
    Floating,
}

named!(AddressKind { Fixed = "fixed", Floating = "floating" });

/// Why a node failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// The provider's code, where it gives one.
    pub code: Option<Text>,
    /// The provider's words.
    pub message: Text,
    /// When it happened.
    pub at: Option<Timestamp>,
}
