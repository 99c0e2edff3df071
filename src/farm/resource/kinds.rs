//! Each kind of thing, by the methods of its extension.

use cloudfarm_contract::layers::{Layered, check_network_create, check_subnet_create};
use cloudfarm_contract::model::{
    Address, Image, ImageState, KeyPair, Mark, Network, Node, NodeSnapshot, NodeState, Router,
    SecurityGroup, SnapshotState, Subnet, Volume, VolumeSnapshot, VolumeState,
};
use cloudfarm_contract::{
    Capabilities, Context, Driver, Error, Extension, Judgement, MarkFilter, NodeQuery, Observation,
    Page, PageRequest, Result, Retry, SideEffect, Text,
};

use super::{Deletable, Resource, extension};
use crate::farm::watch::Waiting;

/// Id, name and mark where they are fields.
macro_rules! fields {
    () => {
        fn id(&self) -> &Text {
            &self.id
        }

        fn name(&self) -> Text {
            self.name.clone()
        }

        fn mark(&self) -> Option<&Mark> {
            self.mark.as_ref()
        }
    };
}

/// Look-up by a method of an extension.
macro_rules! looks {
    ($accessor:ident, $extension:ident, $get:ident) => {
        async fn get(driver: &Layered, cx: &Context, id: &str) -> Result<Self> {
            extension(driver, driver.$accessor(), Extension::$extension)?
                .$get(cx, id)
                .await
        }
    };
}

/// Deletion by a method of an extension.
macro_rules! deletable {
    ($($type:ident = $action:literal, $accessor:ident, $extension:ident, $delete:ident
        $(, check $check:path)?;)*) => {$(
        impl Deletable for $type {
            const DELETE: &'static str = $action;

            $(fn check_delete(can: &Capabilities) -> Result<()> {
                $check(can)
            })?

            async fn delete(driver: &Layered, cx: &Context, id: &str) -> Result<()> {
                extension(driver, driver.$accessor(), Extension::$extension)?
                    .$delete(cx, id)
                    .await
            }
        }
    )*};
}

deletable! {
    KeyPair = "DeleteKeyPair", key_pairs, KeyPairs, delete_key_pair;
    Volume = "DeleteVolume", volumes, Volumes, delete_volume;
    VolumeSnapshot = "DeleteVolumeSnapshot", volume_snapshots, VolumeSnapshots,
        delete_volume_snapshot;
    NodeSnapshot = "DeleteNodeSnapshot", node_snapshots, NodeSnapshots, delete_node_snapshot;
    Image = "DeleteImage", node_images, NodeImages, delete_image;
    Network = "DeleteNetwork", networks, Networks, delete_network,
        check check_network_create;
    Subnet = "DeleteSubnet", networks, Networks, delete_subnet,
        check check_subnet_create;
    Router = "DeleteRouter", routers, Routers, delete_router;
    SecurityGroup = "DeleteSecurityGroup", security_groups, SecurityGroups, delete_security_group;
    Address = "ReleaseAddress", addresses, Addresses, release_address;
}

impl Deletable for Node {
    const DELETE: &'static str = "DestroyNode";

    async fn delete(driver: &Layered, cx: &Context, id: &str) -> Result<()> {
        driver.destroy_node(cx, id).await
    }
}

impl Resource for Node {
    const KIND: &'static str = "node";
    const NOUN: &'static str = "node";
    const ERROR_OUTLASTS_DELETION: bool = false;
    const IS_WATCHED: bool = true;

    fields!();

    fn native_state(&self) -> Option<Text> {
        Some(self.native_state.clone())
    }

    fn readiness(&self) -> Judgement {
        Judgement::for_states(&[NodeState::Running])(Observation::Present(self))
    }

    fn is_gone(&self) -> bool {
        self.state == NodeState::Terminated
    }

    async fn get(driver: &Layered, cx: &Context, id: &str) -> Result<Self> {
        driver.get_node(cx, id).await
    }

    async fn look(waiting: &Waiting<'_>, driver: &Layered, cx: &Context, id: &str) -> Result<Self> {
        waiting.look(driver, cx, id).await
    }

