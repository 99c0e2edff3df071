//! Networks: list, show, create, delete.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Network, NetworkCreate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;

/// List the networks of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/networks",
    tag = "networks",
    operation_id = "list_networks",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of networks", body = Listing<Network>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Network>(params).await
}

/// Show a network
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/networks/{network}",
    tag = "networks",
    operation_id = "get_network",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("network" = String, Path, description = "the id or the exact name of the network"),
    ),
    responses(
        (status = 200, description = "The network", body = Network),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<Network>().await
}

/// A network to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NetworkCreate)]
pub struct NetworkCreateBody {
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "backend")]
    pub name: Text,
    /// The range of addresses, on clouds where a network has one.
    #[serde(default)]
    #[schema(example = "10.1.0.0/16")]
    pub cidr: Option<Text>,
}

impl From<NetworkCreateBody> for NetworkCreate {
    fn from(body: NetworkCreateBody) -> Self {
        Self {
            name: body.name,
            cidr: body.cidr,
            mark: None,
        }
    }
}

/// Create a network
///
/// Its `subnets` say which addresses there are on it.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/networks",
    tag = "networks",
    operation_id = "create_network",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = NetworkCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<NetworkCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_network(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete a network
///
/// With its subnets; no node may be on it. With `If-Match` only if it is still as its
/// ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/networks/{network}",
    tag = "networks",
    operation_id = "delete_network",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("network" = String, Path, description = "the id or the exact name of the network"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<Network>().await
}
