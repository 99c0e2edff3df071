//! Changes a node and waits until it is as asked.

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{
    Node, NodeSecrets, NodeState, RebootKind, RebuildRequest, RescueRequest,
};
use cloudfarm_contract::{Driver, Error, ErrorKind, Result, Secret, SideEffect, Text, async_trait};
use serde_json::{Value, json};

use super::MASKED;
use super::ask::{Asked, ask};
use super::node_verdict::Verdict;
use super::payload::Payload;
use super::wait::{gone, node_in};
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

/// The step of a rebuild with the image that the node has already.
const IMAGE_WAS_SAME: &str = "image_was_same";

/// What is done to a node.
#[derive(Debug, Clone)]
pub enum Change {
    /// End it.
    Destroy,
    /// Bring it up.
    Start,
    /// Bring it down.
    Stop,
    /// Down and up again.
    Reboot(RebootKind),
    /// Another name, other metadata, or both.
    Update {
        /// The new name.
        name: Option<Text>,
        /// The new metadata.
        metadata: Option<MetadataChange>,
    },
    /// The id of another size.
    Resize(Text),
    /// Keep the new size.
    ConfirmResize,
    /// Back to the old size.
    RevertResize,
    /// Another image.
    Rebuild(RebuildRequest),
    /// Memory to disk.
    Suspend,
    /// And back.
    Resume,
    /// Hold the processor.
    Pause,
    /// Let it go on.
    Unpause,
    /// Release the host.
    Shelve,
    /// Take one again.
    Unshelve,
    /// Boot from a rescue image.
    Rescue(RescueRequest),
    /// Boot from its own disk.
    Unrescue,
    /// The administrator's password.
    ChangePassword(Secret),
}

impl Change {
    /// What the job is called.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::Destroy => "DestroyNode",
            Self::Start => "StartNode",
            Self::Stop => "StopNode",
            Self::Reboot(_) => "RebootNode",
            Self::Update { .. } => "UpdateNode",
            Self::Resize(_) => "ResizeNode",
            Self::ConfirmResize => "ConfirmResize",
            Self::RevertResize => "RevertResize",
            Self::Rebuild(_) => "RebuildNode",
            Self::Suspend => "SuspendNode",
            Self::Resume => "ResumeNode",
            Self::Pause => "PauseNode",
            Self::Unpause => "UnpauseNode",
            Self::Shelve => "ShelveNode",
            Self::Unshelve => "UnshelveNode",
            Self::Rescue(_) => "RescueNode",
            Self::Unrescue => "UnrescueNode",
            Self::ChangePassword(_) => "ChangePassword",
        }
    }
}

/// Changes a node.
#[derive(Debug)]
pub struct NodeChange {
    /// On this cloud.
    pub cloud: Text,
    /// The node of this id.
    pub node: Text,
    /// In this way.
    pub change: Change,
}

#[async_trait]
impl Work for NodeChange {
    fn action(&self) -> &'static str {
        self.change.action()
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static("node"),
            id: Some(self.node.clone()),
        }
    }

    fn params(&self) -> Value {
        match &self.change {
            Change::Reboot(kind) => json!({ "kind": kind }),
            Change::Update { name, metadata } => json!({
                "name": name,
                "metadata": metadata.as_ref().map(|change| json!({
                    "set": change.set, "remove": change.remove,
                })),
            }),
            Change::Resize(size) => json!({ "size": size }),
            Change::Rebuild(request) => json!({
                "image": request.image,
                "admin_password": request.admin_password.as_ref().map(|_| MASKED),
                "user_data": request.user_data.as_ref().map(|_| MASKED),
            }),
            Change::Rescue(request) => json!({
                "image": request.image,
                "admin_password": request.admin_password.as_ref().map(|_| MASKED),
            }),
            Change::ChangePassword(_) => json!({ "password": MASKED }),
            _ => json!({}),
        }
    }

    fn payload(&self) -> Result<Value> {
        self.to_payload()
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        self.ask(run, &driver).await?;
        let states = self.target_states(&driver);
        let result = match (&self.change, states) {
            (Change::Destroy, _) => {
                gone::<Node>(run, &driver, &self.node).await?;
                json!({})
            }
            (_, []) => json!({ "node": driver.get_node(run.cx(), &self.node).await? }),
            (_, states) => {
                json!({ "node": node_in(run, &driver, &self.node, states).await? })
            }
        };
        Ok(Outcome::of(&result)?.with_secrets(run.secrets()))
    }
}

