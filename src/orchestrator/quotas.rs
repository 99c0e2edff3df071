//! Quotas.

use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Driver, Extension, Result};

use super::{Call, Orchestrator};
use crate::farm::extension;

impl Orchestrator {
    /// Every quota that a cloud tells.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; `unsupported` where the cloud tells none.
    pub async fn list_quotas(&self, call: &Call, cloud: &str) -> Result<Vec<Quota>> {
        let on = self.on(call, cloud)?;
        extension(&on.driver, on.driver.quotas(), Extension::Quotas)?
            .list_quotas(call.cx())
            .await
    }
}
