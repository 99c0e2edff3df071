//! Nodes: list, show, create, change, destroy.

use actix_web::{HttpRequest, delete, get, patch, post, web};
use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{Extra, Metadata, NetworkAttachment, NodeState, RootVolume};
use cloudfarm_contract::{Error, NodeQuery, Result, Secret, Text};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Params};
use super::call::ApiCall;
use super::list::{FarmListing, Listing, Paging, names};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use super::state::AppState;
use crate::jobs::kinds::Change;
use crate::leases::{LeaseTerms, NodeView};
use crate::orchestrator::{LeaseWish, NewNode};

/// Which nodes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NodeListParams {
    /// Nodes on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// A glob that the name must match, as `web-*`.
    name: Option<Text>,
    /// States, separated by commas, one of which the node must be in.
    state: Option<String>,
    /// Items that the metadata must hold, as `role=web,stage=test`.
    metadata: Option<String>,
    /// The user that the node must be assigned to; empty for nodes that nobody has.
    assigned_to: Option<Text>,
    /// A time before which the lease of the node must end.
    expires_before: Option<Timestamp>,
}

/// Which nodes of which clouds.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FarmNodeListParams {
    /// Nodes of each cloud on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// A glob that the name must match, as `web-*`.
    name: Option<Text>,
    /// States, separated by commas, one of which the node must be in.
    state: Option<String>,
    /// Items that the metadata must hold, as `role=web,stage=test`.
    metadata: Option<String>,
    /// The user that the node must be assigned to; empty for nodes that nobody has.
    assigned_to: Option<Text>,
    /// A time before which the lease of the node must end.
    expires_before: Option<Timestamp>,
    /// The clouds to ask, separated by commas; all where it is missing.
    cloud: Option<String>,
}

fn node_query(
    name: Option<Text>,
    states: Option<&str>,
    metadata: Option<&str>,
) -> Result<NodeQuery> {
    let states = match states {
        None => Vec::new(),
        Some(names) => names
            .split(',')
            .map(|state| state.trim().parse::<NodeState>())
            .collect::<Result<_>>()
            .map_err(|error| error.with_field("state"))?,
    };
    let mut items = Metadata::new();
    for item in metadata.into_iter().flat_map(|items| items.split(',')) {
        let Some((key, value)) = item.split_once('=') else {
            return Err(
                Error::invalid(format!("{item:?} is not an item of metadata"))
                    .with_field("metadata")
                    .with_hint("write it as key=value, several separated by commas"),
            );
        };
        items.insert(key.trim().into(), value.trim().into());
    }
    Ok(NodeQuery {
        page: Default::default(),
        name,
        states,
        metadata: items,
        mark: None,
    })
}

/// The list that a cursor belongs to: its path and filters.
fn scope(query: &NodeQuery, wish: &LeaseWish, clouds: Option<&str>) -> String {
    format!(
        "nodes?name={}&state={:?}&metadata={:?}&lease={:?}&cloud={}",
        query.name.as_deref().unwrap_or_default(),
        query.states,
        query.metadata,
        wish,
        clouds.unwrap_or_default()
    )
}

/// List the nodes of a cloud
#[utoipa::path(
    tag = "nodes",
    operation_id = "list_nodes",
    params(("cloud" = String, Path, description = "the name of the cloud"), NodeListParams),
    responses((status = 200, description = "A page of nodes", body = Listing<NodeView>), Problems)
)]
#[get("")]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    cloud: web::Path<String>,
    params: Params<NodeListParams>,
    call: ApiCall,
) -> Reply {
    let Params(params) = params;
    let query = node_query(
        params.name,
        params.state.as_deref(),
        params.metadata.as_deref(),
    )?;
    let wish = LeaseWish {
        assigned_to: params.assigned_to,
        expires_before: params.expires_before,
    };
    let scope = scope(&query, &wish, Some(&cloud));
    let paging = Paging::new(&state, params.limit, params.cursor.as_deref(), scope)?;
    let name = Text::from(cloud.as_str());
    let page = paging.page_of(&name)?;
    let query = NodeQuery { page, ..query };
    let page = state
        .orchestrator()
        .list_nodes(&call.0, &cloud, &query, &wish)
        .await?;
    reply::listing(&request, &paging.listing(&name, page))
}

/// List the nodes of many clouds
///
/// All clouds are asked at the same time, each under its own deadline. One that fails, or does not
/// answer in time, has a row that says so; the others' nodes are there.
#[utoipa::path(
    tag = "nodes",
    operation_id = "list_nodes_of_all_clouds",
    params(FarmNodeListParams),
    responses(
        (status = 200, description = "A page of each cloud's nodes", body = FarmListing<NodeView>),
        Problems,
    )
)]
#[get("/nodes")]
pub(super) async fn list_all(
    state: web::Data<AppState>,
    params: Params<FarmNodeListParams>,
    call: ApiCall,
) -> Reply {
    let Params(params) = params;
    let query = node_query(
        params.name,
        params.state.as_deref(),
        params.metadata.as_deref(),
    )?;
    let wish = LeaseWish {
        assigned_to: params.assigned_to,
        expires_before: params.expires_before,
    };
    let scope = scope(&query, &wish, params.cloud.as_deref());
    let paging = Paging::new(&state, params.limit, params.cursor.as_deref(), scope)?;
    let clouds = paging.remaining(names(params.cloud.as_deref()));
    let answers = state
        .orchestrator()
        .list_nodes_of_many(&call.0, clouds.as_deref(), (&query, &wish), |cloud| {
            paging.page(cloud)
        })
        .await?;
    reply::json(&paging.farm_listing(answers, call.0.cx().request_id()))
}

/// Show a node
///
/// By id or exact name. The answer has a weak ETag that leaves `observed_at` out.
#[utoipa::path(
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
#[get("/{node}")]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    let node = state
        .orchestrator()
        .get_node(&call.0, &path.0, &path.1)
        .await?;
    reply::resource(&request, &node)
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
    tag = "nodes",
    operation_id = "create_node",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = NodeCreateBody,
    responses(JobAnswers, Problems)
)]
#[post("")]
pub(super) async fn create(
    request: HttpRequest,
    state: web::Data<AppState>,
    cloud: web::Path<String>,
    call: ApiCall,
    body: Body<NodeCreateBody>,
) -> Reply {
    let job = state
        .orchestrator()
        .create_node(&call.0, &cloud, body.0.into())
        .await?;
    reply::job(&request, &state, job).await
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
    tag = "nodes",
    operation_id = "update_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = NodePatchBody,
    responses(JobAnswers, Problems)
)]
#[patch("/{node}")]
pub(super) async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<NodePatchBody>,
) -> Reply {
    let change = Change::try_from(body.0)?;
    change_node(&request, &state, &path, &call, change).await
}

/// Destroy a node
///
/// For good, with its disk. A protected node is refused with `409`. With `If-Match` only if the node is still as its ETag says.
#[utoipa::path(
    tag = "nodes",
    operation_id = "destroy_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[delete("/{node}")]
pub(super) async fn destroy(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Destroy).await
}

/// Submits a change of the node in the path.
pub(super) async fn change_node(
    request: &HttpRequest,
    state: &AppState,
    path: &(String, String),
    call: &ApiCall,
    change: Change,
) -> Reply {
    let accept = |node: &NodeView| reply::check_match(request.headers(), node);
    let job = state
        .orchestrator()
        .change_node(&call.0, &path.0, &path.1, change, accept)
        .await?;
    reply::job(request, state, job).await
}