fn named(secrets: NodeSecrets) -> Vec<(Text, Secret)> {
    let password = secrets.admin_password;
    Vec::from_iter(password.map(|password| (Text::from_static("admin_password"), password)))
}

impl NodeChange {
    /// Asks the cloud for the change, unless an earlier try did and it was taken.
    async fn ask(&self, run: &Run, driver: &Layered) -> Result<()> {
        if run.asked() {
            let was_same = run.has_step(IMAGE_WAS_SAME);
            let node = match self.look(run, driver).await {
                Err(missing) if self.is_gone(&missing) => return Ok(()),
                looked => looked?,
            };
            match self.verdict(driver, &node, was_same) {
                Verdict::Taken => Ok(()),
                Verdict::NotTaken => self.send(run, driver, was_same).await,
                Verdict::NotKnown => Err(self.not_known(&node, None)),
            }
        } else {
            let was_same = self.note_image(run, driver).await?;
            self.send(run, driver, was_same).await
        }
    }

    /// Records before a rebuild if the node has the image already: afterwards the image does not
    /// tell whether it was rebuilt.
    async fn note_image(&self, run: &Run, driver: &Layered) -> Result<bool> {
        let Change::Rebuild(request) = &self.change else {
            return Ok(false);
        };
        let node = driver.get_node(run.cx(), &self.node).await?;
        let is_same = node.image.is_some_and(|of| of.id == request.image);
        if is_same {
            run.step(IMAGE_WAS_SAME, "the node has this image already")
                .await?;
        }
        Ok(is_same)
    }

    async fn send(&self, run: &Run, driver: &Layered, was_same: bool) -> Result<()> {
        let message = format!("ask the cloud: {} {}", self.action(), self.node);
        let error = match ask(run, message, self.call(run, driver)).await {
            Ok(Asked::Answered(secrets)) => return run.record_secrets(named(secrets)).await,
            Ok(Asked::Lost(error)) => error,
            // A cloud that is still at the first call may not take a second one.
            Err(error) if error.kind() == ErrorKind::Conflict && run.asked() => error,
            Err(error) => return Err(error),
        };
        let node = match self.look(run, driver).await {
            Err(missing) if self.is_gone(&missing) => return Ok(()),
            looked => looked?,
        };
        match self.verdict(driver, &node, was_same) {
            Verdict::Taken => Ok(()),
            Verdict::NotTaken => Err(error),
            Verdict::NotKnown => Err(self.not_known(&node, Some(error))),
        }
    }

    async fn look(&self, run: &Run, driver: &Layered) -> Result<Node> {
        run.step("look", "look whether the change was made").await?;
        driver
            .get_node(run.cx(), &self.node)
            .await
            .map_err(|error| error.with_side_effect(SideEffect::Possible))
    }

    fn is_gone(&self, error: &Error) -> bool {
        matches!(self.change, Change::Destroy) && error.kind() == ErrorKind::NotFound
    }

    /// Where the node is to get; empty where there is nothing to wait for.
    pub(super) fn target_states(&self, driver: &Layered) -> &'static [NodeState] {
        const SETTLED: &[NodeState] = &[NodeState::Running, NodeState::Stopped];
        match &self.change {
            Change::Start
            | Change::Reboot(_)
            | Change::Resume
            | Change::Unpause
            | Change::Unshelve
            | Change::Unrescue => &[NodeState::Running],
            Change::Stop => &[NodeState::Stopped],
            Change::Suspend | Change::Shelve => &[NodeState::Suspended],
            Change::Pause => &[NodeState::Paused],
            Change::Rescue(_) => &[NodeState::Rescued],
            Change::Resize(_) if driver.resize_confirmation().is_some() => {
                &[NodeState::VerifyResize]
            }
            Change::Resize(_)
            | Change::ConfirmResize
            | Change::RevertResize
            | Change::Rebuild(_) => SETTLED,
            Change::Destroy | Change::Update { .. } | Change::ChangePassword(_) => &[],
        }
    }
}