    async fn list_marked(
        driver: &Layered,
        cx: &Context,
        mark: &Mark,
        page: PageRequest,
    ) -> Result<Page<Self>> {
        let query = NodeQuery {
            page,
            mark: Some(MarkFilter::Is(mark.clone())),
            ..NodeQuery::default()
        };
        driver.list_nodes(cx, &query).await
    }
}

impl Resource for Image {
    const KIND: &'static str = "image";
    const NOUN: &'static str = "image";

    fields!();

    fn native_state(&self) -> Option<Text> {
        Some(self.native_state.clone())
    }

    fn readiness(&self) -> Judgement {
        match self.state {
            ImageState::Available => Judgement::Done,
            ImageState::Error => failed(self),
            _ => Judgement::Continue,
        }
    }

    async fn get(driver: &Layered, cx: &Context, id: &str) -> Result<Self> {
        driver.get_image(cx, id).await
    }
}

impl Resource for KeyPair {
    const KIND: &'static str = "key_pair";
    const NOUN: &'static str = "key pair";

    fn id(&self) -> &Text {
        &self.name
    }

    fn name(&self) -> Text {
        self.name.clone()
    }

    fn mark(&self) -> Option<&Mark> {
        None
    }

    looks!(key_pairs, KeyPairs, get_key_pair);
}

impl Resource for Volume {
    const KIND: &'static str = "volume";
    const NOUN: &'static str = "volume";

    fields!();
    looks!(volumes, Volumes, get_volume);

    fn native_state(&self) -> Option<Text> {
        Some(self.native_state.clone())
    }

    fn readiness(&self) -> Judgement {
        match self.state {
            VolumeState::Available | VolumeState::InUse => Judgement::Done,
            VolumeState::Error => failed(self),
            _ => Judgement::Continue,
        }
    }
}

impl Resource for VolumeSnapshot {
    const KIND: &'static str = "volume_snapshot";
    const NOUN: &'static str = "volume snapshot";

    fields!();
    looks!(volume_snapshots, VolumeSnapshots, get_volume_snapshot);

    fn native_state(&self) -> Option<Text> {
        Some(self.native_state.clone())
    }

    fn readiness(&self) -> Judgement {
        of_snapshot(self, self.state)
    }
}

impl Resource for NodeSnapshot {
    const KIND: &'static str = "node_snapshot";
    const NOUN: &'static str = "node snapshot";

    fields!();
    looks!(node_snapshots, NodeSnapshots, get_node_snapshot);

    fn native_state(&self) -> Option<Text> {
        Some(self.native_state.clone())
    }

    fn readiness(&self) -> Judgement {
        of_snapshot(self, self.state)
    }
}

impl Resource for Network {
    const KIND: &'static str = "network";
    const NOUN: &'static str = "network";

    fields!();
    looks!(networks, Networks, get_network);
}

impl Resource for Subnet {
    const KIND: &'static str = "subnet";
    const NOUN: &'static str = "subnet";

    fields!();
    looks!(networks, Networks, get_subnet);
}

impl Resource for Router {
    const KIND: &'static str = "router";
    const NOUN: &'static str = "router";

    fields!();
    looks!(routers, Routers, get_router);
}

impl Resource for SecurityGroup {
    const KIND: &'static str = "security_group";
    const NOUN: &'static str = "security group";

    fields!();
    looks!(security_groups, SecurityGroups, get_security_group);
}

impl Resource for Address {
    const KIND: &'static str = "address";
    const NOUN: &'static str = "address";

    fn id(&self) -> &Text {
        &self.id
    }

    /// The contract takes the address itself for its name.
    fn name(&self) -> Text {
        self.ip.to_string().into()
    }

    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    looks!(addresses, Addresses, get_address);
}

fn of_snapshot(snapshot: &impl Resource, state: SnapshotState) -> Judgement {
    match state {
        SnapshotState::Available => Judgement::Done,
        SnapshotState::Error => failed(snapshot),
        _ => Judgement::Continue,
    }
}

/// What is in state error stays there.
fn failed<R: Resource>(resource: &R) -> Judgement {
    let state = resource.native_state().unwrap_or_default();
    Judgement::Fail(
        Error::provider_error(format!("{} {} is in state {state}", R::NOUN, resource.id()))
            .with_retry(Retry::Never)
            .with_side_effect(SideEffect::Done),
    )
}
