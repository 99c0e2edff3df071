use async_trait::async_trait;

use crate::model::{Volume, VolumeAttach, VolumeCreate};
use crate::{Context, ListQuery, Page, Result};

/// Disks with a life of their own. Sizes are in gigabytes.
#[async_trait]
pub trait Volumes: Send + Sync {
    /// One page of the volumes.
    ///
    /// - `volume_is_listed`
    async fn list_volumes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Volume>>;

    /// One volume by id.
    ///
    /// - `volume_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_volume(&self, cx: &Context, id: &str) -> Result<Volume>;

    /// Makes a volume.
    ///
    /// - `volume_create_reaches_available`
    ///
    /// # Errors
    ///
    /// `invalid`, `quota_exceeded`, `no_capacity`; `not_found` for an unknown snapshot or image.
    async fn create_volume(&self, cx: &Context, request: &VolumeCreate) -> Result<Volume>;

    /// Deletes a volume. To delete what is gone succeeds.
    ///
    /// - `volume_delete_twice_succeeds`
    /// - `volume_delete_while_attached_is_a_conflict`
    ///
    /// # Errors
    ///
    /// `conflict` while it is attached or has snapshots.
    async fn delete_volume(&self, cx: &Context, id: &str) -> Result<()>;

    /// Makes a volume larger, to `size_gb` in all. Needs the capability `volume_extend`.
    ///
    /// - `volume_extend_grows_it`
    /// - `volume_extend_refuses_to_shrink`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for a size that is smaller than it is; `conflict` in a state that
    /// does not allow it.
    async fn extend_volume(&self, cx: &Context, id: &str, size_gb: &u64) -> Result<()>;

    /// Attaches a volume to a node. To attach what is attached there succeeds.
    ///
    /// - `volume_attach_and_detach`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` while it is attached elsewhere.
    async fn attach_volume(&self, cx: &Context, id: &str, to: &VolumeAttach) -> Result<()>;

    /// Detaches a volume from a node. To detach what is not attached there succeeds.
    ///
    /// - `volume_attach_and_detach`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn detach_volume(&self, cx: &Context, id: &str, node: &str) -> Result<()>;
}
