//! Locations: look up.

use cloudfarm_contract::model::Location;
use cloudfarm_contract::{Driver, ListQuery, Result};

use super::{Call, Orchestrator, resolve};

impl Orchestrator {
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
