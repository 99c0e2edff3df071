//! Changes a node and waits until it is as asked.

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{
    NodeSecrets, NodeState, RebootKind, RebuildRequest, RescueRequest,
};
use cloudfarm_contract::{Driver, Extension, Result, Secret, Text, async_trait};
use serde_json::{Value, json};

use super::MASKED;
use super::payload::Payload;
use super::wait::{node_gone, node_in};
use crate::farm::extension;
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

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
        match &self.change {
            Change::Destroy => "DestroyNode",
            Change::Start => "StartNode",
            Change::Stop => "StopNode",
            Change::Reboot(_) => "RebootNode",
            Change::Update { .. } => "UpdateNode",
            Change::Resize(_) => "ResizeNode",
            Change::ConfirmResize => "ConfirmResize",
            Change::RevertResize => "RevertResize",
            Change::Rebuild(_) => "RebuildNode",
            Change::Suspend => "SuspendNode",
            Change::Resume => "ResumeNode",
            Change::Pause => "PauseNode",
            Change::Unpause => "UnpauseNode",
            Change::Shelve => "ShelveNode",
            Change::Unshelve => "UnshelveNode",
            Change::Rescue(_) => "RescueNode",
            Change::Unrescue => "UnrescueNode",
            Change::ChangePassword(_) => "ChangePassword",
        }
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
        run.asking(format!("ask the cloud: {} {}", self.action(), self.node))
            .await?;
        let secrets = self.ask(run, &driver).await?;
        run.record_secrets(named(secrets)).await?;
        let states = self.target_states(&driver);
        let result = match (&self.change, states) {
            (Change::Destroy, _) => {
                node_gone(run, &driver, &self.node).await?;
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
    async fn ask(&self, run: &Run, driver: &Layered) -> Result<NodeSecrets> {
        let (cx, id) = (run.cx(), self.node.as_str());
        match &self.change {
            Change::Destroy => driver.destroy_node(cx, id).await?,
            Change::Start => driver.start_node(cx, id).await?,
            Change::Stop => driver.stop_node(cx, id).await?,
            Change::Reboot(kind) => driver.reboot_node(cx, id, kind).await?,
            Change::Update { name, metadata } => {
                self.update(run, driver, name.as_deref(), metadata.as_ref())
                    .await?;
            }
            Change::Resize(size) => {
                extension(driver, driver.resize(), Extension::Resize)?
                    .resize_node(cx, id, size)
                    .await?;
            }
            Change::ConfirmResize => {
                extension(
                    driver,
                    driver.resize_confirmation(),
                    Extension::ResizeConfirmation,
                )?
                .confirm_resize(cx, id)
                .await?;
            }
            Change::RevertResize => {
                extension(
                    driver,
                    driver.resize_confirmation(),
                    Extension::ResizeConfirmation,
                )?
                .revert_resize(cx, id)
                .await?;
            }
            Change::Rebuild(request) => {
                return extension(driver, driver.rebuild(), Extension::Rebuild)?
                    .rebuild_node(cx, id, request)
                    .await;
            }
            Change::Rescue(request) => {
                return extension(driver, driver.rescue(), Extension::Rescue)?
                    .rescue_node(cx, id, request)
                    .await;
            }
            Change::Unrescue => {
                extension(driver, driver.rescue(), Extension::Rescue)?
                    .unrescue_node(cx, id)
                    .await?;
            }
            Change::ChangePassword(password) => {
                extension(driver, driver.node_password(), Extension::NodePassword)?
                    .set_node_password(cx, id, password)
                    .await?;
            }
            Change::Suspend | Change::Resume => self.suspend_or_resume(run, driver).await?,
            Change::Pause | Change::Unpause => self.pause_or_unpause(run, driver).await?,
            Change::Shelve | Change::Unshelve => self.shelve_or_unshelve(run, driver).await?,
        }
        Ok(NodeSecrets::default())
    }

    async fn update(
        &self,
        run: &Run,
        driver: &Layered,
        name: Option<&str>,
        metadata: Option<&MetadataChange>,
    ) -> Result<()> {
        if let Some(name) = name {
            driver.rename_node(run.cx(), &self.node, name).await?;
        }
        if let Some(change) = metadata {
            extension(driver, driver.node_metadata(), Extension::NodeMetadata)?
                .set_node_metadata(run.cx(), &self.node, change)
                .await?;
        }
        Ok(())
    }

    async fn suspend_or_resume(&self, run: &Run, driver: &Layered) -> Result<()> {
        let suspend = extension(driver, driver.suspend(), Extension::Suspend)?;
        match self.change {
            Change::Suspend => suspend.suspend_node(run.cx(), &self.node).await,
            _ => suspend.resume_node(run.cx(), &self.node).await,
        }
    }

    async fn pause_or_unpause(&self, run: &Run, driver: &Layered) -> Result<()> {
        let pause = extension(driver, driver.pause(), Extension::Pause)?;
        match self.change {
            Change::Pause => pause.pause_node(run.cx(), &self.node).await,
            _ => pause.unpause_node(run.cx(), &self.node).await,
        }
    }

    async fn shelve_or_unshelve(&self, run: &Run, driver: &Layered) -> Result<()> {
        let shelve = extension(driver, driver.shelve(), Extension::Shelve)?;
        match self.change {
            Change::Shelve => shelve.shelve_node(run.cx(), &self.node).await,
            _ => shelve.unshelve_node(run.cx(), &self.node).await,
        }
    }

    /// Where the node is to get; empty where there is nothing to wait for.
    fn target_states(&self, driver: &Layered) -> &'static [NodeState] {
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
