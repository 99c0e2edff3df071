//! The engine of Rackspace's clouds.
//!
//! The public cloud is OpenStack's Nova, Glance and Cinder behind Rackspace's own identity service,
//! with networks of its own; the newer clouds (OpenStack Flex) are OpenStack throughout. Either way
//! the services are spoken to by the crate of OpenStack, and here stands what differs.
#![warn(missing_docs)]

mod access;
mod capabilities;
mod driver;
mod flex;
#[doc(hidden)]
pub mod fuzzing;
mod locations;
mod networks;
mod nodes;
mod params;
mod quotas;
mod readiness;

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, CredentialHelp, Driver, Engine, Result};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

pub use params::{AuthType, Endpoints, Params};

/// The name of the engine in settings.
pub(crate) const NAME: &str = "rackspace";

/// The engine of Rackspace's clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rackspace;

impl Engine for Rackspace {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "Rackspace's public cloud by API key or password, and its OpenStack Flex"
    }

    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: Some("the name of the Rackspace user"),
            password: Some("the user's API key, or the password"),
        }
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        let params = Params::read(&config)?;
        let address = params.address()?;
        if params.is_flex(&address) {
            return flex::connect(config, params);
        }
        let driver = driver::RackspaceDriver::connect(&config, &params, address)?;
        Ok(Arc::new(driver))
    }
}
