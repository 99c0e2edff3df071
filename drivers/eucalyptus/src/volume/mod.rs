//! Volumes and their snapshots: the elastic block store.

mod attachments;
pub(crate) mod snapshots;

use cloudfarm_contract::extensions::Volumes;
use cloudfarm_contract::model::{
    Volume, VolumeAttach, VolumeAttachment, VolumeCreate, VolumeState,
};
use cloudfarm_contract::{
    Context, Error, ErrorKind, ListQuery, Page, Result, SideEffect, Text, async_trait,
};
use serde::Deserialize;

use crate::compute::instance::present;
use crate::compute::is_id;
use crate::driver::Ec2Driver;
use crate::errors::{again, gone_is_fine, is_code, unknown};
use crate::list::{self, Listing, PAGE_MAX};
use crate::marks::{self, Tag, client_token, tags};
use crate::query::Query;
use crate::time;
use crate::xml::{Set, number};

#[derive(Debug, Deserialize)]
pub(crate) struct Described {
    #[serde(rename = "volumeSet")]
    volumes: Set<Wire>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wire {
    #[serde(rename = "volumeId")]
    id: Text,
    #[serde(default, deserialize_with = "number")]
    size: Option<u64>,
    #[serde(default)]
    status: Text,
    #[serde(rename = "snapshotId", default)]
    snapshot: Option<Text>,
    #[serde(rename = "availabilityZone", default)]
    zone: Option<Text>,
    #[serde(rename = "createTime", default)]
    created_at: Option<Text>,
    #[serde(rename = "volumeType", default)]
    kind: Option<Text>,
    #[serde(rename = "attachmentSet", default)]
    attachments: Set<Attachment>,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    #[serde(rename = "instanceId", default)]
    node: Text,
    #[serde(default)]
    device: Option<Text>,
    #[serde(default)]
    status: Text,
}

impl Listing for Described {
    type Item = Wire;

    fn split(self) -> (Vec<Wire>, Option<String>) {
        (self.volumes.items, self.next)
    }

    fn id(item: &Wire) -> &str {
        &item.id
    }
}

fn state(native: &str, attachments: &[Attachment]) -> VolumeState {
    let is = |status: &str| attachments.iter().any(|at| at.status.starts_with(status));
    match native {
        "creating" => VolumeState::Creating,
        "available" => VolumeState::Available,
        "in-use" if is("attaching") => VolumeState::Attaching,
        "in-use" if is("detaching") => VolumeState::Detaching,
        // Eucalyptus says for a while that it is in use after the attachment is gone.
        "in-use" if attachments.is_empty() => VolumeState::Detaching,
        "in-use" => VolumeState::InUse,
        "deleting" | "deleted" | "annihilating" | "annihilated" => VolumeState::Deleting,
        "error" | "failed" => VolumeState::Error,
        _ => VolumeState::Unknown,
    }
}

fn is_gone(volume: &Wire) -> bool {
    matches!(volume.status.as_str(), "deleted" | "annihilated")
}

impl Ec2Driver {
    pub(crate) fn volume(&self, volume: Wire) -> Volume {
        let tagged = marks::read(volume.tags);
        let mut attachments = volume.attachments.items;
        attachments.retain(|at| !at.node.is_empty() && at.status != *"detached");
        let native = if volume.status.is_empty() {
            Text::from_static("unknown")
        } else {
            volume.status
        };
        Volume {
            cloud: self.cloud(),
            name: tagged.name.unwrap_or_else(|| volume.id.clone()),
            id: volume.id,
            state: state(&native, &attachments),
            native_state: native,
            size_gb: volume.size.unwrap_or(0),
            kind: present(volume.kind),
            location: present(volume.zone),
            bootable: false,
            attachments: attachments
                .into_iter()
                .map(|at| VolumeAttachment {
                    node: at.node,
                    device: present(at.device),
                })
                .collect(),
            snapshot: present(volume.snapshot),
            image: None,
            metadata: tagged.metadata,
            mark: tagged.mark,
            created_at: time::optional(volume.created_at.as_ref()),
            extra: tagged.extra,
        }
    }

    /// A zone for what nobody said where to put.
    pub(crate) async fn some_zone(&self, cx: &Context) -> Result<Text> {
        let mut zones = self.zones(cx).await?;
        zones.retain(|zone| zone.is_available());
        // Always the same one, so that volumes and nodes meet.
        let first = zones.into_iter().map(|zone| zone.name).min();
        first.ok_or_else(|| Error::no_capacity("no availability zone is available"))
    }
}

#[async_trait]
impl Volumes for Ec2Driver {
    async fn list_volumes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Volume>> {
        let call = Query::read("DescribeVolumes");
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Described>(&self.session, cx, call, pages, &query.page).await?;
        let there = page.items.into_iter().filter(|volume| !is_gone(volume));
        let volumes = there.map(|volume| self.volume(volume));
        Ok(Page {
            items: volumes
                .filter(|volume| query.matches(&volume.name))
                .collect(),
            next: page.next,
        })
    }

