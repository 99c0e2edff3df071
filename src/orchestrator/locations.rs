//! Locations: list and look up.

use cloudfarm_contract::model::Location;
use cloudfarm_contract::{Driver, ListQuery, Page, PageRequest, Result, Text};

use super::{Call, Orchestrator, resolve};
use crate::farm::{CloudAnswer, fan_out};

impl Orchestrator {
    /// One page of a cloud's locations.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; what the cloud fails with.
    pub async fn list_locations(
        &self,
        call: &Call,
        cloud: &str,
        query: &ListQuery,
    ) -> Result<Page<Location>> {
        self.farm()
            .get(cloud)?
            .driver()?
            .list_locations(call.cx(), query)
            .await
    }

    /// One page of the locations of each of these clouds, or of all. `page` says where each goes on.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud. What a cloud fails with stands in its answer.
    pub async fn list_locations_of_many(
        &self,
        call: &Call,
        clouds: Option<&[Text]>,
        query: &ListQuery,
        page: impl Fn(&str) -> Option<PageRequest>,
    ) -> Result<Vec<CloudAnswer<Page<Location>>>> {
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
                    .list_locations(
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

    /// A location by id or name.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` with the candidates for an ambiguous name.
    pub async fn get_location(&self, call: &Call, cloud: &str, location: &str) -> Result<Location> {
        let farm = self.farm();
        let driver = farm.get(cloud)?.driver()?;
        let all = resolve::collect(async |page| {
            driver
                .list_locations(call.cx(), &ListQuery { page, name: None })
                .await
        })
        .await?;
        let found = match all.iter().find(|known| known.id == location) {
            Some(known) => vec![known.clone()],
            None => all
                .into_iter()
                .filter(|known| known.name == location)
                .collect(),
        };
        resolve::one("location", location, found, |known| {
            (known.id.clone(), known.name.clone())
        })
    }
}
