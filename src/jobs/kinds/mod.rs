//! One file per kind of job.

mod node_change;
mod node_create;

use std::time::Duration;

use cloudfarm_contract::model::{Node, NodeState};
use cloudfarm_contract::{Driver, Error, Judgement, Result, WaitOutcome, WaitPolicy, wait_node};
pub use node_change::{Change, NodeChange};
pub use node_create::CreateNode;

use super::work::Run;

/// How a secret is shown in a job's parameters.
const MASKED: &str = "[secret]";

/// Jobs look often at first, for most changes take seconds, and seldom later.
const WAIT_POLICY: WaitPolicy = WaitPolicy {
    first: Duration::from_millis(250),
    factor: 1.5,
    longest: Duration::from_secs(10),
    transient_errors: 5,
};

/// Waits until the node is in one of `states`.
async fn wait_for(run: &Run, driver: &dyn Driver, id: &str, states: &[NodeState]) -> Result<Node> {
    let wanted: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    run.step(
        "wait",
        format!("wait until node {id} is {}", wanted.join(" or ")),
    );
    match wait_node(
        driver,
        run.cx(),
        id,
        &WAIT_POLICY,
        Judgement::for_states(states),
    )
    .await?
    {
        WaitOutcome::Reached(node) => Ok(*node),
        WaitOutcome::Vanished => Err(Error::not_found(format!("node {id} vanished"))),
    }
}

/// Waits until the node is gone.
async fn wait_gone(run: &Run, driver: &dyn Driver, id: &str) -> Result<()> {
    run.step("wait", format!("wait until node {id} is gone"));
    wait_node(driver, run.cx(), id, &WAIT_POLICY, Judgement::for_gone())
        .await
        .map(drop)
}
