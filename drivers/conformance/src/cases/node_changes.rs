use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{
    AddressKind, Metadata, Node, NodeAction, NodeState, RebuildRequest, Size,
};
use cloudfarm_contract::{ErrorKind, Secret, Text};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};

cases! {
    resize_changes_the_size: @resize;
    resize_to_unknown_size_changes_nothing: @resize;
    revert_resize_brings_the_old_size_back: @resize_confirmation;
    rebuild_keeps_the_id: @rebuild;
    metadata_change_sets_and_removes: @node_metadata;
    metadata_change_keeps_the_mark: @node_metadata;
    password_change_succeeds: @node_password;
}

async fn larger(bench: &Bench) -> Outcome<&Size> {
    bench.picks().await?.larger.as_ref().ok_or_else(|| {
        Failure::new("the target has no second size that is larger, so nothing can be resized")
    })
}

/// Whether the node shows this size, by id, or by memory where the provider keeps only a copy.
fn has_size(node: &Node, size: &Size) -> bool {
    node.size.as_ref().is_some_and(|shown| match &shown.id {
        Some(id) => *id == size.id,
        None => shown.ram_mb == Some(size.ram_mb),
    })
}

/// Resizes a node that only this case uses, up to the point where a confirmation is due, if one is.
async fn resized(bench: &Bench) -> Outcome<Node> {
    let node = bench.node_that_allows(NodeAction::Resize).await?;
    bench.keep(&node.id);
    let size = larger(bench).await?;
    let resize = have(bench.driver().resize())?;
    resize.resize_node(&bench.cx(), &node.id, &size.id).await?;
    let ends_in = if bench.can().extensions.resize_confirmation {
        NodeState::VerifyResize
    } else {
        node.state
    };
    bench.until_state(&node.id, ends_in).await
}

async fn resize_changes_the_size(bench: &Bench) -> Outcome {
    let size = larger(bench).await?;
    let node = resized(bench).await?;
    if let Some(confirmation) = bench.driver().resize_confirmation() {
        confirmation.confirm_resize(&bench.cx(), &node.id).await?;
    }
    let running = bench
        .until_changed("the resize is over", || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            let over = shown.state != NodeState::VerifyResize && !shown.busy;
            Ok(over.then_some(shown))
        })
        .await?;
    ensure!(
        has_size(&running, size),
        "resized to {size:?}, the node shows {:?}",
        running.size
    );
    bench.bring_to_running(&node.id).await?;
    Ok(())
}

async fn resize_to_unknown_size_changes_nothing(bench: &Bench) -> Outcome {
    let size = &bench.picks().await?.size;
    let node = bench.node_that_allows(NodeAction::Resize).await?;
    let resize = have(bench.driver().resize())?;
    for id in unknown_ids(Some(&size.id)) {
        let result = resize.resize_node(&bench.cx(), &node.id, &id).await;
        let what = format!("resize_node to {id:?}");
        refused(&what, result, &[ErrorKind::Invalid, ErrorKind::NotFound])?;
    }
    let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
    ensure!(
        shown.state == node.state && shown.size == node.size,
        "refused, and yet the node went from {} {:?} to {} {:?}",
        node.state,
        node.size,
        shown.state,
        shown.size
    );
    bench.bring_to_running(&node.id).await?;
    Ok(())
}

async fn revert_resize_brings_the_old_size_back(bench: &Bench) -> Outcome {
    let size = &bench.picks().await?.size;
    let confirmation = have(bench.driver().resize_confirmation())?;
    let node = resized(bench).await?;
    confirmation.revert_resize(&bench.cx(), &node.id).await?;
    let back = bench
        .until_changed("the resize is reverted", || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            let over = matches!(shown.state, NodeState::Running | NodeState::Stopped);
            Ok((over && !shown.busy).then_some(shown))
        })
        .await?;
    ensure!(
        has_size(&back, size),
        "reverted to {size:?}, the node shows {:?}",
        back.size
    );
    let again = confirmation.confirm_resize(&bench.cx(), &node.id).await;
    refused(
        "confirm_resize of a node without one",
        again,
        &[ErrorKind::Conflict],
    )?;
    Ok(())
}

