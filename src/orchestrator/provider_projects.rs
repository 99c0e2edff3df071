//! The projects of a provider that a cloud's credential may act on.

use cloudfarm_contract::model::ProviderProject;
use cloudfarm_contract::{Driver, Extension, Result};

use super::{Call, Orchestrator};
use crate::farm::extension;

impl Orchestrator {
    /// Every project that the credential of a cloud may act on.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; `unsupported` where the cloud tells none.
    pub async fn list_provider_projects(
        &self,
        call: &Call,
        cloud: &str,
    ) -> Result<Vec<ProviderProject>> {
        let on = self.on(call, cloud)?;
        let projects = on.driver.provider_projects();
        extension(&on.driver, projects, Extension::ProviderProjects)?
            .list_provider_projects(call.cx())
            .await
    }
}
