use cloudfarm_contract::ErrorKind;
use cloudfarm_contract::model::{Node, NodeAction, NodeState, RescueRequest};

use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, have, refused};

cases! {
    suspend_and_resume: @suspend;
    pause_and_unpause: @pause;
    shelve_and_unshelve: @shelve;
    rescue_and_unrescue: @rescue;
}

/// A node in this state must offer `action`, the way back.
fn offers(node: &Node, action: NodeAction) -> Outcome {
    ensure!(
        node.actions.contains(action),
        "a node in state {} ({}) offers {:?}, not {action}",
        node.state,
        node.native_state,
        node.actions
    );
    Ok(())
}

async fn suspend_and_resume(bench: &Bench) -> Outcome {
    let node = bench.node_that_allows(NodeAction::Suspend).await?;
    let suspend = have(bench.driver().suspend())?;
    suspend.suspend_node(&bench.cx(), &node.id).await?;
    let suspended = bench.until_state(&node.id, NodeState::Suspended).await?;
    offers(&suspended, NodeAction::Resume)?;
    suspend.resume_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;
    Ok(())
}

async fn pause_and_unpause(bench: &Bench) -> Outcome {
    let node = bench.node_that_allows(NodeAction::Pause).await?;
    let pause = have(bench.driver().pause())?;
    pause.pause_node(&bench.cx(), &node.id).await?;
    let paused = bench.until_state(&node.id, NodeState::Paused).await?;
    offers(&paused, NodeAction::Unpause)?;
    pause.unpause_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;
    Ok(())
}

async fn shelve_and_unshelve(bench: &Bench) -> Outcome {
    let node = bench.node_that_allows(NodeAction::Shelve).await?;
    let shelve = have(bench.driver().shelve())?;
    shelve.shelve_node(&bench.cx(), &node.id).await?;
    let shelved = bench.until_state(&node.id, NodeState::Suspended).await?;
    offers(&shelved, NodeAction::Unshelve)?;
    shelve.unshelve_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;
    Ok(())
}

async fn rescue_and_unrescue(bench: &Bench) -> Outcome {
    let node = bench.node_that_allows(NodeAction::Rescue).await?;
    let rescue = have(bench.driver().rescue())?;
    let early = rescue.unrescue_node(&bench.cx(), &node.id).await;
    refused(
        "unrescue_node of a node that is not rescued",
        early,
        &[ErrorKind::Conflict],
    )?;
    rescue
        .rescue_node(&bench.cx(), &node.id, &RescueRequest::default())
        .await?;
    let rescued = bench.until_state(&node.id, NodeState::Rescued).await?;
    offers(&rescued, NodeAction::Unrescue)?;
    rescue.unrescue_node(&bench.cx(), &node.id).await?;
    bench.until_running(&node.id).await?;
    Ok(())
}
