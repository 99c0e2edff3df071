//! Nodes: list, show, create, change, destroy.

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{Extra, Metadata, NetworkAttachment, RootVolume};
use cloudfarm_contract::{Error, NodeQuery, Result, Secret, Text};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{OfCloud, OfFarm, OfOne};
use super::body::{Body, Params};
use super::json_nodes::{self, Shown};
use super::list::{FarmListing, Listing, names};
use super::node_lists::{FarmNodeListParams, NodeList, NodeListParams};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use crate::jobs::kinds::Change;
use crate::leases::{LeaseTerms, NodePage, NodeView};
use crate::orchestrator::NewNode;

/// List the nodes of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/nodes",
    tag = "nodes",
    operation_id = "list_nodes",
    params(("cloud" = String, Path, description = "the name of the cloud"), NodeListParams),
    responses((status = 200, description = "A page of nodes", body = Listing<NodeView>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<NodeListParams>) -> Reply {
    let cloud = &asked.path;
    let NodeList {
        query,
        wish,
        paging,
    } = params.0.read(&asked.state, Some(cloud))?;
    let page = paging.page_of(cloud)?;
    let query = NodeQuery { page, ..query };
    let page = asked
        .orchestrator()
        .list_nodes(&asked.call, cloud, &query, &wish)
        .await?;
    let (next, body) = match page {
        NodePage::Plain(page) => written(paging.listing(cloud, page)),
        NodePage::Leased(page) => written(paging.listing(cloud, page)),
    };
    Ok(reply::page(&asked.request, next.as_deref(), body))
}

fn written<N: Shown>(page: Listing<N>) -> (Option<String>, Vec<u8>) {
    let body = json_nodes::listing(&page);
    (page.next, body)
}

/// List the nodes of many clouds
///
/// All clouds are asked at the same time, each under its own deadline. One that fails, or does not
/// answer in time, has a row that says so; the others' nodes are there.
#[utoipa::path(
    get,
    path = "/api/v1/nodes",
    tag = "nodes",
    operation_id = "list_nodes_of_all_clouds",
    params(FarmNodeListParams),
    responses(
        (status = 200, description = "A page of each cloud's nodes", body = FarmListing<NodeView>),
        Problems,
    )
)]
pub(super) async fn list_all(asked: OfFarm, params: Params<FarmNodeListParams>) -> Reply {
    let (params, clouds) = params.0.split();
    let NodeList {
        query,
        wish,
        paging,
    } = params.read(&asked.state, clouds.as_deref())?;
    let clouds = paging.remaining(names(clouds.as_deref()));
    let page = |cloud: &str| paging.page(cloud);
    let answers = asked
        .orchestrator()
        .list_nodes_of_many(&asked.call, clouds.as_deref(), (&query, &wish), page)
        .await?;
    let page = paging.farm_listing(answers, asked.call.cx().request_id());
    Ok(reply::ok(json_nodes::farm_listing(&page)))
}

/// Show a node
///
/// By id or exact name. The answer has a weak ETag that leaves `observed_at` out.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/nodes/{node}",
    tag = "nodes",
    operation_id = "get_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(
        (status = 200, description = "The node", body = NodeView),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    let (cloud, node) = &asked.path;
    let found = asked
        .orchestrator()
        .get_node(&asked.call, cloud, node)
        .await?;
    let (body, tag) = json_nodes::node(&found);
    Ok(reply::single(&asked.request, tag, body))
}

