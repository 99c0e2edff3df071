//! A cloud in memory that behaves like a real one: states over time, limits, faults.
//!
//! Nodes move through their states by the clock of [`CloudConfig`], capacity and quota run out,
//! creates honour the mark, lists come in pages that survive what comes and goes, every extension
//! of the contract is there, and what goes wrong on real clouds can be made to go wrong here, the
//! same way for the same seed. See [`Params`] for what can be set.

mod addresses;
mod capabilities;
mod cidr;
mod cloud;
mod console;
mod driver;
mod faults;
mod generated;
mod ids;
mod images;
mod key_pairs;
mod locations;
mod networks;
mod node_changes;
mod node_create;
mod node_images;
mod node_snapshots;
mod nodes;
mod openssh;
mod params;
mod ports;
mod power;
mod provider_projects;
mod quotas;
mod records;
mod routers;
mod security_groups;
mod security_rules;
mod sizes;
mod state_file;
mod states;
mod subnets;
mod usage;
mod view;
mod volume_snapshots;
mod volumes;
mod world;

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, CredentialHelp, Driver, Engine, Result};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

pub use params::{Capacity, FaultPlan, Lapse, Params, QuotaLimits, Times};

/// The name of the engine in settings.
pub(crate) const NAME: &str = "dummy";

/// The engine of dummy clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dummy;

impl Engine for Dummy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "a cloud in memory that behaves like a real one, for trials and tests"
    }

    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: Some("whom what is made belongs to; anything will do"),
            password: None,
        }
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        Ok(Arc::new(driver::DummyDriver::connect(&config)?))
    }
}
