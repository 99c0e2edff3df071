//! What reads the answers of services, without anybody to ask: for fuzzers and for tests against
//! recorded answers. It is no part of the crate's API.

use cloudfarm_contract::{Capabilities, Error, Page, Result, Text};
use cloudfarm_http::{Fetched, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::capabilities::NODE_ACTIONS;
use crate::catalog::{ServiceKind, Wanted};
use crate::compute::{Known, SERVERS, Server, ServerReply, console, create};
use crate::identity::{Token, projects, v2, v3};
use crate::images::{GlanceImage, IMAGES, made_image};
use crate::key_pairs::{KEY_PAIRS, Wrapped};
use crate::list::{self, Collection, Listed};
use crate::network::addresses::{FLOATING, FloatingIp, FloatingReply};
use crate::network::groups::{GROUPS, GroupReply, NeutronGroup, RuleReply};
use crate::network::routers::{NeutronRouter, ROUTERS, RouterReply};
use crate::network::subnets::{NeutronSubnet, SUBNETS, SubnetReply};
use crate::network::{NETWORKS, NetworkReply, NeutronNetwork};
use crate::sizes::{FLAVORS, Flavor};
use crate::volume::VOLUMES;
use crate::volume::snapshots::SNAPSHOTS;
use crate::volume::wire::{CinderSnapshot, CinderVolume, SnapshotReply, VolumeReply};
use crate::{discovery, errors, locations, quotas};

/// What an answer is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what it reads")]
pub enum Reply {
    Versions,
    Token,
    TokenV2,
    Projects,
    Refusal,
    Node,
    Nodes,
    NodeCreated,
    ImageCreated,
    ConsoleOutput,
    ConsoleUrl,
    Sizes,
    Locations,
    KeyPair,
    KeyPairs,
    Image,
    Images,
    Volume,
    Volumes,
    VolumeSnapshot,
    VolumeSnapshots,
    Network,
    Networks,
    Subnet,
    Subnets,
    Router,
    Routers,
    SecurityGroup,
    SecurityGroups,
    SecurityRule,
    Address,
    Addresses,
    ComputeQuotas,
    NetworkQuotas,
    VolumeQuotas,
}

impl Reply {
    /// All of them.
    pub const ALL: [Self; 35] = [
        Self::Versions,
        Self::Token,
        Self::TokenV2,
        Self::Projects,
        Self::Refusal,
        Self::Node,
        Self::Nodes,
        Self::NodeCreated,
        Self::ImageCreated,
        Self::ConsoleOutput,
        Self::ConsoleUrl,
        Self::Sizes,
        Self::Locations,
        Self::KeyPair,
        Self::KeyPairs,
        Self::Image,
        Self::Images,
        Self::Volume,
        Self::Volumes,
        Self::VolumeSnapshot,
        Self::VolumeSnapshots,
        Self::Network,
        Self::Networks,
        Self::Subnet,
        Self::Subnets,
        Self::Router,
        Self::Routers,
        Self::SecurityGroup,
        Self::SecurityGroups,
        Self::SecurityRule,
        Self::Address,
        Self::Addresses,
        Self::ComputeQuotas,
        Self::NetworkQuotas,
        Self::VolumeQuotas,
    ];

    /// Reads an answer as a call would, and gives what the call would give, as JSON.
    ///
    /// # Errors
    ///
    /// What the call would fail with.
    pub fn read(self, response: &Response) -> Result<Value> {
        let cloud = &Text::from_static("recorded");
        match self {
            Self::Versions => Ok(versions(response)),
            Self::Token => v3::token(response).map(token),
            Self::TokenV2 => v2::token(response).map(token),
            Self::Projects => projects::read(response.clone(), cloud, None).and_then(written),
            Self::Refusal => Ok(refusal(&errors::refusal(response))),
            Self::Node => one(response, |reply: ServerReply| node(reply.server, cloud)),
            Self::Nodes => many(response, SERVERS, |server: Server| node(server, cloud)),
            Self::NodeCreated => one(response, |reply: create::Reply| reply.server.id),
            Self::ImageCreated => made_image(response).and_then(written),
            Self::ConsoleOutput => written(console::read_output(response)?.output),
            Self::ConsoleUrl => written(console::read_url(response)?.expose()),
            Self::Sizes => many(response, FLAVORS, |it: Flavor| it.into_size(cloud)),
            Self::Locations => locations::read(response, cloud).and_then(written),
            Self::KeyPair => one(response, |it: Wrapped| it.keypair.into_key_pair(cloud)),
            Self::KeyPairs => many(response, KEY_PAIRS, |it: Wrapped| {
                it.keypair.into_key_pair(cloud)
            }),
            Self::Image => one(response, |it: GlanceImage| it.into_image(cloud)),
            Self::Images => many(response, IMAGES, |it: GlanceImage| it.into_image(cloud)),
            _ => self.read_of_others(response, cloud),
        }
    }

    /// Cinder's and Neutron's.
    fn read_of_others(self, response: &Response, cloud: &Text) -> Result<Value> {
        match self {
            Self::Volume => one(response, |it: VolumeReply| it.volume.into_volume(cloud)),
            Self::Volumes => many(response, VOLUMES, |it: CinderVolume| it.into_volume(cloud)),
            Self::VolumeSnapshot => one(response, |it: SnapshotReply| {
                it.snapshot.into_snapshot(cloud)
            }),
            Self::VolumeSnapshots => many(response, SNAPSHOTS, |it: CinderSnapshot| {
                it.into_snapshot(cloud)
            }),
            Self::Network => one(response, |it: NetworkReply| it.network.into_network(cloud)),
            Self::Networks => many(response, NETWORKS, |it: NeutronNetwork| {
                it.into_network(cloud)
            }),
            Self::Subnet => one(response, |it: SubnetReply| it.subnet.into_subnet(cloud)),
            Self::Subnets => many(response, SUBNETS, |it: NeutronSubnet| it.into_subnet(cloud)),
            Self::Router => one(response, |it: RouterReply| it.router.into_router(cloud)),
            Self::Routers => many(response, ROUTERS, |it: NeutronRouter| it.into_router(cloud)),
            Self::SecurityGroup => one(response, |it: GroupReply| {
                it.security_group.into_group(cloud)
            }),
            Self::SecurityGroups => many(response, GROUPS, |it: NeutronGroup| it.into_group(cloud)),
            Self::SecurityRule => one(response, |it: RuleReply| it.security_group_rule.into_rule()),
            Self::Address => one(response, |it: FloatingReply| {
                it.floatingip.into_address(cloud)
            }),
            Self::Addresses => many(response, FLOATING, |it: FloatingIp| it.into_address(cloud)),
            Self::NetworkQuotas => quotas(response, cloud, quotas::NETWORK),
            Self::VolumeQuotas => quotas(response, cloud, quotas::VOLUME),
            _ => quotas(response, cloud, quotas::COMPUTE),
        }
    }
}

fn written(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("a reading cannot be written").with_internal(error))
}

