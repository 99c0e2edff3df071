//! What can be made without more ado than the call itself.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{
    Address, AddressAllocate, Image, ImageCreate, Mark, Network, NetworkCreate, NodeSnapshot,
    NodeSnapshotCreate, Router, RouterCreate, SecurityGroup, SecurityGroupCreate, Subnet,
    SubnetCreate, Volume, VolumeCreate, VolumeSnapshot, VolumeSnapshotCreate,
};
use cloudfarm_contract::{Context, Driver, Extension, Result};
use serde_json::{Value, json};

use super::create::{Creation, Made};
use crate::farm::extension;

/// For each request what it makes, the job's name, the call, and the fields that are shown as the
/// job's parameters.
macro_rules! creations {
    ($($request:ident => $made:ident = $action:literal,
        $accessor:ident, $extension:ident, $create:ident { $($field:ident),* };)*) => {$(
        impl Creation for $request {
            type Of = $made;

            const ACTION: &'static str = $action;

            fn params(&self) -> Value {
                json!({ $((stringify!($field)): self.$field),* })
            }

            async fn create(
                &self,
                driver: &Layered,
                cx: &Context,
                mark: Mark,
            ) -> Result<Made<$made>> {
                let request = Self {
                    mark: Some(mark),
                    ..self.clone()
                };
                extension(driver, driver.$accessor(), Extension::$extension)?
                    .$create(cx, &request)
                    .await
                    .map(Made::from)
            }
        }
    )*};
}

creations! {
    VolumeCreate => Volume = "CreateVolume", volumes, Volumes, create_volume
        { name, size_gb, kind, location, snapshot, image, metadata };
    VolumeSnapshotCreate => VolumeSnapshot = "CreateVolumeSnapshot",
        volume_snapshots, VolumeSnapshots, create_volume_snapshot
        { volume, name, force, metadata };
    NodeSnapshotCreate => NodeSnapshot = "CreateNodeSnapshot",
        node_snapshots, NodeSnapshots, create_node_snapshot { node, name };
    ImageCreate => Image = "CreateImage", node_images, NodeImages, create_image
        { node, name, version, metadata };
    NetworkCreate => Network = "CreateNetwork", networks, Networks, create_network
        { name, cidr };
    SubnetCreate => Subnet = "CreateSubnet", networks, Networks, create_subnet
        { network, name, cidr, gateway, dhcp, location };
    RouterCreate => Router = "CreateRouter", routers, Routers, create_router
        { name, external_network };
    SecurityGroupCreate => SecurityGroup = "CreateSecurityGroup",
        security_groups, SecurityGroups, create_security_group { name, description, network };
    AddressAllocate => Address = "AllocateAddress", addresses, Addresses, allocate_address
        { network };
}
