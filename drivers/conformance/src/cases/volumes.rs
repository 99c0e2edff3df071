use cloudfarm_contract::extensions::Volumes;
use cloudfarm_contract::model::{
    Node, NodeAction, Volume, VolumeAttach, VolumeCreate, VolumeState,
};
use cloudfarm_contract::{ErrorKind, ListQuery, escape_glob};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    volume_is_listed: @volumes;
    volume_of_unknown_id_is_not_found: @volumes;
    volume_create_reaches_available: @volumes;
    volume_delete_twice_succeeds: @volumes;
    volume_delete_while_attached_is_a_conflict: @volumes;
    volume_extend_grows_it: @volumes volume_extend;
    volume_extend_refuses_to_shrink: @volumes volume_extend;
    volume_attach_and_detach: @volumes;
}

pub(super) fn volumes(bench: &Bench) -> Outcome<&dyn Volumes> {
    have(bench.driver().volumes())
}

/// A volume that is ready.
pub(super) async fn new_volume(bench: &Bench) -> Outcome<Volume> {
    new_volume_with(bench, |_| {}).await
}

pub(super) async fn new_volume_with(
    bench: &Bench,
    change: impl FnOnce(&mut VolumeCreate),
) -> Outcome<Volume> {
    let mut request = VolumeCreate {
        name: bench.name(),
        size_gb: bench.shared().target.volume_gb,
        mark: Some(bench.mark()),
        ..VolumeCreate::default()
    };
    change(&mut request);
    let made = volumes(bench)?.create_volume(&bench.cx(), &request).await?;
    ensure!(
        made.size_gb == request.size_gb && made.name == request.name,
        "asked for {request:?}, made {made:?}"
    );
    until_volume(bench, &made.id, VolumeState::Available).await
}

async fn until_volume(bench: &Bench, id: &str, state: VolumeState) -> Outcome<Volume> {
    let all = volumes(bench)?;
    bench
        .until_changed(&format!("volume {id} is {state}"), || async {
            let volume = all.get_volume(&bench.cx(), id).await?;
            if volume.state == VolumeState::Error && state != VolumeState::Error {
                return Err(Failure::new(format!("volume {id} is in error: {volume:?}")));
            }
            Ok((volume.state == state).then_some(volume))
        })
        .await
}

async fn until_no_volume(bench: &Bench, id: &str) -> Outcome {
    let all = volumes(bench)?;
    bench
        .until_changed(&format!("volume {id} is gone"), || async {
            match all.get_volume(&bench.cx(), id).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(())),
                Ok(_) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
}

async fn volume_is_listed(bench: &Bench) -> Outcome {
    let made = new_volume(bench).await?;
    let all = volumes(bench)?;
    let name = &escape_glob(&made.name);
    bench
        .until_settled("the list shows the volume", || async {
            let found = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_volumes(&bench.cx(), &query).await
            });
            Ok(found
                .await?
                .iter()
                .any(|volume| volume.id == made.id)
                .then_some(()))
        })
        .await
}

