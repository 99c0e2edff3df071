//! Snapshots of volumes.

use cloudfarm_contract::extensions::VolumeSnapshots;
use cloudfarm_contract::model::{
    Extra, SnapshotState, VolumeSnapshot, VolumeSnapshotCreate, VolumeState,
};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text, async_trait};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::VolumeSnapshotRecord;
use crate::states::Phase;
use crate::usage::Usage;
use crate::view::{Draft, View};

#[async_trait]
impl VolumeSnapshots for DummyDriver {
    async fn list_volume_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<VolumeSnapshot>> {
        self.read(cx, Operation::ListVolumeSnapshots, |view| {
            let table = &view.world.tables.volume_snapshots;
            view.table_page(
                Kind::VolumeSnapshot,
                &query.page,
                table,
                |ordinal, record| {
                    let wanted = query.matches(&record.name);
                    wanted
                        .then(|| view.show_volume_snapshot(ordinal, record))
                        .flatten()
                },
            )
        })
        .await
    }

    async fn get_volume_snapshot(&self, cx: &Context, id: &str) -> Result<VolumeSnapshot> {
        self.read(cx, Operation::GetVolumeSnapshot, |view| {
            let table = &view.world.tables.volume_snapshots;
            let (ordinal, record) = view.find(Kind::VolumeSnapshot, table, id)?;
            view.show_volume_snapshot(ordinal, record)
                .ok_or_else(|| Kind::VolumeSnapshot.not_found(id))
        })
        .await
    }

    async fn create_volume_snapshot(
        &self,
        cx: &Context,
        request: &VolumeSnapshotCreate,
    ) -> Result<VolumeSnapshot> {
        let operation = Operation::CreateVolumeSnapshot;
        self.write(cx, operation, |draft| create(draft, request))
            .await
    }

    async fn delete_volume_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteVolumeSnapshot, |draft| {
            let table = &draft.world.tables.volume_snapshots;
            let Ok((ordinal, record)) = draft.find(Kind::VolumeSnapshot, table, id) else {
                return Ok(());
            };
            if record.phase.at(draft.now) != Some(SnapshotState::Deleting) {
                let (now, time) = (draft.now, draft.rules.times.destroy);
                let mut record = record.clone();
                record.phase = Phase::vanishing(SnapshotState::Deleting, now, time);
                draft.put(ordinal, record);
            }
            Ok(())
        })
        .await
    }
}

fn create(draft: &mut Draft<'_>, request: &VolumeSnapshotCreate) -> Result<VolumeSnapshot> {
    let table = &draft.world.tables.volume_snapshots;
    let before = draft.made_before(Kind::VolumeSnapshot, table, request.mark.as_ref());
    if let Some((ordinal, record)) = before
        && let Some(shown) = draft.show_volume_snapshot(ordinal, record)
    {
        return Ok(shown);
    }
    check_name(&request.name)?;
    let (volume, record) = draft.volume(&request.volume)?;
    let id = &request.volume;
    match record.phase.at(draft.now) {
        Some(VolumeState::Available) => {}
        Some(VolumeState::InUse) if request.force => {}
        Some(VolumeState::InUse) => {
            return Err(Error::conflict(format!("volume {id} is in use"))
                .with_hint("detach it, or force the snapshot"));
        }
        state => {
            let state = state.unwrap_or(VolumeState::Unknown);
            return Err(Error::conflict(format!(
                "volume {id} is {state}, not available"
            )));
        }
    }
    draft.check_room(&Usage {
        volume_snapshots: 1,
        ..Usage::default()
    })?;
    let (now, time) = (draft.now, draft.rules.times.snapshot);
    let snapshot = VolumeSnapshotRecord {
        name: request.name.clone(),
        volume,
        size_gb: record.size_gb,
        metadata: request.metadata.clone(),
        mark: request.mark.clone(),
        created_at: now,
        phase: Phase::moving(SnapshotState::Creating, now, time, SnapshotState::Available),
    };
    let ordinal = draft.new_ordinal();
    let shown = draft.show_volume_snapshot(ordinal, &snapshot);
    draft.put(ordinal, snapshot);
    shown.ok_or_else(|| Error::internal("a new volume snapshot is gone"))
}

impl View<'_> {
    fn show_volume_snapshot(
        &self,
        ordinal: u64,
        record: &VolumeSnapshotRecord,
    ) -> Option<VolumeSnapshot> {
        let state = record.phase.at(self.now)?;
        let volume = self.present(&self.world.tables.volumes, record.volume);
        Some(VolumeSnapshot {
            cloud: self.cloud(),
            id: self.id(Kind::VolumeSnapshot, ordinal),
            name: record.name.clone(),
            volume: volume.map(|_| self.id(Kind::Volume, record.volume)),
            state,
            native_state: Text::from_static(state.as_str()),
            size_gb: record.size_gb,
            metadata: record.metadata.clone(),
            mark: record.mark.clone(),
            created_at: Some(record.created_at),
            extra: Extra::new(),
        })
    }
}