/// A node to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NodeCreate)]
pub struct NodeCreateBody {
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "web-1")]
    pub name: Text,
    /// An image: its id, its exact name, or a glob that takes the newest match.
    #[schema(min_length = 1, example = "ubuntu-24*")]
    pub image: Text,
    /// A size: its id, its exact name, or a need that takes the smallest that fits.
    #[schema(min_length = 1, example = "ram>=2048,vcpus>=2")]
    pub size: Text,
    /// The id of a location; `null` leaves it to the provider.
    #[serde(default)]
    pub location: Option<Text>,
    /// The name of a key pair.
    #[serde(default)]
    pub key_pair: Option<Text>,
    /// What the node runs at its first boot, as plain text.
    #[serde(default)]
    pub user_data: Option<Secret>,
    /// The administrator's password; `null` lets the provider choose.
    #[serde(default)]
    pub admin_password: Option<Secret>,
    /// What its owner keeps on it.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
    /// Its networks, in the order of its interfaces; empty leaves it to the provider.
    #[serde(default)]
    pub networks: Vec<NetworkAttachment>,
    /// Its security groups, by id or exact name; empty leaves it to the provider.
    #[serde(default)]
    pub security_groups: Vec<Text>,
    /// The disk that it boots from, where it shall be a volume.
    #[serde(default)]
    pub root_volume: Option<RootVolume>,
    /// What only the engine of the cloud knows.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub options: Extra,
    /// When its lease ends and it is destroyed; `null` for never.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whether it may not be destroyed.
    #[serde(default)]
    pub protected: bool,
}

impl From<NodeCreateBody> for NewNode {
    fn from(body: NodeCreateBody) -> Self {
        Self {
            name: body.name,
            image: body.image,
            size: body.size,
            location: body.location,
            key_pair: body.key_pair,
            user_data: body.user_data,
            admin_password: body.admin_password,
            metadata: body.metadata,
            networks: body.networks,
            security_groups: body.security_groups,
            root_volume: body.root_volume,
            options: body.options,
            terms: LeaseTerms {
                expires_at: body.expires_at,
                protected: body.protected,
            },
        }
    }
}

/// Create a node
///
/// The job ends when the node runs; its `result` holds the node, and once the password that the
/// provider chose.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes",
    tag = "nodes",
    operation_id = "create_node",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = NodeCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<NodeCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_node(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// What shall change; what is missing stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NodePatch)]
pub struct NodePatchBody {
    /// The new name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255, example = "web-2")]
    pub name: Option<Text>,
    /// Items to set, and with `null` to remove; the others stay.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    pub metadata: Option<std::collections::BTreeMap<Text, Option<Text>>>,
}

impl TryFrom<NodePatchBody> for Change {
    type Error = Error;

    fn try_from(body: NodePatchBody) -> Result<Self> {
        if body.name.is_none() && body.metadata.as_ref().is_none_or(|items| items.is_empty()) {
            return Err(Error::invalid("nothing is to change").with_hint("give name or metadata"));
        }
        let metadata = body
            .metadata
            .filter(|items| !items.is_empty())
            .map(|items| {
                let mut change = MetadataChange::default();
                for (key, value) in items {
                    match value {
                        Some(value) => drop(change.set.insert(key, value)),
                        None => change.remove.push(key),
                    }
                }
                change
            });
        Ok(Self::Update {
            name: body.name,
            metadata,
        })
    }
}

/// Rename a node or change its metadata
///
/// With `If-Match` only if the node is still as its ETag says.
#[utoipa::path(
    patch,
    path = "/api/v1/clouds/{cloud}/nodes/{node}",
    tag = "nodes",
    operation_id = "update_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = NodePatchBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn update(asked: OfOne, body: Body<NodePatchBody>) -> Reply {
    change_node(&asked, body.0.try_into()?).await
}

/// Destroy a node
///
/// For good, with its disk. A protected node is refused with `409`. With `If-Match` only if the node is still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/nodes/{node}",
    tag = "nodes",
    operation_id = "destroy_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn destroy(asked: OfOne) -> Reply {
    change_node(&asked, Change::Destroy).await
}

/// Submits a change of the node in the path.
pub(super) async fn change_node(asked: &OfOne, change: Change) -> Reply {
    let (cloud, node) = &asked.path;
    let accept = |node: &NodeView| {
        reply::check_tag(asked.request.headers(), || Ok(json_nodes::node(node).1))
    };
    let job = asked
        .orchestrator()
        .change_node(&asked.call, cloud, node, change, accept)
        .await?;
    asked.job(job).await
}
