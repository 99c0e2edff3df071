use cloudfarm_contract::model::{Location, Metadata, Node, NodeAction, NodeCreate, NodeState};
use cloudfarm_contract::{ErrorKind, ListQuery, NodeQuery, Secret, SideEffect, Text};

use super::key_pairs::some_key_pair;
use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, refused};
use crate::paging::read_all;

cases! {
    get_node_shows_what_was_created;
    get_node_of_unknown_id_is_not_found;
    create_node_reaches_running;
    create_node_with_the_same_mark_makes_one: node_create_idempotent;
    create_node_carries_metadata: node_create_with_metadata;
    create_node_of_unknown_image_makes_nothing;
    create_node_of_unknown_size_makes_nothing;
    rename_node_shows_the_new_name;
    destroy_node_makes_it_vanish;
    destroy_node_twice_succeeds;
    destroy_node_of_unknown_id_succeeds;
}

/// Asks for everything that the capabilities offer: a capability is a promise.
async fn get_node_shows_what_was_created(bench: &Bench) -> Outcome {
    let can = bench.can();
    let mut request = bench.request().await?;
    if can.node_create_with_location {
        request.location = Some(available_location(bench).await?.id);
    }
    if can.node_create_with_key_pair {
        request.key_pair = Some(some_key_pair(bench).await?);
    }
    if can.node_create_with_user_data {
        request.user_data = Some(Secret::new("#!/bin/sh\ntrue\n"));
    }
    if can.node_create_with_admin_password {
        request.admin_password = Some(Secret::new("Conf0rmance-of-drivers!"));
    }
    let created = bench.driver().create_node(&bench.cx(), &request).await?;
    let running = bench.until_running(&created.node.id).await?;
    is_as_requested(&running, &request)?;

    let listed = bench
        .until_settled("the list shows the node", || async {
            let nodes = bench.nodes(&NodeQuery::named(&request.name)).await?;
            Ok(nodes.into_iter().find(|node| node.id == running.id))
        })
        .await?;
    is_as_requested(&listed, &request)
        .map_err(|failure| Failure::new(format!("in the list: {failure}")))
}

fn is_as_requested(node: &Node, request: &NodeCreate) -> Outcome {
    let id = &node.id;
    ensure!(
        node.name == request.name,
        "node {id} is called {:?} instead of {:?}",
        node.name,
        request.name
    );
    ensure!(
        node.mark == request.mark,
        "node {id} shows the mark {:?} instead of {:?}",
        node.mark,
        request.mark
    );
    if let Some(image) = &node.image {
        ensure!(
            image.id == request.image,
            "node {id} shows image {} instead of {}",
            image.id,
            request.image
        );
    }
    if let Some(size) = node.size.as_ref().and_then(|size| size.id.as_ref()) {
        ensure!(
            *size == request.size,
            "node {id} shows size {size} instead of {}",
            request.size
        );
    }
    ensure!(
        request.location.is_none() || node.location == request.location,
        "node {id} shows location {:?} instead of {:?}",
        node.location,
        request.location
    );
    ensure!(
        request.key_pair.is_none() || node.key_pair == request.key_pair,
        "node {id} shows key pair {:?} instead of {:?}",
        node.key_pair,
        request.key_pair
    );
    Ok(())
}

async fn available_location(bench: &Bench) -> Outcome<Location> {
    let locations = read_all(None, |page| async move {
        let query = ListQuery {
            page,
            ..ListQuery::default()
        };
        bench.driver().list_locations(&bench.cx(), &query).await
    })
    .await?;
    let mut available = locations.into_iter().filter(|location| location.available);
    available
        .next()
        .ok_or_else(|| Failure::new("no location is available"))
}

async fn get_node_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let sample = sample_id(bench).await?;
    for id in unknown_ids(sample.as_deref()) {
        let node = bench.driver().get_node(&bench.cx(), &id).await;
        refused(&format!("get_node of {id:?}"), node, &[ErrorKind::NotFound])?;
    }
    Ok(())
}

async fn sample_id(bench: &Bench) -> Outcome<Option<Text>> {
    let page = bench
        .driver()
        .list_nodes(&bench.cx(), &NodeQuery::all())
        .await?;
    Ok(page.items.into_iter().next().map(|node| node.id))
}

async fn create_node_reaches_running(bench: &Bench) -> Outcome {
    let request = bench.request().await?;
    let created = bench.driver().create_node(&bench.cx(), &request).await?;
    ensure!(
        matches!(created.node.state, NodeState::Pending | NodeState::Running),
        "a node is born in state {}",
        created.node.state
    );
    let running = bench.until_running(&created.node.id).await?;
    for action in [NodeAction::Stop, NodeAction::Reboot, NodeAction::Destroy] {
        ensure!(
            running.actions.contains(action),
            "a running node offers {:?}, not {action}",
            running.actions
        );
    }
    ensure!(
        !running.actions.contains(NodeAction::Start),
        "a running node offers to be started"
    );
    Ok(())
}

