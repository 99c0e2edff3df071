//! Snapshots of nodes: plan and begin to make and to restore.

use cloudfarm_contract::model::{
    Node, NodeAction, NodeSnapshot, NodeSnapshotCreate, SnapshotState,
};
use cloudfarm_contract::{Driver, Error, Extension, Result};

use super::{Call, Orchestrator, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;
use crate::jobs::kinds::RestoreNodeSnapshot;

impl Orchestrator {
    /// Begins to take a snapshot of a node, which stands in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name, and in a state of the node
    /// that does not allow it; `unsupported`.
    pub async fn create_node_snapshot(
        &self,
        call: &Call,
        cloud: &str,
        mut request: NodeSnapshotCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        let on = self.on(call, cloud)?;
        let snapshots = on.driver.node_snapshots();
        extension(&on.driver, snapshots, Extension::NodeSnapshots)?;
        let node: Node = on.find_for("node", &request.node).await?;
        on.check_action(&node, NodeAction::Snapshot)?;
        request.node = node.id;
        on.create(request).await
    }

    /// Begins to put a node back to a snapshot.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` for an ambiguous name, and unless the snapshot is available;
    /// `unsupported`.
    pub async fn restore_node_snapshot(
        &self,
        call: &Call,
        cloud: &str,
        snapshot: &str,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        let snapshot: NodeSnapshot = on.find(snapshot).await?;
        if snapshot.state != SnapshotState::Available {
            return Err(Error::conflict(format!(
                "cannot restore node snapshot {:?} in state {}, only in: {}",
                snapshot.name.as_str(),
                snapshot.state,
                SnapshotState::Available
            ))
            .with_cloud(on.cloud));
        }
        let cloud = on.cloud.clone();
        on.submit(RestoreNodeSnapshot {
            cloud,
            snapshot: snapshot.id,
            node: snapshot.node,
        })
        .await
    }
}
