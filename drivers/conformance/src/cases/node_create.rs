use cloudfarm_contract::model::{
    Location, Metadata, Network, NetworkAttachment, Node, NodeAction, NodeCreate, NodeState,
    SecurityGroup,
};
use cloudfarm_contract::{ErrorKind, ListQuery, NodeQuery, Secret, SideEffect, Text};

use super::key_pairs::some_key_pair;
use super::{networks, security_groups, unknown_ids};
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, refused};
use crate::paging::read_all;

cases! {
    get_node_shows_what_was_created;
    create_node_reaches_running;
    create_node_with_the_same_mark_makes_one: node_create_idempotent;
    create_node_carries_metadata: node_create_with_metadata;
    create_node_of_unknown_image_makes_nothing;
    create_node_of_unknown_size_makes_nothing;
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
    let group = if can.node_create_with_security_groups {
        security_groups::usual(bench).await?
    } else {
        None
    };
    request.security_groups = group.iter().map(|group| group.id.clone()).collect();
    let network = if can.node_create_with_networks && request.networks.is_empty() {
        networks::usual(bench).await?
    } else {
        None
    };
    request.networks = network
        .iter()
        .map(attachment)
        .chain(request.networks)
        .collect();
    let created = bench.driver().create_node(&bench.cx(), &request).await?;
    let running = bench.until_running(&created.node.id).await?;
    is_as_requested(&running, &request)?;
    is_among(&running, network.as_ref(), group.as_ref())?;

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

fn attachment(network: &Network) -> NetworkAttachment {
    NetworkAttachment {
        network: network.id.clone(),
        ..NetworkAttachment::default()
    }
}

/// The node must be on the network and in the group.
fn is_among(node: &Node, network: Option<&Network>, group: Option<&SecurityGroup>) -> Outcome {
    if let Some(network) = network {
        let mut names = node.addresses.iter().filter_map(|at| at.network.as_ref());
        ensure!(
            node.addresses.is_empty() || names.any(|name| *name == network.name),
            "node {} was put on network {}, its addresses are {:?}",
            node.id,
            network.name,
            node.addresses
        );
    }
    if let Some(group) = group {
        ensure!(
            node.security_groups.contains(&group.name),
            "node {} was put into group {}, it shows {:?}",
            node.id,
            group.name,
            node.security_groups
        );
    }
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

pub(super) async fn makes_nothing(bench: &Bench, change: impl FnOnce(&mut NodeCreate)) -> Outcome {
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