async fn create_node_with_the_same_mark_makes_one(bench: &Bench) -> Outcome {
    let request = bench.request().await?;
    let first = bench
        .driver()
        .create_node(&bench.cx(), &request)
        .await?
        .node;
    let second = bench
        .driver()
        .create_node(&bench.cx(), &request)
        .await?
        .node;
    ensure!(
        first.id == second.id,
        "the same request makes node {} and node {}",
        first.id,
        second.id
    );
    bench.until_running(&first.id).await?;
    let mark = bench.mark();
    let mut request = bench.request().await?;
    request.mark = Some(mark.clone());
    let (cx, driver) = (bench.cx(), bench.driver());
    let both = futures_util::future::join(
        driver.create_node(&cx, &request),
        driver.create_node(&cx, &request),
    );
    // One of the two may be told that the other is on its way.
    let (one, other) = both.await;
    ensure!(
        one.is_ok() || other.is_ok(),
        "two at once: {one:?}, {other:?}"
    );
    let count = bench
        .until_settled("the list shows the mark", || async {
            let count = bench.nodes_marked(&mark).await?.len();
            Ok((count > 0).then_some(count))
        })
        .await?;
    ensure!(count == 1, "two requests at once make {count} nodes");
    Ok(())
}

async fn create_node_carries_metadata(bench: &Bench) -> Outcome {
    let metadata = Metadata::from([
        (Text::from("purpose"), Text::from("a test: of drivers")),
        (Text::from("team-1"), Text::from("conformance")),
    ]);
    let node = bench
        .new_node(|request| request.metadata = metadata.clone())
        .await?;
    ensure!(
        node.metadata == metadata,
        "the node shows the metadata {:?} instead of {metadata:?}",
        node.metadata
    );
    Ok(())
}

async fn create_node_of_unknown_image_makes_nothing(bench: &Bench) -> Outcome {
    let image = &bench.picks().await?.image.id;
    for id in unknown_ids(Some(image)) {
        makes_nothing(bench, |request| request.image = Text::from(id)).await?;
    }
    Ok(())
}

async fn create_node_of_unknown_size_makes_nothing(bench: &Bench) -> Outcome {
    let size = &bench.picks().await?.size.id;
    for id in unknown_ids(Some(size)) {
        makes_nothing(bench, |request| request.size = Text::from(id)).await?;
    }
    Ok(())
}

async fn makes_nothing(bench: &Bench, change: impl FnOnce(&mut NodeCreate)) -> Outcome {
    let mut request = bench.request().await?;
    change(&mut request);
    let what = format!(
        "a node of image {} and size {}",
        request.image, request.size
    );
    let created = bench.driver().create_node(&bench.cx(), &request).await;
    let error = refused(&what, created, &[ErrorKind::Invalid, ErrorKind::NotFound])?;
    ensure!(
        error.side_effect() == SideEffect::None,
        "{what} is refused and may have made something: {error:?}"
    );
    ensure!(
        error.kind() != ErrorKind::Invalid || error.field().is_some(),
        "{what} is invalid, but no field is named: {error:?}"
    );
    let made = match &request.mark {
        Some(mark) => bench.nodes_marked(mark).await?,
        None => Vec::new(),
    };
    ensure!(made.is_empty(), "{what} is refused and yet made {made:?}");
    Ok(())
}

async fn rename_node_shows_the_new_name(bench: &Bench) -> Outcome {
    let node = bench.node_that_allows(NodeAction::Rename).await?;
    let name = bench.name();
    bench
        .driver()
        .rename_node(&bench.cx(), &node.id, &name)
        .await?;
    let renamed = bench
        .until_changed("the node shows its new name", || async {
            let shown = bench.driver().get_node(&bench.cx(), &node.id).await?;
            Ok((shown.name == name).then_some(shown))
        })
        .await?;
    ensure!(
        renamed.mark == node.mark,
        "the new name cost the node its mark {:?}",
        node.mark
    );
    for id in unknown_ids(Some(&node.id)) {
        let result = bench.driver().rename_node(&bench.cx(), &id, &name).await;
        refused(
            &format!("rename_node of {id:?}"),
            result,
            &[ErrorKind::NotFound],
        )?;
    }
    bench.bring_to_running(&node.id).await?;
    Ok(())
}

async fn destroy_node_makes_it_vanish(bench: &Bench) -> Outcome {
    let node = bench.new_node(|_| {}).await?;
    bench.driver().destroy_node(&bench.cx(), &node.id).await?;
    bench.until_gone(&node.id).await?;
    bench
        .until_settled("the list shows the node no more", || async {
            let listed = bench.nodes(&NodeQuery::named(&node.name)).await?;
            Ok(listed.is_empty().then_some(()))
        })
        .await
}

async fn destroy_node_twice_succeeds(bench: &Bench) -> Outcome {
    let node = bench.new_node(|_| {}).await?;
    bench.driver().destroy_node(&bench.cx(), &node.id).await?;
    bench.driver().destroy_node(&bench.cx(), &node.id).await?;
    bench.until_gone(&node.id).await?;
    Ok(bench.driver().destroy_node(&bench.cx(), &node.id).await?)
}

async fn destroy_node_of_unknown_id_succeeds(bench: &Bench) -> Outcome {
    let sample = sample_id(bench).await?;
    for id in unknown_ids(sample.as_deref()) {
        bench.driver().destroy_node(&bench.cx(), &id).await?;
    }
    Ok(())
}
