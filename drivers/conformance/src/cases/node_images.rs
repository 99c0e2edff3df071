use cloudfarm_contract::ErrorKind;
use cloudfarm_contract::extensions::NodeImages;
use cloudfarm_contract::model::{Image, ImageCreate, ImageState, NodeAction};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have};

cases! {
    image_create_reaches_available: @node_images;
    image_create_makes_nodes: @node_images;
    image_delete_twice_succeeds: @node_images;
}

fn node_images(bench: &Bench) -> Outcome<&dyn NodeImages> {
    have(bench.driver().node_images())
}

/// An image that is ready, of a node that is not used again.
async fn new_image(bench: &Bench) -> Outcome<Image> {
    let node = bench.node_that_allows(NodeAction::Snapshot).await?;
    bench.keep(&node.id);
    let request = ImageCreate {
        node: node.id.clone(),
        name: bench.name(),
        version: Some(cloudfarm_contract::Text::from_static("1.0.0")),
        mark: Some(bench.mark()),
        ..ImageCreate::default()
    };
    let made = node_images(bench)?
        .create_image(&bench.cx(), &request)
        .await?;
    let ready = bench
        .until_changed("the image is available", || async {
            let image = bench.driver().get_image(&bench.cx(), &made.id).await?;
            if image.state == ImageState::Error {
                return Err(Failure::new(format!("the image failed: {image:?}")));
            }
            Ok((image.state == ImageState::Available).then_some(image))
        })
        .await?;
    ensure!(
        ready.name == request.name,
        "the image is called {:?} instead of {:?}",
        ready.name,
        request.name
    );
    Ok(ready)
}

async fn image_create_reaches_available(bench: &Bench) -> Outcome {
    let image = new_image(bench).await?;
    ensure!(!image.public, "an image of one's own node is public");
    bench
        .until_settled("the list shows the image", || async {
            let name = cloudfarm_contract::escape_glob(&image.name);
            let found = super::lists::images(bench, Some(&name), None).await?;
            Ok(found.iter().any(|found| found.id == image.id).then_some(()))
        })
        .await
}

async fn image_create_makes_nodes(bench: &Bench) -> Outcome {
    let image = new_image(bench).await?;
    let node = bench
        .new_node(|request| request.image = image.id.clone())
        .await?;
    ensure!(
        node.image.as_ref().is_none_or(|shown| shown.id == image.id),
        "made from image {}, shown as from {:?}",
        image.id,
        node.image
    );
    Ok(())
}

async fn image_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let image = new_image(bench).await?;
    let images = node_images(bench)?;
    images.delete_image(&bench.cx(), &image.id).await?;
    bench
        .until_changed("the image is gone", || async {
            match bench.driver().get_image(&bench.cx(), &image.id).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(())),
                Ok(_) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    images.delete_image(&bench.cx(), &image.id).await?;
    for id in unknown_ids(Some(&image.id)) {
        images.delete_image(&bench.cx(), &id).await?;
    }
    Ok(())
}
