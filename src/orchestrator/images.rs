//! Images: look up; plan and begin to make.

use cloudfarm_contract::model::{Image, ImageCreate, Node, NodeAction};
use cloudfarm_contract::{Driver, Extension, Result};

use super::{Call, Orchestrator, select, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;

impl Orchestrator {
    /// An image by id or name; a glob gives the newest that matches.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` with the candidates for an ambiguous name.
    pub async fn get_image(&self, call: &Call, cloud: &str, image: &str) -> Result<Image> {
        let farm = self.farm();
        select::image(farm.get(cloud)?.driver()?, call.cx(), image)
            .await
            .map_err(select::as_not_found)
    }

    /// Begins to make an image from a node, which stands in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name, and in a state of the node
    /// that does not allow it; `unsupported`.
    pub async fn create_image(
        &self,
        call: &Call,
        cloud: &str,
        mut request: ImageCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        validate::optional("version", request.version.as_deref())?;
        validate::metadata(&request.metadata)?;
        let on = self.on(call, cloud)?;
        extension(&on.driver, on.driver.node_images(), Extension::NodeImages)?;
        let node: Node = on.find_for("node", &request.node).await?;
        on.check_action(&node, NodeAction::Snapshot)?;
        request.node = node.id;
        on.create(request).await
    }
}
