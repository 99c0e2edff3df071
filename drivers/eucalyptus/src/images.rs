//! Images: AMIs, and what Eucalyptus calls EMIs.

use cloudfarm_contract::extensions::NodeImages;
use cloudfarm_contract::model::{Extra, Image, ImageCreate, ImageState, Metadata};
use cloudfarm_contract::{
    Context, Error, ErrorKind, ImageQuery, Page, Result, Text, async_trait, is_glob,
};
use serde::Deserialize;
use serde_json::Value;

use crate::Flavour;
use crate::compute::instance::present;
use crate::compute::is_id;
use crate::compute::wire::Disk;
use crate::driver::Ec2Driver;
use crate::errors::{again, gone_is_fine, is_code, unknown};
use crate::list::{self, Listing, PAGE_MAX};
use crate::marks::{self, Tag, tags};
use crate::query::Query;
use crate::time;
use crate::xml::{Set, flag};

#[derive(Debug, Deserialize)]
pub(crate) struct Images {
    #[serde(rename = "imagesSet")]
    images: Set<Wire>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wire {
    #[serde(rename = "imageId")]
    id: Text,
    #[serde(default)]
    name: Option<Text>,
    #[serde(rename = "imageLocation", default)]
    location: Option<Text>,
    #[serde(default)]
    description: Option<Text>,
    #[serde(rename = "imageState", default)]
    state: Text,
    #[serde(rename = "imageType", default)]
    kind: Option<Text>,
    #[serde(rename = "imageOwnerId", default)]
    owner: Option<Text>,
    #[serde(rename = "imageOwnerAlias", default)]
    owner_alias: Option<Text>,
    #[serde(rename = "isPublic", default, deserialize_with = "flag")]
    public: bool,
    #[serde(default)]
    architecture: Option<Text>,
    #[serde(default)]
    platform: Option<Text>,
    #[serde(rename = "creationDate", default)]
    created_at: Option<Text>,
    #[serde(rename = "rootDeviceName", default)]
    root_device: Option<Text>,
    #[serde(rename = "rootDeviceType", default)]
    root_device_type: Option<Text>,
    #[serde(rename = "virtualizationType", default)]
    virtualization: Option<Text>,
    #[serde(rename = "bootMode", default)]
    boot_mode: Option<Text>,
    #[serde(rename = "blockDeviceMapping", default)]
    disks: Set<Disk>,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

impl Listing for Images {
    type Item = Wire;

    fn split(self) -> (Vec<Wire>, Option<String>) {
        (self.images.items, self.next)
    }

    fn id(item: &Wire) -> &str {
        &item.id
    }
}

fn state(native: &str) -> ImageState {
    match native {
        "available" => ImageState::Available,
        "pending" | "transient" => ImageState::Pending,
        "failed" | "error" | "invalid" => ImageState::Error,
        "disabled" => ImageState::Disabled,
        "deregistered" | "deregistered-cleanup" => ImageState::Deleting,
        _ => ImageState::Unknown,
    }
}

/// Kernels and ramdisks are images too, but no node can be made from one.
fn is_machine(image: &Wire) -> bool {
    image
        .kind
        .as_deref()
        .is_none_or(|kind| kind == "machine" || kind.is_empty())
}

impl Ec2Driver {
    pub(crate) async fn images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        let mut call = Query::read("DescribeImages");
        call = match &query.owner {
            Some(owner) => call.list("Owner", [owner.as_str()]),
            None => call.list("Owner", self.image_owners.iter().map(String::as_str)),
        };
        // Only on Amazon has every image a name.
        let exact = query
            .name
            .as_deref()
            .filter(|name| !is_glob(name) && !name.contains('\\'));
        if let (Some(name), Flavour::Ec2) = (exact, self.flavour) {
            call = call.filter("name", [name]);
        }
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Images>(&self.session, cx, call, pages, &query.page).await?;
        let machines = page.items.into_iter().filter(is_machine);
        let images = machines.map(|image| self.read_image(image));
        Ok(Page {
            items: images.filter(|image| query.matches(image)).collect(),
            next: page.next,
        })
    }

    pub(crate) async fn image(&self, cx: &Context, id: &str) -> Result<Image> {
        self.image_wire(cx, id)
            .await
            .map(|image| self.read_image(image))
    }

    async fn image_wire(&self, cx: &Context, id: &str) -> Result<Wire> {
        if !is_id(id, &["ami-", "emi-"]) {
            return Err(unknown("image", id));
        }
        let call = Query::read("DescribeImages").list("ImageId", [id]);
        let images: Images = self.session.read(cx, call).await?;
        let mut found = images.images.items.into_iter();
        found
            .find(|image| image.id.eq_ignore_ascii_case(id) && image.state != *"deregistered")
            .ok_or_else(|| unknown("image", id))
    }

    pub(crate) fn read_image(&self, image: Wire) -> Image {
        let tagged = marks::read(image.tags);
        let mut extra = tagged.extra;
        let mut set = |key: &str, value: Option<&Text>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                extra.insert(key.into(), Value::from(value.as_str()));
            }
        };
        set("description", image.description.as_ref());
        set("location", image.location.as_ref());
        set("owner_alias", image.owner_alias.as_ref());
        set("root_device", image.root_device.as_ref());
        set("root_device_type", image.root_device_type.as_ref());
        set("virtualization", image.virtualization.as_ref());
        set("boot_mode", image.boot_mode.as_ref());
        let root = image.root_device.as_deref().unwrap_or_default();
        let root_disk = image.disks.items.iter().find(|disk| disk.device == *root);
        let native = if image.state.is_empty() {
            Text::from_static("unknown")
        } else {
            image.state
        };
        Image {
            cloud: self.cloud(),
            name: present(image.name)
                .or(tagged.name)
                .or(present(image.location))
                .unwrap_or_else(|| image.id.clone()),
            version: None,
            state: state(&native),
            native_state: native,
            os: present(image.platform),
            architecture: present(image.architecture),
            size_bytes: None,
            min_ram_mb: None,
            min_disk_gb: root_disk.and_then(|disk| disk.ebs.as_ref()?.size_gb),
            public: image.public,
            owner: present(image.owner),
            metadata: tagged.metadata,
            mark: tagged.mark,
            created_at: time::optional(image.created_at.as_ref()),
            extra: std::mem::take(&mut extra),
            id: image.id,
        }
    }

    /// The snapshots that the cloud took for the image, and for nothing else: it says so in what it
    /// writes on them.
    async fn remove_snapshots(&self, cx: &Context, image: &Wire) {
        let disks = image.disks.items.iter();
        for id in disks.filter_map(|disk| disk.ebs.as_ref()?.snapshot.as_deref()) {
            let taken_for_image = match self.snapshot_wire(cx, id).await {
                Ok(snapshot) => snapshot.was_taken_for(&image.id),
                Err(_) => false,
            };
            if !taken_for_image {
                continue;
            }
            let call = Query::change("DeleteSnapshot").set("SnapshotId", id);
            if let Err(error) = gone_is_fine(self.session.act(cx, call).await) {
                log::warn!("snapshot {id} of image {} is left: {error}", image.id);
            }
        }
    }
}

