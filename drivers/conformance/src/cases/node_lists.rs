use std::collections::BTreeSet;

use cloudfarm_contract::model::{Metadata, Node, NodeState};
use cloudfarm_contract::{
    ErrorKind, MarkFilter, Marker, NodeQuery, PageRequest, Text, escape_glob,
};

use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, refused};
use crate::paging::limit_for;

cases! {
    list_nodes_pages_without_gap_or_double;
    list_nodes_filters_by_name;
    list_nodes_filters_by_state;
    list_nodes_filters_by_metadata: node_create_with_metadata;
    list_nodes_finds_the_mark;
    list_nodes_refuses_a_foreign_marker;
}

async fn list_nodes_pages_without_gap_or_double(bench: &Bench) -> Outcome {
    let mut ours = BTreeSet::new();
    let family = bench.name();
    for number in 0..3 {
        let mut request = bench.request().await?;
        request.name = Text::from(format!("{family}-{number}"));
        let created = bench.driver().create_node(&bench.cx(), &request).await?;
        ours.insert(created.node.id);
    }
    let all = until_listed(bench, &NodeQuery::all(), &ours).await?;
    let limit = limit_for(all.len());
    let paged = bench.nodes_in_pages(&NodeQuery::all(), Some(limit)).await?;
    once_each(&paged, &ours, limit)?;

    let query = NodeQuery {
        name: Some(Text::from(format!("{}-?", escape_glob(&family)))),
        ..NodeQuery::default()
    };
    let filtered = bench.nodes_in_pages(&query, Some(limit.min(2))).await?;
    once_each(&filtered, &ours, limit.min(2))?;
    ensure!(
        filtered.len() == ours.len(),
        "{} nodes match {:?}, {} were made",
        filtered.len(),
        query.name,
        ours.len()
    );
    Ok(())
}

fn once_each(paged: &[Node], ours: &BTreeSet<Text>, limit: u32) -> Outcome {
    let ids: BTreeSet<_> = paged.iter().map(|node| node.id.clone()).collect();
    ensure!(
        ids.len() == paged.len(),
        "in pages of {limit} the list gives {} nodes, {} of them twice",
        paged.len(),
        paged.len() - ids.len()
    );
    let missing: Vec<_> = ours.difference(&ids).collect();
    ensure!(
        missing.is_empty(),
        "in pages of {limit} the list misses {missing:?}"
    );
    Ok(())
}

async fn until_listed(
    bench: &Bench,
    query: &NodeQuery,
    wanted: &BTreeSet<Text>,
) -> Outcome<Vec<Node>> {
    let what = format!("the list by {query:?} shows {wanted:?}");
    bench
        .until_settled(&what, || async {
            let nodes = bench.nodes(query).await?;
            let ids: BTreeSet<_> = nodes.iter().map(|node| node.id.clone()).collect();
            Ok(wanted.is_subset(&ids).then_some(nodes))
        })
        .await
}

/// Waits until the list by `query` shows the node.
async fn shows(bench: &Bench, query: &NodeQuery, node: &Node) -> Outcome<Vec<Node>> {
    until_listed(bench, query, &BTreeSet::from([node.id.clone()])).await
}

/// The list by `query` must not show the node.
async fn hides(bench: &Bench, query: &NodeQuery, node: &Node) -> Outcome {
    let nodes = bench.nodes(query).await?;
    ensure!(
        nodes.iter().all(|listed| listed.id != node.id),
        "the list by {query:?} shows node {} ({}, {})",
        node.id,
        node.name,
        node.state
    );
    Ok(())
}

async fn list_nodes_filters_by_name(bench: &Bench) -> Outcome {
    let node = bench.new_node(|_| {}).await?;
    let glob = |glob: String| NodeQuery {
        name: Some(Text::from(glob)),
        ..NodeQuery::default()
    };
    let start = &node.name[..node.name.len() - 1];
    shows(bench, &NodeQuery::named(&node.name), &node).await?;
    shows(bench, &glob(format!("{start}*")), &node).await?;
    shows(bench, &glob(format!("{start}?")), &node).await?;
    shows(bench, &glob("*".to_owned()), &node).await?;
    hides(bench, &NodeQuery::named(start), &node).await?;
    hides(bench, &glob(format!("{}??", node.name)), &node).await?;
    hides(bench, &glob(format!("no-{start}*")), &node).await
}

async fn list_nodes_filters_by_state(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    let states = |states: &[NodeState]| NodeQuery {
        states: states.to_vec(),
        ..NodeQuery::default()
    };
    shows(bench, &states(&[NodeState::Running]), &node).await?;
    shows(
        bench,
        &states(&[NodeState::Stopped, NodeState::Running]),
        &node,
    )
    .await?;
    hides(bench, &states(&[NodeState::Stopped]), &node).await?;
    hides(
        bench,
        &states(&[NodeState::Error, NodeState::Paused]),
        &node,
    )
    .await
}

async fn list_nodes_filters_by_metadata(bench: &Bench) -> Outcome {
    let value = bench.name();
    let items = |items: &[(&'static str, &Text)]| -> Metadata {
        let owned = items
            .iter()
            .map(|(key, value)| (Text::from(*key), (*value).clone()));
        owned.collect()
    };
    let query = |metadata| NodeQuery {
        metadata,
        ..NodeQuery::default()
    };
    let (yes, no) = (Text::from_static("yes"), Text::from_static("no"));
    let node = bench
        .new_node(|request| request.metadata = items(&[("run", &value), ("odd", &yes)]))
        .await?;
    shows(bench, &query(items(&[("run", &value)])), &node).await?;
    shows(
        bench,
        &query(items(&[("run", &value), ("odd", &yes)])),
        &node,
    )
    .await?;
    hides(
        bench,
        &query(items(&[("run", &value), ("odd", &no)])),
        &node,
    )
    .await?;
    hides(bench, &query(items(&[("even", &yes)])), &node).await
}

async fn list_nodes_finds_the_mark(bench: &Bench) -> Outcome {
    let mark = bench.mark();
    let node = bench
        .new_node(|request| request.mark = Some(mark.clone()))
        .await?;
    let found = shows(bench, &NodeQuery::marked(mark.clone()), &node).await?;
    ensure!(
        found.len() == 1,
        "{} nodes carry the mark of one",
        found.len()
    );
    ensure!(
        found[0].mark.as_ref() == Some(&mark),
        "the list shows the mark {:?} instead of {mark:?}",
        found[0].mark
    );
    let any = NodeQuery {
        mark: Some(MarkFilter::Any),
        ..NodeQuery::default()
    };
    shows(bench, &any, &node).await?;
    hides(bench, &NodeQuery::marked(bench.mark()), &node).await
}

async fn list_nodes_refuses_a_foreign_marker(bench: &Bench) -> Outcome {
    for foreign in ["made-elsewhere", "eyJvZmZzZXQiOi0xfQ", "../..?limit=1"] {
        let query = NodeQuery {
            page: PageRequest::after(Marker::new(foreign), Some(10)),
            ..NodeQuery::default()
        };
        let listed = bench.driver().list_nodes(&bench.cx(), &query).await;
        refused(
            &format!("list_nodes with the marker {foreign:?}"),
            listed,
            &[ErrorKind::Invalid],
        )?;
    }
    Ok(())
}
