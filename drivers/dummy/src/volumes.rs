//! Volumes.

use cloudfarm_contract::extensions::Volumes;
use cloudfarm_contract::model::{
    Extra, NodeAction, Volume, VolumeAttach, VolumeAttachment, VolumeCreate, VolumeState,
};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text, async_trait};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::locations::{self, LOCATIONS};
use crate::nodes::check_name;
use crate::records::{NodeRecord, VolumeRecord};
use crate::states::{Phase, after};
use crate::usage::Usage;
use crate::view::{Draft, View};

/// The kinds of storage; the first is given to whoever does not choose.
const KINDS: &[&str] = &["standard", "fast"];

/// The largest volume.
pub(crate) const SIZE_GB_MAX: u64 = 16_384;

/// The device of the disk that a node boots from.
pub(crate) const ROOT_DEVICE: Text = Text::from_static("/dev/vda");

#[async_trait]
impl Volumes for DummyDriver {
    async fn list_volumes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Volume>> {
        self.read(cx, Operation::ListVolumes, |view| {
            let table = &view.world.tables.volumes;
            view.table_page(Kind::Volume, &query.page, table, |ordinal, volume| {
                let wanted = query.matches(&volume.name);
                wanted.then(|| view.show_volume(ordinal, volume)).flatten()
            })
        })
        .await
    }

    async fn get_volume(&self, cx: &Context, id: &str) -> Result<Volume> {
        self.read(cx, Operation::GetVolume, |view| {
            let (ordinal, volume) = view.volume(id)?;
            view.show_volume(ordinal, volume)
                .ok_or_else(|| Kind::Volume.not_found(id))
        })
        .await
    }

    async fn create_volume(&self, cx: &Context, request: &VolumeCreate) -> Result<Volume> {
        self.write(cx, Operation::CreateVolume, |draft| create(draft, request))
            .await
    }

    async fn delete_volume(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteVolume, |draft| {
            let Ok((ordinal, volume)) = draft.volume(id) else {
                return Ok(());
            };
            delete(draft, ordinal, volume.clone())
        })
        .await
    }

    async fn extend_volume(&self, cx: &Context, id: &str, size_gb: &u64) -> Result<()> {
        self.write(cx, Operation::ExtendVolume, |draft| {
            let (ordinal, volume) = draft.volume(id)?;
            extend(draft, ordinal, volume.clone(), *size_gb)
        })
        .await
    }

    async fn attach_volume(&self, cx: &Context, id: &str, to: &VolumeAttach) -> Result<()> {
        let operation = Operation::AttachVolume;
        self.write_node(cx, operation, &to.node, |draft, node, record| {
            let (ordinal, volume) = draft.volume(id)?;
            attach(draft, (ordinal, volume.clone()), (node, record), to)
        })
        .await
    }

    async fn detach_volume(&self, cx: &Context, id: &str, node: &str) -> Result<()> {
        self.write(cx, Operation::DetachVolume, |draft| {
            let (ordinal, volume) = draft.volume(id)?;
            let Ok((node, record)) = draft.node_record(node) else {
                return Ok(());
            };
            detach(draft, (ordinal, volume.clone()), (node, record))
        })
        .await
    }
}

fn create(draft: &mut Draft<'_>, request: &VolumeCreate) -> Result<Volume> {
    let world = draft.world;
    let before = draft.made_before(Kind::Volume, &world.tables.volumes, request.mark.as_ref());
    if let Some((ordinal, volume)) = before
        && let Some(shown) = draft.show_volume(ordinal, volume)
    {
        return Ok(shown);
    }
    check_name(&request.name)?;
    check_size(request.size_gb, minimum(draft, request)?)?;
    let location = match &request.location {
        Some(id) => locations::index(id)?,
        None => 0,
    };
    let kind = kind(request.kind.as_deref())?;
    draft.check_room(&Usage {
        volumes: 1,
        volume_gb: request.size_gb,
        ..Usage::default()
    })?;
    let (now, time) = (draft.now, draft.rules.times.volume);
    let volume = VolumeRecord {
        name: request.name.clone(),
        size_gb: request.size_gb,
        kind,
        location,
        attached: None,
        snapshot: request.snapshot.clone(),
        image: request.image.clone(),
        delete_with_node: false,
        metadata: request.metadata.clone(),
        mark: request.mark.clone(),
        created_at: now,
        phase: Phase::moving(VolumeState::Creating, now, time, VolumeState::Available),
    };
    let ordinal = draft.new_ordinal();
    let shown = draft.show_volume(ordinal, &volume);
    draft.put(ordinal, volume);
    shown.ok_or_else(|| Error::internal("a new volume is gone"))
}

