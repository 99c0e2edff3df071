//! Snapshots of volumes: plan and begin to make.

use cloudfarm_contract::model::{Volume, VolumeSnapshotCreate, VolumeState};
use cloudfarm_contract::{Driver, Error, Extension, Result};

use super::{Call, Orchestrator, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;

impl Orchestrator {
    /// Begins to take a snapshot of a volume, which stands in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name, and while the volume is in
    /// use unless forced; `unsupported`.
    pub async fn create_volume_snapshot(
        &self,
        call: &Call,
        cloud: &str,
        mut request: VolumeSnapshotCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        validate::metadata(&request.metadata)?;
        let on = self.on(call, cloud)?;
        let snapshots = on.driver.volume_snapshots();
        extension(&on.driver, snapshots, Extension::VolumeSnapshots)?;
        let volume: Volume = on.find_for("volume", &request.volume).await?;
        if volume.state == VolumeState::InUse && !request.force {
            let message = format!("volume {:?} is in use", volume.name.as_str());
            return Err(Error::conflict(message)
                .with_hint("detach it first, or take the snapshot with force")
                .with_cloud(on.cloud));
        }
        request.volume = volume.id;
        on.create(request).await
    }
}
