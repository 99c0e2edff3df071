//! What lists, requests and answers have in common, whatever they are of.

use cloudfarm_contract::model::{
    Address, AddressAllocate, Image, ImageCreate, KeyPair, KeyPairCreate, KeyPairCreated, Location,
    Mark, Network, NetworkCreate, Node, NodeCreate, NodeCreated, NodeSnapshot, NodeSnapshotCreate,
    Router, RouterCreate, SecurityGroup, SecurityGroupCreate, Size, Subnet, SubnetCreate, Volume,
    VolumeCreate, VolumeSnapshot, VolumeSnapshotCreate,
};
use cloudfarm_contract::{ImageQuery, ListQuery, NodeQuery, PageRequest, Text};

use crate::journal::{Kind, Made};

/// A thing with an id and a name.
pub(crate) trait Thing {
    fn id(&self) -> Text;
    fn name(&self) -> Text;
    fn mark(&self) -> Option<&Mark>;
}

macro_rules! things {
    ($($type:ident),*) => {
        $(impl Thing for $type {
            fn id(&self) -> Text { self.id.clone() }
            fn name(&self) -> Text { self.name.clone() }
            fn mark(&self) -> Option<&Mark> { self.mark.as_ref() }
        })*
    };
    (unmarked $($type:ident),*) => {
        $(impl Thing for $type {
            fn id(&self) -> Text { self.id.clone() }
            fn name(&self) -> Text { self.name.clone() }
            fn mark(&self) -> Option<&Mark> { None }
        })*
    };
}

things!(
    Node,
    Image,
    Volume,
    VolumeSnapshot,
    NodeSnapshot,
    Network,
    Subnet,
    Router,
    SecurityGroup
);
things!(unmarked Size, Location);

impl Thing for KeyPair {
    fn id(&self) -> Text {
        self.name.clone()
    }

    fn name(&self) -> Text {
        self.name.clone()
    }

    fn mark(&self) -> Option<&Mark> {
        None
    }
}

impl Thing for Address {
    fn id(&self) -> Text {
        self.id.clone()
    }

    fn name(&self) -> Text {
        Text::from(self.ip.to_string())
    }

    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }
}

/// A query for a page of things.
pub(crate) trait Query<T> {
    fn page(&self) -> &PageRequest;
    fn wants(&self, item: &T) -> bool;
}

impl Query<Node> for NodeQuery {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn wants(&self, item: &Node) -> bool {
        self.matches(item)
    }
}

impl Query<Image> for ImageQuery {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn wants(&self, item: &Image) -> bool {
        self.matches(item)
    }
}

impl<T: Thing> Query<T> for ListQuery {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn wants(&self, item: &T) -> bool {
        self.matches(&item.name())
    }
}

/// The answer to a create.
pub(crate) trait Created {
    fn id(&self) -> Text;
}

impl<T: Thing> Created for T {
    fn id(&self) -> Text {
        Thing::id(self)
    }
}

impl Created for NodeCreated {
    fn id(&self) -> Text {
        self.node.id.clone()
    }
}

impl Created for KeyPairCreated {
    fn id(&self) -> Text {
        self.key_pair.name.clone()
    }
}

/// A request to make something.
pub(crate) trait Request {
    /// What is known of the thing before it is made.
    fn intention(&self) -> Made;
}

macro_rules! requests {
    ($($type:ident => $kind:ident),*) => {
        $(impl Request for $type {
            fn intention(&self) -> Made {
                Made {
                    kind: Kind::$kind,
                    id: None,
                    name: self.name.clone(),
                    mark: self.mark.clone(),
                }
            }
        })*
    };
}

requests!(
    NodeCreate => Node,
    ImageCreate => Image,
    VolumeCreate => Volume,
    VolumeSnapshotCreate => VolumeSnapshot,
    NodeSnapshotCreate => NodeSnapshot,
    NetworkCreate => Network,
    SubnetCreate => Subnet,
    RouterCreate => Router,
    SecurityGroupCreate => SecurityGroup,
    KeyPairCreate => KeyPair
);

impl Request for AddressAllocate {
    fn intention(&self) -> Made {
        Made {
            kind: Kind::Address,
            id: None,
            name: Text::default(),
            mark: self.mark.clone(),
        }
    }
}
