//! Images: what the cloud offers, and what was made from nodes.

use cloudfarm_contract::model::{Extra, Image, ImageState, Metadata};
use cloudfarm_contract::{Context, ImageQuery, Operation, Page, Result, Text, name_matches};
use jiff::Timestamp;

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::records::ImageRecord;
use crate::states::Phase;
use crate::view::View;

/// To whom the images belong that the cloud starts with.
const STOCK_OWNER: Text = Text::from_static("dummy");

/// One name with its versions, oldest first.
struct Stock {
    name: &'static str,
    os: &'static str,
    size_mb: u64,
    min_ram_mb: u64,
    min_disk_gb: u64,
    /// The dates of the builds.
    versions: &'static [&'static str],
}

const fn stock_image(
    name: &'static str,
    os: &'static str,
    (size_mb, min_ram_mb, min_disk_gb): (u64, u64, u64),
    versions: &'static [&'static str],
) -> Stock {
    Stock {
        name,
        os,
        size_mb,
        min_ram_mb,
        min_disk_gb,
        versions,
    }
}

const STOCK: &[Stock] = &[
    stock_image("cirros-0.6", "linux", (21, 64, 1), &["2025-01-10"]),
    stock_image(
        "ubuntu-22.04",
        "ubuntu",
        (650, 512, 4),
        &["2026-02-11", "2026-06-17", "2026-10-08"],
    ),
    stock_image(
        "ubuntu-24.04",
        "ubuntu",
        (600, 512, 4),
        &["2026-03-04", "2026-07-21", "2026-11-02"],
    ),
    stock_image(
        "debian-12",
        "debian",
        (420, 256, 3),
        &["2026-01-12", "2026-09-07"],
    ),
    stock_image(
        "debian-13",
        "debian",
        (430, 256, 3),
        &["2026-05-16", "2026-10-20"],
    ),
    stock_image(
        "rocky-9",
        "rocky",
        (620, 512, 5),
        &["2026-04-28", "2026-08-30"],
    ),
    stock_image("alpine-3.22", "alpine", (190, 128, 1), &["2026-05-30"]),
    stock_image(
        "windows-server-2025",
        "windows",
        (9800, 4096, 40),
        &["2026-09-15"],
    ),
];

/// The images that the cloud starts with, each with its ordinal.
pub(crate) fn stock() -> impl Iterator<Item = (u64, ImageRecord)> {
    let builds = STOCK
        .iter()
        .flat_map(|stock| stock.versions.iter().map(move |version| (stock, *version)));
    (1..).zip(builds.map(|(stock, version)| build(stock, version)))
}

fn build(stock: &Stock, version: &'static str) -> ImageRecord {
    let day = format!("{version}T06:00:00Z");
    ImageRecord {
        name: Text::from_static(stock.name),
        version: Some(Text::from(version.replace('-', ""))),
        os: Text::from_static(stock.os),
        size_bytes: stock.size_mb * 1_000_000,
        min_ram_mb: stock.min_ram_mb,
        min_disk_gb: stock.min_disk_gb,
        public: true,
        metadata: Metadata::new(),
        mark: None,
        created_at: day.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        phase: Phase::lasting(ImageState::Available),
    }
}

impl DummyDriver {
    pub(crate) async fn images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>> {
        self.read(cx, Operation::ListImages, |view| {
            let owner = query.owner.as_deref().map(|owner| match owner {
                "self" => &view.rules.identity,
                other => other,
            });
            view.table_page(
                Kind::Image,
                &query.page,
                &view.world.tables.images,
                |ordinal, image| {
                    let wanted = owner.is_none_or(|owner| *view.owner(image) == *owner)
                        && query
                            .name
                            .as_ref()
                            .is_none_or(|glob| name_matches(glob, &image.name));
                    wanted.then(|| view.show_image(ordinal, image)).flatten()
                },
            )
        })
        .await
    }

    pub(crate) async fn image(&self, cx: &Context, id: &str) -> Result<Image> {
        self.read(cx, Operation::GetImage, |view| {
            let (ordinal, image) = view.find(Kind::Image, &view.world.tables.images, id)?;
            view.show_image(ordinal, image)
                .ok_or_else(|| Kind::Image.not_found(id))
        })
        .await
    }
}

impl View<'_> {
    fn owner(&self, image: &ImageRecord) -> Text {
        if image.public {
            STOCK_OWNER
        } else {
            self.rules.identity.clone()
        }
    }

    /// The image as the contract has it; `None` once it is gone.
    pub(crate) fn show_image(&self, ordinal: u64, image: &ImageRecord) -> Option<Image> {
        let state = image.phase.at(self.now)?;
        Some(Image {
            cloud: self.cloud(),
            id: self.id(Kind::Image, ordinal),
            name: image.name.clone(),
            version: image.version.clone(),
            state,
            native_state: Text::from_static(state.as_str()),
            os: Some(image.os.clone()),
            architecture: Some(Text::from_static("x86_64")),
            size_bytes: Some(image.size_bytes),
            min_ram_mb: Some(image.min_ram_mb),
            min_disk_gb: Some(image.min_disk_gb),
            public: image.public,
            owner: Some(self.owner(image)),
            metadata: image.metadata.clone(),
            mark: image.mark.clone(),
            created_at: Some(image.created_at),
            extra: Extra::new(),
        })
    }
}
