//! What nodes are made of: one image, one size, one location.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Extra, Image, ImageState, Location, Metadata, Size};

pub(crate) const IMAGE: Text = Text::from_static("image-1");
pub(crate) const SIZE: Text = Text::from_static("size-1");

pub(crate) fn image(cloud: &Text) -> Image {
    Image {
        cloud: cloud.clone(),
        id: IMAGE,
        name: Text::from_static("empty"),
        version: None,
        state: ImageState::Available,
        native_state: Text::from_static("ready"),
        os: None,
        architecture: None,
        size_bytes: None,
        min_ram_mb: None,
        min_disk_gb: None,
        public: true,
        owner: None,
        metadata: Metadata::new(),
        mark: None,
        created_at: None,
        extra: Extra::new(),
    }
}

pub(crate) fn size(cloud: &Text) -> Size {
    Size {
        cloud: cloud.clone(),
        id: SIZE,
        name: Text::from_static("small"),
        vcpus: Some(1),
        ram_mb: 512,
        disk_gb: 1,
        available: true,
        extra: Extra::new(),
    }
}

pub(crate) fn location(cloud: &Text, region: &Text) -> Location {
    Location {
        cloud: cloud.clone(),
        id: region.clone(),
        name: region.clone(),
        available: true,
        extra: Extra::new(),
    }
}
