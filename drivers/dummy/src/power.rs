//! Nodes: everything that brings them up and down.

use std::time::Duration;

use cloudfarm_contract::extensions::{Pause, Rescue, Shelve, Suspend};
use cloudfarm_contract::model::{NodeAction, NodeSecrets, RebootKind, RescueRequest};
use cloudfarm_contract::{Context, Operation, Result, async_trait};

use crate::driver::DummyDriver;
use crate::node_create::usable_image;
use crate::records::NodeRecord;
use crate::sizes::SIZES;
use crate::states::{Phase, Status};
use crate::usage::Usage;

/// A change of state: through one, to another.
struct Step {
    operation: Operation,
    action: NodeAction,
    through: Status,
    to: Status,
    time: Duration,
    /// Where it is false a second call is another change: a second reboot is a reboot too.
    idempotent: bool,
}

impl Step {
    const fn new(
        operation: Operation,
        action: NodeAction,
        through: Status,
        to: Status,
        time: Duration,
    ) -> Self {
        Self {
            operation,
            action,
            through,
            to,
            time,
            idempotent: true,
        }
    }
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
            if step.action == NodeAction::Unshelve {
                draft.check_room(&on_a_host(&node))?;
            }
            node.phase = Phase::moving(step.through, now, step.time, step.to);
            draft.put(ordinal, node);
            Ok(())
        })
        .await
    }

    pub(crate) async fn start(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().start;
        let (through, to) = (Status::PoweringOn, Status::Active);
        let step = Step::new(Operation::StartNode, NodeAction::Start, through, to, time);
        self.step(cx, id, step).await
    }

    pub(crate) async fn stop(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().stop;
        let (through, to) = (Status::PoweringOff, Status::Off);
        let step = Step::new(Operation::StopNode, NodeAction::Stop, through, to, time);
        self.step(cx, id, step).await
    }

    pub(crate) async fn reboot(&self, cx: &Context, id: &str, kind: RebootKind) -> Result<()> {
        let time = self.times().reboot;
        let through = match kind {
            RebootKind::Soft => Status::Rebooting,
            RebootKind::Hard => Status::Resetting,
        };
        let (operation, to) = (Operation::RebootNode, Status::Active);
        let step = Step {
            idempotent: false,
            ..Step::new(operation, NodeAction::Reboot, through, to, time)
        };
        self.step(cx, id, step).await
    }
}

/// What a node takes of the hosts when it comes back to one.
fn on_a_host(node: &NodeRecord) -> Usage {
    let size = &SIZES[node.size];
    Usage {
        hosted_nodes: 1,
        hosted_vcpus: u64::from(size.vcpus),
        hosted_ram_mb: size.ram_mb,
        ..Usage::default()
    }
}

#[async_trait]
impl Suspend for DummyDriver {
    async fn suspend_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().stop;
        let (through, to) = (Status::Suspending, Status::Suspended);
        let step = Step::new(
            Operation::SuspendNode,
            NodeAction::Suspend,
            through,
            to,
            time,
        );
        self.step(cx, id, step).await
    }

    async fn resume_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().start;
        let (through, to) = (Status::Resuming, Status::Active);
        let step = Step::new(Operation::ResumeNode, NodeAction::Resume, through, to, time);
        self.step(cx, id, step).await
    }
}

#[async_trait]
impl Pause for DummyDriver {
    async fn pause_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().pause;
        let (through, to) = (Status::Pausing, Status::Paused);
        let step = Step::new(Operation::PauseNode, NodeAction::Pause, through, to, time);
        self.step(cx, id, step).await
    }

    async fn unpause_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().pause;
        let (through, to) = (Status::Unpausing, Status::Active);
        let step = Step::new(
            Operation::UnpauseNode,
            NodeAction::Unpause,
            through,
            to,
            time,
        );
        self.step(cx, id, step).await
    }
}

#[async_trait]
impl Shelve for DummyDriver {
    async fn shelve_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().stop;
        let (through, to) = (Status::Shelving, Status::Shelved);
        let step = Step::new(Operation::ShelveNode, NodeAction::Shelve, through, to, time);
        self.step(cx, id, step).await
    }

    async fn unshelve_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().start;
        let (through, to) = (Status::Unshelving, Status::Active);
        let step = Step::new(
            Operation::UnshelveNode,
            NodeAction::Unshelve,
            through,
            to,
            time,
        );
        self.step(cx, id, step).await
    }
}

#[async_trait]
impl Rescue for DummyDriver {
    async fn rescue_node(
        &self,
        cx: &Context,
        id: &str,
        request: &RescueRequest,
    ) -> Result<NodeSecrets> {
        self.write_node(cx, Operation::RescueNode, id, |draft, ordinal, mut node| {
            if let Some(image) = &request.image {
                usable_image(draft, image)?;
            }
            draft.check_action(ordinal, &node, NodeAction::Rescue)?;
            let secrets = draft.new_password(ordinal, &mut node, request.admin_password.as_ref());
            let (now, time) = (draft.now, draft.rules.times.reboot);
            node.phase = Phase::moving(Status::EnteringRescue, now, time, Status::Rescue);
            draft.put(ordinal, node);
            Ok(secrets)
        })
        .await
    }

    async fn unrescue_node(&self, cx: &Context, id: &str) -> Result<()> {
        let time = self.times().reboot;
        let (through, to) = (Status::LeavingRescue, Status::Active);
        let step = Step {
            idempotent: false,
            ..Step::new(
                Operation::UnrescueNode,
                NodeAction::Unrescue,
                through,
                to,
                time,
            )
        };
        self.step(cx, id, step).await
    }
}
