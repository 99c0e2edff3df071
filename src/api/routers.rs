//! Routers: list, show, create, update, delete, attach, detach.

use cloudfarm_contract::model::{Router, RouterCreate, RouterGateway, RouterUpdate};
use cloudfarm_contract::{Error, Result, Text};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use crate::jobs::kinds::RouterChange;

/// List the routers of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/routers",
    tag = "routers",
    operation_id = "list_routers",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of routers", body = Listing<Router>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Router>(params).await
}

/// Show a router
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/routers/{router}",
    tag = "routers",
    operation_id = "get_router",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("router" = String, Path, description = "the id or the exact name of the router"),
    ),
    responses(
        (status = 200, description = "The router", body = Router),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<Router>().await
}

/// A router to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RouterCreate)]
pub struct RouterCreateBody {
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "edge")]
    pub name: Text,
    /// The network that it shall lead out to, by id or exact name; `null` for none.
    #[serde(default)]
    #[schema(example = "public")]
    pub external_network: Option<Text>,
}

impl From<RouterCreateBody> for RouterCreate {
    fn from(body: RouterCreateBody) -> Self {
        Self {
            name: body.name,
            external_network: body.external_network,
            mark: None,
        }
    }
}

/// Create a router
///
/// Subnets are attached afterwards, one by one.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/routers",
    tag = "routers",
    operation_id = "create_router",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = RouterCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<RouterCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_router(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// What is to become of a router; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RouterPatch)]
pub struct RouterPatchBody {
    /// The new name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255, example = "edge")]
    pub name: Option<Text>,
    /// The network that it shall lead out to, by id or exact name; `null` takes its gateway away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "public")]
    pub external_network: Option<Option<Text>>,
}

/// What is there, be it `null`.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Text>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl TryFrom<RouterPatchBody> for RouterChange {
    type Error = Error;

    fn try_from(body: RouterPatchBody) -> Result<Self> {
        let gateway = body.external_network.map(|network| match network {
            None => RouterGateway::Off,
            Some(network) => RouterGateway::Network(network),
        });
        let name = body.name;
        if name.is_none() && gateway.is_none() {
            return Err(Error::invalid("there is nothing to change")
                .with_hint("give name, external_network or both"));
        }
        Ok(Self::Update(RouterUpdate { name, gateway }))
    }
}

/// Give a router another name or gateway
///
/// With `If-Match` only if it is still as its ETag says.
#[utoipa::path(
    patch,
    path = "/api/v1/clouds/{cloud}/routers/{router}",
    tag = "routers",
    operation_id = "update_router",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("router" = String, Path, description = "the id or the exact name of the router"),
    ),
    request_body = RouterPatchBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn update(asked: OfOne, body: Body<RouterPatchBody>) -> Reply {
    submit(&asked, body.0.try_into()?).await
}

/// Delete a router
///
/// No subnet may be attached to it. With `If-Match` only if it is still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/routers/{router}",
    tag = "routers",
    operation_id = "delete_router",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("router" = String, Path, description = "the id or the exact name of the router"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    let (cloud, router) = &asked.path;
    let accept = |router: &Router| reply::check_match(asked.request.headers(), router);
    let job = asked
        .orchestrator()
        .delete_router(&asked.call, cloud, router, accept)
        .await?;
    asked.job(job).await
}

/// A subnet that a router is to be on, or off.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RouterSubnet)]
pub struct RouterSubnetBody {
    /// The subnet, by id or exact name.
    #[schema(min_length = 1, example = "backend-1")]
    pub subnet: Text,
}

/// Attach a subnet to a router
///
/// The router takes the gateway address of the subnet.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/routers/{router}/attach",
    tag = "routers",
    operation_id = "attach_router_subnet",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("router" = String, Path, description = "the id or the exact name of the router"),
    ),
    request_body = RouterSubnetBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn attach(asked: OfOne, body: Body<RouterSubnetBody>) -> Reply {
    submit(&asked, RouterChange::Attach(body.0.subnet)).await
}

/// Detach a subnet from a router
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/routers/{router}/detach",
    tag = "routers",
    operation_id = "detach_router_subnet",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("router" = String, Path, description = "the id or the exact name of the router"),
    ),
    request_body = RouterSubnetBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn detach(asked: OfOne, body: Body<RouterSubnetBody>) -> Reply {
    submit(&asked, RouterChange::Detach(body.0.subnet)).await
}

async fn submit(asked: &OfOne, change: RouterChange) -> Reply {
    let (cloud, router) = &asked.path;
    let accept = |router: &Router| reply::check_match(asked.request.headers(), router);
    let job = asked
        .orchestrator()
        .change_router(&asked.call, cloud, router, change, accept)
        .await?;
    asked.job(job).await
}
