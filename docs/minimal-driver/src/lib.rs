//! The smallest engine that passes the conformance suite: the core of the contract over a cloud
//! that is a map in memory. `docs/adding-a-driver.md` quotes it.

mod catalogue;
mod driver;

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, CredentialHelp, Driver, Engine, Result, Text};
use serde::Deserialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use driver::MinimalDriver;

// ANCHOR: params
/// What `extra_params` of a cloud may hold.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// The name of the only location.
    pub region: Text,
    /// How many nodes there is room for.
    pub capacity: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            region: Text::from_static("here"),
            capacity: 100,
        }
    }
}
// ANCHOR_END: params

// ANCHOR: engine
/// Clouds that live in the memory of the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Minimal;

impl Engine for Minimal {
    fn name(&self) -> &'static str {
        "minimal"
    }

    fn summary(&self) -> &'static str {
        "nodes in memory, and nothing else"
    }

    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: Some("who the nodes belong to; may be absent"),
            password: None,
        }
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        let params: Params = config.parameters()?;
        Ok(Arc::new(MinimalDriver::new(config, params)))
    }
}
// ANCHOR_END: engine