async fn volume_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = volumes(bench)?;
    let page = all.list_volumes(&bench.cx(), &ListQuery::default()).await?;
    let sample = page.items.first().map(|volume| volume.id.as_str());
    for id in unknown_ids(sample) {
        let volume = all.get_volume(&bench.cx(), &id).await;
        refused(
            &format!("get_volume of {id:?}"),
            volume,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

async fn volume_create_reaches_available(bench: &Bench) -> Outcome {
    let volume = new_volume(bench).await?;
    ensure!(
        volume.attachments.is_empty(),
        "a new volume is attached: {volume:?}"
    );
    if bench.can().volume_create_with_image {
        let image = &bench.picks().await?.image;
        let size_gb = image
            .min_disk_gb
            .unwrap_or(1)
            .max(bench.shared().target.volume_gb);
        let from_image = new_volume_with(bench, |request| {
            request.image = Some(image.id.clone());
            request.size_gb = size_gb;
        })
        .await?;
        ensure!(
            from_image.image.as_ref().is_none_or(|id| *id == image.id),
            "made from image {}, shown as from {:?}",
            image.id,
            from_image.image
        );
    }
    Ok(())
}

async fn volume_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let volume = new_volume(bench).await?;
    let all = volumes(bench)?;
    all.delete_volume(&bench.cx(), &volume.id).await?;
    until_no_volume(bench, &volume.id).await?;
    all.delete_volume(&bench.cx(), &volume.id).await?;
    for id in unknown_ids(Some(&volume.id)) {
        all.delete_volume(&bench.cx(), &id).await?;
    }
    Ok(())
}

async fn attach(bench: &Bench, volume: &Volume, node: &Node) -> Outcome<Volume> {
    let to = VolumeAttach {
        node: node.id.clone(),
        device: None,
    };
    volumes(bench)?
        .attach_volume(&bench.cx(), &volume.id, &to)
        .await?;
    let attached = until_volume(bench, &volume.id, VolumeState::InUse).await?;
    ensure!(
        attached.attachments.iter().any(|at| at.node == node.id),
        "attached to node {}, shown as {:?}",
        node.id,
        attached.attachments
    );
    Ok(attached)
}

async fn detach(bench: &Bench, volume: &Volume, node: &Node) -> Outcome {
    volumes(bench)?
        .detach_volume(&bench.cx(), &volume.id, &node.id)
        .await?;
    until_volume(bench, &volume.id, VolumeState::Available).await?;
    Ok(())
}

async fn volume_delete_while_attached_is_a_conflict(bench: &Bench) -> Outcome {
    let volume = new_volume(bench).await?;
    let node = bench.node_that_allows(NodeAction::AttachVolume).await?;
    attach(bench, &volume, &node).await?;
    let deleted = volumes(bench)?.delete_volume(&bench.cx(), &volume.id).await;
    refused(
        "delete_volume of an attached one",
        deleted,
        &[ErrorKind::Conflict],
    )?;
    until_volume(bench, &volume.id, VolumeState::InUse).await?;
    detach(bench, &volume, &node).await
}

async fn volume_extend_grows_it(bench: &Bench) -> Outcome {
    let volume = new_volume(bench).await?;
    let larger = volume.size_gb + 1;
    let all = volumes(bench)?;
    all.extend_volume(&bench.cx(), &volume.id, &larger).await?;
    bench
        .until_changed("the volume shows its new size", || async {
            let shown = all.get_volume(&bench.cx(), &volume.id).await?;
            let done = shown.size_gb == larger && shown.state == VolumeState::Available;
            Ok(done.then_some(()))
        })
        .await
}

async fn volume_extend_refuses_to_shrink(bench: &Bench) -> Outcome {
    let size_gb = bench.shared().target.volume_gb + 1;
    let volume = new_volume_with(bench, |request| request.size_gb = size_gb).await?;
    let all = volumes(bench)?;
    let smaller = size_gb - 1;
    let shrunk = all.extend_volume(&bench.cx(), &volume.id, &smaller).await;
    refused(
        "extend_volume to a smaller size",
        shrunk,
        &[ErrorKind::Invalid],
    )?;
    let shown = all.get_volume(&bench.cx(), &volume.id).await?;
    ensure!(
        shown.size_gb == size_gb,
        "refused, and yet the volume has {} GB",
        shown.size_gb
    );
    Ok(())
}

async fn volume_attach_and_detach(bench: &Bench) -> Outcome {
    let volume = new_volume(bench).await?;
    let node = bench.node_that_allows(NodeAction::AttachVolume).await?;
    attach(bench, &volume, &node).await?;
    node_shows_volume(bench, &node, &volume, true).await?;
    // To attach what is attached there succeeds.
    attach(bench, &volume, &node).await?;
    detach(bench, &volume, &node).await?;
    node_shows_volume(bench, &node, &volume, false).await?;
    detach(bench, &volume, &node).await?;
    bench.bring_to_running(&node.id).await?;
    Ok(())
}

async fn node_shows_volume(bench: &Bench, node: &Node, volume: &Volume, is_there: bool) -> Outcome {
    let verb = if is_there { "shows" } else { "shows no more" };
    let what = format!("node {} {verb} volume {}", node.id, volume.id);
    bench
        .until_settled(&what, || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            Ok((shown.volumes.contains(&volume.id) == is_there).then_some(()))
        })
        .await
}
