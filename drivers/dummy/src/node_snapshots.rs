//! Snapshots of nodes. They go with their node.

use cloudfarm_contract::extensions::NodeSnapshots;
use cloudfarm_contract::model::{
    Extra, NodeAction, NodeSnapshot, NodeSnapshotCreate, SnapshotState,
};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text, async_trait};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::{NodeRecord, NodeSnapshotRecord};
use crate::states::{Phase, Status, after};
use crate::usage::Usage;
use crate::view::{Draft, View};

#[async_trait]
impl NodeSnapshots for DummyDriver {
    async fn list_node_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<NodeSnapshot>> {
        self.read(cx, Operation::ListNodeSnapshots, |view| {
            let table = &view.world.tables.node_snapshots;
            view.table_page(Kind::NodeSnapshot, &query.page, table, |ordinal, record| {
                let wanted = query.matches(&record.name);
                wanted
                    .then(|| view.show_node_snapshot(ordinal, record))
                    .flatten()
            })
        })
        .await
    }

    async fn get_node_snapshot(&self, cx: &Context, id: &str) -> Result<NodeSnapshot> {
        self.read(cx, Operation::GetNodeSnapshot, |view| {
            let (ordinal, record) = view.node_snapshot(id)?;
            view.show_node_snapshot(ordinal, record)
                .ok_or_else(|| Kind::NodeSnapshot.not_found(id))
        })
        .await
    }

    async fn create_node_snapshot(
        &self,
        cx: &Context,
        request: &NodeSnapshotCreate,
    ) -> Result<NodeSnapshot> {
        let operation = Operation::CreateNodeSnapshot;
        self.write_node(cx, operation, &request.node, |draft, node, record| {
            create(draft, request, node, record)
        })
        .await
    }

    async fn restore_node_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::RestoreNodeSnapshot, |draft| {
            let (_, snapshot) = draft.node_snapshot(id)?;
            if snapshot.phase.at(draft.now) != Some(SnapshotState::Available) {
                let message = format!("node snapshot {id} is not available yet");
                return Err(Error::conflict(message));
            }
            let node = draft.id(Kind::Node, snapshot.node);
            let (ordinal, mut node) = draft.node_record(&node)?;
            draft.check_action(ordinal, &node, NodeAction::Rebuild)?;
            node.image = snapshot.image.clone();
            node.image_name = snapshot.image_name.clone();
            let (now, time) = (draft.now, draft.rules.times.rebuild);
            node.phase = Phase::moving(Status::Restoring, now, time, Status::Active);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }

    async fn delete_node_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteNodeSnapshot, |draft| {
            if let Ok((ordinal, record)) = draft.node_snapshot(id) {
                delete(draft, ordinal, record.clone());
            }
            Ok(())
        })
        .await
    }
}

fn create(
    draft: &mut Draft<'_>,
    request: &NodeSnapshotCreate,
    node: u64,
    mut record: NodeRecord,
) -> Result<NodeSnapshot> {
    let table = &draft.world.tables.node_snapshots;
    let before = draft.made_before(Kind::NodeSnapshot, table, request.mark.as_ref());
    if let Some((ordinal, snapshot)) = before
        && let Some(shown) = draft.show_node_snapshot(ordinal, snapshot)
    {
        return Ok(shown);
    }
    check_name(&request.name)?;
    draft.check_action(node, &record, NodeAction::Snapshot)?;
    draft.check_room(&Usage {
        node_snapshots: 1,
        ..Usage::default()
    })?;
    let (now, time) = (draft.now, draft.rules.times.snapshot);
    let snapshot = NodeSnapshotRecord {
        name: request.name.clone(),
        node,
        image: record.image.clone(),
        image_name: record.image_name.clone(),
        mark: request.mark.clone(),
        created_at: now,
        phase: Phase::moving(SnapshotState::Creating, now, time, SnapshotState::Available),
    };
    let ordinal = draft.new_ordinal();
    let shown = draft.show_node_snapshot(ordinal, &snapshot);
    draft.put(ordinal, snapshot);
    record.busy_until = Some(after(now, time));
    draft.put(node, record);
    shown.ok_or_else(|| Error::internal("a new node snapshot is gone"))
}

/// Deletes a snapshot that is not on its way already.
pub(crate) fn delete(draft: &mut Draft<'_>, ordinal: u64, mut record: NodeSnapshotRecord) {
    if record.phase.end().is_some() {
        let (now, time) = (draft.now, draft.rules.times.destroy);
        record.phase = Phase::vanishing(SnapshotState::Deleting, now, time);
        draft.put(ordinal, record);
    }
}

impl<'a> View<'a> {
    fn node_snapshot(&self, id: &str) -> Result<(u64, &'a NodeSnapshotRecord)> {
        self.find(Kind::NodeSnapshot, &self.world.tables.node_snapshots, id)
    }

    fn show_node_snapshot(
        &self,
        ordinal: u64,
        record: &NodeSnapshotRecord,
    ) -> Option<NodeSnapshot> {
        let state = record.phase.at(self.now)?;
        Some(NodeSnapshot {
            cloud: self.cloud(),
            id: self.id(Kind::NodeSnapshot, ordinal),
            name: record.name.clone(),
            node: self.id(Kind::Node, record.node),
            state,
            native_state: Text::from_static(state.as_str()),
            mark: record.mark.clone(),
            created_at: Some(record.created_at),
            extra: Extra::new(),
        })
    }
}
