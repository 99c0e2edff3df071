//! The provider's resources in provider-neutral words.
//!
//! Units are part of the field's name (`ram_mb`, `size_gb`), times are UTC, and whatever a
//! provider says beyond this model is kept under `extra`.

mod address;
mod extra;
mod image;
mod key_pair;
mod location;
mod mark;
mod network;
mod node;
mod node_action;
mod node_create;
mod node_snapshot;
mod node_state;
mod provider_project;
mod quota;
mod router;
mod security_group;
mod size;
mod time;
mod volume;
mod volume_snapshot;

use std::collections::BTreeMap;

pub use address::{Address, AddressAllocate, AddressAssociate};
pub use extra::{Extra, ExtraText, ExtraWriter};
pub use image::{Image, ImageCreate, ImageRef, ImageState};
pub use key_pair::{KeyPair, KeyPairCreate, KeyPairCreated};
pub use location::Location;
pub use mark::Mark;
pub use network::{Network, NetworkCreate, Subnet, SubnetCreate};
pub use node::{AddressKind, AddressScope, Fault, IpVersion, Node, NodeAddress};
pub use node_action::{NodeAction, NodeActionTable, NodeActions};
pub use node_create::{
    NetworkAttachment, NodeCreate, NodeCreated, NodeSecrets, RebootKind, RebuildRequest,
    RescueRequest, RootVolume,
};
pub use node_snapshot::{NodeSnapshot, NodeSnapshotCreate, SnapshotState};
pub use node_state::NodeState;
pub use provider_project::ProviderProject;
pub use quota::Quota;
pub use router::{Router, RouterCreate, RouterGateway, RouterUpdate};
pub use security_group::{
    Direction, SecurityGroup, SecurityGroupCreate, SecurityRule, SecurityRuleCreate,
};
pub use size::{Size, SizeRef};
pub use time::TimeText;
pub use volume::{Volume, VolumeAttach, VolumeAttachment, VolumeCreate, VolumeState};
pub use volume_snapshot::{VolumeSnapshot, VolumeSnapshotCreate};

use crate::Text;

/// Key and value pairs that the owner of a resource keeps on it.
pub type Metadata = BTreeMap<Text, Text>;

/// Turns a fieldless enum into its wire name and back, in one table.
macro_rules! named {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::Error::invalid(format!(
                        "{text:?} is not one of: {}",
                        [$($name),+].join(", ")
                    ))),
                }
            }
        }
    };
}
pub(crate) use named;
