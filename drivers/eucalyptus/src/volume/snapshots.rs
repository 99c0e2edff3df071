//! Snapshots of volumes.

use cloudfarm_contract::extensions::VolumeSnapshots;
use cloudfarm_contract::model::{SnapshotState, VolumeSnapshot, VolumeSnapshotCreate};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text, async_trait};
use serde::Deserialize;
use serde_json::Value;

use crate::compute::instance::present;
use crate::compute::is_id;
use crate::driver::Ec2Driver;
use crate::errors::{gone_is_fine, unknown};
use crate::list::{self, Listing, PAGE_MAX};
use crate::marks::{self, Tag, tags};
use crate::query::Query;
use crate::time;
use crate::xml::{Set, number};

#[derive(Debug, Deserialize)]
pub(crate) struct Described {
    #[serde(rename = "snapshotSet")]
    snapshots: Set<Wire>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wire {
    #[serde(rename = "snapshotId")]
    id: Text,
    #[serde(rename = "volumeId", default)]
    volume: Option<Text>,
    #[serde(default)]
    status: Text,
    #[serde(rename = "startTime", default)]
    started_at: Option<Text>,
    #[serde(default)]
    progress: Option<Text>,
    #[serde(rename = "volumeSize", default, deserialize_with = "number")]
    size: Option<u64>,
    #[serde(default)]
    description: Option<Text>,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

impl Wire {
    /// Amazon writes `Created by CreateImage(i-...) for ami-... from vol-...`.
    pub(crate) fn was_taken_for(&self, image: &str) -> bool {
        let description = self.description.as_deref().unwrap_or_default();
        description.starts_with("Created by CreateImage(")
            && description.split_whitespace().any(|word| word == image)
    }
}

impl Listing for Described {
    type Item = Wire;

    fn split(self) -> (Vec<Wire>, Option<String>) {
        (self.snapshots.items, self.next)
    }

    fn id(item: &Wire) -> &str {
        &item.id
    }
}

fn state(native: &str) -> SnapshotState {
    match native {
        "pending" | "creating" => SnapshotState::Creating,
        "completed" => SnapshotState::Available,
        "error" | "failed" => SnapshotState::Error,
        "deleting" | "deleted" => SnapshotState::Deleting,
        _ => SnapshotState::Unknown,
    }
}

impl Ec2Driver {
    pub(crate) fn snapshot(&self, snapshot: Wire) -> VolumeSnapshot {
        let tagged = marks::read(snapshot.tags);
        let mut extra = tagged.extra;
        for (key, value) in [
            ("progress", &snapshot.progress),
            ("description", &snapshot.description),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                extra.insert(key.into(), Value::from(value));
            }
        }
        let native = if snapshot.status.is_empty() {
            Text::from_static("unknown")
        } else {
            snapshot.status
        };
        VolumeSnapshot {
            cloud: self.cloud(),
            name: tagged.name.unwrap_or_else(|| snapshot.id.clone()),
            id: snapshot.id,
            // Of a copy Amazon says that it was taken of this one, which is nobody's.
            volume: present(snapshot.volume).filter(|volume| volume != "vol-ffffffff"),
            state: state(&native),
            native_state: native,
            size_gb: snapshot.size.unwrap_or(0),
            metadata: tagged.metadata,
            mark: tagged.mark,
            created_at: time::optional(snapshot.started_at.as_ref()),
            extra,
        }
    }

    pub(crate) async fn snapshot_wire(&self, cx: &Context, id: &str) -> Result<Wire> {
        if !is_id(id, &["snap-"]) {
            return Err(unknown("volume snapshot", id));
        }
        let call = Query::read("DescribeSnapshots").list("SnapshotId", [id]);
        let found: Described = self.session.read(cx, call).await?;
        let mut found = found.snapshots.items.into_iter();
        found
            .find(|snapshot| snapshot.id.eq_ignore_ascii_case(id) && snapshot.status != *"deleted")
            .ok_or_else(|| unknown("volume snapshot", id))
    }
}

#[async_trait]
impl VolumeSnapshots for Ec2Driver {
    async fn list_volume_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<VolumeSnapshot>> {
        // Everybody's public ones are hundreds of thousands.
        let call = Query::read("DescribeSnapshots").list("Owner", ["self"]);
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Described>(&self.session, cx, call, pages, &query.page).await?;
        let mut snapshots = page.map(|snapshot| self.snapshot(snapshot));
        snapshots.items.retain(|snapshot| {
            snapshot.native_state != *"deleted" && query.matches(&snapshot.name)
        });
        Ok(snapshots)
    }

    async fn get_volume_snapshot(&self, cx: &Context, id: &str) -> Result<VolumeSnapshot> {
        let snapshot = self.snapshot_wire(cx, id).await?;
        Ok(self.snapshot(snapshot))
    }

    async fn create_volume_snapshot(
        &self,
        cx: &Context,
        request: &VolumeSnapshotCreate,
    ) -> Result<VolumeSnapshot> {
        if !is_id(&request.volume, &["vol-"]) {
            return Err(unknown("volume", &request.volume));
        }
        let wanted = tags(&request.name, request.mark.as_ref(), &request.metadata);
        let call = Query::once("CreateSnapshot")
            .set("VolumeId", request.volume.as_str())
            .tag_what_is_made("snapshot", &wanted);
        let made: Wire = self.session.read(cx, call).await?;
        let mut snapshot = self.snapshot(made);
        let is_tagged = snapshot.name == request.name;
        self.tag_if_bare(cx, &snapshot.id, is_tagged, &wanted).await;
        snapshot.name = request.name.clone();
        snapshot.metadata = request.metadata.clone();
        snapshot.mark = request.mark.clone();
        Ok(snapshot)
    }

    async fn delete_volume_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        if !is_id(id, &["snap-"]) {
            return Ok(());
        }
        let call = Query::change("DeleteSnapshot").set("SnapshotId", id);
        gone_is_fine(self.session.act(cx, call).await)
    }
}