/// The least size of a volume made from a snapshot or an image.
fn minimum(view: &View<'_>, request: &VolumeCreate) -> Result<u64> {
    let tables = &view.world.tables;
    let mut least = 1;
    if let Some(id) = &request.snapshot {
        let (_, snapshot) = view
            .find(Kind::VolumeSnapshot, &tables.volume_snapshots, id)
            .map_err(|error| error.with_field("snapshot"))?;
        least = least.max(snapshot.size_gb);
    }
    if let Some(id) = &request.image {
        let (_, image) = view
            .find(Kind::Image, &tables.images, id)
            .map_err(|error| error.with_field("image"))?;
        least = least.max(image.min_disk_gb);
    }
    Ok(least)
}

pub(crate) fn check_size(size_gb: u64, least: u64) -> Result<()> {
    if (least..=SIZE_GB_MAX).contains(&size_gb) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "size_gb is {size_gb}, from {least} to {SIZE_GB_MAX} are possible"
    ))
    .with_field("size_gb"))
}

/// The kind of storage of this name.
pub(crate) fn kind(name: Option<&str>) -> Result<Text> {
    let name = name.unwrap_or(KINDS[0]);
    match KINDS.iter().find(|known| **known == name) {
        Some(known) => Ok(Text::from_static(known)),
        None => Err(
            Error::invalid(format!("kind {name:?} is not one of: {}", KINDS.join(", ")))
                .with_field("kind"),
        ),
    }
}

fn delete(draft: &mut Draft<'_>, ordinal: u64, mut volume: VolumeRecord) -> Result<()> {
    let now = draft.now;
    if volume.phase.at(now) == Some(VolumeState::Deleting) {
        return Ok(());
    }
    let id = draft.id(Kind::Volume, ordinal);
    if let Some((node, _)) = &volume.attached {
        let node = draft.id(Kind::Node, *node);
        return Err(Error::conflict(format!(
            "volume {id} is attached to {node}"
        )));
    }
    require(
        draft,
        &volume,
        &id,
        &[VolumeState::Available, VolumeState::Error],
    )?;
    let world = draft.world;
    let snapshots = &world.tables.volume_snapshots;
    if let Some((snapshot, _)) = snapshots.iter().find(|(number, record)| {
        record.volume == ordinal && draft.present(snapshots, **number).is_some()
    }) {
        let snapshot = draft.id(Kind::VolumeSnapshot, *snapshot);
        return Err(Error::conflict(format!(
            "volume {id} has the snapshot {snapshot}"
        )));
    }
    volume.phase = Phase::vanishing(VolumeState::Deleting, now, draft.rules.times.volume);
    draft.put(ordinal, volume);
    Ok(())
}

/// Refuses what needs the volume to be in another state.
fn require(view: &View<'_>, volume: &VolumeRecord, id: &str, states: &[VolumeState]) -> Result<()> {
    let state = volume.phase.at(view.now).unwrap_or(VolumeState::Unknown);
    if states.contains(&state) {
        return Ok(());
    }
    let names: Vec<_> = states.iter().map(|state| state.as_str()).collect();
    Err(Error::conflict(format!(
        "volume {id} is {state}, it needs to be {}",
        names.join(" or ")
    )))
}

fn extend(draft: &mut Draft<'_>, ordinal: u64, mut volume: VolumeRecord, size: u64) -> Result<()> {
    if size == volume.size_gb {
        return Ok(());
    }
    check_size(size, volume.size_gb)?;
    let id = draft.id(Kind::Volume, ordinal);
    require(
        draft,
        &volume,
        &id,
        &[VolumeState::Available, VolumeState::InUse],
    )?;
    draft.check_room(&Usage {
        volume_gb: size - volume.size_gb,
        ..Usage::default()
    })?;
    let home = if volume.attached.is_some() {
        VolumeState::InUse
    } else {
        VolumeState::Available
    };
    let (now, time) = (draft.now, draft.rules.times.volume);
    volume.size_gb = size;
    volume.phase = Phase::moving(VolumeState::Busy, now, time, home);
    draft.put(ordinal, volume);
    Ok(())
}

