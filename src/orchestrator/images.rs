//! Images: list and look up; plan and begin to make.

use cloudfarm_contract::model::{Image, ImageCreate, Node, NodeAction};
use cloudfarm_contract::{Driver, Extension, ImageQuery, Page, PageRequest, Result, Text};

use super::{Call, Orchestrator, select, validate};
use crate::farm::{CloudAnswer, extension, fan_out};
use crate::jobs::JobHandle;

impl Orchestrator {
    /// One page of a cloud's images.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; what the cloud fails with.
    pub async fn list_images(
        &self,
        call: &Call,
        cloud: &str,
        query: &ImageQuery,
    ) -> Result<Page<Image>> {
        self.farm()
            .get(cloud)?
            .driver()?
            .list_images(call.cx(), query)
            .await
    }

    /// One page of the images of each of these clouds, or of all. `page` says where each goes on.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud. What a cloud fails with stands in its answer.
    pub async fn list_images_of_many(
        &self,
        call: &Call,
        clouds: Option<&[Text]>,
        query: &ImageQuery,
        page: impl Fn(&str) -> Option<PageRequest>,
    ) -> Result<Vec<CloudAnswer<Page<Image>>>> {
        let page = &page;
        let answers = fan_out(
            self.farm().select(clouds)?,
            call.cx(),
            self.settings.fan_out_timeout.get(),
            self.settings.fan_out_concurrency,
            async move |driver, cx| {
                let Some(page) = page(&driver.info().cloud) else {
                    return Ok(Page::default());
                };
                driver
                    .list_images(
                        &cx,
                        &ImageQuery {
                            page,
                            ..query.clone()
                        },
                    )
                    .await
            },
        );
        Ok(answers.await)
    }

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
