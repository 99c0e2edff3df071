//! Glance.

use std::sync::Arc;

use cloudfarm_contract::extensions::NodeImages;
use cloudfarm_contract::model::{Extra, Image, ImageCreate, ImageState, Metadata, NodeAction};
use cloudfarm_contract::{
    Context, Effect, ErrorKind, ImageQuery, Page, Result, SideEffect, Text, async_trait, exact_name,
};
use cloudfarm_http::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::compute::{Compute, made_without_id};
use crate::errors::{as_conflict, gone_is_fine, not_found_if_malformed, says};
use crate::list::{self, Collection, Listed};
use crate::marks::{take_mark, with_mark};
use crate::session::Session;
use crate::time;

pub(crate) const IMAGES: Collection = Collection {
    service: ServiceKind::Image,
    key: "images",
};

/// What Glance itself says of every image; all else is what somebody keeps on it.
const OWN_FIELDS: &[&str] = &[
    "checksum",
    "container_format",
    "direct_url",
    "disk_format",
    "file",
    "locations",
    "os_hash_algo",
    "os_hash_value",
    "os_hidden",
    "protected",
    "schema",
    "self",
    "stores",
    "tags",
    "updated_at",
    "virtual_size",
];

const LEFT_OUT: &[&str] = &["self", "file", "schema", "direct_url", "locations"];

/// An image as Glance writes it.
#[derive(Debug, Deserialize)]
pub(crate) struct GlanceImage {
    id: Text,
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    visibility: Option<Text>,
    #[serde(default)]
    owner: Option<Text>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    min_ram: Option<u64>,
    #[serde(default)]
    min_disk: Option<u64>,
    #[serde(default)]
    created_at: Option<Text>,
    #[serde(flatten)]
    rest: Extra,
}

impl Listed for GlanceImage {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl GlanceImage {
    pub(crate) fn into_image(self, cloud: &Text) -> Image {
        let mut metadata = Metadata::new();
        let mut extra = Extra::new();
        for (key, value) in self.rest {
            match value {
                Value::String(text) if !OWN_FIELDS.contains(&key.as_str()) => {
                    metadata.insert(key, Text::from(text));
                }
                value if !LEFT_OUT.contains(&key.as_str()) && !value.is_null() => {
                    extra.insert(key, value);
                }
                _ => {}
            }
        }
        let mark = take_mark(&mut metadata);
        let known = |key: &str| metadata.get(key).filter(|text| !text.is_empty()).cloned();
        let os = match (known("os_distro"), known("os_version")) {
            (Some(distro), Some(version)) => Some(Text::from(format!("{distro} {version}"))),
            (distro, _) => distro.or_else(|| known("os_type")),
        };
        Image {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            version: None,
            state: state(&self.status),
            native_state: self.status,
            os,
            architecture: known("architecture").or_else(|| known("hw_architecture")),
            size_bytes: self.size,
            min_ram_mb: self.min_ram,
            min_disk_gb: self.min_disk,
            public: self.visibility.as_deref() == Some("public"),
            owner: self.owner,
            metadata,
            mark,
            created_at: time::optional(self.created_at.as_ref()),
            extra,
        }
    }
}

fn state(status: &str) -> ImageState {
    match status {
        "queued" | "saving" | "uploading" | "importing" => ImageState::Pending,
        "active" => ImageState::Available,
        "deactivated" => ImageState::Disabled,
        "killed" => ImageState::Error,
        "deleted" | "pending_delete" => ImageState::Deleting,
        _ => ImageState::Unknown,
    }
}

/// The image service of one cloud.
#[derive(Debug, Clone)]
pub struct Images {
    session: Arc<Session>,
    compute: Compute,
}

impl Images {
    /// The image service that `session` leads to; `compute` makes images from nodes.
    pub fn new(session: Arc<Session>, compute: Compute) -> Self {
        Self { session, compute }
    }

    /// One page of the images.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::list_images`].
    pub async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        let owner = match query.owner.as_deref() {
            Some("self") => Some(self.session.project_id(cx).await?.as_str().to_owned()),
            owner => owner.map(str::to_owned),
        };
        // A comma or a colon would make an operator of the name.
        let name = exact_name(query.name.as_ref()).filter(|name| !name.contains([',', ':', '"']));
        let call = Call::get(&["images"])
            .query_if("owner", owner)
            .query_if("name", name);
        let page = list::page::<GlanceImage>(&self.session, cx, IMAGES, &call, &query.page).await?;
        let mut images = page.map(|image| image.into_image(self.session.cloud()));
        images.items.retain(|image| query.matches(image));
        Ok(images)
    }

    /// One image.
    ///
    /// # Errors
    ///
    /// `not_found`.
    pub async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        let call = Call::get(&["images", id]);
        let asked = self.session.ask(cx, ServiceKind::Image, &call).await;
        let image: GlanceImage = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(image.into_image(self.session.cloud()))
    }
}

#[async_trait]
impl NodeImages for Images {
    async fn create_image(&self, cx: &Context, request: &ImageCreate) -> Result<Image> {
        let metadata = with_mark(&request.metadata, request.mark.as_ref());
        let id = self
            .compute
            .image_of(cx, &request.node, &request.name, &metadata)
            .await?;
        // It is on its way, whatever becomes of the look at it.
        match self.get_image(cx, &id).await {
            Ok(image) => Ok(image),
            Err(error) => Err(error.with_side_effect(SideEffect::Done)),
        }
    }

    async fn delete_image(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["images", id]);
        let deleted = self.session.ask(cx, ServiceKind::Image, &call).await;
        gone_is_fine(deleted).map_err(|error| {
            let protected = error.kind() == ErrorKind::Forbidden && says(&error, &["protected"]);
            if protected {
                as_conflict(&error)
            } else {
                error
            }
        })
    }
}

impl Compute {
    /// Makes an image of a node, and gives its id.
    async fn image_of(
        &self,
        cx: &Context,
        node: &str,
        name: &str,
        metadata: &Metadata,
    ) -> Result<Text> {
        let body = json!({"createImage": {"name": name, "metadata": metadata}});
        let action = NodeAction::Snapshot;
        let response = self.act(cx, node, action, Effect::Once, body).await?;
        made_image(&response)
    }
}

/// The id of the image that Nova makes: in the body since 2.45, in a header before.
pub(crate) fn made_image(response: &Response) -> Result<Text> {
    #[derive(Deserialize)]
    struct Reply {
        image_id: Text,
    }
    if let Ok(reply) = serde_json::from_slice::<Reply>(response.bytes()) {
        return Ok(reply.image_id);
    }
    Compute::id_in_location(response)
        .map(Text::from)
        .ok_or_else(|| made_without_id("image"))
}