fn attach(
    draft: &mut Draft<'_>,
    (ordinal, mut volume): (u64, VolumeRecord),
    (node, mut record): (u64, NodeRecord),
    to: &VolumeAttach,
) -> Result<()> {
    let id = draft.id(Kind::Volume, ordinal);
    if let Some((other, _)) = &volume.attached {
        if *other == node {
            return Ok(());
        }
        let other = draft.id(Kind::Node, *other);
        return Err(Error::conflict(format!(
            "volume {id} is attached to {other}"
        )));
    }
    require(draft, &volume, &id, &[VolumeState::Available])?;
    draft.check_action(node, &record, NodeAction::AttachVolume)?;
    let device = device(draft, &record, to.device.as_ref())?;
    let (now, time) = (draft.now, draft.rules.times.attach);
    volume.attached = Some((node, device));
    volume.phase = Phase::moving(VolumeState::Attaching, now, time, VolumeState::InUse);
    record.volumes.push(ordinal);
    record.busy_until = Some(after(now, time));
    draft.put(ordinal, volume);
    draft.put(node, record);
    Ok(())
}

/// The wished device, or the first that is free.
fn device(view: &View<'_>, node: &NodeRecord, wish: Option<&Text>) -> Result<Text> {
    let tables = &view.world.tables;
    let taken = |device: &str| {
        node.volumes
            .iter()
            .filter_map(|volume| tables.volumes.get(volume)?.attached.as_ref())
            .any(|(_, taken)| *taken == *device)
    };
    if let Some(device) = wish {
        let valid = device.len() <= 32
            && device.strip_prefix("/dev/").is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if !valid {
            let message = format!("{device:?} is not a device, as /dev/vdb");
            return Err(Error::invalid(message).with_field("device"));
        }
        if *device == ROOT_DEVICE || taken(device) {
            return Err(Error::conflict(format!("device {device} is taken")).with_field("device"));
        }
        return Ok(device.clone());
    }
    ('b'..='z')
        .map(|letter| Text::from(format!("/dev/vd{letter}")))
        .find(|device| !taken(device))
        .ok_or_else(|| Error::quota_exceeded("a node takes at most 25 volumes, 25 are attached"))
}

fn detach(
    draft: &mut Draft<'_>,
    (ordinal, mut volume): (u64, VolumeRecord),
    (node, mut record): (u64, NodeRecord),
) -> Result<()> {
    match &volume.attached {
        Some((attached, device)) if *attached == node => {
            if *device == ROOT_DEVICE {
                let id = draft.id(Kind::Volume, ordinal);
                let message = format!("volume {id} is the disk that the node boots from");
                return Err(Error::conflict(message));
            }
        }
        _ => return Ok(()),
    }
    draft.check_action(node, &record, NodeAction::DetachVolume)?;
    let (now, time) = (draft.now, draft.rules.times.attach);
    volume.attached = None;
    volume.phase = Phase::moving(VolumeState::Detaching, now, time, VolumeState::Available);
    record.volumes.retain(|attached| *attached != ordinal);
    record.busy_until = Some(after(now, time));
    draft.put(ordinal, volume);
    draft.put(node, record);
    Ok(())
}

impl<'a> View<'a> {
    pub(crate) fn volume(&self, id: &str) -> Result<(u64, &'a VolumeRecord)> {
        self.find(Kind::Volume, &self.world.tables.volumes, id)
    }

    /// The volume as the contract has it; `None` once it is gone.
    fn show_volume(&self, ordinal: u64, volume: &VolumeRecord) -> Option<Volume> {
        let state = volume.phase.at(self.now)?;
        let attachment = |(node, device): &(u64, Text)| VolumeAttachment {
            node: self.id(Kind::Node, *node),
            device: Some(device.clone()),
        };
        Some(Volume {
            cloud: self.cloud(),
            id: self.id(Kind::Volume, ordinal),
            name: volume.name.clone(),
            state,
            native_state: Text::from_static(state.as_str()),
            size_gb: volume.size_gb,
            kind: Some(volume.kind.clone()),
            location: Some(Text::from_static(LOCATIONS[volume.location])),
            bootable: volume.image.is_some(),
            attachments: volume.attached.iter().map(attachment).collect(),
            snapshot: volume.snapshot.clone(),
            image: volume.image.clone(),
            metadata: volume.metadata.clone(),
            mark: volume.mark.clone(),
            created_at: Some(volume.created_at),
            extra: Extra::new(),
        })
    }
}
