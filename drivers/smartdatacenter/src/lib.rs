//! The engine of SmartDataCenter (Triton) clouds: CloudAPI with signed requests.
//!
//! - [`keys`] holds private keys, in memory or in an SSH agent, and signs with them,
//! - `signature` makes of a request and a key what CloudAPI wants to see,
//! - `session` sends signed calls and reads what comes back,
//! - the rest is one file per kind of thing, as in every driver.
#![warn(missing_docs)]

mod call;
mod capabilities;
mod catalogue;
mod driver;
mod errors;
#[doc(hidden)]
pub mod fuzzing;
mod images;
mod key_pairs;
pub mod keys;
mod list;
mod locations;
mod machines;
mod network;
mod params;
mod quotas;
mod session;
pub mod signature;
mod sizes;

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, CredentialHelp, Driver, Engine, Result};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

pub use params::Params;

/// The name of the engine in settings.
pub(crate) const NAME: &str = "smartdatacenter";

/// The engine of SmartDataCenter and Triton clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmartDataCenter;

impl Engine for SmartDataCenter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["triton", "smartdc"]
    }

    fn summary(&self) -> &'static str {
        "a SmartDataCenter or Triton cloud, by CloudAPI with requests signed by an SSH key"
    }

    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: Some("the login of the account"),
            password: None,
        }
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        Ok(Arc::new(driver::SmartDataCenterDriver::connect(&config)?))
    }
}
