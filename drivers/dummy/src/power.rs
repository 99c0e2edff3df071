//! Nodes: everything that brings them up and down.

use std::time::Duration;

use cloudfarm_contract::model::{NodeAction, RebootKind};
use cloudfarm_contract::{Context, Operation, Result};

use crate::driver::DummyDriver;
use crate::states::{Phase, Status};

/// A change of state: through one, to another.
struct Step {
    operation: Operation,
    action: NodeAction,
    /// Where it leads, and where it is a change no more.
    through: Status,
    to: Status,
    time: Duration,
    /// Whether a node that is there, or on its way, is left alone. What is done once only has it
    /// false: a second reboot is another reboot.
    idempotent: bool,
}

impl DummyDriver {
    async fn step(&self, cx: &Context, id: &str, step: Step) -> Result<()> {
        self.write_node(cx, step.operation, id, |draft, ordinal, mut node| {
            let now = draft.now;
            let status = node.status(now);
            let there = status == Some(step.to) || status == Some(step.through);
            if step.idempotent && there {
                return Ok(());
            }
            draft.check_action(ordinal, &node, step.action)?;
            node.phase = Phase::moving(step.through, now, step.time, step.to);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }

    pub(crate) async fn start(&self, cx: &Context, id: &str) -> Result<()> {
        let step = Step {
            operation: Operation::StartNode,
            action: NodeAction::Start,
            through: Status::PoweringOn,
            to: Status::Active,
            time: self.times().start,
            idempotent: true,
        };
        self.step(cx, id, step).await
    }

    pub(crate) async fn stop(&self, cx: &Context, id: &str) -> Result<()> {
        let step = Step {
            operation: Operation::StopNode,
            action: NodeAction::Stop,
            through: Status::PoweringOff,
            to: Status::Off,
            time: self.times().stop,
            idempotent: true,
        };
        self.step(cx, id, step).await
    }

    pub(crate) async fn reboot(&self, cx: &Context, id: &str, kind: RebootKind) -> Result<()> {
        let step = Step {
            operation: Operation::RebootNode,
            action: NodeAction::Reboot,
            through: match kind {
                RebootKind::Soft => Status::Rebooting,
                RebootKind::Hard => Status::Resetting,
            },
            to: Status::Active,
            time: self.times().reboot,
            idempotent: false,
        };
        self.step(cx, id, step).await
    }
}
