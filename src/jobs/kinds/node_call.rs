//! The calls that change a node.

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::NodeSecrets;
use cloudfarm_contract::{Driver, Extension, Result};

use super::node_change::{Change, NodeChange};
use crate::farm::extension;
use crate::jobs::run::Run;

impl NodeChange {
    /// Asks the cloud for the change.
    pub(super) async fn call(&self, run: &Run, driver: &Layered) -> Result<NodeSecrets> {
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
}
