//! Addresses: list, show, allocate, release, associate, disassociate.

use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Address, AddressAllocate, AddressAssociate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;
use crate::jobs::kinds::AddressChange;

/// List the addresses of a cloud
///
/// The filter by name is one by the address itself.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/addresses",
    tag = "addresses",
    operation_id = "list_addresses",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of addresses", body = Listing<Address>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Address>(params).await
}

/// Show an address
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/addresses/{address}",
    tag = "addresses",
    operation_id = "get_address",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("address" = String, Path, description = "the id of the address, or the address itself"),
    ),
    responses(
        (status = 200, description = "The address", body = Address),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<Address>().await
}

/// An address to be allocated.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddressAllocate)]
pub struct AddressAllocateBody {
    /// The network that leads out, by id or exact name; `null` where there is only one.
    #[serde(default)]
    #[schema(example = "public")]
    pub network: Option<Text>,
}

impl From<AddressAllocateBody> for AddressAllocate {
    fn from(body: AddressAllocateBody) -> Self {
        Self {
            network: body.network,
            mark: None,
        }
    }
}

/// Allocate an address
///
/// It leads nowhere until it is associated with a node.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/addresses",
    tag = "addresses",
    operation_id = "allocate_address",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = AddressAllocateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn allocate(asked: OfCloud, body: Body<AddressAllocateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .allocate_address(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Release an address
///
/// Gives it back; the node it led to can no longer be reached by it. With `If-Match` only if it is
/// still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/addresses/{address}",
    tag = "addresses",
    operation_id = "release_address",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("address" = String, Path, description = "the id of the address, or the address itself"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn release(asked: OfOne) -> Reply {
    asked.delete::<Address>().await
}

/// Where an address shall lead.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddressAssociate)]
pub struct AddressAssociateBody {
    /// The node, by id or exact name.
    #[schema(min_length = 1, example = "web-1")]
    pub node: Text,
    /// Which of the node's fixed addresses; `null` takes the first that fits.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "10.0.0.5")]
    pub fixed_ip: Option<IpAddr>,
}

/// Lead an address to a node
///
/// Away from where it led before. Afterwards the node shows it as a floating address.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/addresses/{address}/associate",
    tag = "addresses",
    operation_id = "associate_address",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("address" = String, Path, description = "the id of the address, or the address itself"),
    ),
    request_body = AddressAssociateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn associate(asked: OfOne, body: Body<AddressAssociateBody>) -> Reply {
    let Body(AddressAssociateBody { node, fixed_ip }) = body;
    let to = AddressAssociate { node, fixed_ip };
    submit(&asked, AddressChange::Associate(to)).await
}

/// Lead an address nowhere
///
/// It is kept for another node.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/addresses/{address}/disassociate",
    tag = "addresses",
    operation_id = "disassociate_address",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("address" = String, Path, description = "the id of the address, or the address itself"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn disassociate(asked: OfOne) -> Reply {
    submit(&asked, AddressChange::Disassociate).await
}

async fn submit(asked: &OfOne, change: AddressChange) -> Reply {
    let (cloud, address) = &asked.path;
    let job = asked
        .orchestrator()
        .change_address(&asked.call, cloud, address, change)
        .await?;
    asked.job(job).await
}
