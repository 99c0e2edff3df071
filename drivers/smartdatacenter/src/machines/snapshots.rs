//! Snapshots of machines. They are named within their machine, and have no id of their own.

use std::time::Duration;

use cloudfarm_contract::extensions::NodeSnapshots;
use cloudfarm_contract::model::{
    Extra, NodeAction, NodeSnapshot, NodeSnapshotCreate, NodeState, SnapshotState,
};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, Judgement, ListQuery, Observation, Page, Result, Text,
    WaitPolicy, Watch, async_trait, wait_until,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Machine, Machines, status};
use crate::call::Call;
use crate::errors::{gone_is_fine, not_found_if_malformed};
use crate::list;

/// How many machines are asked for their snapshots at the same time.
const AT_ONCE: usize = 8;

#[derive(Debug, Deserialize)]
pub(crate) struct WireSnapshot {
    name: Text,
    #[serde(default)]
    state: Text,
    #[serde(default)]
    created: Option<Text>,
    #[serde(flatten)]
    rest: Extra,
}

impl WireSnapshot {
    pub(crate) fn into_snapshot(self, cloud: &Text, machine: &str) -> NodeSnapshot {
        let state = match &*self.state {
            "created" | "succeeded" => SnapshotState::Available,
            "queued" | "running" | "creating" => SnapshotState::Creating,
            "failed" | "canceled" => SnapshotState::Error,
            "deleted" => SnapshotState::Deleting,
            _ => SnapshotState::Unknown,
        };
        let mut extra = self.rest;
        extra.retain(|_, value| !value.is_null());
        NodeSnapshot {
            cloud: cloud.clone(),
            id: Text::from(format!("{machine}/{}", self.name)),
            name: self.name,
            node: Text::from(machine),
            state,
            native_state: match self.state.is_empty() {
                true => Text::from_static("unknown"),
                false => self.state,
            },
            mark: None,
            created_at: self.created.and_then(|at| at.parse::<Timestamp>().ok()),
            extra,
        }
    }
}

/// The machine and the name in an id.
fn parts(id: &str) -> Result<(&str, &str)> {
    let found = id
        .split_once('/')
        .filter(|(machine, name)| !machine.is_empty() && !name.is_empty() && !name.contains('/'));
    found.ok_or_else(|| {
        Error::not_found(format!("there is no snapshot {id}"))
            .with_hint("the id of a snapshot is NODE/NAME")
    })
}

impl Machines {
    async fn snapshots_of(&self, cx: &Context, machine: &str) -> Result<Vec<NodeSnapshot>> {
        let call = Call::get(&["machines", machine, "snapshots"]);
        let found: Vec<WireSnapshot> = match self.session.ask(cx, &call).await {
            Ok(response) => response.json()?,
            // It went meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let snapshots = found
            .into_iter()
            .map(|snapshot| snapshot.into_snapshot(self.session.cloud(), machine));
        Ok(snapshots
            .filter(|snapshot| snapshot.state != SnapshotState::Deleting)
            .collect())
    }

    /// Brings a machine down, for only then it can go back to a snapshot.
    async fn bring_down(&self, cx: &Context, id: &str) -> Result<()> {
        let machine = self.get_machine(cx, id).await?;
        if status::state(machine.state()) == NodeState::Stopped {
            return Ok(());
        }
        self.stop_node(cx, id).await?;
        let policy = WaitPolicy {
            first: Duration::from_millis(250),
            longest: Duration::from_secs(3),
            ..WaitPolicy::default()
        };
        let watch = Watch {
            what: &format!("node {id}"),
            state: |machine: &Machine| Some(Text::from(machine.state())),
        };
        let judge = |seen: Observation<'_, Machine>| match seen {
            Observation::Present(machine) => match status::state(machine.state()) {
                NodeState::Stopped => Judgement::Done,
                _ => Judgement::Continue,
            },
            Observation::Gone => Judgement::Fail(Error::not_found(format!("node {id} vanished"))),
        };
        wait_until(cx, &policy, watch, || self.get_machine(cx, id), judge).await?;
        Ok(())
    }
}

#[async_trait]
impl NodeSnapshots for Machines {
    async fn list_node_snapshots(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<NodeSnapshot>> {
        let machines = self.all_machines(cx).await?;
        // Machines of this brand have no snapshots, and say so with an error.
        let able: Vec<&Text> = machines
            .iter()
            .filter(|machine| machine.brand() != "kvm")
            .map(|machine| &machine.id)
            .collect();
        let mut snapshots = Vec::new();
        for some in able.chunks(AT_ONCE) {
            let asked = some.iter().map(|id| self.snapshots_of(cx, id));
            for found in futures_util::future::join_all(asked).await {
                snapshots.extend(found?);
            }
        }
        snapshots.retain(|snapshot| query.matches(&snapshot.name));
        list::cut(snapshots, |snapshot| &snapshot.id, &query.page)
    }

    async fn get_node_snapshot(&self, cx: &Context, id: &str) -> Result<NodeSnapshot> {
        let (machine, name) = parts(id)?;
        let call = Call::get(&["machines", machine, "snapshots", name]);
        let response = self.session.ask(cx, &call).await;
        let found: WireSnapshot = response.map_err(not_found_if_malformed)?.json()?;
        let snapshot = found.into_snapshot(self.session.cloud(), machine);
        if snapshot.state == SnapshotState::Deleting {
            return Err(Error::not_found(format!("snapshot {id} was deleted")));
        }
        Ok(snapshot)
    }

    async fn create_node_snapshot(
        &self,
        cx: &Context,
        request: &NodeSnapshotCreate,
    ) -> Result<NodeSnapshot> {
        let call = Call::post(&["machines", &request.node, "snapshots"], Effect::Once)
            .body(json!({"name": request.name.as_str()}));
        let response = self.session.ask(cx, &call).await;
        let made: WireSnapshot = response
            .map_err(|error| self.refused(error, NodeAction::Snapshot))?
            .json()?;
        Ok(made.into_snapshot(self.session.cloud(), &request.node))
    }

    async fn restore_node_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        let snapshot = self.get_node_snapshot(cx, id).await?;
        let (machine, name) = parts(id)?;
        if snapshot.state != SnapshotState::Available {
            return Err(Error::conflict(format!(
                "snapshot {id} is {}",
                snapshot.state
            )));
        }
        self.bring_down(cx, machine).await?;
        let call = Call::post(&["machines", machine, "snapshots", name], Effect::Once);
        let restored = self.session.ask(cx, &call).await;
        restored.map(drop).map_err(|error| {
            let effect = error
                .side_effect()
                .max(cloudfarm_contract::SideEffect::Possible);
            error.with_side_effect(effect)
        })
    }

    async fn delete_node_snapshot(&self, cx: &Context, id: &str) -> Result<()> {
        let Ok((machine, name)) = parts(id) else {
            return Ok(());
        };
        let call = Call::delete(&["machines", machine, "snapshots", name]);
        gone_is_fine(self.session.ask(cx, &call).await)
    }
}
