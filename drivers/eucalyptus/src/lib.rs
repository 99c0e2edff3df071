//! The engines of clouds that speak the EC2 query API: `eucalyptus` and `ec2`.
//!
//! Both speak the same protocol; they differ in where the API answers, in what a Eucalyptus cloud
//! does not have, and in how it lists its sizes.
#![warn(missing_docs)]

pub mod aws_files;
mod capabilities;
mod compute;
mod credentials;
mod driver;
mod endpoint;
mod errors;
#[doc(hidden)]
pub mod fuzzing;
mod images;
mod key_pairs;
mod list;
mod locations;
mod marks;
mod network;
mod params;
mod query;
mod quotas;
mod session;
pub mod sign;
mod sizes;
mod time;
mod volume;
mod xml;

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, CredentialHelp, Driver, Engine, Result};
use utoipa::PartialSchema as _;
use utoipa::openapi::{RefOr, Schema};

pub use params::Params;

/// Whose API it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Eucalyptus,
    Ec2,
}

impl Flavour {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Eucalyptus => "eucalyptus",
            Self::Ec2 => "ec2",
        }
    }
}

const CREDENTIALS: CredentialHelp = CredentialHelp {
    user: Some("the access key id; may be absent where a profile or the environment has it"),
    password: Some("the secret key"),
};

/// The engine of Eucalyptus clouds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Eucalyptus;

impl Engine for Eucalyptus {
    fn name(&self) -> &'static str {
        Flavour::Eucalyptus.name()
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["euca"]
    }

    fn summary(&self) -> &'static str {
        "a Eucalyptus cloud, by its EC2 query API"
    }

    fn credentials(&self) -> CredentialHelp {
        CREDENTIALS
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        Ok(Arc::new(driver::Ec2Driver::connect(
            Flavour::Eucalyptus,
            &config,
        )?))
    }
}

/// The engine of Amazon EC2, and of what speaks its query API.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ec2;

impl Engine for Ec2 {
    fn name(&self) -> &'static str {
        Flavour::Ec2.name()
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["aws"]
    }

    fn summary(&self) -> &'static str {
        "Amazon EC2, by its query API"
    }

    fn credentials(&self) -> CredentialHelp {
        CREDENTIALS
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        Ok(Arc::new(driver::Ec2Driver::connect(Flavour::Ec2, &config)?))
    }
}