    async fn get_volume(&self, cx: &Context, id: &str) -> Result<Volume> {
        if !is_id(id, &["vol-"]) {
            return Err(unknown("volume", id));
        }
        let call = Query::read("DescribeVolumes").list("VolumeId", [id]);
        let found: Described = self.session.read(cx, call).await?;
        let mut found = found.volumes.items.into_iter();
        let volume = found.find(|volume| volume.id.eq_ignore_ascii_case(id) && !is_gone(volume));
        Ok(self.volume(volume.ok_or_else(|| unknown("volume", id))?))
    }

    async fn create_volume(&self, cx: &Context, request: &VolumeCreate) -> Result<Volume> {
        let zone = match &request.location {
            Some(zone) => zone.clone(),
            None => self.some_zone(cx).await?,
        };
        let wanted = tags(&request.name, request.mark.as_ref(), &request.metadata);
        let call = Query::once("CreateVolume")
            .set("AvailabilityZone", zone.as_str())
            .set("Size", request.size_gb.to_string())
            .set_if("VolumeType", request.kind.as_ref().map(Text::as_str))
            .set_if("SnapshotId", request.snapshot.as_ref().map(Text::as_str))
            .set_if("ClientToken", request.mark.as_ref().map(client_token))
            .tag_what_is_made("volume", &wanted);
        let made: Wire = self.session.read(cx, call).await.map_err(about_field)?;
        let mut volume = self.volume(made);
        self.tag_if_bare(cx, &volume.id, volume.name == request.name, &wanted)
            .await;
        volume.name = request.name.clone();
        volume.metadata = request.metadata.clone();
        volume.mark = request.mark.clone();
        Ok(volume)
    }

    async fn delete_volume(&self, cx: &Context, id: &str) -> Result<()> {
        if !is_id(id, &["vol-"]) {
            return Ok(());
        }
        let call = Query::change("DeleteVolume").set("VolumeId", id);
        gone_is_fine(self.session.act(cx, call).await)
    }

    async fn extend_volume(&self, cx: &Context, id: &str, size_gb: &u64) -> Result<()> {
        let volume = self.get_volume(cx, id).await?;
        if *size_gb < volume.size_gb {
            let message = format!("volume {id} has {} GB and cannot shrink", volume.size_gb);
            return Err(Error::invalid(message).with_field("size_gb"));
        }
        if *size_gb == volume.size_gb {
            return Ok(());
        }
        let call = Query::change("ModifyVolume")
            .set("VolumeId", id)
            .set("Size", size_gb.to_string());
        self.session.act(cx, call).await
    }

    async fn attach_volume(&self, cx: &Context, id: &str, to: &VolumeAttach) -> Result<()> {
        self.attach(cx, id, to).await
    }

    async fn detach_volume(&self, cx: &Context, id: &str, node: &str) -> Result<()> {
        self.detach(cx, id, node).await
    }
}

impl Ec2Driver {
    /// Tags what was made, where the cloud left out the tags of the creation.
    pub(crate) async fn tag_if_bare(
        &self,
        cx: &Context,
        id: &str,
        is_tagged: bool,
        wanted: &cloudfarm_contract::model::Metadata,
    ) {
        if is_tagged || wanted.is_empty() {
            return;
        }
        let call = Query::change("CreateTags")
            .list("ResourceId", [id])
            .tags("Tag", wanted);
        if let Err(error) = self.session.act(cx, call).await {
            log::warn!("{id} was made and could not be tagged: {error}");
        }
    }
}

fn about_field(error: Error) -> Error {
    let field = match error.provider_code().map(Text::as_str) {
        Some("InvalidZone.NotFound" | "InvalidAvailabilityZone") => "location",
        Some(code) if code.starts_with("InvalidSnapshot") => "snapshot",
        _ if error.kind() != ErrorKind::Invalid => return error,
        _ if error.message().to_ascii_lowercase().contains("zone") => "location",
        _ if error.message().to_ascii_lowercase().contains("type") => "kind",
        _ => "size_gb",
    };
    if is_code(&error, &["InvalidVolume.NotFound"]) {
        return error;
    }
    again(&error, ErrorKind::Invalid)
        .with_side_effect(SideEffect::None)
        .with_field(field)
}
