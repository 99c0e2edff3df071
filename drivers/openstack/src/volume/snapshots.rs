//! Snapshots of volumes.

use cloudfarm_contract::extensions::VolumeSnapshots;
use cloudfarm_contract::model::{SnapshotState, VolumeSnapshot, VolumeSnapshotCreate};
use cloudfarm_contract::{Context, Effect, ErrorKind, ListQuery, Page, Result, async_trait};
use serde_json::json;

use super::Storage;
use super::wire::{CinderSnapshot, SnapshotReply};
use crate::call::Call;
use crate::catalog::ServiceKind::Volume as VOLUME;
use crate::errors::{as_conflict, gone_is_fine, not_found_if_malformed, says};
use crate::list::Collection;
use crate::marks::with_mark;

pub(crate) const SNAPSHOTS: Collection = Collection {
    service: VOLUME,
    key: "snapshots",
};

#[async_trait]
impl VolumeSnapshots for Storage {
    async fn list_volume_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<VolumeSnapshot>> {
        let read = |snapshot: CinderSnapshot| snapshot.into_snapshot(self.session.cloud());
        self.page(cx, SNAPSHOTS, query, read, |snapshot| {
            (&snapshot.id, &snapshot.name)
        })
        .await
    }

    async fn get_volume_snapshot(&self, cx: &Context, id: &str) -> Result<VolumeSnapshot> {
        let call = Call::get(&["snapshots", id]);
        let asked = self.session.ask(cx, VOLUME, &call).await;
        let reply: SnapshotReply = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.snapshot.into_snapshot(self.session.cloud()))
    }

    async fn create_volume_snapshot(
        &self,
        cx: &Context,
        request: &VolumeSnapshotCreate,
    ) -> Result<VolumeSnapshot> {
        let body = json!({"snapshot": {
            "volume_id": request.volume.as_str(),
            self.name_key(): request.name.as_str(),
            "force": request.force,
            "metadata": with_mark(&request.metadata, request.mark.as_ref()),
        }});
        let call = Call::post(&["snapshots"], Effect::Once, body);
        let made = self.session.ask(cx, VOLUME, &call).await;
        let reply: SnapshotReply = made
            .map_err(|error| match error.kind() {
                // "Invalid volume: Volume ... status must be available, but current status is".
                ErrorKind::Invalid if says(&error, &["status"]) => as_conflict(&error),
                _ => error,
            })?
            .json()?;
        Ok(reply.snapshot.into_snapshot(self.session.cloud()))
    }

    async fn delete_volume_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["snapshots", id]);
        let deleted = gone_is_fine(self.session.ask(cx, VOLUME, &call).await);
        let Err(error) = deleted else {
            return Ok(());
        };
        if error.kind() != ErrorKind::Invalid {
            return Err(error);
        }
        match self.get_volume_snapshot(cx, id).await {
            Ok(snapshot) if snapshot.state == SnapshotState::Deleting => Ok(()),
            Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(()),
            _ => Err(as_conflict(&error)),
        }
    }
}
