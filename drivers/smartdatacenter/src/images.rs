//! Images, and those made from machines.

use std::sync::Arc;

use cloudfarm_contract::extensions::NodeImages;
use cloudfarm_contract::model::{
    Extra, Image, ImageCreate, ImageState, Mark, Metadata, NodeAction,
};
use cloudfarm_contract::{
    Capabilities, Context, Effect, ErrorKind, ImageQuery, Page, Result, Text, async_trait,
    exact_name,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::call::Call;
use crate::errors::{gone_is_fine, not_found_if_malformed, with_states};
use crate::list;
use crate::machines::plain_text;
use crate::session::Session;

/// The images that an account sees.
#[derive(Debug)]
pub(crate) struct Images {
    session: Arc<Session>,
    capabilities: Arc<Capabilities>,
    account_id: OnceCell<Text>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WireImage {
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    version: Option<Text>,
    #[serde(default)]
    os: Option<Text>,
    #[serde(default)]
    state: Option<Text>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    owner: Option<Text>,
    #[serde(default)]
    published_at: Option<Text>,
    #[serde(default)]
    requirements: Option<Requirements>,
    #[serde(default)]
    files: Option<Vec<File>>,
    #[serde(default)]
    tags: Option<Map<String, Value>>,
    #[serde(flatten)]
    rest: Extra,
}

/// In mebibytes.
#[derive(Debug, Deserialize)]
struct Requirements {
    #[serde(default)]
    min_memory: Option<u64>,
    #[serde(default)]
    min_ram: Option<u64>,
    #[serde(flatten)]
    rest: Extra,
}

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    size: Option<u64>,
}

impl WireImage {
    pub(crate) fn into_image(self, cloud: &Text) -> Image {
        let mut extra = self.rest;
        extra.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        let native_state = self.state.unwrap_or(Text::from_static("active"));
        let mut metadata: Metadata = self
            .tags
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| (Text::from(key), plain_text(&value)))
            .collect();
        let min_ram_mb = self
            .requirements
            .as_ref()
            .and_then(|needs| needs.min_memory.or(needs.min_ram));
        if let Some(needs) = self.requirements.filter(|needs| !needs.rest.is_empty()) {
            extra.insert("requirements".into(), needs.rest.into_iter().collect());
        }
        Image {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name,
            version: self.version.filter(|version| !version.is_empty()),
            state: state(&native_state),
            native_state,
            os: self.os,
            architecture: None,
            size_bytes: self.files.and_then(|files| files.first()?.size),
            min_ram_mb,
            // The disk of an image for hardware machines is in mebibytes, and has to fit.
            min_disk_gb: extra
                .get("image_size")
                .and_then(Value::as_u64)
                .map(|megabytes| megabytes.div_ceil(1024)),
            public: self.public,
            owner: self.owner,
            mark: metadata.remove(Mark::KEY).map(Mark::new),
            metadata,
            created_at: self
                .published_at
                .and_then(|at| at.parse::<Timestamp>().ok()),
            extra,
        }
    }
}

fn state(native: &str) -> ImageState {
    match native {
        "active" => ImageState::Available,
        "creating" | "unactivated" => ImageState::Pending,
        "disabled" => ImageState::Disabled,
        "failed" => ImageState::Error,
        "destroyed" => ImageState::Deleting,
        _ => ImageState::Unknown,
    }
}

impl Images {
    pub(crate) fn new(session: Arc<Session>, capabilities: Arc<Capabilities>) -> Self {
        Self {
            session,
            capabilities,
            account_id: OnceCell::new(),
        }
    }

    pub(crate) async fn list_images(
        &self,
        cx: &Context,
        query: &ImageQuery,
    ) -> Result<Page<Image>> {
        // Without a state only those are listed that are ready.
        let mut call = Call::get(&["images"]).query("state", "all");
        if let Some(name) = exact_name(query.name.as_ref()) {
            call = call.query("name", name);
        }
        if let Some(owner) = &query.owner {
            let owner = match owner.as_str() {
                "self" => self.account_id(cx).await?.clone(),
                _ => owner.clone(),
            };
            call = call.query("owner", owner.as_str());
        }
        let found: Vec<WireImage> = self.session.ask(cx, &call).await?.json()?;
        let mut images: Vec<_> = found
            .into_iter()
            .map(|image| image.into_image(self.session.cloud()))
            .collect();
        images.retain(|image| image.state != ImageState::Deleting && query.matches(image));
        list::cut(images, |image| &image.id, &query.page)
    }

    pub(crate) async fn get_image(&self, cx: &Context, id: &str) -> Result<Image> {
        let response = self.session.ask(cx, &Call::get(&["images", id])).await;
        let image: WireImage = response.map_err(not_found_if_malformed)?.json()?;
        let image = image.into_image(self.session.cloud());
        if image.state == ImageState::Deleting {
            return Err(cloudfarm_contract::Error::not_found(format!(
                "image {id} was deleted"
            )));
        }
        Ok(image)
    }

    async fn account_id(&self, cx: &Context) -> Result<&Text> {
        #[derive(Deserialize)]
        struct Account {
            id: Text,
        }
        self.account_id
            .get_or_try_init(|| async {
                let account: Account = self.session.ask(cx, &Call::get(&[])).await?.json()?;
                Ok(account.id)
            })
            .await
    }
}

#[async_trait]
impl NodeImages for Images {
    async fn create_image(&self, cx: &Context, request: &ImageCreate) -> Result<Image> {
        let mut tags: Map<String, Value> = request
            .metadata
            .iter()
            .map(|(key, value)| (key.to_string(), Value::from(value.as_str())))
            .collect();
        if let Some(mark) = &request.mark {
            tags.insert(Mark::KEY.to_owned(), Value::from(mark.as_str()));
        }
        // A version is needed, and with the name it has to be unlike any other's.
        let version = request.version.clone().unwrap_or_else(|| {
            let now = self.session.clock().now();
            Text::from(now.strftime("%Y%m%dT%H%M%SZ").to_string())
        });
        let call = Call::post(&["images"], Effect::Once).body(json!({
            "machine": request.node.as_str(),
            "name": request.name.as_str(),
            "version": version.as_str(),
            "tags": tags,
        }));
        let states = self.capabilities.node_actions.states(NodeAction::Snapshot);
        let made = self
            .session
            .ask(cx, &call)
            .await
            .map_err(|error| with_states(error, states, NodeAction::Snapshot))?;
        let image: WireImage = made
            .json()
            .map_err(|_| crate::errors::made_without_id("image"))?;
        Ok(image.into_image(self.session.cloud()))
    }

    async fn delete_image(&self, cx: &Context, id: &str) -> Result<()> {
        let deleted = self.session.ask(cx, &Call::delete(&["images", id])).await;
        match gone_is_fine(deleted) {
            // IMGAPI says so of images that are somebody else's.
            Err(error)
                if error
                    .provider_code()
                    .is_some_and(|code| *code == *"NotImageOwner") =>
            {
                Err(crate::errors::again(
                    &error,
                    ErrorKind::Forbidden,
                    error.message().to_owned(),
                ))
            }
            result => result,
        }
    }
}
