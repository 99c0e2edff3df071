//! Networks: plan and begin to make.

use cloudfarm_contract::layers::{check_network_create, check_subnet_create};
use cloudfarm_contract::model::{Network, NetworkCreate};
use cloudfarm_contract::{Driver, Extension, Result, Text};

use super::cidr::Cidr;
use super::resources::OnCloud;
use super::{Call, Orchestrator, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;

impl Orchestrator {
    /// Begins to make a network.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `unsupported`.
    pub async fn create_network(
        &self,
        call: &Call,
        cloud: &str,
        request: NetworkCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        if let Some(cidr) = &request.cidr {
            Cidr::parse("cidr", cidr)?;
        }
        let on = self.on(call, cloud)?;
        on.check_network_create()?;
        on.create(request).await
    }
}

impl OnCloud<'_> {
    /// Refuses what only clouds whose networks can be changed can do.
    pub(super) fn check_network_create(&self) -> Result<()> {
        extension(&self.driver, self.driver.networks(), Extension::Networks)?;
        self.check(check_network_create)
    }

    /// Refuses what only clouds with networks that take further ranges can do.
    pub(super) fn check_subnet_create(&self) -> Result<()> {
        extension(&self.driver, self.driver.networks(), Extension::Networks)?;
        self.check(check_subnet_create)
    }

    /// The id of the network that a field names by id or name. Where the cloud does not list its
    /// networks only an id can be meant.
    pub(super) async fn network_for(
        &self,
        field: &'static str,
        reference: Option<Text>,
    ) -> Result<Option<Text>> {
        match reference {
            Some(reference) if self.driver.networks().is_some() => {
                let network: Network = self.find_for(field, &reference).await?;
                Ok(Some(network.id))
            }
            Some(reference) => {
                validate::reference(field, &reference)?;
                Ok(Some(reference))
            }
            None => Ok(None),
        }
    }
}
