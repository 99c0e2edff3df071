use async_trait::async_trait;

use crate::model::{NodeSnapshot, NodeSnapshotCreate};
use crate::{Context, ListQuery, Page, Result};

/// Nodes as they were at one moment, which they can go back to.
#[async_trait]
pub trait NodeSnapshots: Send + Sync {
    /// One page of the snapshots of all nodes.
    ///
    /// - `node_snapshot_is_listed`
    async fn list_node_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<NodeSnapshot>>;

    /// One snapshot by id.
    ///
    /// - `node_snapshot_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_node_snapshot(&self, cx: &Context, id: &str) -> Result<NodeSnapshot>;

    /// Takes a snapshot of a node.
    ///
    /// - `node_snapshot_create_reaches_available`
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown node; `conflict` in a state that does not allow it;
    /// `quota_exceeded`.
    async fn create_node_snapshot(
        &self,
        cx: &Context,
        request: &NodeSnapshotCreate,
    ) -> Result<NodeSnapshot>;

    /// Puts the node back to the snapshot and starts it.
    ///
    /// - `node_snapshot_restore_brings_the_node_back`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn restore_node_snapshot(&self, cx: &Context, id: &str) -> Result<()>;

    /// Deletes a snapshot. To delete what is gone succeeds.
    ///
    /// - `node_snapshot_delete_twice_succeeds`
    async fn delete_node_snapshot(&self, cx: &Context, id: &str) -> Result<()>;
}
