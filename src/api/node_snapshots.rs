//! Snapshots of nodes: list, show, create, restore, delete.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{NodeSnapshot, NodeSnapshotCreate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;

/// List the node snapshots of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/node-snapshots",
    tag = "node-snapshots",
    operation_id = "list_node_snapshots",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of node snapshots", body = Listing<NodeSnapshot>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<NodeSnapshot>(params).await
}

/// Show a node snapshot
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/node-snapshots/{snapshot}",
    tag = "node-snapshots",
    operation_id = "get_node_snapshot",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("snapshot" = String, Path, description = "the id or the exact name of the snapshot"),
    ),
    responses(
        (status = 200, description = "The node snapshot", body = NodeSnapshot),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<NodeSnapshot>().await
}

/// A snapshot of a node to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NodeSnapshotCreate)]
pub struct NodeSnapshotCreateBody {
    /// The node, by id or exact name.
    #[schema(min_length = 1, example = "web-1")]
    pub node: Text,
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "before-upgrade")]
    pub name: Text,
}

impl From<NodeSnapshotCreateBody> for NodeSnapshotCreate {
    fn from(body: NodeSnapshotCreateBody) -> Self {
        Self {
            node: body.node,
            name: body.name,
            mark: None,
        }
    }
}

/// Take a snapshot of a node
///
/// The job ends when the snapshot is available.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/node-snapshots",
    tag = "node-snapshots",
    operation_id = "create_node_snapshot",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = NodeSnapshotCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<NodeSnapshotCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_node_snapshot(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Put a node back to a snapshot
///
/// What came after the snapshot is lost. The job ends when the node runs; its `result` holds node
/// and snapshot.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/node-snapshots/{snapshot}/restore",
    tag = "node-snapshots",
    operation_id = "restore_node_snapshot",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("snapshot" = String, Path, description = "the id or the exact name of the snapshot"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn restore(asked: OfOne) -> Reply {
    let (cloud, snapshot) = &asked.path;
    let job = asked
        .orchestrator()
        .restore_node_snapshot(&asked.call, cloud, snapshot)
        .await?;
    asked.job(job).await
}

/// Delete a node snapshot
///
/// With `If-Match` only if it is still as its ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/node-snapshots/{snapshot}",
    tag = "node-snapshots",
    operation_id = "delete_node_snapshot",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("snapshot" = String, Path, description = "the id or the exact name of the snapshot"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<NodeSnapshot>().await
}
