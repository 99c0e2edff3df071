use cloudfarm_contract::model::NodeAction;
use cloudfarm_contract::{ErrorKind, NodeQuery, Text};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, refused};

cases! {
    get_node_of_unknown_id_is_not_found;
    rename_node_shows_the_new_name;
    destroy_node_makes_it_vanish;
    destroy_node_twice_succeeds;
    destroy_node_of_unknown_id_succeeds;
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
