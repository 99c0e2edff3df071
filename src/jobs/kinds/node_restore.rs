//! Puts a node back to a snapshot and waits until it runs.

use cloudfarm_contract::model::{NodeSnapshot, NodeState};
use cloudfarm_contract::{Driver, Extension, Result, SideEffect, Text, async_trait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
        run.asking(format!(
            "ask the cloud to put node {} back to snapshot {}",
            self.node, self.snapshot
        ))
        .await?;
        extension(&driver, driver.node_snapshots(), Extension::NodeSnapshots)?
            .restore_node_snapshot(run.cx(), &self.snapshot)
            .await?;
        let node = node_in(run, &driver, &self.node, &[NodeState::Running])
            .await
            .map_err(|error| error.with_side_effect(SideEffect::Done))?;
        let snapshot = NodeSnapshot::get(&driver, run.cx(), &self.snapshot).await?;
        Outcome::of(&json!({ "node": node, NodeSnapshot::KIND: snapshot }))
    }
}