fn one<T: serde::de::DeserializeOwned, U: Serialize>(
    response: &Response,
    into: impl FnOnce(T) -> U,
) -> Result<Value> {
    written(into(response.json()?))
}

fn many<T: Listed, U: Serialize>(
    response: &Response,
    list: Collection,
    into: impl FnMut(T) -> U,
) -> Result<Value> {
    let page: Page<U> = list::read::<T>(response, list, None)?.map(into);
    let next = page.next.as_ref().map(|marker| marker.as_str());
    Ok(json!({"items": written(&page.items)?, "next": next}))
}

fn node(mut server: Server, cloud: &Text) -> impl Serialize {
    let capabilities = Capabilities {
        node_actions: NODE_ACTIONS,
        ..Capabilities::CORE
    };
    server.complete(
        cloud,
        &Known::default(),
        &capabilities,
        Timestamp::UNIX_EPOCH,
    );
    server.into_node()
}

fn versions(response: &Response) -> Value {
    let all = discovery::versions(response).into_iter().map(|version| {
        let range = version
            .range
            .map(|(oldest, newest)| json!({"min": oldest.to_string(), "max": newest.to_string()}));
        json!({"id": version.id.as_str(), "major": version.major(), "range": range})
    });
    all.collect()
}

fn token(fetched: Fetched<Token>) -> Value {
    let Fetched { token, expires_at } = fetched;
    let addresses: serde_json::Map<_, _> = ServiceKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let address = token.catalog.find(kind, &Wanted::default()).ok()?;
            Some((kind.as_str().to_owned(), Value::from(address.as_str())))
        })
        .collect();
    json!({
        "secret": token.secret.expose(),
        "expires_at": expires_at.map(|at| at.to_string()),
        "project": token.project_id.as_deref(),
        "user": token.user_id.as_deref(),
        "regions": token.catalog.regions(),
        "addresses": addresses,
    })
}

fn refusal(error: &Error) -> Value {
    json!({
        "kind": error.kind().as_str(),
        "message": error.message(),
        "status": error.provider_status(),
        "code": error.provider_code().map(|code| code.as_str()),
        "request_id": error.provider_request_id().map(|id| id.as_str()),
    })
}

fn quotas(response: &Response, cloud: &Text, names: &[(&str, &'static str)]) -> Result<Value> {
    written(quotas::read(&response.json()?, cloud, names))
}
