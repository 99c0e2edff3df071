//! Snapshots of volumes: list, show, create, delete.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Metadata, VolumeSnapshot, VolumeSnapshotCreate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;

/// List the volume snapshots of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/volume-snapshots",
    tag = "volume-snapshots",
    operation_id = "list_volume_snapshots",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of volume snapshots", body = Listing<VolumeSnapshot>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<VolumeSnapshot>(params).await
}

/// Show a volume snapshot
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/volume-snapshots/{snapshot}",
    tag = "volume-snapshots",
    operation_id = "get_volume_snapshot",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("snapshot" = String, Path, description = "the id or the exact name of the snapshot"),
    ),
    responses(
        (status = 200, description = "The volume snapshot", body = VolumeSnapshot),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<VolumeSnapshot>().await
}

/// A snapshot of a volume to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VolumeSnapshotCreate)]
pub struct VolumeSnapshotCreateBody {
    /// The volume, by id or exact name.
    #[schema(min_length = 1, example = "data-1")]
    pub volume: Text,
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "data-1-before")]
    pub name: Text,
    /// Whether to take it although the volume is in use.
    #[serde(default)]
    pub force: bool,
    /// What its owner keeps on it.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
}

impl From<VolumeSnapshotCreateBody> for VolumeSnapshotCreate {
    fn from(body: VolumeSnapshotCreateBody) -> Self {
        Self {
            volume: body.volume,
            name: body.name,
            force: body.force,
            metadata: body.metadata,
            mark: None,
        }
    }
}

/// Take a snapshot of a volume
///
/// The job ends when the snapshot is available. `POST .../volumes` with `snapshot` makes a volume
/// from it.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/volume-snapshots",
    tag = "volume-snapshots",
    operation_id = "create_volume_snapshot",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = VolumeSnapshotCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<VolumeSnapshotCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_volume_snapshot(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete a volume snapshot
///
/// With `If-Match` only if it is still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/volume-snapshots/{snapshot}",
    tag = "volume-snapshots",
    operation_id = "delete_volume_snapshot",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("snapshot" = String, Path, description = "the id or the exact name of the snapshot"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<VolumeSnapshot>().await
}
