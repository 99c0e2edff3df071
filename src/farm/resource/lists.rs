//! Lists of each kind of thing, by the methods of drivers and of their extensions.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{
    Address, Image, KeyPair, Location, Network, Node, NodeSnapshot, Router, SecurityGroup, Size,
    Subnet, Volume, VolumeSnapshot,
};
use cloudfarm_contract::{
    Context, Driver, Extension, ImageQuery, ListQuery, NodeQuery, Page, Result,
};

use super::{Listed, extension};

macro_rules! listed_by_extension {
    ($($type:ident = $plural:literal, $accessor:ident, $extension:ident, $list:ident;)*) => {$(
        impl Listed for $type {
            const PLURAL: &'static str = $plural;

            async fn list(driver: &Layered, cx: &Context, query: &ListQuery) -> Result<Page<Self>> {
                extension(driver, driver.$accessor(), Extension::$extension)?
                    .$list(cx, query)
                    .await
            }
        }
    )*};
}

listed_by_extension! {
    KeyPair = "key-pairs", key_pairs, KeyPairs, list_key_pairs;
    Volume = "volumes", volumes, Volumes, list_volumes;
    VolumeSnapshot = "volume-snapshots", volume_snapshots, VolumeSnapshots, list_volume_snapshots;
    NodeSnapshot = "node-snapshots", node_snapshots, NodeSnapshots, list_node_snapshots;
    Network = "networks", networks, Networks, list_networks;
    Subnet = "subnets", networks, Networks, list_subnets;
    Router = "routers", routers, Routers, list_routers;
    SecurityGroup = "security-groups", security_groups, SecurityGroups, list_security_groups;
    Address = "addresses", addresses, Addresses, list_addresses;
}

impl Listed for Node {
    const PLURAL: &'static str = "nodes";

    async fn list(driver: &Layered, cx: &Context, query: &ListQuery) -> Result<Page<Self>> {
        let query = NodeQuery {
            page: query.page.clone(),
            name: query.name.clone(),
            ..NodeQuery::default()
        };
        driver.list_nodes(cx, &query).await
    }
}

impl Listed for Image {
    const PLURAL: &'static str = "images";

    async fn list(driver: &Layered, cx: &Context, query: &ListQuery) -> Result<Page<Self>> {
        let query = ImageQuery {
            page: query.page.clone(),
            name: query.name.clone(),
            owner: None,
        };
        driver.list_images(cx, &query).await
    }
}

impl Listed for Size {
    const PLURAL: &'static str = "sizes";

    async fn list(driver: &Layered, cx: &Context, query: &ListQuery) -> Result<Page<Self>> {
        driver.list_sizes(cx, query).await
    }
}

impl Listed for Location {
    const PLURAL: &'static str = "locations";

    async fn list(driver: &Layered, cx: &Context, query: &ListQuery) -> Result<Page<Self>> {
        driver.list_locations(cx, query).await
    }
}
