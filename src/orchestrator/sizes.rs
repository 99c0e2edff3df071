//! Sizes: look up.

use cloudfarm_contract::Result;
use cloudfarm_contract::model::Size;

use super::{Call, Orchestrator, select};

impl Orchestrator {
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
