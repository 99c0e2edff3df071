use async_trait::async_trait;

use crate::model::{VolumeSnapshot, VolumeSnapshotCreate};
use crate::{Context, ListQuery, Page, Result};

/// Volumes as they were at one moment.
#[async_trait]
pub trait VolumeSnapshots: Send + Sync {
    /// One page of the snapshots.
    ///
    /// - `volume_snapshot_is_listed`
    async fn list_volume_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<VolumeSnapshot>>;

    /// One snapshot by id.
    ///
    /// - `volume_snapshot_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_volume_snapshot(&self, cx: &Context, id: &str) -> Result<VolumeSnapshot>;

    /// Takes a snapshot of a volume.
    ///
    /// - `volume_snapshot_create_reaches_available`
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown volume; `conflict` while the volume is in use, unless forced;
    /// `quota_exceeded`.
    async fn create_volume_snapshot(
        &self,
        cx: &Context,
        request: &VolumeSnapshotCreate,
    ) -> Result<VolumeSnapshot>;

    /// Deletes a snapshot. To delete what is gone succeeds.
    ///
    /// - `volume_snapshot_delete_twice_succeeds`
    async fn delete_volume_snapshot(&self, cx: &Context, id: &str) -> Result<()>;
}