async fn rebuild_keeps_the_id(bench: &Bench) -> Outcome {
    let fixed = |node: &Node| -> Vec<_> {
        let fixed = node
            .addresses
            .iter()
            .filter(|a| a.kind == AddressKind::Fixed);
        fixed.map(|address| address.ip).collect()
    };
    let node = bench.node_that_allows(NodeAction::Rebuild).await?;
    let request = RebuildRequest {
        image: bench.picks().await?.image.id.clone(),
        ..RebuildRequest::default()
    };
    let rebuild = have(bench.driver().rebuild())?;
    rebuild
        .rebuild_node(&bench.cx(), &node.id, &request)
        .await?;
    bench
        .until_changed("the rebuild is over", || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            let over = matches!(shown.state, NodeState::Running | NodeState::Stopped);
            Ok((over && !shown.busy).then_some(()))
        })
        .await?;
    let rebuilt = bench.bring_to_running(&node.id).await?;
    ensure!(
        fixed(&rebuilt) == fixed(&node) && rebuilt.mark == node.mark,
        "the rebuild made {rebuilt:?} of {node:?}"
    );
    for id in unknown_ids(Some(&request.image)) {
        let request = RebuildRequest {
            image: Text::from(&id),
            ..RebuildRequest::default()
        };
        let result = rebuild.rebuild_node(&bench.cx(), &node.id, &request).await;
        let what = format!("rebuild_node with image {id:?}");
        refused(&what, result, &[ErrorKind::Invalid, ErrorKind::NotFound])?;
    }
    Ok(())
}

fn item(key: &'static str, value: &'static str) -> (Text, Text) {
    (Text::from_static(key), Text::from_static(value))
}

async fn change_metadata(bench: &Bench, node: &Node, change: &MetadataChange) -> Outcome {
    let metadata = have(bench.driver().node_metadata())?;
    Ok(metadata
        .set_node_metadata(&bench.cx(), &node.id, change)
        .await?)
}

async fn until_metadata(bench: &Bench, node: &Node, wanted: Metadata) -> Outcome<Node> {
    let what = format!("node {} shows the metadata {wanted:?}", node.id);
    bench
        .until_settled(&what, || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            Ok((shown.metadata == wanted).then_some(shown))
        })
        .await
}

async fn metadata_change_sets_and_removes(bench: &Bench) -> Outcome {
    let node = bench.new_node(|_| {}).await?;
    let node = bench.bring_to_allow(node, NodeAction::SetMetadata).await?;
    let set = MetadataChange {
        set: Metadata::from([item("one", "1"), item("two", "2"), item("three", "3")]),
        remove: Vec::new(),
    };
    change_metadata(bench, &node, &set).await?;
    until_metadata(bench, &node, set.set.clone()).await?;
    let change = MetadataChange {
        set: Metadata::from([item("two", "zwei"), item("four", "4")]),
        remove: vec![Text::from_static("one"), Text::from_static("never-there")],
    };
    change_metadata(bench, &node, &change).await?;
    let wanted = Metadata::from([item("two", "zwei"), item("three", "3"), item("four", "4")]);
    until_metadata(bench, &node, wanted).await?;
    Ok(())
}

async fn metadata_change_keeps_the_mark(bench: &Bench) -> Outcome {
    let node = bench.new_node(|_| {}).await?;
    let node = bench.bring_to_allow(node, NodeAction::SetMetadata).await?;
    let set = MetadataChange {
        set: Metadata::from([item("kept", "no")]),
        remove: Vec::new(),
    };
    change_metadata(bench, &node, &set).await?;
    until_metadata(bench, &node, set.set).await?;
    let remove = MetadataChange {
        set: Metadata::new(),
        remove: vec![Text::from_static("kept")],
    };
    change_metadata(bench, &node, &remove).await?;
    let shown = until_metadata(bench, &node, Metadata::new()).await?;
    ensure!(
        shown.mark.is_some() && shown.mark == node.mark,
        "the node had the mark {:?} and shows {:?}",
        node.mark,
        shown.mark
    );
    Ok(())
}

async fn password_change_succeeds(bench: &Bench) -> Outcome {
    let node = bench.node_that_allows(NodeAction::ChangePassword).await?;
    let passwords = have(bench.driver().node_password())?;
    let password = Secret::new("An0ther-conformance-secret!");
    passwords
        .set_node_password(&bench.cx(), &node.id, &password)
        .await?;
    bench.until_running(&node.id).await?;
    for id in unknown_ids(Some(&node.id)) {
        let result = passwords
            .set_node_password(&bench.cx(), &id, &password)
            .await;
        refused(
            &format!("set_node_password of {id:?}"),
            result,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}
