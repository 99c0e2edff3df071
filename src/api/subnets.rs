//! Subnets: list, show, create, delete.

use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Subnet, SubnetCreate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;

/// List the subnets of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/subnets",
    tag = "subnets",
    operation_id = "list_subnets",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of subnets", body = Listing<Subnet>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Subnet>(params).await
}

/// Show a subnet
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/subnets/{subnet}",
    tag = "subnets",
    operation_id = "get_subnet",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("subnet" = String, Path, description = "the id or the exact name of the subnet"),
    ),
    responses(
        (status = 200, description = "The subnet", body = Subnet),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<Subnet>().await
}

/// A subnet to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubnetCreate)]
pub struct SubnetCreateBody {
    /// The network, by id or exact name.
    #[schema(min_length = 1, example = "backend")]
    pub network: Text,
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "backend-1")]
    pub name: Text,
    /// The range of addresses.
    #[schema(example = "10.1.2.0/24")]
    pub cidr: Text,
    /// The gateway, which is in the range; `null` leaves it to the cloud.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "10.1.2.1")]
    pub gateway: Option<IpAddr>,
    /// Whether nodes are told their address by DHCP; `null` leaves it to the cloud.
    #[serde(default)]
    pub dhcp: Option<bool>,
    /// The id of a location, on clouds that tie a subnet to one.
    #[serde(default)]
    pub location: Option<Text>,
}

impl From<SubnetCreateBody> for SubnetCreate {
    fn from(body: SubnetCreateBody) -> Self {
        Self {
            network: body.network,
            name: body.name,
            cidr: body.cidr,
            gateway: body.gateway,
            dhcp: body.dhcp,
            location: body.location,
            mark: None,
        }
    }
}

/// Create a subnet
///
/// A range of addresses on a network that is there.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/subnets",
    tag = "subnets",
    operation_id = "create_subnet",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = SubnetCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<SubnetCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_subnet(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete a subnet
///
/// No node may have an address of it. With `If-Match` only if it is still as its
/// ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/subnets/{subnet}",
    tag = "subnets",
    operation_id = "delete_subnet",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("subnet" = String, Path, description = "the id or the exact name of the subnet"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<Subnet>().await
}
