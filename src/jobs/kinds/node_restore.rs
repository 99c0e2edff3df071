//! Puts a node back to a snapshot and waits until it runs.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{NodeSnapshot, NodeState};
use cloudfarm_contract::{Driver, Error, Extension, Result, Text, async_trait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask::{Asked, ask};
use super::node_verdict::not_known;
use super::payload;
use super::wait::node_in;
use crate::farm::{Resource, extension};
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

/// Puts a node back to a snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub struct RestoreNodeSnapshot {
    /// On this cloud.
    pub cloud: Text,
    /// The snapshot of this id.
    pub snapshot: Text,
    /// The node that it is of, by id.
    pub node: Text,
}

#[async_trait]
impl Work for RestoreNodeSnapshot {
    fn action(&self) -> &'static str {
        "RestoreNodeSnapshot"
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static(NodeSnapshot::KIND),
            id: Some(self.snapshot.clone()),
        }
    }

    fn params(&self) -> Value {
        json!({ "node": self.node })
    }

    fn payload(&self) -> Result<Value> {
        payload::write(self)
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        let restored = match run.asked() {
            true => self.look(run, &driver, None).await,
            false => self.send(run, &driver).await,
        };
        restored?;
        let node = node_in(run, &driver, &self.node, &[NodeState::Running]).await?;
        let snapshot = NodeSnapshot::get(&driver, run.cx(), &self.snapshot).await?;
        Outcome::of(&json!({ "node": node, NodeSnapshot::KIND: snapshot }))
    }
}

impl RestoreNodeSnapshot {
    async fn send(&self, run: &Run, driver: &Layered) -> Result<()> {
        let snapshots = extension(driver, driver.node_snapshots(), Extension::NodeSnapshots)?;
        let message = format!(
            "ask the cloud to put node {} back to snapshot {}",
            self.node, self.snapshot
        );
        let call = snapshots.restore_node_snapshot(run.cx(), &self.snapshot);
        match ask(run, message, call).await? {
            Asked::Answered(()) => Ok(()),
            Asked::Lost(error) => self.look(run, driver, Some(error)).await,
        }
    }

    /// A node that is on its way was put back; of one that rests it cannot be told, and what was
    /// written since would be lost if it were put back twice.
    async fn look(&self, run: &Run, driver: &Layered, lost: Option<Error>) -> Result<()> {
        run.step("look", "look whether the node is on its way back")
            .await?;
        let node = driver.get_node(run.cx(), &self.node).await?;
        if node.busy || node.state.is_transitional() {
            return Ok(());
        }
        let what = format!(
            "node {} was put back to snapshot {}",
            self.node, self.snapshot
        );
        Err(not_known(&what, &node, lost))
    }
}
