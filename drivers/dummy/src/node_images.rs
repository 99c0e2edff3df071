//! Images made from nodes.

use cloudfarm_contract::extensions::NodeImages;
use cloudfarm_contract::model::{Image, ImageCreate, ImageState, NodeAction};
use cloudfarm_contract::{Context, Error, Operation, Result, Text, async_trait};

use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::{ImageRecord, NodeRecord};
use crate::sizes::SIZES;
use crate::states::{Phase, after};
use crate::usage::Usage;
use crate::view::Draft;

#[async_trait]
impl NodeImages for DummyDriver {
    async fn create_image(&self, cx: &Context, request: &ImageCreate) -> Result<Image> {
        let operation = Operation::CreateImage;
        self.write_node(cx, operation, &request.node, |draft, node, record| {
            create(draft, request, node, record)
        })
        .await
    }

    async fn delete_image(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteImage, |draft| {
            let table = &draft.world.tables.images;
            let Ok((ordinal, image)) = draft.find(Kind::Image, table, id) else {
                return Ok(());
            };
            if image.public {
                return Err(Error::forbidden(format!("image {id} belongs to the cloud")));
            }
            if image.phase.end().is_some() {
                let (now, time) = (draft.now, draft.rules.times.destroy);
                let mut image = image.clone();
                image.phase = Phase::vanishing(ImageState::Deleting, now, time);
                draft.put(ordinal, image);
            }
            Ok(())
        })
        .await
    }
}

fn create(
    draft: &mut Draft<'_>,
    request: &ImageCreate,
    node: u64,
    mut record: NodeRecord,
) -> Result<Image> {
    let table = &draft.world.tables.images;
    let before = draft.made_before(Kind::Image, table, request.mark.as_ref());
    if let Some((ordinal, image)) = before
        && let Some(shown) = draft.show_image(ordinal, image)
    {
        return Ok(shown);
    }
    check_name(&request.name)?;
    draft.check_action(node, &record, NodeAction::Snapshot)?;
    draft.check_room(&Usage {
        images: 1,
        ..Usage::default()
    })?;
    let source = draft.find(Kind::Image, table, &record.image).ok();
    let (now, time) = (draft.now, draft.rules.times.snapshot);
    let image = ImageRecord {
        name: request.name.clone(),
        version: request.version.clone(),
        os: source.map_or(Text::from_static("linux"), |(_, image)| image.os.clone()),
        size_bytes: SIZES[record.size].disk_gb * 100_000_000,
        min_ram_mb: source.map_or(0, |(_, image)| image.min_ram_mb),
        min_disk_gb: source.map_or(0, |(_, image)| image.min_disk_gb),
        public: false,
        metadata: request.metadata.clone(),
        mark: request.mark.clone(),
        created_at: now,
        phase: Phase::moving(ImageState::Pending, now, time, ImageState::Available),
    };
    let ordinal = draft.new_ordinal();
    let shown = draft.show_image(ordinal, &image);
    draft.put(ordinal, image);
    record.busy_until = Some(after(now, time));
    draft.put(node, record);
    shown.ok_or_else(|| Error::internal("a new image is gone"))
}
