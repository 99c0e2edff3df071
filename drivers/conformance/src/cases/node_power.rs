use cloudfarm_contract::ErrorKind;
use cloudfarm_contract::model::{NodeAction, NodeState, RebootKind};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, refused};

cases! {
    stop_and_start_node;
    start_running_node_succeeds;
    stop_stopped_node_succeeds;
    reboot_node_comes_back;
}

async fn stop_and_start_node(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    bench.driver().stop_node(&bench.cx(), &node.id).await?;
    let stopped = bench.until_state(&node.id, NodeState::Stopped).await?;
    ensure!(
        stopped.actions.contains(NodeAction::Start) && !stopped.actions.contains(NodeAction::Stop),
        "a stopped node offers {:?}",
        stopped.actions
    );
    bench.driver().start_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;

    for id in unknown_ids(Some(&node.id)) {
        let started = bench.driver().start_node(&bench.cx(), &id).await;
        refused(
            &format!("start_node of {id:?}"),
            started,
            &[ErrorKind::NotFound],
        )?;
        let stopped = bench.driver().stop_node(&bench.cx(), &id).await;
        refused(
            &format!("stop_node of {id:?}"),
            stopped,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

async fn start_running_node_succeeds(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    bench.driver().start_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;
    Ok(())
}

async fn stop_stopped_node_succeeds(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    bench.driver().stop_node(&bench.cx(), &node.id).await?;
    bench.until_state(&node.id, NodeState::Stopped).await?;
    bench.driver().stop_node(&bench.cx(), &node.id).await?;
    bench.until_state(&node.id, NodeState::Stopped).await?;
    bench.driver().start_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;
    Ok(())
}

async fn reboot_node_comes_back(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    let mut kinds = vec![RebootKind::Soft];
    if bench.can().node_reboot_hard {
        kinds.push(RebootKind::Hard);
    }
    for kind in kinds {
        bench
            .driver()
            .reboot_node(&bench.cx(), &node.id, &kind)
            .await?;
        bench.until_running(&node.id).await?;
    }
    for id in unknown_ids(Some(&node.id)) {
        let result = bench
            .driver()
            .reboot_node(&bench.cx(), &id, &RebootKind::Soft)
            .await;
        refused(
            &format!("reboot_node of {id:?}"),
            result,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}