#[derive(Debug, Deserialize)]
struct Made {
    #[serde(rename = "imageId")]
    id: Text,
}

#[async_trait]
impl NodeImages for Ec2Driver {
    async fn create_image(&self, cx: &Context, request: &ImageCreate) -> Result<Image> {
        if !is_id(&request.node, &["i-"]) {
            return Err(unknown("node", &request.node));
        }
        let wanted = tags("", request.mark.as_ref(), &request.metadata);
        let mut wanted = wanted;
        if let Some(version) = &request.version {
            wanted.insert(Text::from_static("version"), version.clone());
        }
        let call = Query::once("CreateImage")
            .set("InstanceId", request.node.as_str())
            .set("Name", request.name.as_str())
            // A node must not go down because somebody takes an image of it.
            .set("NoReboot", "true")
            .tag_what_is_made("image", &wanted);
        let made: Made = self.session.read(cx, call).await.map_err(|error| {
            if is_code(&error, &["InvalidAMIName.Malformed"]) {
                return again(&error, ErrorKind::Invalid).with_field("name");
            }
            error
        })?;
        match self.image(cx, &made.id).await {
            Ok(image) => Ok(image),
            Err(error) => {
                log::info!("image {} was made and is not shown yet: {error}", made.id);
                Ok(self.image_as_requested(made.id, request))
            }
        }
    }

    async fn delete_image(&self, cx: &Context, id: &str) -> Result<()> {
        let image = match self.image_wire(cx, id).await {
            Ok(image) => image,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let call = Query::change("DeregisterImage").set("ImageId", id);
        gone_is_fine(self.session.act(cx, call).await).map_err(|error| {
            if is_code(&error, &["AuthFailure"]) && image.public {
                return Error::forbidden(format!("image {id} belongs to somebody else"));
            }
            error
        })?;
        self.remove_snapshots(cx, &image).await;
        Ok(())
    }
}

impl Ec2Driver {
    fn image_as_requested(&self, id: Text, request: &ImageCreate) -> Image {
        Image {
            cloud: self.cloud(),
            id,
            name: request.name.clone(),
            version: request.version.clone(),
            state: ImageState::Pending,
            native_state: Text::from_static("pending"),
            os: None,
            architecture: None,
            size_bytes: None,
            min_ram_mb: None,
            min_disk_gb: None,
            public: false,
            owner: None,
            metadata: Metadata::new(),
            mark: request.mark.clone(),
            created_at: None,
            extra: Extra::new(),
        }
    }
}
