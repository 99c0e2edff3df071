//! Volumes: plan and begin to make, change, delete.

use cloudfarm_contract::layers::{check_volume_create, check_volume_extend};
use cloudfarm_contract::model::{
    Node, NodeAction, Volume, VolumeAttach, VolumeCreate, VolumeSnapshot, VolumeState,
};
use cloudfarm_contract::{Driver, Error, Extension, Result};

use super::resources::OnCloud;
use super::{Call, Orchestrator, select, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;
use crate::jobs::kinds::VolumeChange;

impl Orchestrator {
    /// Begins to make a volume. Snapshot and image stand in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name; `unsupported`.
    pub async fn create_volume(
        &self,
        call: &Call,
        cloud: &str,
        mut request: VolumeCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        validate::size_gb("size_gb", request.size_gb)?;
        validate::metadata(&request.metadata)?;
        for (field, text) in [("kind", &request.kind), ("location", &request.location)] {
            validate::optional(field, text.as_deref())?;
        }
        if request.snapshot.is_some() && request.image.is_some() {
            return Err(
                Error::invalid("a volume is made from a snapshot or from an image")
                    .with_field("image")
                    .with_hint("give one of the two"),
            );
        }
        let on = self.on(call, cloud)?;
        extension(&on.driver, on.driver.volumes(), Extension::Volumes)?;
        on.check(|can| check_volume_create(can, &request))?;
        if let Some(snapshot) = &request.snapshot {
            let found: VolumeSnapshot = on.find_for("snapshot", snapshot).await?;
            check_fits("snapshot", &found.name, found.size_gb, request.size_gb)?;
            request.snapshot = Some(found.id);
        }
        if let Some(image) = &request.image {
            let found = select::image(&on.driver, call.cx(), image).await?;
            let least = found.min_disk_gb.unwrap_or_default();
            check_fits("image", &found.name, least, request.size_gb)?;
            request.image = Some(found.id);
        }
        on.create(request).await
    }

    /// Begins to change a volume. Nodes stand in the change by id or name.
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid`, naming the field; `conflict` for an ambiguous name and for what is
    /// illegal for the volume or the node as they are; `unsupported`.
    pub async fn change_volume(
        &self,
        call: &Call,
        cloud: &str,
        volume: &str,
        change: VolumeChange,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        let volume: Volume = on.find(volume).await?;
        let planned = match change {
            VolumeChange::Attach(to) => plan_attach(&on, &volume, to).await,
            VolumeChange::Detach(node) => plan_detach(&on, &volume, &node).await,
            VolumeChange::Extend(size_gb) => plan_extend(&on, &volume, size_gb),
        };
        let change = planned.map_err(|error| error.with_cloud(on.cloud.clone()))?;
        on.modify(volume.id, change).await
    }

    /// Begins to delete a volume. `accept` may refuse it as it is now.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` for an ambiguous name, and while the volume is attached;
    /// `unsupported`.
    pub async fn delete_volume(
        &self,
        call: &Call,
        cloud: &str,
        volume: &str,
        accept: impl FnOnce(&Volume) -> Result<()>,
    ) -> Result<JobHandle> {
        self.delete(call, cloud, volume, |volume: &Volume| {
            accept(volume)?;
            check_detached("delete", volume).map_err(|error| error.with_cloud(volume.cloud.clone()))
        })
        .await
    }
}

async fn plan_attach(on: &OnCloud<'_>, volume: &Volume, to: VolumeAttach) -> Result<VolumeChange> {
    validate::optional("device", to.device.as_deref())?;
    let node: Node = on.find_for("node", &to.node).await?;
    check_detached("attach", volume)?;
    check_state("attach", volume, &[VolumeState::Available])?;
    on.check_action(&node, NodeAction::AttachVolume)?;
    Ok(VolumeChange::Attach(VolumeAttach {
        node: node.id,
        device: to.device,
    }))
}

async fn plan_detach(on: &OnCloud<'_>, volume: &Volume, node: &str) -> Result<VolumeChange> {
    let node: Node = on.find_for("node", node).await?;
    if !volume.attachments.iter().any(|at| at.node == node.id) {
        return Err(Error::conflict(format!(
            "volume {:?} is not attached to node {:?}",
            volume.name.as_str(),
            node.name.as_str()
        )));
    }
    on.check_action(&node, NodeAction::DetachVolume)?;
    Ok(VolumeChange::Detach(node.id))
}

fn check_detached(action: &str, volume: &Volume) -> Result<()> {
    match volume.attachments.first() {
        None => Ok(()),
        Some(at) => Err(Error::conflict(format!(
            "cannot {action} volume {:?}, it is attached to node {}",
            volume.name.as_str(),
            at.node
        ))
        .with_hint("detach it first")),
    }
}

fn check_state(action: &str, volume: &Volume, allowed: &[VolumeState]) -> Result<()> {
    if allowed.contains(&volume.state) {
        return Ok(());
    }
    let allowed: Vec<&str> = allowed.iter().map(|state| state.as_str()).collect();
    Err(Error::conflict(format!(
        "cannot {action} volume {:?} in state {}, only in: {}",
        volume.name.as_str(),
        volume.state,
        allowed.join(", ")
    )))
}

fn plan_extend(on: &OnCloud<'_>, volume: &Volume, size_gb: u64) -> Result<VolumeChange> {
    on.check(|can| check_volume_extend(can, size_gb))?;
    if size_gb <= volume.size_gb {
        return Err(Error::invalid(format!(
            "size_gb is {size_gb}, volume {:?} has {} already",
            volume.name.as_str(),
            volume.size_gb
        ))
        .with_field("size_gb")
        .with_hint("a volume can only become larger"));
    }
    let allowed = [VolumeState::Available, VolumeState::InUse];
    check_state("extend", volume, &allowed)?;
    Ok(VolumeChange::Extend(size_gb))
}

fn check_fits(from: &'static str, name: &str, needed: u64, size_gb: u64) -> Result<()> {
    if size_gb >= needed {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "size_gb is {size_gb}, {from} {name:?} needs {needed}"
    ))
    .with_field("size_gb"))
}
