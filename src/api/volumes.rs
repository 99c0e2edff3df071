//! Volumes: list, show, create, delete, attach, detach, extend.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Metadata, Volume, VolumeAttach, VolumeCreate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use crate::jobs::kinds::VolumeChange;

/// List the volumes of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/volumes",
    tag = "volumes",
    operation_id = "list_volumes",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of volumes", body = Listing<Volume>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Volume>(params).await
}

/// Show a volume
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/volumes/{volume}",
    tag = "volumes",
    operation_id = "get_volume",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("volume" = String, Path, description = "the id or the exact name of the volume"),
    ),
    responses(
        (status = 200, description = "The volume", body = Volume),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<Volume>().await
}

/// A volume to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VolumeCreate)]
pub struct VolumeCreateBody {
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "data-1")]
    pub name: Text,
    /// In gigabytes.
    #[schema(minimum = 1, example = 10)]
    pub size_gb: u64,
    /// The kind of storage, as the cloud calls it; `null` leaves it to the cloud.
    #[serde(default)]
    pub kind: Option<Text>,
    /// The id of a location; `null` leaves it to the cloud.
    #[serde(default)]
    pub location: Option<Text>,
    /// The volume snapshot to make it from, by id or exact name.
    #[serde(default)]
    pub snapshot: Option<Text>,
    /// The image to make it from: its id, its exact name, or a glob that takes the newest match.
    #[serde(default)]
    pub image: Option<Text>,
    /// What its owner keeps on it.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
}

impl From<VolumeCreateBody> for VolumeCreate {
    fn from(body: VolumeCreateBody) -> Self {
        Self {
            name: body.name,
            size_gb: body.size_gb,
            kind: body.kind,
            location: body.location,
            snapshot: body.snapshot,
            image: body.image,
            metadata: body.metadata,
            mark: None,
        }
    }
}

/// Create a volume
///
/// Empty, from a snapshot or from an image. The job ends when the volume is available; its `result`
/// holds the volume.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/volumes",
    tag = "volumes",
    operation_id = "create_volume",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = VolumeCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<VolumeCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_volume(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete a volume
///
/// For good; it must be attached to nothing. With `If-Match` only if it is still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/volumes/{volume}",
    tag = "volumes",
    operation_id = "delete_volume",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("volume" = String, Path, description = "the id or the exact name of the volume"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    let (cloud, volume) = &asked.path;
    let accept = |volume: &Volume| reply::check_match(asked.request.headers(), volume);
    let job = asked
        .orchestrator()
        .delete_volume(&asked.call, cloud, volume, accept)
        .await?;
    asked.job(job).await
}

/// Where to attach a volume.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VolumeAttach)]
pub struct VolumeAttachBody {
    /// The node, by id or exact name.
    #[schema(min_length = 1, example = "web-1")]
    pub node: Text,
    /// A wished device name; `null` leaves it to the cloud.
    #[serde(default)]
    #[schema(example = "/dev/vdb")]
    pub device: Option<Text>,
}

/// Attach a volume to a node
///
/// The volume must be available. The job ends when the volume is in use.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/volumes/{volume}/attach",
    tag = "volumes",
    operation_id = "attach_volume",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("volume" = String, Path, description = "the id or the exact name of the volume"),
    ),
    request_body = VolumeAttachBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn attach(asked: OfOne, body: Body<VolumeAttachBody>) -> Reply {
    let Body(VolumeAttachBody { node, device }) = body;
    submit(&asked, VolumeChange::Attach(VolumeAttach { node, device })).await
}

/// From where to detach a volume.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VolumeDetach)]
pub struct VolumeDetachBody {
    /// The node, by id or exact name.
    #[schema(min_length = 1, example = "web-1")]
    pub node: Text,
}

/// Detach a volume from a node
///
/// The job ends when the volume is off the node.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/volumes/{volume}/detach",
    tag = "volumes",
    operation_id = "detach_volume",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("volume" = String, Path, description = "the id or the exact name of the volume"),
    ),
    request_body = VolumeDetachBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn detach(asked: OfOne, body: Body<VolumeDetachBody>) -> Reply {
    submit(&asked, VolumeChange::Detach(body.0.node)).await
}

/// How large a volume shall be.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VolumeExtend)]
pub struct VolumeExtendBody {
    /// The new size in gigabytes, in all.
    #[schema(minimum = 1, example = 20)]
    pub size_gb: u64,
}

/// Make a volume larger
///
/// The file system on it is left to its owner.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/volumes/{volume}/extend",
    tag = "volumes",
    operation_id = "extend_volume",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("volume" = String, Path, description = "the id or the exact name of the volume"),
    ),
    request_body = VolumeExtendBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn extend(asked: OfOne, body: Body<VolumeExtendBody>) -> Reply {
    submit(&asked, VolumeChange::Extend(body.0.size_gb)).await
}

async fn submit(asked: &OfOne, change: VolumeChange) -> Reply {
    let (cloud, volume) = &asked.path;
    let job = asked
        .orchestrator()
        .change_volume(&asked.call, cloud, volume, change)
        .await?;
    asked.job(job).await
}
