//! The engine of OpenStack clouds: Keystone, Nova, Glance, Neutron and Cinder.
//!
//! The parts stand by themselves, for engines that are OpenStack behind another door:
//!
//! - [`identity`] logs in and gives tokens with their catalog,
//! - [`Session`] finds services in the catalog and calls them with a token that is good,
//! - [`Compute`], [`Images`], [`Net`] and [`Storage`] speak to one service each, and implement the
//!   extensions of the contract that are its.
#![warn(missing_docs)]

mod call;
mod capabilities;
mod catalog;
pub mod clouds_yaml;
mod compute;
mod discovery;
mod driver;
mod endpoint;
mod errors;
#[doc(hidden)]
pub mod fuzzing;
pub mod identity;
mod images;
mod key_pairs;
mod list;
mod locations;
mod marks;
mod network;
mod params;
mod projects;
mod quotas;
mod session;
mod sizes;
mod time;
mod version;
mod volume;

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, CredentialHelp, Driver, Engine, Result};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

pub use call::Call;
pub use catalog::{Catalog, CatalogEntry, ServiceKind, Wanted};
pub use compute::{Compute, NodeOptions};
pub use endpoint::Endpoint;
pub use errors::{accepted, gone_is_fine, not_found_if_malformed};
pub use images::Images;
pub use list::cut;
pub use network::Net;
pub use params::{AuthType, Endpoints, Interface, Params};
pub use quotas::ProjectQuotas;
pub use session::{Choice, ServiceName, Session};
pub use version::Microversion;
pub use volume::Storage;

/// The name of the engine in settings.
pub(crate) const NAME: &str = "openstack";

/// The engine of OpenStack clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenStack;

impl Engine for OpenStack {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "an OpenStack cloud, by Keystone, Nova, Glance, Neutron and Cinder"
    }

    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: Some("the name of the Keystone user"),
            password: Some("the password of the Keystone user"),
        }
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        let config = clouds_yaml::expand(config, clouds_yaml::Places::process)?;
        connect_as(NAME, &config)
    }
}

/// Connects to an OpenStack cloud for an engine of another name. `clouds.yaml` is not looked at.
///
/// # Errors
///
/// As [`Engine::connect`].
pub fn connect_as(engine: &'static str, config: &CloudConfig) -> Result<Arc<dyn Driver>> {
    Ok(Arc::new(driver::OpenStackDriver::connect(engine, config)?))
}
