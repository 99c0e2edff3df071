//! Clouds: which there are, and how they fare.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Driver, Result};
use tokio::time::Instant;

use super::{Call, Orchestrator};
use crate::farm::Cloud;

/// What a check of a cloud showed.
#[derive(Debug)]
pub struct CloudReport {
    /// The cloud.
    pub cloud: Arc<Cloud>,
    /// How long it took.
    pub took: Duration,
    /// Whether the cheapest authenticated call succeeds.
    pub result: Result<()>,
}

impl Orchestrator {
    /// The cloud of this name.
    ///
    /// # Errors
    ///
    /// `not_found`.
    pub fn cloud(&self, name: &str) -> Result<Arc<Cloud>> {
        self.farm().get(name).cloned()
    }

    /// Asks the cloud whether it takes the credentials.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; what the cloud answers stands in the report.
    pub async fn check_cloud(&self, call: &Call, name: &str) -> Result<CloudReport> {
        let cloud = self.cloud(name)?;
        let started = Instant::now();
        let result = match cloud.driver() {
            Ok(driver) => driver.check(call.cx()).await,
            Err(error) => Err(error),
        };
        Ok(CloudReport {
            cloud,
            took: started.elapsed(),
            result,
        })
    }
}
