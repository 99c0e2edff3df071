//! Sizes: list and look up.

use cloudfarm_contract::model::Size;
use cloudfarm_contract::{Driver, ListQuery, Page, PageRequest, Result, Text};

use super::{Call, Orchestrator, select};
use crate::farm::{CloudAnswer, fan_out};

impl Orchestrator {
    /// One page of a cloud's sizes.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; what the cloud fails with.
    pub async fn list_sizes(
        &self,
        call: &Call,
        cloud: &str,
        query: &ListQuery,
    ) -> Result<Page<Size>> {
        self.farm()
            .get(cloud)?
            .driver()?
            .list_sizes(call.cx(), query)
            .await
    }

    /// One page of the sizes of each of these clouds, or of all. `page` says where each goes on.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud. What a cloud fails with stands in its answer.
    pub async fn list_sizes_of_many(
        &self,
        call: &Call,
        clouds: Option<&[Text]>,
        query: &ListQuery,
        page: impl Fn(&str) -> Option<PageRequest>,
    ) -> Result<Vec<CloudAnswer<Page<Size>>>> {
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
                    .list_sizes(
                        &cx,
                        &ListQuery {
                            page,
                            ..query.clone()
                        },
                    )
                    .await
            },
        );
        Ok(answers.await)
    }

    /// A size by id or name; a glob or a need gives the smallest that fits.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` with the candidates for an ambiguous name.
    pub async fn get_size(&self, call: &Call, cloud: &str, size: &str) -> Result<Size> {
        let farm = self.farm();
        select::size(farm.get(cloud)?.driver()?, call.cx(), size)
            .await
            .map_err(select::as_not_found)
    }
}
